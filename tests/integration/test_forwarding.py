"""Mail that is passed on under a sender of its own (SRS), and a channel that accepts every address."""
import re
import unittest

import harness

MESSAGE = "From: amy@far.example\r\nMessage-ID: <forwarded@far.example>\r\nSubject: hello\r\n\r\nhello\r\n"


class Forwarding(harness.MtaTest):
    def start(self, **settings):
        self.mta = self.instance(**settings)
        return self.mta.start()

    def send(self, sender, *recipients):
        replies = []
        with self.mta.smtp() as client:
            client.ehlo()
            client.mail(sender)
            replies += [client.rcpt(recipient) for recipient in recipients]
            if any(code == 250 for code, _ in replies):
                self.assertEqual(client.data(MESSAGE)[0], 250)
        return replies

    def start_with_loop_action(self, action):
        self.start(files={"option.dat": lambda text: f"{text}LOOP_ACTION={action}\nLOG_REASON=1\n"})

    def send_in_circles(self, sender):
        trace = 51 * "Received: from a.example by b.example; Mon, 2 Mar 2026 10:11:07 +0000\r\n"
        with self.mta.smtp() as client:
            client.mail(sender)
            client.rcpt("eve@example.com")
            return client.data(trace + MESSAGE)

    def test_mail_in_circles_is_refused(self):
        self.start_with_loop_action("reject")
        code, text = self.send_in_circles("adam@example.com")
        self.assertEqual((code, text), (554, b"5.4.6 loop: 51 Received lines, limit 50"))
        self.mta.wait_for_log(r" J \d+ .*loop: 51 Received lines")
        self.assertEqual(self.mta.queue_files(), [])
        # A bounce must not get lost by it.
        self.assertEqual(self.send_in_circles("")[0], 250)
        self.assertTrue(self.mta.queue_files()[0].endswith(".HELD"))

    def test_mail_in_circles_is_returned(self):
        self.start_with_loop_action("return")
        self.assertEqual(self.send_in_circles("adam@example.com")[0], 250)
        report, = self.mta.wait_for_mail("adam")
        self.assertIn("Status: 5.4.6", report.get_payload(1).as_string())
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("eve"), {})

    def test_sender_is_wrapped_and_leads_back(self):
        sink = self.sink()
        dns = self.dns("far.example. IN A 127.0.0.1", "elsewhere.example. IN A 127.0.0.1")
        self.start(dns=dns.address, relay_port=sink.port,
                   keywords={"tcp_local": "sourcesrs destinationsrs addresssrs",
                             "tcp_intranet": "sourcesrs destinationsrs addresssrs"},
                   files={"aliases": "postmaster: adam\nfred: fred@elsewhere.example\n",
                          "option.dat": lambda text: text + "SRS_DOMAIN=example.com\nSRS_SECRETS=one,two\n"})
        (code, _), = self.send("amy@far.example", "fred@example.com")
        self.assertEqual(code, 250)
        harness.wait_for(lambda: sink.messages(), "the forwarded copy")
        self.mta.wait_for_empty_queue()
        message, = sink.messages()
        wrapped = re.search(rb"(?i)MAIL FROM:<(SRS0=[^>]*@example\.com)>|X-Mail-Args: <(SRS0=[^>]*@example\.com)>", message)
        self.assertTrue(wrapped, message)
        address = (wrapped[1] or wrapped[2]).decode()
        self.assertRegex(address, r"SRS0=[\w+/]{4}=[A-Z2-7]{2}=far\.example=amy@example\.com")
        # A notification comes back.
        (code, _), = self.send("", address)
        self.assertEqual(code, 250)
        harness.wait_for(lambda: len(sink.messages()) == 2, "the copy for the sender")
        self.assertTrue(any(b"<amy@far.example>" in message for message in sink.messages()))
        # Nobody else can use the way.
        (code, text), = self.send("", address.replace("=amy@", "=eve@"))
        self.assertEqual((code, text[:44]), (550, b"5.7.1 SRS/MUL address has a bad hash value: "))

    def test_channel_that_accepts_everything_reports_later(self):
        self.start(keywords={"tcp_local": "acceptalladdresses", "tcp_intranet": "acceptalladdresses"})
        replies = self.send("eve@example.com", "nobody@example.com", "u1@example.com", "noone@example.com")
        self.assertEqual([code for code, _ in replies], [250, 250, 250])
        self.mta.wait_for_mail("u1")
        self.mta.wait_for_empty_queue()
        text = "".join(report.as_string() for report in self.mta.wait_for_mail("eve"))
        for address in ("nobody@example.com", "noone@example.com"):
            self.assertIn(f"rfc822;{address}", text)
        self.assertIn("5.1.1", text)
        # Alone, too.
        (code, _), = self.send("eve@example.com", "nobody2@example.com")
        self.assertEqual(code, 250)
        self.mta.wait_for_log(r" reprocess R \d+ eve@example\.com \S* nobody2@example\.com ")
        self.mta.wait_for_empty_queue()


if __name__ == "__main__":
    unittest.main()
