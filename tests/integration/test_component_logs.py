"""Component logs: versions, debugging, and the commands about them."""
import json
import pathlib
import re
import socket
import unittest

import harness


class ComponentLogs(harness.MtaTest):
    @staticmethod
    def talk(mta, *commands):
        replies = []
        with socket.create_connection(("127.0.0.1", mta.port), timeout=30) as raw:
            reader = raw.makefile("rb")
            reader.readline()
            for command in commands:
                raw.sendall(command + b"\r\n")
                while True:
                    line = reader.readline()
                    replies.append(line)
                    if not line or line[3:4] != b"-":
                        break
        return replies

    def server_log(self, mta, pattern):
        return harness.wait_for(lambda: re.search(pattern, mta.component_log("tcp_smtp_server.log"), re.MULTILINE),
                                lambda: f"{pattern!r} in\n" + mta.component_log("tcp_smtp_server.log"))

    def test_every_run_has_a_version_and_the_name_leads_to_the_newest(self):
        mta = self.instance().start()
        with mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["eve@example.com"], "Subject: x\r\n\r\ntext\r\n")
        mta.wait_for_mail("eve")
        log = mta.directory / "log"
        for name in ("dispatcher.log", "job_controller.log", "tcp_smtp_server.log", "l_master.log"):
            self.assertTrue((log / name).is_symlink(), name)
            self.assertRegex(str((log / name).readlink()), rf"^{re.escape(name)}-[0-9A-Z]{{14}}$")
        self.assertRegex(mta.read("log/l_master.log"), r"(?m)^\d\d:\d\d:\d\d\.\d\d: I started$")
        first = (log / "dispatcher.log").readlink()
        mta.stop()
        mta.start()
        self.assertNotEqual((log / "dispatcher.log").readlink(), first)
        self.assertTrue((log / first).exists())

    def test_version_limit(self):
        mta = self.instance()
        tailor = pathlib.Path(mta.tailor)
        tailor.write_text(tailor.read_text() + "IMTA_VERSION_LIMIT=2\n")
        for _ in range(4):
            mta.start()
            mta.stop()
        self.assertEqual(len(list((mta.directory / "log").glob("dispatcher.log-*"))), 2)

    def test_slave_debug_shows_the_dialogue_and_no_secret(self):
        mta = self.instance(keywords={"tcp_intranet": "slave_debug"}).start()
        self.talk(mta, b"EHLO client.test", b"AUTH PLAIN AGFkYW0AdG9wc2VjcmV0", b"MAIL FROM:<amy@siroe.edu>", b"RCPT TO:<eve@example.com>",
                  b"NOOP \xff\x1b[2J", b"DATA")
        self.server_log(mta, r"\] < MAIL FROM:<amy@siroe\.edu>$")
        self.server_log(mta, r"\] > 250 ")
        self.server_log(mta, r"\] < AUTH PLAIN \.\.\.$")
        self.server_log(mta, r"\] < NOOP \\xff\\x1b\[2J$")
        text = mta.component_log("tcp_smtp_server.log")
        self.assertNotIn("AGFkYW0", text)
        self.assertTrue(all(32 <= ord(c) < 127 or c == "\n" for c in text))

    def test_mm_debug_shows_how_addresses_are_decided(self):
        mta = self.instance(keywords={"tcp_intranet": "slave_debug"}, files={"option.dat": lambda text: text + "\nMM_DEBUG=5\n"}).start()
        self.talk(mta, b"EHLO client.test", b"MAIL FROM:<amy@siroe.edu>", b"RCPT TO:<eve@example.com>")
        self.server_log(mta, r"\]   .*example\.com")

    def test_debug_peer_shows_one_client_only(self):
        mta = self.instance(files={"option.dat": lambda text: text + "\nDEBUG_PEER=127.0.0.9, 192.0.2.0/24\n"}).start()
        self.talk(mta, b"EHLO quiet.test")
        with mta.smtp(source="127.0.0.9") as client:
            client.noop()
        self.server_log(mta, r"\[127\.0\.0\.9\] < ehlo client\.test$")
        self.assertNotIn("quiet.test", mta.component_log("tcp_smtp_server.log"))

    def test_master_debug_of_both_kinds(self):
        sink = self.sink()
        dns = self.dns("dest.example. IN A 127.0.0.1")
        mta = self.instance(dns=dns.address, relay_port=sink.port, keywords={"tcp_local": "master_debug", "l": "master_debug"},
                            files={"option.dat": lambda text: text + "\nDEQUEUE_DEBUG=1\n"}).start()
        with mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["eve@example.com", "bob@dest.example"], "Subject: x\r\n\r\nsecret text\r\n")
        mta.wait_for_mail("eve")
        mta.wait_for_log(r" D .*bob@dest\.example")
        client_log = harness.wait_for(lambda: "> RCPT TO:<bob@dest.example>" in mta.component_log("tcp_local_master.log")
                                      and mta.component_log("tcp_local_master.log"), "the dialogue")
        self.assertRegex(client_log, r"(?m) < 220 ")
        self.assertNotIn("secret text", client_log)
        local = harness.wait_for(lambda: "eve delivered" in mta.component_log("l_master.log") and mta.component_log("l_master.log"),
                                 lambda: "the disposition in\n" + mta.component_log("l_master.log"))
        self.assertRegex(local, r"l/\d{3}/ZZ\w+\.00: attempt 1, recipients to serve 1 of 1")

    def test_dispatcher_debug_from_file_and_environment(self):
        mta = self.instance(files={"dispatcher.cnf": lambda text: "DEBUG=16384\n" + text}).start()
        self.talk(mta, b"QUIT")
        harness.wait_for(lambda: "debug: SMTP: connection from 127.0.0.1 to SMTP: worker " in mta.component_log("dispatcher.log"),
                         lambda: mta.component_log("dispatcher.log"))
        self.assertNotIn("listening on", mta.component_log("dispatcher.log"))
        mta.stop()
        mta.environment["IMTA_DISPATCHER_DEBUG"] = "11010"  # 10000 workers' words, 1000 workers, 10 services
        mta.start()
        text = harness.wait_for(lambda: ": READY" in mta.component_log("dispatcher.log") and mta.component_log("dispatcher.log"), "READY")
        self.assertRegex(text, r"debug: SMTP: listening on 127\.0\.0\.1 port \d+")

    def test_job_controller_debug(self):
        mta = self.instance(files={"job_controller.cnf": lambda text: "DEBUG=5\n" + text}).start()
        with mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["eve@example.com"], "Subject: x\r\n\r\ntext\r\n")
        mta.wait_for_mail("eve")
        harness.wait_for(lambda: re.search(r"debug: enqueue from process \d+", mta.component_log("job_controller.log")),
                         lambda: mta.component_log("job_controller.log"))

    def test_find_view_and_purge(self):
        mta = self.instance()
        log = mta.directory / "log"
        names = [f"x_master.log-0KZ{number:011d}" for number in range(7)]
        for name in names:
            (log / name).write_text(f"I am {name}\n\x1b[2J")
        (log / "mail.log_current").write_text("entries\n")
        self.assertEqual(mta.imsimta("find", "x_master.log").stdout, f"{log / names[-1]}\n")
        self.assertEqual(mta.imsimta("find", "x_master.log", "-f=1").stdout, f"{log / names[1]}\n")
        self.assertEqual(mta.json("find", "x*", "-l=2")[0]["path"], str(log / names[-3]))
        self.assertEqual(mta.imsimta("view", "x_master.log", "-f=0").stdout, f"I am {names[0]}\n\\x1b[2J")
        self.assertEqual(mta.imsimta("find", "x_master.log", "-f=99", check=False).returncode, 4)
        self.assertEqual(mta.imsimta("find", "x", "-f=a", check=False).returncode, 2)
        self.assertEqual(mta.json("purge", "x_master.log", "-num=6"), [{"removed": 1, "in_use": 0, "failed": 0}])
        self.assertIn("%IMTA-S-PURGED, 1 old logs removed", mta.imsimta("purge").stdout)
        self.assertEqual(sorted(path.name for path in log.glob("x_master*")), names[-5:])
        mta.imsimta("purge", "-hour=1", "*")
        self.assertEqual(list(log.glob("x_master*")), [])
        self.assertTrue((log / "mail.log_current").exists())


if __name__ == "__main__":
    unittest.main()
