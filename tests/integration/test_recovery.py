"""What a machine can run out of, under load: disk, working disk, descriptors, room for logs. Whoever is refused is refused
politely, nothing acknowledged is lost, and service is back by itself. How long that took is printed; SLUICE_RECOVERY_LIMIT
(seconds; `scripts/soak recovery` sets 5) says how long it may take, which on a busy machine says little."""
import collections
import errno
import os
import re
import socket
import threading
import time
import unittest

import faults
import harness
import test_disk_full
from load import Load, mailboxes, number_of

LIMIT = float(os.environ.get("SLUICE_RECOVERY_LIMIT", "60"))
CONNECTIONS = 6
POLITE = re.compile(r"4(52|51|21)|Connection (unexpectedly closed|refused|reset)")


class UnderLoad:
    """Beside a test case with `self.mta`."""

    def begin_load(self, size=50):
        self.stop = threading.Event()
        self.loads = [Load(self.mta, f"c{i}", lambda n: f"u{n % 20}@example.com", self.stop, size=size)
                      for i in range(CONNECTIONS)]
        self.addCleanup(self.stop.set)
        for load in self.loads:
            load.start()
        self.wait_for_more()

    def counts(self):
        return [len(load.acknowledged) for load in self.loads]

    def wait_for_more(self, each=3, limit=60.0):
        """Every connection has messages accepted that it had not."""
        before = self.counts()
        harness.wait_for(lambda: all(now >= then + each for now, then in zip(self.counts(), before)), "mail to flow", limit=limit)

    def wait_for_refusals(self):
        before = [len(load.refusals) for load in self.loads]
        harness.wait_for(lambda: all(len(load.refusals) > then for load, then in zip(self.loads, before)), "refusals", limit=60)

    def recovers(self, what):
        """The cause has gone: everybody is served again."""
        begun = time.monotonic()
        self.wait_for_more(each=1, limit=LIMIT)
        print(f"{what}: every connection was served again after {time.monotonic() - begun:.1f} s")

    def judge(self, may_close=False):
        self.stop.set()
        for load in self.loads:
            load.join(60)
        self.mta.wait_for_empty_queue(limit=200)
        acknowledged = set().union(*(load.acknowledged for load in self.loads))
        refusals = [text for load in self.loads for text in load.refusals]
        counted = collections.Counter(number_of(raw) for raw in mailboxes(self.mta))
        lost = acknowledged - set(counted)
        print(f"{len(acknowledged)} acknowledged, {len(refusals)} refusals, {len(lost)} lost, "
              f"{sum(counted.values()) - len(counted)} duplicates")
        self.assertEqual(lost, set())
        impolite = [text for text in refusals
                    if not POLITE.search(text) or (text.startswith("Connection") and not may_close)]
        self.assertEqual(impolite, [])
        return acknowledged


class FullDisks(UnderLoad, test_disk_full.DiskFull):
    def test_queue(self):
        self.start("queue", test_disk_full.NO_LIMITS, keywords={"l": 'backoff "pt1s" "pt1s"'})
        self.begin_load(size=500)
        seen = [len(load.refusals) for load in self.loads]
        end = time.monotonic() + 60
        # Deliveries make room again: whoever fills the disk keeps at it until everybody was refused.
        while any(len(load.refusals) == count for load, count in zip(self.loads, seen)):
            self.disk.fill()
            self.assertLess(time.monotonic(), end, "nobody was refused")
        self.disk.clear()
        self.recovers("disk full")
        self.judge()

    def test_log(self):
        """Mail flows all the time; its entries are written when there is room."""
        self.start("log", "", mebibytes=16)
        self.begin_load()
        self.disk.fill()
        before = sum(self.counts())
        harness.wait_for(lambda: sum(self.counts()) > before + 300, "mail to flow without a log", limit=120)
        self.assertEqual([load.refusals for load in self.loads], [[]] * CONNECTIONS)
        self.disk.clear()
        self.recovers("log disk full")
        acknowledged = self.judge()
        # Each program writes what it kept with its next entry.
        def entries():
            text = (self.mta.directory / "log/mail.log_current").read_text(errors="replace")
            return len(re.findall(r"(?m) tcp_intranet +l +E ", text))
        harness.wait_for(lambda: entries() >= len(acknowledged), lambda: f"{len(acknowledged)} entries, there are {entries()}")


class FailingDisk(UnderLoad, faults.FaultyTest):
    def test_input_and_output_errors(self):
        for call in ("write", "sync"):
            with self.subTest(call=call):
                self.mta = self.instance(keywords={"l": 'backoff "pt1s" "pt1s"'})
                self.begin_faults(("job_controller", "tcp_smtp_server", "l_master"))
                self.mta.start()
                self.begin_load()
                workers = set(self.mta.pids("tcp_smtp_server"))
                self.faults.order(call, errno.EIO, "/queue/", count=1 << 30)
                self.wait_for_refusals()
                self.faults.clear()
                self.recovers(f"{call} failed with EIO")
                self.assertTrue(workers <= set(self.mta.pids("tcp_smtp_server")), "a worker ended")
                self.judge()


class NoDescriptors(UnderLoad, harness.MtaTest):
    MOST = 100

    def test_of_the_processes(self):
        """Clients that do nothing take them all: others wait or are put off until those go."""
        self.mta = self.instance(keywords={"l": 'backoff "pt1s" "pt1s"'},
                                 files={"option.dat": lambda text: text + "\nQUEUE_YOUNG_LIMIT=0\n"})
        self.mta.wrapper = ["prlimit", f"--nofile={self.MOST}:{self.MOST}"]
        self.mta.start()
        self.begin_load()
        processes = {name: set(self.mta.pids(name)) for name in ("dispatcher", "tcp_smtp_server", "job_controller")}
        idle = []
        self.addCleanup(lambda: [one.close() for one in idle])
        seen = sum(len(load.refusals) for load in self.loads)
        end = time.monotonic() + 60
        while sum(len(load.refusals) for load in self.loads) < seen + CONNECTIONS:
            if len(idle) < 3 * self.MOST:
                idle.append(socket.create_connection(("127.0.0.1", self.mta.port), timeout=30))
            else:
                time.sleep(0.05)
            self.assertLess(time.monotonic(), end, "nobody was refused")
        for one in idle:
            one.close()
        self.recovers("no descriptors")
        for name, before in processes.items():
            self.assertTrue(before <= set(self.mta.pids(name)), f"{name} ended")
        self.judge(may_close=True)


if __name__ == "__main__":
    unittest.main()
