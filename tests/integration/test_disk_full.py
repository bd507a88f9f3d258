"""A small file system that is filled under load: nothing acknowledged is lost, nobody dies, and service resumes by
itself when there is room again (spec page queue, section 12)."""
import collections
import contextlib
import os
import shutil
import smtplib
import socket
import threading
import time
import unittest

import harness
import small_disk
from load import Load, mailboxes, number_of

NO_LIMITS = "\nQUEUE_MIN_FREE=0\nQUEUE_MIN_FREE_HARD=0\nQUEUE_MIN_INODES=0\nQUEUE_MIN_INODES_HARD=0\n"
FROM = "amy@siroe.example"
CONTENT = "Subject: x\r\n\r\nx\r\n"


class DiskFull(harness.MtaTest):
    def start(self, part, options, mebibytes=24, keywords=None, **disk):
        """An instance whose directory `part` (queue, store) is on a small disk."""
        self.disk = small_disk.SmallDisk(mebibytes, **disk)
        self.addCleanup(self.disk.close)
        problem = self.disk.mount()
        if problem:
            self.skipTest("no small file system can be mounted here: " + problem)
        self.mta = self.instance(files={"option.dat": lambda text: text + options}, keywords=keywords or {})
        tailor = self.mta.directory / "config/imta_tailor"
        # Below the mount point, so that a disk that is not mounted is noticed.
        place = self.disk.root / part
        place.mkdir(mode=0o700)
        if harness.test_account():
            shutil.chown(place, harness.test_account())
        tailor.write_text(tailor.read_text().replace(f"{self.mta.directory}/{part}/", f"{place}/"))
        shutil.rmtree(self.mta.directory / part)
        (self.mta.directory / part).symlink_to(place)
        return self.mta.start()

    def send(self, recipient="u1@example.com", content=CONTENT):
        with self.mta.smtp() as client:
            client.sendmail(FROM, [recipient], content)

    def resumes(self):
        """Waits until a message is accepted, and prints how long that took: at rest a second or two."""
        begun = time.monotonic()
        def accepted():
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.send("adam@example.com")
                return True
            return False
        harness.wait_for(accepted, "service to resume", limit=30)
        print(f"service resumed after {time.monotonic() - begun:.1f} s")

    def reply_to_mail(self, *options):
        with self.mta.smtp() as client:
            return client.mail(FROM, options)

    def greeting(self):
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=10) as connection:
            connection.settimeout(10)
            return connection.recv(512).decode()

    def noted(self):
        path = self.mta.directory / "run/disk_state"
        return path.read_text() if path.exists() else ""

    def pids(self):
        return {program: set(self.mta.pids(program)) for program in ("dispatcher", "job_controller", "tcp_smtp_server")}


class States(DiskFull):
    LIMITS = "\nQUEUE_MIN_FREE=10M\nQUEUE_MIN_FREE_HARD=5M\nQUEUE_MIN_INODES=0\nQUEUE_MIN_INODES_HARD=0\n"

    def test_soft_and_hard_and_back(self):
        self.start("queue", self.LIMITS, mebibytes=40)
        self.assertEqual(self.reply_to_mail()[0], 250)
        self.disk.fill(leave=8 << 20)
        harness.wait_for(lambda: self.reply_to_mail()[0] == 452, "the soft state")
        code, text = self.reply_to_mail("SIZE=1000")
        self.assertEqual((code, text.split()[0]), (452, b"4.3.1"))
        self.disk.fill(leave=3 << 20)
        harness.wait_for(lambda: self.greeting().startswith("421 4.3.2 "), "the hard state")
        # Between the limit and 1.2 times the limit nothing changes.
        self.disk.clear()
        self.disk.fill(leave=11 << 20)
        harness.wait_for(lambda: self.greeting().startswith("220 "), "the soft state again")
        self.assertEqual(self.reply_to_mail()[0], 452)
        self.disk.clear()
        self.resumes()
        # Sessions look at the disk; what fitted before is taken without another look.
        harness.wait_for(lambda: self.reply_to_mail()[0] == 250 and self.noted().startswith("normal "),
                         lambda: "the state to be noted: " + repr(self.noted()))
        self.assertEqual(self.noted(), "normal 4\n")
        # Told when it began, and not again until there is enough room.
        [told] = self.mta.wait_for_mail("postmaster", 1)
        self.assertEqual(told["Subject"], "Little room for the queue")
        self.disk.fill(leave=3 << 20)
        harness.wait_for(lambda: self.greeting().startswith("421 4.3.2 "), "the hard state")
        self.disk.clear()
        self.resumes()
        told = self.mta.wait_for_mail("postmaster", 2)
        self.assertEqual(sorted(one["Subject"] for one in told), ["Little room for the queue", "No room for the queue"])

    def test_inodes_count_too(self):
        self.start("queue", "\nQUEUE_MIN_FREE=0\nQUEUE_MIN_FREE_HARD=0\nQUEUE_MIN_INODES=100\nQUEUE_MIN_INODES_HARD=50\n",
                   kind="tmpfs", inodes=400)
        self.assertEqual(self.reply_to_mail()[0], 250)
        for number in range(400):
            if os.statvfs(self.disk.root).f_favail <= 40:
                break
            (self.disk.root / f"f{number}").touch()
        harness.wait_for(lambda: self.greeting().startswith("421 4.3.2 "), "the hard state")
        for path in self.disk.root.glob("f*"):
            path.unlink()
        self.resumes()


class Full(DiskFull):
    """Without the limits: the writes themselves fail."""

    def fill_under_load(self, options, rounds=2, **disk):
        mta = self.start("queue", NO_LIMITS + options, keywords={"l": 'backoff "pt2s" "pt2s"'}, **disk)
        self.send("adam@example.com")
        mta.wait_for_mail("adam")
        before = self.pids()
        stop = threading.Event()
        loads = [Load(mta, f"c{i}", lambda n: f"u{n % 20}@example.com", stop, size=500) for i in range(6)]
        for load in loads:
            load.start()
        for _ in range(rounds):
            accepted = sum(len(load.acknowledged) for load in loads)
            harness.wait_for(lambda: sum(len(load.acknowledged) for load in loads) > accepted + 30, "mail to flow")
            seen = [len(load.refusals) for load in loads]
            end = time.monotonic() + 30
            # Deliveries make room again: whoever fills the disk keeps at it until everybody was refused.
            while any(len(load.refusals) == count for load, count in zip(loads, seen)):
                self.disk.fill()
                self.assertLess(time.monotonic(), end, "nobody was refused")
            self.disk.clear()
            self.resumes()
        stop.set()
        for load in loads:
            load.join(30)
        mta.wait_for_empty_queue(limit=120)
        acknowledged = set().union(*(load.acknowledged for load in loads))
        counted = collections.Counter(number_of(raw) for raw in mailboxes(mta))
        lost = acknowledged - set(counted)
        duplicates = sum(count - 1 for count in counted.values())
        refusals = [text for load in loads for text in load.refusals]
        print(f"{len(acknowledged)} acknowledged, {len(refusals)} refusals, {len(lost)} lost, {duplicates} duplicates, "
              f"{len(set(counted) - acknowledged)} delivered without an acknowledgement")
        self.assertEqual(lost, set())
        self.assertEqual(duplicates, 0)
        self.assertTrue(any("452" in text and "4.3.1" in text for text in refusals), refusals[:5])
        self.assertEqual([text for text in refusals if "452" not in text and "451" not in text], [])
        after = self.pids()
        for program, processes in before.items():
            self.assertTrue(processes <= after[program], f"{program} ended")

    def test_with_segments(self):
        self.fill_under_load("")

    def test_with_files(self):
        self.fill_under_load("QUEUE_YOUNG_LIMIT=0\n")

    def test_in_memory(self):
        self.fill_under_load("QUEUE_YOUNG_LIMIT=0\n", kind="tmpfs")

    def test_without_inodes(self):
        mta = self.start("queue", NO_LIMITS + "QUEUE_YOUNG_LIMIT=0\n", kind="tmpfs", inodes=200)
        self.send("adam@example.com")
        mta.wait_for_mail("adam")
        with contextlib.suppress(OSError):
            for number in range(400):
                (self.disk.root / f"f{number}").touch()
        with self.assertRaises(smtplib.SMTPException) as refused:
            self.send()
        self.assertIn("452", str(refused.exception))
        for path in self.disk.root.glob("f*"):
            path.unlink()
        self.resumes()

    def test_what_is_queued_leaves_while_the_disk_is_full(self):
        for options in ("", "QUEUE_YOUNG_LIMIT=0\n"):
            with self.subTest(options=options):
                mta = self.start("queue", NO_LIMITS + options)
                mta.imsimta("qm", "stop", "l")
                for user in range(20):
                    self.send(f"u{user}@example.com")
                self.disk.fill()
                mta.imsimta("qm", "start", "l")
                harness.wait_for(lambda: len(mailboxes(mta)) >= 20, "deliveries")
                mta.wait_for_empty_queue()
                self.assertEqual(len(mailboxes(mta)), 20)
                self.assertEqual(len(mta.wait_for_log(r" l D ", 20)), 20)

    def test_mailboxes_on_a_full_disk_wait(self):
        mta = self.start("store", "", keywords={"l": 'backoff "pt2s" "pt2s"'}, mebibytes=8)
        self.send("adam@example.com")
        mta.wait_for_mail("adam")
        self.disk.fill()
        self.send("adam@example.com", CONTENT + "y" * 70 + "\r\n" * 30000)
        mta.wait_for_log(r" l Q .*(No space left|insufficient|4\.3\.1)")
        self.disk.clear()
        mta.wait_for_mail("adam", 2)
        self.assertEqual(list((self.disk.root / "store/adam/tmp").iterdir()), [])


class Descriptors(harness.MtaTest):
    def test_few_are_enough(self):
        """More clients than descriptors: some wait or are refused, and nothing that was acknowledged is lost."""
        mta = self.instance()
        mta.wrapper = ["prlimit", "--nofile=48:48"]
        mta.start()
        stop = threading.Event()
        loads = [Load(mta, f"c{i}", lambda n: f"u{n % 20}@example.com", stop) for i in range(60)]
        for load in loads:
            load.start()
        harness.wait_for(lambda: sum(len(load.acknowledged) for load in loads) > 300, "mail to flow", limit=90)
        stop.set()
        for load in loads:
            load.join(60)
        with mta.smtp() as client:
            client.sendmail(FROM, ["adam@example.com"], CONTENT)
        mta.wait_for_mail("adam")
        mta.wait_for_empty_queue(limit=120)
        acknowledged = set().union(*(load.acknowledged for load in loads))
        counted = collections.Counter(number_of(raw) for raw in mailboxes(mta))
        print(f"{len(acknowledged)} acknowledged, {sum(len(load.refusals) for load in loads)} refusals")
        self.assertEqual(acknowledged - set(counted), set())


if __name__ == "__main__":
    unittest.main()
