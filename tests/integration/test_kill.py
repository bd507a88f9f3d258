"""kill -9 of any process under load: what got 250 arrives; duplicates are counted and printed."""
import collections
import os
import re
import signal
import smtplib
import threading
import time
import unittest

import harness


class Load(threading.Thread):
    """Sends numbered messages on one connection after another; remembers which were acknowledged."""

    def __init__(self, mta, name, stop):
        super().__init__(daemon=True)
        self.mta, self.tag, self.stop = mta, name, stop
        self.acknowledged = set()

    def run(self):
        number = 0
        while not self.stop.is_set():
            try:
                with self.mta.smtp() as client:
                    while not self.stop.is_set():
                        number += 1
                        name = f"{self.tag}.{number}"
                        client.sendmail("a@b.example", [f"u{number % 20}@example.com"],
                                        f"Subject: load\r\nX-Number: {name}\r\n\r\n" + "body line\r\n" * 50)
                        self.acknowledged.add(name)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.1)


class Kill(harness.MtaTest):
    def kill_under_load(self, program, times=2):
        mta = self.instance().start()
        stop = threading.Event()
        loads = [Load(mta, f"{program}-{i}", stop) for i in range(8)]
        for load in loads:
            load.start()
        for _ in range(times):
            time.sleep(1.5)
            pids = harness.wait_for(lambda: mta.pids(program), f"a process {program}")
            with_lines = len(mta.log_lines())
            os.kill(pids[0], signal.SIGKILL)
            harness.wait_for(lambda: set(mta.pids(program)) - {pids[0]}, f"{program} to be started again")
            harness.wait_for(lambda: len(mta.log_lines()) > with_lines + 50, "mail to flow again")
        stop.set()
        for load in loads:
            load.join(30)
        mta.wait_for_empty_queue(limit=120)
        acknowledged = set().union(*(load.acknowledged for load in loads))
        delivered = collections.Counter()
        for user in range(20):
            for raw in mta.mailbox(f"u{user}").values():
                delivered[re.search(rb"^X-Number: (\S+)", raw, re.MULTILINE).group(1).decode()] += 1
        lost = acknowledged - set(delivered)
        duplicates = sum(count - 1 for count in delivered.values())
        print(f"{program}: {len(acknowledged)} acknowledged, {len(lost)} lost, {duplicates} duplicates")
        self.assertGreater(len(acknowledged), 100)
        self.assertEqual(lost, set())

    def test_server(self):
        self.kill_under_load("tcp_smtp_server")

    def test_dispatcher(self):
        self.kill_under_load("dispatcher")

    def test_job_controller(self):
        self.kill_under_load("job_controller")

    def test_channel_program(self):
        self.kill_under_load("l_master")


if __name__ == "__main__":
    unittest.main()
