"""Service logs: message trace of deliveries, operator commands, rotation, search."""
import base64
import pathlib
import re
import signal
import socket
import unittest

import harness

LINE = r"^\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \S+ \S+\[\d+\]: \w+ \w+: .*$"


class ServiceLogs(harness.MtaTest):
    @staticmethod
    def send(mta, message_id):
        with mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["eve@example.com"], f"Message-ID: <{message_id}>\r\nSubject: x\r\n\r\ntext\r\n")

    def test_message_trace_of_local_delivery(self):
        mta = self.instance(files={"msg.conf": "local.msgtrace.active=yes\n"}).start()
        self.send(mta, "m1@siroe.edu")
        mta.wait_for_mail("eve")
        found = harness.wait_for(lambda: mta.imsimta("logs", "search", "-service=imta", "-category=Store").stdout, "the trace")
        size = len(next(iter(mta.mailbox("eve").values())))
        self.assertRegex(found, LINE.rstrip("$") + r"\n$")
        self.assertRegex(found, rf" l_master\[\d+\]: Store Information: append:eve:user/eve:{size}:<m1@siroe\.edu>\n$")
        for line in mta.read("log/imta").splitlines():
            self.assertRegex(line, LINE)

    def test_trace_in_a_log_of_its_own(self):
        mta = self.instance(files={"msg.conf": 'local.msgtrace.active = "msgtrace"\n'}).start()
        self.send(mta, "m1@siroe.edu")
        mta.wait_for_mail("eve")
        harness.wait_for(lambda: "append:eve" in mta.read("log/msgtrace"), "the trace")
        self.assertEqual(mta.read("log/imta"), "")

    def test_log_ins_are_traced(self):
        mta = self.instance(
            keywords={"tcp_local": "maysaslserver"},
            files={"msg.conf": "local.msgtrace.active=yes\nlogfile.imta.loglevel=information\n",
                   "security.cnf": "FIRST_DELAY=0\nLONGEST_DELAY=0\n[RULESET=DEFAULT]\nMECHANISMS_WITHOUT_TLS=PLAIN,LOGIN\n"})
        mta.imsimta("passwd", "add", "amy", input="pencil\n")
        mta.start()
        words = lambda user, password: base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        with mta.smtp(source="127.0.0.2") as client:
            self.assertEqual(client.docmd("AUTH", "PLAIN " + words("amy", "crayon"))[0], 535)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + words("x y [forged", "x"))[0], 535)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + words("amy", "pencil"))[0], 235)

        def found(*switches):
            return [entry["message"] for entry in mta.json("logs", "search", "-service=imta", "-category=account", *switches)]

        messages = harness.wait_for(lambda: len(found()) == 3 and found(), "three log-ins")
        client = r"\[127\.0\.0\.2:\d+\]"
        self.assertRegex(messages[0], rf"^badlogin: {client} PLAIN amy authentication failure$")
        self.assertRegex(messages[1], rf"^badlogin: {client} PLAIN x\\x20y\\x20\[forged authentication failure$")
        self.assertRegex(messages[2], rf"^login {client} amy PLAIN$")
        self.assertEqual(found("-level=notice"), messages[:2])
        self.assertEqual(found("-level=information", "-process=tcp_smtp_server"), messages[2:])
        self.assertEqual(found("-category=store"), [])

    def test_off_by_default(self):
        mta = self.instance().start()
        self.send(mta, "m1@siroe.edu")
        mta.wait_for_mail("eve")
        mta.wait_for_empty_queue()
        self.assertEqual(mta.read("log/imta") + mta.read("log/msgtrace"), "")

    def test_commands_are_in_the_log_admin(self):
        mta = self.instance(files={"msg.conf": "logfile.admin.loglevel=information\n"}).start()
        mta.imsimta("cache", "-sync")
        mta.imsimta("mailq")
        mta.imsimta("version")
        mta.imsimta("logs", "search", "-level=Louder", check=False)
        entries = mta.json("logs", "search", "-service=admin")
        commands = {entry["message"].split(": ", 1)[1]: entry for entry in entries if entry["message"].startswith("command by ")}
        self.assertEqual(commands["cache -sync"]["level"], "Notice")
        self.assertEqual(commands["mailq"]["level"], "Information")
        self.assertIn(", exit 2: ", commands["logs search -level=Louder"]["message"])
        self.assertNotIn("version", commands)

    def test_rotation_retention_and_search_over_files(self):
        mta = self.instance(files={"msg.conf": "logfile.admin.maxlogfilesize=700\nlogfile.admin.maxlogfiles=3\nlogfile.admin.minfreediskspace=0\n"})
        for number in range(12):
            mta.imsimta("purge", f"nothing-{number}")
        names = sorted(path.name for path in (mta.directory / "log").glob("admin*") if path.name != "admin.lock")
        self.assertEqual(len(names), 3, names)
        self.assertTrue(all(re.fullmatch(r"admin(\.\d+\.\d+)?", name) for name in names), names)
        found = mta.imsimta("logs", "search", "-service=admin", "-containing=purge nothing").stdout.splitlines()
        numbers = [int(re.search(r"nothing-(\d+)$", line)[1]) for line in found]
        self.assertEqual(numbers, list(range(12))[-len(numbers):])
        self.assertGreater(len(numbers), 3)

    def test_killed_rotation_costs_its_own_line(self):
        mta = self.instance(files={"msg.conf": "logfile.admin.maxlogfilesize=700\nlogfile.admin.maxlogfiles=50\nlogfile.admin.minfreediskspace=0\n"})
        for point in ("service_log.retired", "service_log.noted"):
            written = []
            for number in range(20):
                name = f"{point}-{number}"
                mta.environment["SLUICE_KILL_POINT"] = point
                if mta.imsimta("purge", name, check=False).returncode == -signal.SIGKILL:
                    break
                written.append(name)
            else:
                self.fail(f"nobody came to {point}")
            del mta.environment["SLUICE_KILL_POINT"]
            mta.imsimta("purge", f"{point}-after")
            found = mta.imsimta("logs", "search", "-service=admin", f"-containing={point}").stdout
            self.assertEqual(re.findall(rf"purge ({re.escape(point)}-\w+)", found), [*written, f"{point}-after"])

    def test_syslog_instead_of_files(self):
        mta = self.instance(files={"msg.conf": "logfile.admin.syslogfacility=local3\n"})
        path = mta.directory / "tmp" / "syslog"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
            server.bind(str(path))
            path.chmod(0o666)
            server.settimeout(30)
            tailor = pathlib.Path(mta.tailor)
            tailor.write_text(tailor.read_text() + f"IMTA_SYSLOG_SOCKET={path}\n")
            mta.imsimta("purge")
            packet = server.recv(4096).decode()
        self.assertRegex(packet, r"^<157>\w{3} [ \d]\d \d\d:\d\d:\d\d imsimta\[\d+\]: General Notice: command by \S+, exit 0: purge$")
        self.assertEqual(list((mta.directory / "log").glob("admin*")), [])

    def test_search_conditions(self):
        mta = self.instance()
        log = mta.directory / "log"
        (log / "imta").write_text("[01/Mar/2026:10:00:00 +0000] h l_master[1]: General Notice: Log created (1)\n"
                                  "[01/Mar/2026:11:00:00 +0100] h l_master[2]: Store Error: one\n"
                                  "not a line\n"
                                  "[01/Mar/2026:12:00:00 +0000] h other[3]: Store Information: two\n")

        def pids(*switches):
            return [entry["pid"] for entry in mta.json("logs", "search", "-service=imta", *switches)]

        self.assertEqual(pids(), [1, 2, 3])
        self.assertEqual(pids("-level=Error,Notice"), [1, 2])
        self.assertEqual(pids("-category=store", "-process=other"), [3])
        self.assertEqual(pids("-from=2026-03-01T10:30:00Z"), [3])
        self.assertEqual(pids("-to=2026-03-01T10:00:00Z"), [1, 2])
        self.assertEqual(pids("-pid=2"), [2])
        done = mta.imsimta("logs", "search", "-service=imta")
        self.assertIn("%LOGS-W-NOTUNDERSTOOD, 1 lines", done.stderr)
        for bad in ("-level=x", "-category=x", "-from=yesterday", "-service=x", "-pid=x"):
            self.assertEqual(mta.imsimta("logs", "search", bad, check=False).returncode, 2, bad)

    def test_parameters_are_checked(self):
        mta = self.instance(files={"msg.conf": "logfile.imta.loglevel=louder\nlogfile.imap.maxlogfiles=3\nlogfile.imta.colour=red\n"})
        done = mta.imsimta("cnbuild", check=False)
        text = done.stdout + done.stderr
        self.assertEqual(done.returncode, 7)
        self.assertIn("msg.conf:1:", text)
        self.assertIn("W420", text)
        self.assertIn("W405", text)


if __name__ == "__main__":
    unittest.main()
