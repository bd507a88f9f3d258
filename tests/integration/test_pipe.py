"""Channel pipe: programs of the site, those that behave and those that do not."""
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest

import harness

SAVE = """#!/bin/sh
# Keeps what it was given: arguments, environment, message.
for word in "$@"; do printf '<%s>' "$word"; done > "$HOME/arguments"
env | sort > "$HOME/environment"
cat > "$HOME/read"
cmp -s "$HOME/read" "$MESSAGE_FILE" && echo same >> "$HOME/environment"
cat "$HOME/arguments" "$HOME/environment" "$HOME/read" > {kept}/$METHOD
"""
FROM = "amy@siroe.example"
PLAIN = "From: amy@siroe.example\r\nMessage-ID: <one@siroe.example>\r\nSubject: hello\r\n\r\nhello\r\n.dot\r\n"


class Pipe(harness.MtaTest):
    def start(self, programs, methods="", options="", keywords="", run=True, **settings):
        """`programs`: {name: script}; every one is a method of its name unless `methods` says otherwise."""
        self.kept = pathlib.Path(tempfile.mkdtemp(prefix="sluice-kept-"))
        self.addCleanup(shutil.rmtree, self.kept, ignore_errors=True)
        self.kept.chmod(0o777)
        methods = methods or "".join(f"[METHOD={name}]\nPROGRAM={name}\n" for name in programs)
        self.mta = self.instance(keywords={"pipe": 'backoff "pt2s" "pt2s" master_debug ' + keywords}, files={
            "programs.cnf": methods,
            "pipe_option": f"COMMAND_WRITE={self.kept}\n" + options,
            "option.dat": lambda t: t + "\nLOG_FILENAME=1\nLOG_MESSAGE_ID=1\n",
            **settings.pop("files", {})}, **settings)
        for name, text in programs.items():
            self.program(name, text)
        return self.mta.start() if run else self.mta

    def program(self, name, text):
        path = self.mta.directory / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.parent.chmod(0o755)
        path.write_text(text.replace("{kept}", str(self.kept)))
        path.chmod(0o755)

    def send(self, *recipients, content=PLAIN, sender=FROM):
        with self.mta.smtp() as client:
            client.sendmail(sender, [f"{name}@pipe.mail.example.com" for name in recipients], content)

    def kept_by(self, method):
        path = self.kept / method
        harness.wait_for(lambda: path.exists() and path.read_bytes(), f"what {method} was given")
        self.mta.wait_for_empty_queue()
        return path.read_text()

    def nothing_is_left_over(self):
        """No directory of a program, no process below command_host."""
        harness.wait_for(lambda: not list((self.mta.directory / "tmp/pipe").glob("*")), "directories to be removed")


class Delivery(Pipe):
    def test_what_a_program_is_given(self):
        methods = '[METHOD=save]\nPROGRAM=save\nARGUMENTS=-d %s "two words" %d@%h from=%f 100%%\n'
        self.start({"save": SAVE}, methods, keywords="addreturnpath")
        self.send("eve+urgent%save")
        kept = self.kept_by("save")
        self.assertTrue(kept.startswith(f"<-d><eve><two words><urgent@mail.example.com><from={FROM}><100%>"), kept)
        for line in ("CHANNEL=pipe", "METHOD=save", f"SENDER={FROM}", "USER=eve", "EXTENSION=urgent",
                     "HOST=mail.example.com", "MESSAGE_ID=<one@siroe.example>",
                     "ORIGINAL_RECIPIENT=eve+urgent%save@pipe.mail.example.com", "same"):
            self.assertIn("\n" + line + "\n", kept.replace("100%>", "100%>\n"))
        self.assertNotIn("IMTA_TAILOR", kept)
        message = kept[kept.index("Return-path:"):]
        self.assertTrue(message.startswith(f"Return-path: <{FROM}>\n"))
        self.assertTrue(message.endswith("Subject: hello\n\nhello\n.dot\n"), message)
        self.mta.wait_for_log(r" pipe D .*eve\+urgent%save@pipe.mail.example.com")
        self.nothing_is_left_over()

    def test_an_alias_leads_to_a_program(self):
        self.start({"save": SAVE}, files={"aliases": lambda t: t + "\nhelp: save@pipe\n"})
        with self.mta.smtp() as client:
            client.sendmail(FROM, ["help@example.com", "adam@example.com"], PLAIN)
        kept = self.kept_by("save")
        self.assertIn("\nUSER=save\n", kept)
        self.assertIn("\nORIGINAL_RECIPIENT=help@example.com\n", kept)
        self.assertEqual(len(self.mta.wait_for_mail("adam")), 1)

    def test_strangers_do_not_reach_programs(self):
        self.start({"save": SAVE})
        with self.mta.smtp("127.0.0.2") as client:
            client.mail(FROM)
            code, text = client.rcpt("save@pipe.mail.example.com")
        self.assertEqual((code, text), (550, b"5.7.1 Relaying not permitted: save@pipe.mail.example.com"))

    def test_an_address_is_no_option(self):
        self.start({"save": SAVE}, "[METHOD=save]\nPROGRAM=save\nARGUMENTS=%s\n")
        self.send("-oQ/tmp%save")
        self.mta.wait_for_log(r" pipe R .*address cannot be given to a program")
        self.assertFalse((self.kept / "save").exists())

    def test_a_large_message_that_nobody_reads(self):
        self.start({"deaf": "#!/bin/sh\nexit 0\n"})
        self.send("deaf", content=PLAIN + "x" * 70 * 100000 + "\r\n")
        self.mta.wait_for_log(r" pipe D ")
        self.mta.wait_for_empty_queue()

    def test_a_program_that_is_not_there_waits(self):
        self.start({}, "[METHOD=later]\nPROGRAM=later\n")
        self.send("later")
        self.mta.wait_for_log(r" pipe Q .*exit status 126.*No such file")
        self.program("later", SAVE)
        self.assertIn("Subject: hello", self.kept_by("later"))


class Endings(Pipe):
    def test_exit_statuses(self):
        scripts = {f"exit{code}": f"#!/bin/sh\ncat > /dev/null\necho reason {code} >&2\nexit {code}\n"
                   for code in (0, 3, 65, 67, 69, 75, 77, 78, 100, 111)}
        scripts["dies"] = "#!/bin/sh\necho going down\nkill -SEGV $$\n"
        self.start(scripts)
        self.send(*scripts, sender="adam@example.com")
        final = {65: "5.6.0", 67: "5.1.1", 69: "5.3.0", 77: "5.7.0", 100: "5.3.0"}
        self.mta.wait_for_log(r" pipe D .* exit0@")
        for code in final:
            self.mta.wait_for_log(rf" pipe R .* exit{code}@.*exit status {code}.*it said: reason {code}")
        for code in (3, 75, 78, 111):
            self.mta.wait_for_log(rf" pipe [QZ] .* exit{code}@.*exit status {code}.*it said: reason {code}")
        self.mta.wait_for_log(r" pipe [QZ] .* dies@.*killed by signal SIGSEGV; it said: going down")
        notices = {str(notice): notice for notice in self.mta.wait_for_mail("adam", len(final))}
        for code, status in final.items():
            about, = [text for text in notices if f"exit{code}@pipe" in text]
            self.assertIn(f"Status: {status}", about)
            self.assertIn(f"reason {code}", re.sub(r"\s+", " ", about))
        self.assertIn("exit69: reason 69", self.mta.component_log("pipe_master.log"))
        self.assertEqual(self.mta.find_log(r" pipe [DR] .* (exit75|dies|exit78)@"), [])

    def test_later_is_soon_enough(self):
        self.start({"moody": "#!/bin/sh\n[ -e {kept}/good ] && { cat > {kept}/mail; exit 0; }\nexit 75\n"})
        self.send("moody")
        self.mta.wait_for_log(r" pipe Q .*exit status 75")
        (self.kept / "good").touch()
        self.assertIn("Subject: hello", self.kept_by("mail"))


class Hostile(Pipe):
    def test_that_loops(self):
        self.start({"loop": "#!/bin/sh\ntrap '' TERM INT HUP\nwhile :; do sleep 0.1; done\n"}, options="COMMAND_TIMEOUT=1\n")
        self.send("loop")
        self.mta.wait_for_log(r" pipe Q .*stopped: 1 s have passed")
        self.nothing_is_left_over()

    def test_that_leaves_children(self):
        """They end with it, wherever they fork to."""
        self.start({"forks": "#!/bin/sh\n(setsid sh -c '(sleep 2; echo late > {kept}/late) & exit') &\nexit 0\n",
                    "after": "#!/bin/sh\nsleep 3\ncat > {kept}/mail\n"})
        self.send("forks", "after")
        self.kept_by("mail")
        self.assertFalse((self.kept / "late").exists())

    def test_that_forks_without_end(self):
        self.start({"bomb": "#!/bin/sh\ni=0\nwhile [ $i -lt 400 ]; do sleep 30 & i=$((i+1)); done\nwait\n"},
                   options="COMMAND_PROCESSES=20\nCOMMAND_TIMEOUT=10\n")
        self.send("bomb")
        self.mta.wait_for_log(r" pipe Q .*program bomb: (stopped: |exit status )")
        self.nothing_is_left_over()

    def test_that_fills_the_disk(self):
        self.start({"fill": "#!/bin/sh\nyes > big\n"}, options="COMMAND_FILE_SIZE=2\nCOMMAND_LIMIT_ACTION=HOLD\n")
        self.send("fill")
        self.mta.wait_for_log(r" pipe Q .*stopped: a file larger than 2 MiB")
        harness.wait_for(lambda: any(name.endswith(".HELD") for name in self.mta.queue_files()), "the message to be held")
        held, = self.mta.json("qm", "held")
        self.assertIn("policy", str(held))
        self.nothing_is_left_over()

    def test_that_never_stops_talking(self):
        self.start({"talk": "#!/bin/sh\nyes 'blah blah'\n"}, options="COMMAND_TIMEOUT=2\n")
        self.send("talk")
        found = self.mta.wait_for_log(r" pipe Q .*stopped: 2 s have passed; it said: ")
        self.assertLess(len(found[0]), 2000)

    def test_that_reads_what_is_not_its_own(self):
        self.start({"spy": "#!/bin/sh\ncat ../../../config/option.dat ../../../config/imta_tailor\nls ../../../queue/l\n"
                           "kill -9 -1 2>/dev/null\nexit 69\n"})
        self.send("spy", sender="adam@example.com")
        line, = self.mta.wait_for_log(r" pipe R .*program spy")
        if "no landlock" in self.mta.component_log("pipe_master.log"):
            self.skipTest("the kernel has no Landlock, which is what is tested")
        self.assertNotIn("IMTA_ROOT", line)
        self.assertIn("Permission denied", line)

    def test_killed_with_its_channel_program(self):
        for point in ("pipe.before_program", "pipe.after_program"):
            with self.subTest(point=point):
                mta = self.start({"save": "#!/bin/sh\ncat > {kept}/mail\n"}, run=False)
                mta.environment["SLUICE_KILL_POINT"] = point
                mta.start()
                self.send("save")
                harness.wait_for(lambda: list((mta.directory / "tmp/pipe").glob("*")), "the program to be begun")
                mta.stop()
                del mta.environment["SLUICE_KILL_POINT"]
                mta.start()
                self.assertIn("Subject: hello", self.kept_by("mail"))
                self.assertEqual(len(mta.wait_for_log(r" pipe D ")), 1)


class Accounts(Pipe):
    WHO = "#!/bin/sh\ncat > /dev/null\nid -un\npwd\nexit 69\n"

    def test_without_the_privilege_the_message_waits(self):
        if os.geteuid() != 0:
            self.skipTest("the tests' account is the only one that could be named")
        self.start({"who": self.WHO}, "[METHOD=who]\nPROGRAM=who\nUSER=games\n")
        self.send("who")
        self.mta.wait_for_log(r" pipe Q .*not run: cannot become games: Operation not permitted")

    def privileged_bin(self):
        """The programs, with a command_host that may change its account."""
        if os.geteuid() != 0 or shutil.which("setcap") is None:
            self.skipTest("root and setcap are needed to give a program a capability")
        place = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bin-"))
        self.addCleanup(shutil.rmtree, place)
        place.chmod(0o755)
        for program in harness.BIN.iterdir():
            (place / program.name).symlink_to(program)
        (place / "command_host").unlink()
        shutil.copy(harness.BIN / "command_host", place / "command_host")
        done = subprocess.run(["setcap", "cap_setuid,cap_setgid+ep", place / "command_host"], capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest("no capability can be given here: " + done.stderr)
        return place

    def test_as_an_account_of_its_own(self):
        place = self.privileged_bin()
        home = pwd.getpwnam("games").pw_dir
        self.start({"who": self.WHO}, "[METHOD=who]\nPROGRAM=who\nUSER=games\n"
                   "[METHOD=mine]\nPROGRAM=who\nPERMISSION=user\n", run=False)
        tailor = self.mta.directory / "config/imta_tailor"
        tailor.write_text(tailor.read_text().replace(str(harness.BIN.resolve()), str(place)))
        self.mta.start()
        self.send("who", "games%mine", "root%mine", "nobody-there%mine")
        self.mta.wait_for_log(rf" pipe R .* who@.*it said: games {home}")
        self.mta.wait_for_log(rf" pipe R .* games%mine@.*it said: games {home}")
        self.mta.wait_for_log(r" pipe R .* nobody-there%mine@.*there is no account nobody-there")
        self.mta.wait_for_log(r" pipe [QZ] .* root%mine@.*programs are not run as root")


class Utility(Pipe):
    def test_the_list_is_kept_by_a_command(self):
        self.start({"save": SAVE}, "! by hand\n[METHOD=old]\nPROGRAM=old\n")
        path = self.mta.directory / "config/programs.cnf"
        path.chmod(0o600)
        self.mta.imsimta("program", "-a", "-m", "save", "-p", "save", "-g", "-d %s")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600, "whoever may read it stays the same")
        listed = self.mta.json("program")
        self.assertEqual([entry["method"] for entry in listed], ["old", "save"])
        self.assertEqual(listed[1]["arguments"], "-d %s")
        self.mta.imsimta("program", "-c", "-m=save", "-g", "%m")
        self.mta.imsimta("program", "-d", "-m", "old")
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")
        self.send("save")
        self.assertTrue(self.kept_by("save").startswith("<save>"))
        self.mta.imsimta("program", "-d", "-m", "save")
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")
        # Programs that run finish what they have and end; the next one knows the new list.
        harness.wait_for(lambda: not self.mta.pids("pipe_master"), "the old program to end")
        self.send("save")
        self.mta.wait_for_log(r" pipe R .*no program save is listed")
        self.assertTrue(self.mta.read("config/programs.cnf").startswith("! by hand\n"))

    def test_what_the_command_refuses(self):
        self.start({}, run=False)
        for code, words in ((2, ["-a", "-d", "-m", "x"]), (2, ["-a", "-m", "x"]), (2, ["-a", "-p", "x"]),
                            (2, ["-a", "-m", "x", "-p", "/bin/sh"]), (2, ["-a", "-m", "x", "-p", "y", "-e", "root"]),
                            (2, ["-a", "-m", "x", "-p", "y", "-g", "a\nPROGRAM=z"]), (2, ["-a", "-m", "x", "-p", "y", "-g", '"']),
                            (4, ["-d", "-m", "x"]), (4, ["-c", "-m", "x", "-p", "y"]), (2, ["-a", "-m"]),
                            (2, ["-a", "-m", "All", "-p", "y"])):
            with self.subTest(words=words):
                self.assertEqual(self.mta.imsimta("program", *words, check=False).returncode, code)
        self.assertEqual(self.mta.read("config/programs.cnf"), "")


if __name__ == "__main__":
    unittest.main()
