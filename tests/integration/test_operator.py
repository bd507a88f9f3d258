"""The operator's commands beside running deliveries."""
import os
import pty
import re
import select
import signal
import socket
import socketserver
import subprocess
import threading
import time
import unittest

import harness


class Operator(harness.MtaTest):
    def start(self, backoff='"pt1h"', **settings):
        """tcp_local leads to a port where nobody listens, until somebody does."""
        self.port = harness.free_port()
        dns = self.dns("dest.example. IN A 127.0.0.1", "other.example. IN A 127.0.0.1")
        self.mta = self.instance(dns=dns.address, relay_port=self.port,
                                 keywords={"tcp_local": f"backoff {backoff}"}, **settings)
        self.mta.start()

    def send(self, *recipients, subject="hello"):
        with self.mta.smtp() as client:
            client.sendmail("adam@example.com", recipients, f"Subject: {subject}\r\n\r\nhello\r\n")

    def wait_until_it_waits(self, count=1):
        harness.wait_for(lambda: len([name for name in self.mta.queue_files() if name.startswith("tcp_local/000/ZY")]) >= count
                         or len([name for name in self.mta.queue_files() if re.match(r"tcp_local/\d+/ZY", name)]) >= count,
                         lambda: f"{count} messages that were tried; there are {self.mta.queue_files()}")

    def test_retry_and_hosts(self):
        self.start()
        self.send("bob@dest.example")
        self.wait_until_it_waits()
        host, = [row for row in self.mta.json("qm", "hosts") if row["host"] == "dest.example"]
        self.assertEqual((host["channel"], host["state"]), ("tcp_local", "down"))
        self.assertIn("next_try", host)
        self.assertIn("refused", host["reason"])
        self.assertRegex(self.mta.imsimta("qm", "hosts").stdout, r"Channel: tcp_local\nhost .*\ndest\.example +down .*\n    .*refused")
        sink = self.sink(port=self.port)
        self.mta.imsimta("qm", "retry", "-host=dest.example")
        harness.wait_for(sink.messages, "the message")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.imsimta("qm", "retry", "-host=nowhere.example", check=False).returncode, 4)

    def test_the_cache_says_why_messages_wait(self):
        self.start()
        self.send("bob@dest.example")
        self.wait_until_it_waits()
        def waiting():
            return [row for row in self.mta.json("cache", "-view") if row["state"] == "delayed"]
        harness.wait_for(waiting, "the message to be delayed")
        [row] = waiting()
        self.assertEqual(row["host"], "dest.example")
        self.assertIn("refused", row["reason"].lower())
        self.assertIn(row["reason"], self.mta.imsimta("cache", "-view").stdout)

    def test_a_stopped_channel_finishes_the_message_in_hand(self):
        """What else a program has of a batch goes back untried."""
        # One program with one connection, so that one message is in hand.
        self.start(backoff='"pt1h" maxjobs 1', files={"tcp_local_option": "MAX_CLIENT_THREADS=1\n"})
        self.mta.imsimta("qm", "stop", "tcp_local")
        for number in range(8):
            self.send("bob@dest.example", subject=str(number))
        arrived = threading.Event()
        go_on = threading.Event()
        class Peer(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 peer\r\n")
                for line in self.rfile:
                    if line.upper().startswith(b"DATA"):
                        self.wfile.write(b"354 go\r\n")
                        while self.rfile.readline() != b".\r\n":
                            pass
                        taken.append(1)
                        arrived.set()
                        go_on.wait(30)
                    self.wfile.write(b"250 ok\r\n")
        taken = []
        server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Peer)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.mta.imsimta("qm", "start", "tcp_local")
        self.assertTrue(arrived.wait(30))
        self.mta.imsimta("qm", "stop", "tcp_local")
        go_on.set()
        harness.wait_for(lambda: all(row["state"] != "in_progress" for row in self.mta.json("cache", "-view")),
                         "the program to hand back what it has")
        self.assertEqual(len(taken), 1)
        self.assertEqual(len(self.mta.queue_files()), 7)
        self.mta.imsimta("qm", "start", "tcp_local")
        harness.wait_for(lambda: not self.mta.queue_files(), "the rest")

    def test_what_is_being_delivered_is_deleted_by_force(self):
        self.start(backoff='"pt1s"')
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen()
            self.send("bob@dest.example")
            connection, _ = listener.accept()  # and never a word
            self.assertIn("BUSY", self.mta.imsimta("qm", "delete", "-host=dest.example", "-noconfirm", check=False).stderr)
            marked = self.mta.imsimta("qm", "delete", "-force", "-host=dest.example", "-noconfirm")
            self.assertRegex(marked.stdout, r"%QM-I-MARKED, .* being delivered by tcp_local job \d+; it is deleted when that ends")
            self.assertEqual(len(self.mta.queue_files()), 1)
            connection.close()
        self.mta.wait_for_log(r" tcp_local K .* bob@dest\.example .*deleted by an operator")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("adam"), {})
        self.assertEqual(list((self.mta.directory / "queue/tcp_local/tmp").glob("*.delete")), [])

    def test_retry_of_one_message(self):
        self.start()
        self.send("bob@dest.example")
        self.wait_until_it_waits()
        unique = self.mta.queue_files()[0].split("/")[-1][2:-3]
        sink = self.sink(port=self.port)
        done = self.mta.imsimta("qm", "retry", f"-id={unique}")
        self.assertIn("%QM-I-READY", done.stdout)
        harness.wait_for(sink.messages, "the message")

    def test_readdress_leads_elsewhere(self):
        self.start()
        self.send("bob@dest.example")
        self.wait_until_it_waits()
        unique = self.mta.queue_files()[0].split("/")[-1][2:-3]
        self.mta.imsimta("qm", "readdress", f"-id={unique}", "-to=eve@example.com")
        message, = self.mta.wait_for_mail("eve")
        self.assertEqual(message["Subject"], "hello")
        self.mta.wait_for_empty_queue()
        self.mta.wait_for_log(r" l D .* rfc822;bob@dest\.example eve")

    def test_run_delivers_here_and_standalone(self):
        self.start()
        self.mta.imsimta("qm", "stop", "l")
        self.send("eve@example.com")
        harness.wait_for(self.mta.queue_files, "the message")
        self.mta.imsimta("qm", "start", "l")
        self.mta.wait_for_mail("eve")
        # With the MTA stopped.
        self.mta.imsimta("qm", "stop", "l")
        self.send("eve@example.com")
        harness.wait_for(self.mta.queue_files, "the message")
        self.mta.stop()
        self.assertEqual(self.mta.imsimta("run", "l", check=False).returncode, 6)
        done = self.mta.imsimta("run", "l", "-standalone")
        self.assertIn("%JBC-I-RAN", done.stdout)
        self.assertIn("1 messages were tried", done.stderr)
        self.assertEqual(len(self.mta.mailbox("eve")), 2)
        self.assertEqual(self.mta.queue_files(), [])

    def test_run_gives_a_command_to_the_shell_as_the_job_controller_does(self):
        self.start(files={"job_controller.cnf": lambda text: text.replace("IMTA_BIN:l_master\n", "IMTA_BIN:l_master 2>&1\n", 1)})
        self.send("eve@example.com")
        self.mta.wait_for_mail("eve")
        self.assertIn("%JBC-I-RAN", self.mta.imsimta("run", "l").stdout)

    def test_run_as_a_worker(self):
        self.start()
        self.send("bob@dest.example")
        self.wait_until_it_waits()
        sink = self.sink(port=self.port)
        done = self.mta.imsimta("run", "-noretry", "tcp_local")
        self.assertIn("%JBC-I-RAN", done.stdout)
        harness.wait_for(sink.messages, "the message")

    def test_cache_changes_last_across_a_reload(self):
        self.start()
        self.assertIn("%JBC-I-CHANGED", self.mta.imsimta("cache", "-change", "-channel_template=tcp_*", "-thread_depth=33").stdout)
        self.mta.imsimta("cache", "-change", "-global", "-max_messages=500", "-debug=8")
        self.mta.imsimta("reload")
        self.mta.imsimta("cache", "-walk")
        log = self.mta.read("log/job_controller.log") or "".join(
            path.read_text() for path in (self.mta.directory / "log").glob("job_controller.log*"))
        self.assertIn("walk: max_messages 500", log)
        self.assertIn("an operator changed thread depth of tcp_* to 33", log)
        self.assertIn("walk: channel tcp_local, pool ", log)
        for words in (["-change", "-channel=nowhere", "-thread_depth=3"], ["-change", "-channel=l", "-master_job=/x", "-global"],
                      ["-change", "-channel=l"], ["-change", "-channel=l", "-max_messages=3"],
                      ["-change", "-channel=l", "-thread_depth=3", "-permanent"]):
            self.assertNotEqual(self.mta.imsimta("cache", *words, check=False).returncode, 0, words)
        refused = self.mta.imsimta("cache", "-change", "-channel=l", "-slave_job=IMTA_BIN:l_master", check=False)
        self.assertEqual((refused.returncode, refused.stderr),
                         (2, "%JBC-E-NOTSUPP, no channel polls for mail: there is no slave job to change\n"))

    def test_prune_drops_what_is_gone(self):
        self.start()
        self.send("bob@dest.example")
        self.wait_until_it_waits()
        for path in (self.mta.directory / "queue/tcp_local").rglob("*.00"):
            path.unlink()
        self.assertEqual(len(self.mta.json("cache", "-view", "tcp_local")), 1)
        self.assertIn("1 entries without a file", self.mta.imsimta("cache", "-sync", "-prune").stdout)
        self.assertEqual(self.mta.json("cache", "-view", "tcp_local"), [])

    def test_stop_survives_a_killed_job_controller(self):
        self.start()
        self.mta.imsimta("qm", "stop", "l")
        for pid in self.mta.pids("job_controller"):
            os.kill(pid, signal.SIGKILL)
        harness.wait_for(lambda: self.mta.imsimta("qm", "messages", "l", check=False).returncode == 0, "the job controller")
        self.send("eve@example.com")
        harness.wait_for(lambda: any(row["channel"] == "l" for row in self.mta.json("cache", "-view")), "the message")
        time.sleep(1)
        self.assertEqual(self.mta.mailbox("eve"), {})
        self.assertIn("STOPPED", self.mta.imsimta("qm", "summarize").stdout)
        self.mta.imsimta("qm", "start", "l")
        self.mta.wait_for_mail("eve")

    def test_summary_counts_what_the_job_controller_does_not_have(self):
        """Mail of a channel that is no longer configured is not hidden by asking the job controller."""
        self.start(files={"option.dat": lambda text: text + "\nQUEUE_YOUNG_LIMIT=0\n"})
        self.mta.imsimta("qm", "stop", "l")
        self.send("eve@example.com")
        harness.wait_for(lambda: any(row["channel"] == "l" for row in self.mta.json("cache", "-view")), "the message")
        self.mta.stop()
        queue = self.mta.directory / "queue"
        (queue / "l").rename(queue / "tcp_gone")
        self.mta.start()
        rows = {row["channel"]: row for row in self.mta.json("qm", "summarize")}
        self.assertEqual((rows["tcp_gone"]["messages"], rows["tcp_gone"]["unread"], rows["l"]["messages"]), (1, 1, 0))
        read = {row["channel"]: row["messages"] for row in self.mta.json("qm", "summarize", "-directory_tree")}
        self.assertEqual(read["tcp_gone"], 1)

    def test_parallel_stops_and_starts_do_not_collide(self):
        """The list of the original loses some; ours does not."""
        self.start()
        channels = [row["channel"] for row in self.mta.json("qm", "summarize")]
        problems = []
        def work(channel, words):
            for word in words:
                done = self.mta.imsimta("qm", word, channel, check=False)
                if done.returncode != 0 or "NOTSTOPPED" in done.stderr:
                    problems.append(done.stderr)
        last = {channel: ("stop", "start")[number % 2] for number, channel in enumerate(channels)}
        threads = [threading.Thread(target=work, args=(channel, ["stop", "start", last[channel]])) for channel in channels]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(problems, [])
        stopped = {row["channel"]: row["stopped"] for row in self.mta.json("qm", "summarize")}
        self.assertEqual(stopped, {channel: last[channel] == "stop" for channel in channels})

    def test_a_session_at_a_terminal(self):
        """Completion, pages and the prompt, as a person meets them."""
        self.start()
        self.send("bob@dest.example")
        self.wait_until_it_waits()
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        subprocess.run(["stty", "rows", "8", "cols", "100"], stdin=follower, check=True)
        session = subprocess.Popen([harness.BIN / "imsimta", "qm"], stdin=follower, stdout=follower, stderr=follower,
                                   env={**self.mta.environment, "TERM": "dumb"}, start_new_session=True)
        os.close(follower)
        self.addCleanup(session.kill)
        screen = ""
        def wait_for_text(pattern):
            nonlocal screen
            end = time.monotonic() + 30
            while not re.search(pattern, screen):
                self.assertLess(time.monotonic(), end, f"{pattern!r} does not come; the screen:\n{screen}")
                if select.select([leader], [], [], 0.2)[0]:
                    screen += os.read(leader, 65536).decode(errors="replace")
            screen = screen[re.search(pattern, screen).end():]
        def type_text(text):
            os.write(leader, text.encode())
        wait_for_text(r"qm\.maint> ")
        type_text("direc\ttcp_l\t\n")
        wait_for_text(r"Channel: tcp_local")
        wait_for_text(r"-- more")
        type_text("\n")
        wait_for_text(r"Grand total size")
        # A completed switch is as it is typed, and its value follows at once.
        type_text("directory -fr\tadam@example.com -nohea\t\n")
        wait_for_text(r"-noheading \r?\n")
        wait_for_text(r"From: adam@example\.com")
        wait_for_text(r"-- more")
        type_text("\n")
        wait_for_text(r"Grand total size: +[1-9]")
        type_text("help\n")
        wait_for_text(r"-- more")
        type_text("q\n")
        wait_for_text(r"qm\.maint> ")
        type_text("hold 1\n")
        wait_for_text(r"%QM-I-HELD")
        type_text("release 1\n")
        wait_for_text(r"%QM-I-RELEASED")
        type_text("exit\n")
        self.assertEqual(session.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
