"""What programs give up when they serve: each tries the forbidden from inside, and says what came of it."""
import pathlib
import re
import shutil
import smtplib
import subprocess
import sys
import tempfile
import unittest

import harness

DEFRAGMENT = {"imta.cnf": lambda text: text.rstrip() + "\n\ndefragment\ndefragment-daemon\n"}
# Runs a program on a kernel that has no Landlock: landlock_create_ruleset (444 everywhere) is not known.
NO_LANDLOCK = """
import ctypes, os, struct, sys
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x50026), (0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
if os.geteuid() != 0 and libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit("no filter: " + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])
"""
PLACES = {"queue": "queue", "logs": "log", "run": "run", "scratch": "tmp", "mail": "store"}
ALWAYS_REFUSED = {
    "list outside": "EACCES", "read secret": "EACCES", "write secret": "EACCES", "empty secret": "EACCES",
    "make outside": "EACCES", "remove outside": "EACCES", "write configuration": "EACCES",
    "start a program": "EPERM", "trace": "EPERM", "read memory": "EPERM", "name space": "EPERM", "mount": "EPERM",
    "key ring": "EPERM", "io_uring": "EPERM", "bpf": "EPERM", "change account": "EPERM",
    "AF_PACKET": "EPERM", "AF_ALG": "EPERM", "AF_VSOCK": "EPERM",
    "bind a port": "EACCES", "signal the parent": "EPERM"}
ALWAYS_DONE = {"read configuration": "done", "AF_UNIX": "done", "AF_INET6": "done", "AF_NETLINK": "done"}
# Refused without containment too, by the account's lack of privileges or by what a kernel was built without.
REFUSED_ANYWAY = {"mount", "bpf", "AF_PACKET", "io_uring", "key ring", "name space", "AF_ALG", "AF_VSOCK"}
WRITERS = {"queue", "logs", "run", "scratch"}
# What the programs may beyond that: places they write to, places they only read, TCP.
TABLE = {
    "metrics_server": ({"run"}, {"queue"}, False),
    "tcp_smtp_server": (WRITERS, set(), True),
    "l_master": (WRITERS | {"mail"}, set(), True),
    "tcp_smtp_client": (WRITERS, set(), True),
    "bitbucket_master": (WRITERS, set(), True),
    "hold_master": (WRITERS, set(), True),
    "reprocess": (WRITERS, set(), True),
    "conversion_master": (WRITERS, set(), True),
    "pipe_master": (WRITERS, set(), True),
    "defragment_master": (WRITERS, set(), True),
    "job_controller": (WRITERS - {"scratch"}, set(), True),
    "return": (WRITERS, set(), True),
}
# Their parents may belong to another account.
OTHER_PARENTS = {"metrics_server", "job_controller", "return"}
# Started by hand for a channel that is empty; the others are there when the MTA has started.
CHANNELS = {
    "l_master": "l", "tcp_smtp_client": "tcp_local", "bitbucket_master": "bitbucket", "hold_master": "hold",
    "reprocess": "reprocess", "conversion_master": "conversion", "pipe_master": "pipe", "defragment_master": "defragment"}
LAST_ATTEMPT = "probe: signal the parent"


def expected(program):
    written, read, tcp = TABLE[program]
    wanted = dict(ALWAYS_REFUSED) | ALWAYS_DONE
    for place in PLACES:
        wanted["make in " + place] = "done" if place in written else "EACCES"
        wanted["list " + place] = "done" if place in written | read else "EACCES"
    wanted["connect"] = wanted["bind any port"] = "done" if tcp else "EACCES"
    return wanted


class Containment(harness.MtaTest):
    def begin(self, options="", **settings):
        self.outside = pathlib.Path(tempfile.mkdtemp(prefix="sluice-outside-"))
        self.addCleanup(shutil.rmtree, self.outside, ignore_errors=True)
        self.outside.chmod(0o777)
        self.mta = self.instance(files={"option.dat": lambda text: text + "\n" + options, **settings.pop("files", {})},
                                 **settings)
        for name in ("secret", "victim"):
            (self.outside / name).write_text("not for you\n")
            (self.outside / name).chmod(0o666)
        # Writable for whoever gets there.
        spare = self.mta.directory / "config/spare"
        spare.write_text("nothing\n")
        spare.chmod(0o666)
        (self.outside / "configuration").symlink_to(spare)
        for name, place in PLACES.items():
            (self.outside / name).symlink_to(self.mta.directory / place)
        self.mta.environment["SLUICE_CONTAINMENT_PROBE"] = str(self.outside)
        return self.mta.start()

    def said_by(self, program):
        """The component log of the program, which has tried everything."""
        (self.outside / "victim").touch()
        (self.outside / "victim").chmod(0o666)
        if program in CHANNELS:
            return self.mta.imsimta("run", CHANNELS[program], "-standalone").stderr
        if program == "return":
            return subprocess.run([harness.BIN / "return", "held"], env=self.mta.environment, capture_output=True, text=True,
                                  timeout=60).stderr
        log = (lambda: self.mta.read("log/metrics_server.log")) if program == "metrics_server" else (
            lambda: self.mta.component_log(program + ".log"))
        return harness.wait_for(lambda: LAST_ATTEMPT in log() and log(), lambda: "what " + program + " tried: " + log())

    def tried_by(self, program):
        """{attempt: result} of the program's first process."""
        found = {}
        for name, result in re.findall(r"probe: (.+): (\w+)$", self.said_by(program), re.M):
            found.setdefault(name, result)
        return found


class FromInside(Containment):
    def test_every_program_is_kept_from_what_it_does_not_need(self):
        self.begin(f"METRICS_PORT={harness.free_port()}", files=DEFRAGMENT)
        for program in TABLE:
            with self.subTest(program=program):
                self.assertEqual(self.tried_by(program), expected(program))
                self.assertRegex(self.said_by(program), r"confined: no new privileges, landlock \d+ .*, seccomp")
        self.assertTrue((self.outside / "victim").exists())
        self.assertEqual((self.outside / "secret").read_text(), "not for you\n")

    def test_without_containment_the_same_attempts_succeed(self):
        self.begin(f"METRICS_PORT={harness.free_port()}\nCONTAINMENT.MODE=off", files=DEFRAGMENT)
        for program in TABLE:
            with self.subTest(program=program):
                tried = self.tried_by(program)
                anyway = REFUSED_ANYWAY | ({"signal the parent"} if program in OTHER_PARENTS else set())
                refused = {name: result for name, result in tried.items() if result != "done" and name not in anyway}
                self.assertEqual(set(tried), set(expected(program)))
                self.assertEqual(refused, {"remove outside": "ENOENT"} if "remove outside" in refused else {})
                self.assertIn("not confined: CONTAINMENT.MODE=off", self.said_by(program))


    def test_the_return_job_runs_what_is_the_sites_with_all_rights(self):
        library = self.prepare_programs()
        script = library / "daily_cleanup"
        script.write_text(f"#!/bin/sh\ncat {self.outside}/secret\n")
        script.chmod(0o755)
        done = subprocess.run([library / "return"], env=self.mta.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("probe: read secret: EACCES", done.stderr)
        self.assertIn("daily_cleanup: not for you", done.stderr)
        self.assertIn("cleanup: ", done.stderr)

    def prepare_programs(self):
        """IMTA_BIN is a directory of the instance, for programs of its own."""
        self.begin()
        library = self.mta.directory / "lib"
        library.mkdir(exist_ok=True)
        for program in harness.BIN.resolve().iterdir():
            if program.is_file() and not (library / program.name).exists():
                (library / program.name).symlink_to(program)
        self.mta.tailor.write_text(re.sub(r"(?m)^IMTA_BIN=.*$", f"IMTA_BIN={library}/", self.mta.tailor.read_text()))
        return library


class Strict(Containment):
    def test_mail_is_served_when_all_is_applied(self):
        self.begin("CONTAINMENT.MODE=strict")
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.example", ["eve@example.com"], "Subject: hello\r\n\r\nhello\r\n")
        self.mta.wait_for_mail("eve")
        self.assertIn("confined: ", self.mta.component_log("l_master.log"))

    def on_an_old_kernel(self, mode):
        """What the program of channel hold says, and its end."""
        self.begin("CONTAINMENT.MODE=" + mode)
        return subprocess.run([sys.executable, "-c", NO_LANDLOCK, harness.BIN / "imsimta", "run", "hold", "-standalone"],
                              env=self.mta.environment, capture_output=True, text=True, timeout=60)

    def test_a_program_does_not_serve_where_not_all_can_be_applied(self):
        done = self.on_an_old_kernel("strict")
        self.assertIn("not confined as CONTAINMENT.MODE=strict demands: no landlock: Function not implemented", done.stderr)
        self.assertIn("ended with status 75", done.stderr)
        self.assertNotIn("messages were tried", done.stderr)

    def test_without_strict_it_says_what_lacks_and_serves(self):
        done = self.on_an_old_kernel("usual")
        self.assertIn("not confined as it could be: no landlock: Function not implemented", done.stderr)
        self.assertIn("seccomp", done.stderr)
        self.assertIn("0 messages were tried", done.stderr)
        self.assertIn("probe: read secret: done", done.stderr)
        self.assertIn("probe: start a program: EPERM", done.stderr)


class Site(Containment):
    def send(self, to):
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.example", [to], "Subject: hello\r\n\r\nhello\r\n")

    def readable(self, path, text):
        path.write_text(text)
        path.chmod(0o644)

    def test_a_list_elsewhere_is_read_once_the_configuration_names_it(self):
        self.begin()
        before = self.mta.pids("tcp_smtp_server")
        elsewhere = pathlib.Path(tempfile.mkdtemp(prefix="sluice-lists-"))
        self.addCleanup(shutil.rmtree, elsewhere, ignore_errors=True)
        elsewhere.chmod(0o755)
        self.readable(elsewhere / "members", "eve@example.com\n")
        aliases = self.mta.directory / "config/aliases"
        aliases.write_text(aliases.read_text() + f"\nteam: <{elsewhere}/members\n")
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")
        harness.wait_for(lambda: set(self.mta.pids("tcp_smtp_server")) - set(before), "a worker with other rights")
        self.send("team@example.com")
        self.mta.wait_for_mail("eve")
        self.assertIn(f"it has given up rights: {elsewhere} is not readable: a new process takes it",
                      self.mta.component_log("tcp_smtp_server.log") + self.mta.component_log("dispatcher.log"))

    def test_a_server_that_kept_its_rights_is_replaced_when_they_are_to_go(self):
        self.begin("CONTAINMENT.MODE=off")
        before = self.mta.pids("tcp_smtp_server")
        options = self.mta.directory / "config/option.dat"
        options.write_text(options.read_text().replace("CONTAINMENT.MODE=off", "CONTAINMENT.MODE=strict"))
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")
        harness.wait_for(lambda: set(self.mta.pids("tcp_smtp_server")) - set(before), "a worker without its rights")
        self.send("eve@example.com")
        self.mta.wait_for_mail("eve")
        self.assertIn("confined: no new privileges", self.mta.component_log("tcp_smtp_server.log"))

    def test_what_nobody_named_is_refused_with_a_hint_and_allowed_by_an_option(self):
        self.begin(files={"aliases": lambda text: text + "\nteam: <IMTA_TABLE:members\n"})
        self.readable(self.outside / "more", "eve@example.com\n")
        self.readable(self.mta.directory / "config/members", f"<{self.outside}/more\n")
        with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
            self.send("team@example.com")
        self.assertEqual(str(refused.exception.recipients["team@example.com"][0])[0], "4")
        self.assertRegex(self.mta.component_log("tcp_smtp_server.log"),
                         f"cannot read {self.outside}/more: .*Permission denied, or outside of what tcp_smtp_server may use")
        options = self.mta.directory / "config/option.dat"
        options.write_text(options.read_text() + f"CONTAINMENT.READ={self.outside}\n")
        before = self.mta.pids("tcp_smtp_server")
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")
        harness.wait_for(lambda: set(self.mta.pids("tcp_smtp_server")) - set(before), "a worker with other rights")
        self.send("team@example.com")
        self.mta.wait_for_mail("eve")


if __name__ == "__main__":
    unittest.main()
