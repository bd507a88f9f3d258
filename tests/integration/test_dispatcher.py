"""The dispatcher as operators see it: statistics, restart of one service, services that go while a client waits."""
import concurrent.futures
import contextlib
import pathlib
import smtplib
import socket
import struct
import unittest

import harness

SECOND = """
[SERVICE=OTHER]
PORT=127.0.0.1:{port}
IMAGE=IMTA_BIN:tcp_smtp_server
LOGFILE=IMTA_LOG:tcp_other_server.log
PARAMETER=CHANNEL=tcp_local
"""
SLOW = "127.0.0.21"
REFUSED = "127.0.0.22"
PORT_ACCESS = "  TCP|*|*|127.0.0.21|*  $D1000|$Y$E\n  TCP|*|*|127.0.0.22|*  $N550$ 5.7.1$ not$ you\n"


LMTP = """
[SERVICE=LMTP]
SOCKET=IMTA_RUN:lmtp.sock
IMAGE=IMTA_BIN:tcp_smtp_server
LOGFILE=IMTA_LOG:tcp_lmtp_server.log
PARAMETER=CHANNEL=tcp_lmtpss
"""
LMTP_CHANNEL = "\ntcp_lmtpss lmtp identnonenumeric\ntcp_lmtpss-daemon\n"
LMTP_ACCESS = "  tcp_lmtpss|$[!-{}-~]*|l|$[!-{}-~]*  $Y\n  tcp_lmtpss|*|*|*  $NOnly$ mailboxes$ of$ this$ host\n"


class Dispatcher(harness.MtaTest):
    def begin(self, settings="", files=None):
        self.other = harness.free_port()
        self.mta = self.instance(files={
            "dispatcher.cnf": lambda text: settings + text + SECOND.format(port=self.other),
            "mappings": lambda text: text.replace("PORT_ACCESS\n\n", "PORT_ACCESS\n\n" + PORT_ACCESS, 1), **(files or {})}).start()

    def connect(self, port, source="127.0.0.1"):
        return contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0)))

    def statistics(self, kind, service="SMTP"):
        return [row for row in self.mta.json("dispatcher", "stats") if row["kind"] == kind and row["service"] == service]

    def service(self, name="SMTP"):
        return self.statistics("service", name)[0]

    def test_connections_leave_no_descriptors_behind(self):
        """Ten thousand connections that end in every way: refused, in peace, in the middle, with a reset."""
        self.begin("MAX_LIFE_CONNS=1000000\n")
        ends = (self.end_in_peace, self.end_in_the_middle, self.end_with_a_reset, self.be_refused)

        def visit(number):
            ends[number % len(ends)]()

        def descriptors():
            processes = [*self.mta.pids("dispatcher"), *self.mta.pids("tcp_smtp_server")]
            return {process: len(list(pathlib.Path(f"/proc/{process}/fd").iterdir())) for process in processes}

        def rounds(count):
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                for _ in pool.map(visit, range(count)):
                    pass
            harness.wait_for(lambda: self.service()["current"] == 0, "the end of all connections")
            return descriptors()
        before = rounds(400)  # whatever is opened once is open then
        after = rounds(10000)
        # A worker that had started late, or has started since, opens what the others had open already; one more or
        # less: somebody may be writing a log.
        usual = max(before.values())
        for process, count in after.items():
            self.assertLessEqual(count, usual + 2, (process, before, after))

    def end_in_peace(self):
        with self.connect(self.mta.port) as connection:
            connection.recv(512)
            connection.sendall(b"QUIT\r\n")
            while connection.recv(512):
                pass

    def end_in_the_middle(self):
        with self.connect(self.mta.port) as connection:
            connection.recv(512)
            connection.sendall(b"EHLO client.test\r\nMAIL FR")

    def end_with_a_reset(self):
        with self.connect(self.mta.port) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def be_refused(self):
        with self.connect(self.mta.port, REFUSED) as connection:
            self.assertTrue(connection.recv(512).startswith(b"550 "))

    def test_statistics(self):
        self.begin("HISTORICAL_TIME=300\n")
        harness.wait_for(lambda: self.service()["current"] == 0, "the end of the test's first look")
        before = self.service()
        with self.connect(self.mta.port) as first, self.connect(self.mta.port) as second:
            for connection in (first, second):
                self.assertTrue(connection.recv(512).startswith(b"220 "))
            now = self.service()
            self.assertEqual(now["current"], 2)
            self.assertGreaterEqual(now["peak"], 2)
            self.assertEqual(now["total"], before["total"] + 2)
            self.assertEqual(sum(worker["current"] for worker in self.statistics("worker")), 2)
            self.assertEqual({worker["worker"] for worker in self.statistics("worker")} - set(self.mta.pids("tcp_smtp_server")), set())
        with self.connect(self.mta.port, REFUSED) as refused:
            self.assertTrue(refused.recv(512).startswith(b"550 "))
        harness.wait_for(lambda: self.service()["current"] == 0, "the end of the connections")
        self.assertEqual(self.service()["rejected"], before["rejected"] + 1)
        source = f"127.0.0.1:{self.mta.port}"
        ended = [row for row in self.statistics("connection") if row["outcome"] == "closed"]
        self.assertGreaterEqual(len(ended), 2)
        self.assertEqual({row["destination"] for row in ended}, {source})
        text = self.mta.imsimta("dispatcher", "stats").stdout
        self.assertRegex(text, r"SERVICE +PORT +READY/BUSY/SHUTTING")
        self.assertIn(source, text)
        findings = self.mta.imsimta("cnbuild")
        self.assertNotIn("HISTORICAL_TIME", findings.stdout + findings.stderr)

    def test_one_service_gets_new_workers_while_its_sockets_stay_open(self):
        self.begin()

        def workers(service):
            return {row["worker"] for row in self.statistics("worker", service) if row["state"] in ("ready", "busy")}
        harness.wait_for(lambda: workers("SMTP") and workers("OTHER"), "workers")
        mine, others = workers("SMTP"), workers("OTHER")
        with self.connect(self.mta.port) as old:
            self.assertTrue(old.recv(512).startswith(b"220 "))
            self.mta.imsimta("restart", "smtp")
            # At no moment is a client turned away.
            for _ in range(20):
                with self.connect(self.mta.port) as connection:
                    self.assertTrue(connection.recv(512).startswith(b"220 "))
            harness.wait_for(lambda: workers("SMTP") and not workers("SMTP") & mine, "new workers")
            old.sendall(b"NOOP\r\nQUIT\r\n")
            answers = b""
            while more := old.recv(512):
                answers += more
            self.assertRegex(answers, rb"^250 .*\r\n221 ")
        harness.wait_for(lambda: not mine & set(self.mta.pids("tcp_smtp_server")), "the end of the old worker")
        self.assertEqual(workers("OTHER"), others)
        self.assertIn("no such component", self.mta.imsimta("restart", "nobody", check=False).stderr)
        self.assertNotEqual(self.mta.imsimta("dispatcher", "restart", "nobody", check=False).returncode, 0)

    def test_a_client_that_waits_does_not_reach_a_service_that_came_later(self):
        self.begin()
        path = self.mta.directory / "config/dispatcher.cnf"
        both = path.read_text()
        with self.connect(self.other, SLOW) as waiting:
            harness.wait_for(lambda: self.service("OTHER")["rejected"] == 0 and self.delayed(), "the delay")
            path.write_text(both.replace(SECOND.format(port=self.other), ""))
            self.mta.imsimta("cnbuild")
            self.mta.imsimta("reload")
            third = harness.free_port()
            path.write_text(both.replace(SECOND.format(port=self.other), SECOND.format(port=third).replace("OTHER", "THIRD")))
            self.mta.imsimta("cnbuild")
            self.mta.imsimta("reload")
            with self.connect(third) as client:
                self.assertTrue(client.recv(512).startswith(b"220 "))
            self.assertEqual(waiting.recv(512), b"", "closed, and greeted by nobody")

    def delayed(self):
        """Not handed over, not refused: the client waits where the dispatcher keeps it."""
        return self.service("OTHER")["current"] == 0

    def test_lmtp_on_a_unix_socket(self):
        self.begin(files={
            "dispatcher.cnf": lambda text: text + SECOND.format(port=self.other) + LMTP, "imta.cnf": lambda text: text + LMTP_CHANNEL,
            "mappings": lambda text: text.replace("ORIG_SEND_ACCESS\n\n", "ORIG_SEND_ACCESS\n\n" + LMTP_ACCESS, 1)})
        findings = self.mta.imsimta("cnbuild")
        self.assertNotRegex(findings.stdout + findings.stderr, r"(?i)warning|error")
        path = self.mta.directory / "run/lmtp.sock"
        self.assertEqual(path.stat().st_mode & 0o777, 0o660)
        for _ in range(2):
            with smtplib.LMTP(str(path), local_hostname="front.example") as client:
                client.docmd("LHLO", "front.example")
                self.assertEqual(client.mail("a@b.example")[0], 250)
                self.assertEqual(client.rcpt("adam@example.com")[0], 250)
                self.assertEqual(client.rcpt("x@far.example")[0], 550)
                self.assertEqual(client.data("Subject: by a socket\r\n\r\nhello\r\n")[0], 250)
        self.mta.wait_for_mail("adam", count=2)
        self.mta.wait_for_log(r" tcp_lmtpss l E \d+ a@b\.example \S+ adam@?\S* ", count=2)
        harness.wait_for(lambda: self.service("LMTP")["total"] >= 2, "the statistics")
        self.assertEqual(self.service("LMTP")["ports"], str(path))
        self.mta.imsimta("reload")
        self.assertTrue(path.is_socket(), "a reload leaves it alone")
        self.mta.stop()
        self.assertFalse(path.exists())

    def test_a_socket_takes_no_files_place(self):
        mta = self.instance(files={"dispatcher.cnf": lambda text: text + LMTP.replace("IMTA_RUN:lmtp.sock", "IMTA_TABLE:precious"),
                                   "imta.cnf": lambda text: text + LMTP_CHANNEL, "precious": "not yours\n"}).start()
        harness.wait_for(lambda: "precious" in mta.component_log("dispatcher.log"), "a word in the log")
        self.assertEqual(mta.read("config/precious"), "not yours\n")

    def test_the_control_socket_is_the_accounts_alone(self):
        self.begin()
        socket_path = self.mta.directory / "run/dispatcher.sock"
        self.assertEqual(socket_path.stat().st_mode & 0o777, 0o600)
        for question, answer in ((b"WHAT\n", b"ERROR unknown question\n"), (b"RESTART nobody\n", b"ERROR no such service\n"),
                                 (b"x" * 400 + b"\n", b"")):
            with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
                client.connect(str(socket_path))
                client.sendall(question)
                heard = b""
                with contextlib.suppress(ConnectionResetError):
                    while more := client.recv(512):
                        heard += more
                self.assertEqual(heard, answer)
        self.mta.stop()
        self.assertFalse(socket_path.exists())


if __name__ == "__main__":
    unittest.main()
