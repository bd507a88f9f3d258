"""Mail to other hosts: MX by a real DNS server, failures of every kind, retries, bounces."""
import email.utils
import unittest

import harness


class Relay(harness.MtaTest):
    def start(self, sink_port, *records, keywords='backoff "pt2s" "pt2s" "pt2s"', **options):
        dns = self.dns(*records, **options)
        # Retries in seconds: the schedule is the product's, only the intervals are short.
        self.mta = self.instance(dns=dns.address, relay_port=sink_port, keywords={"tcp_local": keywords})
        self.mta.start()

    def send(self, recipients, sender="adam@example.com"):
        with self.mta.smtp() as client:
            return client.sendmail(sender, recipients, "Message-ID: <relay-test@example.com>\r\nSubject: relayed\r\n\r\nhello\r\n")

    def test_follows_the_mail_exchanger(self):
        sink = self.sink()
        self.start(sink.port, "dest.example. IN MX 10 mx.dest.example.", "mx.dest.example. IN A 127.0.0.1")
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_intranet tcp_local E \d+ adam@example\.com rfc822;bob@dest\.example bob@dest\.example \S+/ZZ\w+\.00 <relay-test@example\.com>")
        self.mta.wait_for_log(r" tcp_local D \d+ adam@example\.com rfc822;bob@dest\.example bob@dest\.example \S+ <relay-test@example\.com> .*dns;mx\.dest\.example \(TCP\|127\.0\.0\.1\|\d+\|127\.0\.0\.1\|\d+\) \(.*\).* smtp;\s?250 ")
        self.mta.wait_for_log(r" tcp_local - O TCP\|127\.0\.0\.1\|\d+\|127\.0\.0\.1\|\d+ SMTP/dest\.example/mx\.dest\.example")
        self.mta.wait_for_log(r" tcp_local - C TCP\|")
        message, = sink.messages()
        self.assertIn(b"Subject: relayed", message)

    def test_second_exchanger_serves_when_the_first_is_down(self):
        sink = self.sink(address="127.0.0.3")
        self.start(sink.port, "dest.example. IN MX 10 a.dest.example.", "dest.example. IN MX 20 b.dest.example.",
                   "a.dest.example. IN A 127.0.0.4", "b.dest.example. IN A 127.0.0.3")
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_local D .*dns;b\.dest\.example")

    def test_address_record_serves_without_an_exchanger(self):
        sink = self.sink()
        self.start(sink.port, "plain.example. IN A 127.0.0.1")
        self.send(["bob@plain.example"])
        self.mta.wait_for_log(r" tcp_local D .*dns;plain\.example")

    def test_destination_down_then_up(self):
        port = harness.free_port()
        self.start(port, "dest.example. IN A 127.0.0.1")
        self.send(["bob@dest.example"])
        failed = r"TCP active open: Failed connect\(\) Error: connection refused"
        for prefix in ("ZZ", "ZY", "ZX"):
            self.mta.wait_for_log(rf" tcp_local Q \d+ .*/{prefix}\w+\.00 .*{failed}", limit=60)
        self.sink(port=port)
        self.mta.wait_for_log(r" tcp_local D \d+ .*/Z[A-W]\w+\.00 ", limit=60)
        self.mta.wait_for_empty_queue()

    def test_one_message_probes_the_host_for_all(self):
        port = harness.free_port()
        self.start(port, "dest.example. IN A 127.0.0.1",
                   keywords='threaddepth 100 maxjobs 1 backoff "pt1h" hostbackoff "pt2s" hostramp 3')
        self.mta.imsimta("qm", "stop", "tcp_local")
        for number in range(12):
            self.send([f"bob{number}@dest.example"])
        self.mta.imsimta("qm", "start", "tcp_local")
        failed = self.mta.wait_for_log(r" tcp_local Q \d+ .*/Z[A-Z]\w+\.00 ", count=3, limit=60)
        self.assertEqual(len({line.partition("bob")[2].partition("@")[0] for line in failed}), 1, "one probes for all")
        row, = [row for row in self.mta.json("qm", "hosts") if row["host"] == "dest.example"]
        self.assertEqual(row["delayed"] + row["active"], 12)
        self.sink(port=port)
        self.mta.wait_for_log(r" tcp_local D \d+ ", count=12, limit=60)
        self.assertEqual(len(self.mta.find_log(r" tcp_local D \d+ .*/ZZ\w+\.00 ")), 11, "no attempt of theirs was counted")

    def test_refused_recipient_comes_back_to_its_sender(self):
        sink = self.sink(options=["-f", "RCPT"])
        self.start(sink.port, "dest.example. IN A 127.0.0.1")
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_local process E \d+ rfc822;adam@example\.com adam@example\.com \S+ <\S+>,<relay-test@example\.com>")
        self.mta.wait_for_log(r" tcp_local R \d+ adam@example\.com rfc822;bob@dest\.example bob@dest\.example .*smtp;\s?5\d\d")
        notice = self.mta.wait_for_mail("adam")[0]
        self.check_notice(notice, "bob@dest.example", "5.")

    def test_nonexistent_domain_comes_back_at_once(self):
        self.start(harness.free_port(), zones=["bogus.example"])
        self.send(["user@very.bogus.example"])
        self.mta.wait_for_log(r" tcp_local R \d+ adam@example\.com rfc822;user@very\.bogus\.example user@very\.bogus\.example .*Illegal host/domain name found")
        self.check_notice(self.mta.wait_for_mail("adam")[0], "user@very.bogus.example", "5.1.2")
        self.mta.wait_for_log(r" process l E ")
        self.mta.wait_for_empty_queue()

    def test_name_server_failure_is_not_a_failure_of_the_address(self):
        self.start(harness.free_port(), servfail=["broken.example"])
        self.send(["user@broken.example"])
        self.mta.wait_for_log(r" tcp_local Q \d+ .*user@broken\.example")
        self.assertEqual(self.mta.find_log(r" tcp_local R "), [])

    def test_failing_notification_goes_to_the_postmaster_and_no_further(self):
        self.start(harness.free_port(), zones=["bogus.example"])
        self.send(["user@very.bogus.example"], sender="gone@also.bogus.example")
        self.mta.wait_for_mail("postmaster")
        self.mta.wait_for_empty_queue()

    def check_notice(self, notice, recipient, status):
        self.assertEqual(notice.get_content_type(), "multipart/report")
        self.assertEqual(notice["Return-path"], "<>")
        self.assertEqual(email.utils.parseaddr(notice["To"])[1], "adam@example.com")
        kinds = [part.get_content_type() for part in notice.get_payload()]
        self.assertEqual(kinds[:2], ["text/plain", "message/delivery-status"])
        groups = notice.get_payload()[1].get_payload()
        self.assertEqual(groups[1]["Action"], "failed")
        self.assertTrue(groups[1]["Status"].startswith(status), groups[1]["Status"])
        self.assertIn(recipient, groups[1]["Final-Recipient"])


if __name__ == "__main__":
    unittest.main()
