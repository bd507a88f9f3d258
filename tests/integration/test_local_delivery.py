"""Mail for local users: one message by each kind of client, many recipients over two channels, a load."""
import collections
import subprocess
import unittest

import harness


class LocalDelivery(harness.MtaTest):
    def setUp(self):
        self.mta = self.instance().start()

    def test_swaks_message_arrives_with_its_log_lines(self):
        subprocess.run(["swaks", "--server", "127.0.0.1", "--port", str(self.mta.port), "--from", "amy@siroe.example",
                        "--to", "adam@example.com", "--header", "Subject: by swaks", "--silent", "2"], check=True)
        mail, = self.mta.wait_for_mail("adam")
        self.assertEqual(mail["Subject"], "by swaks")
        self.assertEqual(mail["Return-path"], "<amy@siroe.example>")
        self.assertIn("mail.example.com", mail["Received"])
        self.mta.wait_for_log(r"^\S+ \S+ tcp_intranet l E \d+ amy@siroe\.example rfc822;adam@example\.com adam \S*/l/\d{3}/ZZ\w+\.00 <")
        self.mta.wait_for_log(r"^\S+ \S+ l D \d+ amy@siroe\.example rfc822;adam@example\.com adam \S*/l/\d{3}/ZZ\w+\.00 <")
        self.mta.wait_for_empty_queue()

    def test_curl_sends_too(self):
        message = b"Subject: by curl\r\n\r\nbody\r\n"
        subprocess.run(["curl", "--silent", "--show-error", f"smtp://127.0.0.1:{self.mta.port}/client.test", "--mail-from",
                        "a@b.example", "--mail-rcpt", "eve@example.com", "--upload-file", "-"], input=message, check=True)
        mail, = self.mta.wait_for_mail("eve")
        self.assertEqual(mail["Subject"], "by curl")

    def test_body_comes_out_as_it_went_in(self):
        lines = [b"From: a@b.example", b"Subject: octets", b"", b".", b"..two dots", b"tab\t end ", b"\xff\x00\x80 eight bits",
                 b"x" * 990, b"", b"last line"]
        with self.mta.smtp() as client:
            client.mail("a@b.example")
            client.rcpt("adam@example.com")
            self.assertEqual(client.data(b"\r\n".join(lines) + b"\r\n")[0], 250)
        raw, = harness.wait_for(lambda: self.mta.mailbox("adam"), "the message").values()
        self.assertTrue(raw.endswith(b"\n".join(lines) + b"\n"), raw[-2000:])

    def test_unknown_user_is_refused_in_the_dialogue(self):
        with self.mta.smtp() as client:
            client.mail("a@b.example")
            code, text = client.rcpt("nobody@example.com")
        self.assertEqual((code, text), (550, b"5.1.1 unknown or illegal alias: nobody@example.com"))
        self.mta.wait_for_log(r" tcp_intranet J 0 a@b\.example rfc822;\S* nobody@example\.com .*550 5\.1\.1 unknown or illegal alias")

    def test_hundred_recipients_over_two_channels(self):
        sink = self.sink()
        self.mta.stop()
        dns = self.dns("far.example. IN A 127.0.0.1")
        self.mta.configure(dns=dns.address, relay_port=sink.port)
        self.mta.start()
        recipients = [f"u{i}@example.com" for i in range(50)] + [f"x{i}@far.example" for i in range(50)]
        with self.mta.smtp() as client:
            refused = client.sendmail("a@b.example", recipients, "Subject: many\r\n\r\nhello\r\n")
        self.assertEqual(refused, {})
        for i in range(50):
            self.mta.wait_for_mail(f"u{i}")
        harness.wait_for(lambda: sink.messages(), "the relayed copy")
        self.mta.wait_for_empty_queue()
        self.assertEqual(len(self.mta.wait_for_log(r" l D ", 50)), 50)
        self.assertEqual(len(self.mta.wait_for_log(r" tcp_local D ", 50)), 50)
        self.assertEqual(sum(message.count(b"RCPT TO") for message in sink.messages()) or 50, 50)

    def test_load_arrives_exactly_once(self):
        count = 2000
        subprocess.run(["smtp-source", "-c", "-m", str(count), "-s", "20", "-f", "a@b.example", "-t", "adam@example.com",
                        "-S", "load", f"127.0.0.1:{self.mta.port}"], check=True, stdout=subprocess.DEVNULL)
        self.mta.wait_for_empty_queue(limit=120)
        box = self.mta.mailbox("adam")
        ids = collections.Counter(line for raw in box.values() for line in raw.split(b"\n") if line.startswith(b"Message-Id:"))
        self.assertEqual(len(box), count)
        self.assertTrue(all(times == 1 for times in ids.values()))


if __name__ == "__main__":
    unittest.main()
