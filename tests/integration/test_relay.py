"""Mail to other hosts: MX by a real DNS server, failures of every kind, retries, bounces."""
import base64
import email.utils
import unittest

import harness
from smtp_peer import SmtpPeer


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

    def test_trace_of_tcp_and_dns(self):
        sink = self.sink()
        dns = self.dns("dest.example. IN MX 10 mx.dest.example.", "mx.dest.example. IN A 127.0.0.1")
        self.mta = self.instance(dns=dns.address, relay_port=sink.port, files={"tcp_local_option": "TRACE_LEVEL=2\n"})
        self.mta.start()
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_local D ")
        harness.wait_for(lambda: "TCP: closing" in self.mta.component_log("tcp_local_master.log"), "the end of the connection")
        client = self.mta.component_log("tcp_local_master.log")
        for line in (r"DNS: MX of dest\.example: found: 10 mx\.dest\.example", r"DNS: A, AAAA of mx\.dest\.example: found: 127\.0\.0\.1",
                     rf"TCP: connecting to mx\.dest\.example \[127\.0\.0\.1\] port {sink.port}", r"TCP: connected, mx\.dest\.example \["):
            self.assertRegex(client, line)
        harness.wait_for(lambda: "TCP: end of" in self.mta.component_log("tcp_smtp_server.log"), "the end of the session")
        server = self.mta.component_log("tcp_smtp_server.log")
        self.assertRegex(server, rf"TCP: connection of \[127\.0\.0\.1\] port \d+ to \[127\.0\.0\.1\] port {self.mta.port}")
        self.assertRegex(server, r"TCP: end of .*, \d+ octets in, \d+ out")

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

    def chunking_peer(self, **options):
        peer = SmtpPeer("127.0.0.1", 0, ehlo=("PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME", "SIZE"), **options)
        self.addCleanup(peer.close)
        self.start(peer.port, "dest.example. IN A 127.0.0.1")
        return peer

    def send_octets(self, content):
        with self.mta.smtp() as client:
            client.sendmail("adam@example.com", ["bob@dest.example"], content, mail_options=["BODY=8BITMIME"])

    def test_a_message_leaves_in_chunks(self):
        peer = self.chunking_peer()
        body = b"".join(b".%06d \xe4\xf6\xfc 0123456789 0123456789 0123456789\r\n" % i for i in range(5000))
        self.send_octets(b"Subject: long\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                         b"Content-Transfer-Encoding: 8bit\r\nMIME-Version: 1.0\r\n\r\n" + body)
        self.mta.wait_for_log(r" tcp_local D .*smtp;\s?250 ")
        self.mta.wait_for_empty_queue()
        message, = peer.messages
        self.assertEqual(message.split(b"\r\n\r\n", 1)[1], body)
        self.assertGreater(len(peer.chunks), 1)
        self.assertTrue(all(" LAST" not in chunk for chunk in peer.chunks[:-1]) and peer.chunks[-1].endswith(" LAST"))

    def test_binary_parts_stay_what_they_became(self):
        peer = self.chunking_peer()
        with self.mta.smtp() as client:
            client.ehlo()
            binary = b"\r\x00\n." * 50
            content = (b"Subject: b\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
                       b"Content-Transfer-Encoding: binary\r\n\r\n" + binary)
            self.assertEqual(client.docmd("MAIL", "FROM:<adam@example.com> BODY=BINARYMIME")[0], 250)
            self.assertEqual(client.docmd("RCPT", "TO:<bob@dest.example>")[0], 250)
            client.send(b"BDAT %d LAST\r\n" % len(content) + content)
            self.assertEqual(client.getreply()[0], 250)
        self.mta.wait_for_log(r" tcp_local D ")
        message, = peer.messages
        head, body = message.split(b"\r\n\r\n", 1)
        self.assertIn(b"base64", head.lower())
        self.assertEqual(base64.b64decode(body), binary)

    def test_a_refused_chunk_is_final(self):
        self.chunking_peer(chunk="552 5.2.3 no room for this", dot="503 5.5.1 no")
        self.send_octets(b"Subject: long\r\n\r\n" + b"0123456789 0123456789\r\n" * 10000)
        self.mta.wait_for_log(r" tcp_local R .*smtp;\s?552 5\.2\.3 no room for this")

    def test_nochunkingclient(self):
        peer = SmtpPeer("127.0.0.1", 0, ehlo=("PIPELINING", "CHUNKING"))
        self.addCleanup(peer.close)
        dns = self.dns("dest.example. IN A 127.0.0.1")
        self.mta = self.instance(dns=dns.address, relay_port=peer.port, keywords={"tcp_local": "nochunkingclient"})
        self.mta.start()
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_local D ")
        self.assertEqual((peer.chunks, len(peer.messages)), ([], 1))

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
