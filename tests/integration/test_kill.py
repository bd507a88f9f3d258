"""kill -9 of any process under load: what got 250 arrives; duplicates are counted and printed."""
import collections
import contextlib
import os
import signal
import threading
import time
import unittest

import harness
from load import Load, mailboxes, number_of


class Kill(harness.MtaTest):
    def kill_under_load(self, program, mta, arrived, recipient=lambda n: f"u{n % 20}@example.com", times=2):
        """`arrived`: returns the messages that reached their end, as bytes."""
        stop = threading.Event()
        loads = [Load(mta, f"{program}-{i}", recipient, stop) for i in range(8)]
        for load in loads:
            load.start()
        for _ in range(times):
            time.sleep(1.5)
            pids = harness.wait_for(lambda: mta.pids(program), f"a process {program}")
            with_lines = len(mta.log_lines())
            with contextlib.suppress(ProcessLookupError):  # it had nothing more to do
                os.kill(pids[0], signal.SIGKILL)
            harness.wait_for(lambda: set(mta.pids(program)) - {pids[0]}, f"{program} to be started again")
            harness.wait_for(lambda: len(mta.log_lines()) > with_lines + 50, "mail to flow again")
        stop.set()
        for load in loads:
            load.join(30)
        mta.wait_for_empty_queue(limit=120)
        acknowledged = set().union(*(load.acknowledged for load in loads))
        counted = collections.Counter(number_of(raw) for raw in arrived())
        lost = acknowledged - set(counted)
        duplicates = sum(count - 1 for count in counted.values())
        print(f"{program}: {len(acknowledged)} acknowledged, {len(lost)} lost, {duplicates} duplicates")
        self.assertGreater(len(acknowledged), 100)
        self.assertEqual(lost, set())

    def kill_with_local_mail(self, program, **options):
        mta = self.instance().start()
        self.kill_under_load(program, mta, lambda: mailboxes(mta), **options)

    def relaying_instance(self, sink, **settings):
        hosts = [f"d{i}.example" for i in range(4)]
        dns = self.dns(*(f"{host}. IN MX 10 mx.{host}." for host in hosts),
                       *(f"mx.{host}. IN A 127.0.0.1" for host in hosts))
        # What was in a killed program's hands is tried again soon.
        return self.instance(dns=dns.address, relay_port=sink.port,
                             keywords={"tcp_local": 'backoff "pt2s"'}, **settings).start()

    def test_server(self):
        self.kill_with_local_mail("tcp_smtp_server")

    def test_dispatcher(self):
        self.kill_with_local_mail("dispatcher")

    def test_job_controller(self):
        self.kill_with_local_mail("job_controller")

    def test_channel_program(self):
        self.kill_with_local_mail("l_master")

    def test_smtp_client(self):
        sink = self.sink()
        mta = self.relaying_instance(sink)
        self.kill_under_load("tcp_smtp_client", mta, sink.messages, lambda n: f"bob@d{n % 4}.example")

    def test_reprocess(self):
        """Every message passes the reprocess channel before it is local mail."""
        rule = ("later.example.com $U%example.com@reprocess-daemon$1N\n"
                "later.example.com $U%example.com@mail.example.com$1M\n")
        mta = self.instance(files={"imta.cnf": lambda text: text.replace("\nexample.com ", "\n" + rule + "example.com ", 1)}).start()
        self.kill_under_load("reprocess", mta, lambda: mailboxes(mta), lambda n: f"u{n % 20}@later.example.com")
        mta.wait_for_log(r" tcp_intranet reprocess E ")
        mta.wait_for_log(r" \S+ l E ")

    def test_notifications(self):
        """Every message fails at its destination: its notification comes back through the process channel."""
        sink = self.sink(options=["-f", "RCPT"])
        mta = self.relaying_instance(sink)
        self.kill_under_load("reprocess", mta, lambda: mta.mailbox("adam").values(), lambda n: f"bob@d{n % 4}.example")


if __name__ == "__main__":
    unittest.main()
