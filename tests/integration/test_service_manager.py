"""A service manager opens the sockets, is told when we serve, and gets them back whole."""
import os
import signal
import socket
import subprocess
import unittest

import harness

FIRST = 3


class ServiceManager(harness.MtaTest):
    def setUp(self):
        self.mta = self.instance()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.mta.port))
        self.listener.listen(5)
        self.addCleanup(self.listener.close)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        path = str(self.mta.directory / "notify")
        self.notify.bind(path)
        os.chmod(path, 0o666)
        self.notify.settimeout(30)
        self.mta.environment |= {"NOTIFY_SOCKET": path, "LISTEN_FDS": "1"}

    def begin(self):
        def pass_on():
            os.dup2(self.listener.fileno(), FIRST)

        with open(self.mta.directory / "watcher.out", "ab") as output:
            # The number of the process stands in a variable, so that it is set by the process itself.
            self.mta.process = subprocess.Popen(
                ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0" start -foreground', str(harness.BIN / "imsimta")],
                env=self.mta.environment, stdout=output, stderr=output, start_new_session=True,
                pass_fds=(FIRST,), preexec_fn=pass_on)

    def told(self, word):
        """Waits for a notification with that word and returns it."""
        while True:
            text = self.notify.recv(4096).decode()
            if word in text.split("\n"):
                return text

    def test_sockets_are_used_and_readiness_is_told(self):
        # Who comes before anybody serves waits in the backlog.
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30) as early:
            self.begin()
            self.assertIn(f"MAINPID={self.mta.process.pid}", self.told("READY=1").split("\n"))
            self.assertTrue(early.recv(512).startswith(b"220 "))
        self.assertRegex(self.mta.component_log("dispatcher.log"), f"the service manager listens on 127.0.0.1 port {self.mta.port}")
        with self.mta.smtp() as client:
            client.sendmail("a@client.test", ["adam@example.com"], "Subject: passed\r\n\r\nhi\r\n")
        self.mta.wait_for_mail("adam")
        # The socket does not end with the dispatcher, so nobody is refused meanwhile.
        os.kill(self.mta.pids("dispatcher")[0], signal.SIGKILL)
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30) as client:
            self.assertTrue(client.recv(512).startswith(b"220 "))
        self.mta.process.send_signal(signal.SIGTERM)
        self.told("STOPPING=1")
        self.mta.stop()
        socket.create_connection(("127.0.0.1", self.mta.port), timeout=30).close()

    def test_workers_and_others_do_not_have_the_sockets(self):
        self.begin()
        self.told("READY=1")
        with self.mta.smtp() as client:
            client.noop()
            inode = os.fstat(self.listener.fileno()).st_ino
            for program in ("tcp_smtp_server", "job_controller"):
                for pid in self.mta.pids(program):
                    opened = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
                    self.assertNotIn(f"socket:[{inode}]", opened, program)

    def test_watchdog(self):
        self.mta.environment["WATCHDOG_USEC"] = "1000000"
        self.begin()
        for _ in range(3):
            self.told("WATCHDOG=1")


if __name__ == "__main__":
    unittest.main()
