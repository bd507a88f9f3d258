"""System calls of the real programs that fail, each by its number: nothing acknowledged is lost, what cannot be taken is
refused temporarily, and the next message is served as if nothing had happened (docs/reliability.md, rows Q1 to Q4, Q10)."""
import collections
import errno
import re
import smtplib
import unittest

import faults
import harness
from load import mailboxes, number_of

FROM = "amy@siroe.example"
SHORT = 0  # half of the octets are written


class FailingCalls(faults.FaultyTest):
    ERRORS = (errno.ENOSPC, errno.EIO, errno.EMFILE, errno.EINTR, errno.EDQUOT)
    CALLS = ("open", "write", "sync", "reserve", "rename", "unlink", "mkdir")

    def start(self, options="", **settings):
        self.mta = self.instance(files={"option.dat": lambda text: text + options}, **settings)
        self.begin_faults(("dispatcher", "job_controller", "tcp_smtp_server", "l_master"))
        self.mta.start()
        self.acknowledged, self.refused, self.number = set(), [], 0
        return self.mta

    def send(self, client=None, size=500):
        """True when it was acknowledged."""
        self.number += 1
        text = f"Subject: x\r\nX-Number: {self.number}\r\n\r\n" + "body line\r\n" * (size // 11)
        try:
            if client is None:
                with self.mta.smtp() as client:
                    client.sendmail(FROM, [f"u{self.number % 20}@example.com"], text)
            else:
                client.sendmail(FROM, [f"u{self.number % 20}@example.com"], text)
        except smtplib.SMTPException as error:
            self.refused.append((self.number, str(error)))
            return False
        self.acknowledged.add(str(self.number))
        return True

    def judge(self, duplicates=0):
        self.faults.clear()
        self.mta.wait_for_empty_queue(limit=200)
        counted = collections.Counter(number_of(raw) for raw in mailboxes(self.mta))
        twice = sum(count - 1 for count in counted.values())
        print(f"{len(self.acknowledged)} acknowledged, {len(self.refused)} refused, "
              f"{len(self.acknowledged - set(counted))} lost, {twice} duplicates, "
              f"{len(set(counted) - self.acknowledged)} delivered without an acknowledgement")
        self.assertEqual(self.acknowledged - set(counted), set(), "lost")
        self.assertLessEqual(twice, duplicates)
        impolite = [text for _, text in self.refused if not any(code in text for code in ("452", "451", "421"))]
        self.assertEqual(impolite, [])

    def every_call_of_accepting(self, size):
        """The k-th call of each kind fails, for each k that there is."""
        self.assertTrue(self.send())
        pids = set(self.mta.pids("tcp_smtp_server"))
        cases = refusals = 0
        for call in self.CALLS:
            for error in self.ERRORS + ((SHORT,) if call == "write" else ()):
                for number in range(64):
                    self.faults.order(call, error, "/queue/", "tcp_smtp_server", skip=number)
                    accepted = self.send(size=size)
                    happened = self.faults.happened()
                    self.faults.clear()
                    if not happened:
                        self.assertTrue(accepted)
                        break
                    cases += 1
                    refusals += not accepted
                    if error == SHORT or (error == errno.EINTR and call in ("open", "write", "reserve")):
                        self.assertTrue(accepted, (call, number))  # tried again, not given up
                    self.assertTrue(self.send(), f"after call {number} of {call} failed with {error}: {self.refused[-1:]}")
        print(f"{cases} calls failed, {refusals} messages were refused")
        self.assertGreater(refusals, 10)
        self.assertTrue(pids <= set(self.mta.pids("tcp_smtp_server")), "a worker ended")
        self.judge()

    def test_accepting_small_messages(self):
        self.start()
        self.every_call_of_accepting(size=500)

    def test_accepting_large_messages(self):
        self.start("\nQUEUE_YOUNG_LIMIT=1000\n")
        self.every_call_of_accepting(size=300_000)

    def test_delivering(self):
        mta = self.start(keywords={"l": 'backoff "pt1s" "pt1s"'})
        self.assertTrue(self.send())
        cases = 0
        for path in ("/queue/", "/store/"):
            for call in ("open", "read", "write", "sync", "rename", "unlink", "set_time"):
                for error in (errno.ENOSPC, errno.EIO, errno.EMFILE):
                    self.faults.order(call, error, path, "l_master", skip=cases % 3, count=2)
                    with mta.smtp() as client:
                        for _ in range(4):
                            self.assertTrue(self.send(client))
                    # Whether the calls are made meanwhile or by the next round: both are wanted.
                    cases += 1
        self.faults.clear()
        mta.wait_for_empty_queue(limit=200)
        texts = [path.read_text(errors="replace") for path in (mta.directory / "log").glob("l_master.log-*")]
        self.judge(duplicates=sum(len(re.findall("(?i)duplicate", text)) for text in texts))

    def test_descriptors_run_out(self):
        """Everywhere at once: connections wait, transactions are refused; afterwards all is as before."""
        self.start(keywords={"l": 'backoff "pt1s" "pt1s"'})
        self.assertTrue(self.send())
        self.faults.order("accept", errno.EMFILE, program="dispatcher", count=3)
        self.assertTrue(self.send(), "served when accept works again")
        self.assertTrue(self.faults.happened())
        self.faults.order("open", errno.EMFILE, count=1 << 30)
        for _ in range(5):
            self.send(size=400_000)
        self.faults.clear()
        self.assertGreater(len(self.refused), 0)
        harness.wait_for(self.send, "service to resume", limit=5)
        self.judge()

    def test_full_log_disk(self):
        """Mail flows, its entries wait in memory, and are written when there is room."""
        mta = self.start()
        self.assertTrue(self.send())
        self.faults.order("write", errno.ENOSPC, "/log/mail.log", count=1 << 30)
        for _ in range(20):
            self.assertTrue(self.send())
        harness.wait_for(lambda: len(mailboxes(mta)) == 21, "deliveries")
        self.assertTrue(self.faults.happened())
        self.faults.clear()
        self.assertTrue(self.send())
        # Each program writes what it kept with its next entry.
        self.assertEqual(len(mta.wait_for_log(r" tcp_intranet +l +E ", 22)), 22)
        self.judge()


if __name__ == "__main__":
    unittest.main()
