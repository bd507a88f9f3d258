"""Mailing lists: members over two channels, moderators, access, members that fail."""
import unittest

import harness

POSTING = "From: amy@far.example\r\nMessage-ID: <posting@far.example>\r\nSubject: news\r\n\r\nhello\r\n"


class Lists(harness.MtaTest):
    def start(self, aliases, files=None, **settings):
        self.mta = self.instance(files={"aliases": "postmaster: adam\n" + aliases, **(files or {})}, **settings)
        return self.mta.start()

    def post(self, address, sender="amy@far.example", content=POSTING, options=()):
        with self.mta.smtp() as client:
            client.ehlo()
            client.mail(sender)
            code, text = client.rcpt(address, options)
            if code != 250:
                return code, text.decode()
            code, text = client.data(content)
            return code, text.decode()

    def test_two_hundred_members_over_two_channels(self):
        sink = self.sink()
        dns = self.dns("far.example. IN A 127.0.0.1")
        members = [f"u{i}@example.com" for i in range(100)] + [f"Member {i} <x{i}@far.example>" for i in range(100)]
        self.start("news: <news.dis, [tag] \"[News]\", [precedence] list*, owner@example.com, news@example.com*\nowner: adam\n",
                   {"news.dis": "! everybody\n" + "\n".join(members) + "\n"}, dns=dns.address, relay_port=sink.port)
        self.assertEqual(self.post("news@example.com")[0], 250)
        for i in range(100):
            mail, = self.mta.wait_for_mail(f"u{i}")
            self.assertEqual(mail["Return-path"], "<owner@example.com>")
            self.assertEqual(mail["Subject"], "[News] news")
            self.assertEqual(mail["Reply-To"], "news@example.com")
            self.assertEqual(mail["Errors-To"], "owner@example.com")
            self.assertEqual(mail["Precedence"], "list")
        harness.wait_for(lambda: sink.messages(), "the relayed copy")
        self.mta.wait_for_empty_queue()
        self.assertEqual(len(self.mta.wait_for_log(r" l D \d+ owner@example\.com ", 100)), 100)
        self.assertEqual(len(self.mta.wait_for_log(r" tcp_local D \d+ owner@example\.com ", 100)), 100)

    def test_moderated_list(self):
        self.start("news: <news.dis, [moderator_address] eve@example.com, [moderator_list] mods, owner@example.com\n",
                   {"news.dis": "u1@example.com\n", "mods": "! who approves\neve@example.com\nmo@far.example\n"})
        self.assertEqual(self.post("news@example.com")[0], 250)
        mail, = self.mta.wait_for_mail("eve")
        self.assertEqual(mail["Return-path"], "<amy@far.example>")
        self.assertIsNone(mail["Errors-To"])
        self.assertEqual(self.post("news@example.com", sender="mo@far.example")[0], 250)
        mail, = self.mta.wait_for_mail("u1")
        self.assertEqual(mail["Return-path"], "<owner@example.com>")
        self.mta.wait_for_empty_queue()
        self.assertEqual(len(self.mta.mailbox("eve")), 1)

    def test_refused_posting(self):
        self.start("news: <news.dis, [auth_list] news.dis, [error_text] Members only, owner@example.com\n",
                   {"news.dis": "u1@example.com\n"})
        self.assertEqual(self.post("news@example.com"), (550, "5.7.1 Members only"))
        self.mta.wait_for_log(r" J 0 amy@far\.example .*550 5\.7\.1 Members only")
        self.assertEqual(self.post("news@example.com", sender="u1@example.com")[0], 250)
        self.mta.wait_for_mail("u1")

    def test_broken_members_are_reported_to_the_owner(self):
        self.start("news: <news.dis, owner@example.com\nowner: eve\n",
                   {"news.dis": "u1@example.com\nnobody@example.com\nthis is no address\n"})
        self.assertEqual(self.post("news@example.com")[0], 250)
        mail, = self.mta.wait_for_mail("u1")
        self.assertEqual(mail["Subject"], "news")
        report, = self.mta.wait_for_mail("eve")
        self.assertEqual(report["Return-path"], "<>")
        self.assertIn("nobody@example.com", report.as_string())
        self.assertIn("5.1.1", report.as_string())
        self.mta.wait_for_log(r" reprocess R \d+ owner@example\.com \S* nobody@example\.com ")
        self.mta.wait_for_empty_queue()

    def test_failed_member_of_an_alias_is_reported_to_the_sender(self):
        self.start("team: u1, nobody\n")
        self.assertEqual(self.post("team@example.com", sender="eve@example.com")[0], 250)
        self.mta.wait_for_mail("u1")
        report, = self.mta.wait_for_mail("eve")
        self.assertIn("nobody", report.as_string())
        self.mta.wait_for_empty_queue()

    def test_large_postings_are_refused_early_or_late(self):
        self.start("news: <news.dis, [blocklimit] 2, owner@example.com\n", {"news.dis": "u1@example.com\n"})
        large = POSTING + "x" * 70 + "\r\n"
        large += ("y" * 70 + "\r\n") * 60
        with self.mta.smtp() as client:
            client.ehlo()
            client.mail("amy@far.example", [f"size={len(large)}"])
            self.assertEqual(client.rcpt("news@example.com")[0], 552)
        self.assertEqual(self.post("news@example.com", content=large)[0], 552)
        self.assertEqual(self.post("news@example.com")[0], 250)
        self.mta.wait_for_mail("u1")

    def test_expansion_beyond_the_limit_is_done_by_reprocess(self):
        self.start("all: u1, u2, u3\n", keywords={"tcp_intranet": "expandlimit 2"})
        self.assertEqual(self.post("all@example.com")[0], 250)
        for user in ("u1", "u2", "u3"):
            self.mta.wait_for_mail(user)
        self.mta.wait_for_log(r" tcp_intranet reprocess E \d+ amy@far\.example ")
        self.mta.wait_for_empty_queue()

    def test_members_are_shown_unless_the_list_is_private(self):
        self.start("open: <news.dis, owner@example.com\nsecret: <news.dis, [private], owner@example.com\n",
                   {"news.dis": "u1@example.com\nu2@example.com\n"}, keywords={"tcp_intranet": "expnallow"})
        with self.mta.smtp() as client:
            client.ehlo()
            code, text = client.expn("open@example.com")
            self.assertEqual(code, 250)
            self.assertIn(b"u2", text)
            self.assertEqual(client.expn("secret@example.com")[0], 550)

    def test_poster_who_asks_is_told_that_the_list_has_the_message(self):
        self.start("news: <news.dis, owner@example.com\n", {"news.dis": "u1@example.com\n"})
        self.assertEqual(self.post("news@example.com", sender="eve@example.com", options=["NOTIFY=SUCCESS"])[0], 250)
        self.mta.wait_for_mail("u1")
        report, = self.mta.wait_for_mail("eve")
        self.assertIn("Action: delivered", report.as_string())  # RFC 3464 section 2.3.3: not "expanded"
        self.assertIn("news@example.com", report.as_string())
        self.mta.wait_for_empty_queue()
        self.assertEqual(len(self.mta.mailbox("eve")), 1)

    def test_texts_around_the_body(self):
        self.start("news: <news.dis, [prefix_text] hello.txt, [suffix_text] bye.txt, owner@example.com\n",
                   {"news.dis": "u1@example.com\n", "hello.txt": "Welcome\n-------\n", "bye.txt": "Gr\u00fc\u00dfe\n"})

        def distributed(header, body):
            before = set(self.mta.mailbox("u1"))
            content = ("From: amy@far.example\n" + header + "\n" + body).replace("\n", "\r\n")
            self.assertEqual(self.post("news@example.com", content=content)[0], 250)
            mail = harness.wait_for(lambda: [text for name, text in self.mta.mailbox("u1").items() if name not in before],
                                    "the member's copy")[0]
            return mail.replace(b"\r\n", b"\n").decode()

        plain = distributed("Subject: x\n", "one\n")
        self.assertTrue(plain.endswith("\n\nWelcome\n=2D------\none\nGr=C3=BC=C3=9Fe\n"), plain)
        self.assertIn("\nContent-Type: text/plain; charset=utf-8\n", plain)
        self.assertIn("\nContent-Transfer-Encoding: quoted-printable\n", plain)
        self.assertIn("\nMIME-Version: 1.0\n", plain)
        head = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n"
        html = "--b\nContent-Type: text/html\n\n<p>one</p>\n--b--\n"
        mixed = distributed(head, "--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\n"
                                  "b25l\n" + html)
        self.assertTrue(mixed.endswith(
            "\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\n"
            "V2VsY29tZQ0KLS0tLS0tLQ0Kb25lDQpHcvzfZQ==\n" + html), mixed)
        signed = distributed(head.replace("alternative", "signed"), "--b\n\none\n" + html)
        self.assertTrue(signed.endswith("\n\n--b\n\none\n" + html), signed)

    def test_missing_text_file_postpones(self):
        self.start("news: <news.dis, [suffix_text] gone.txt, owner@example.com\n", {"news.dis": "u1@example.com\n"})
        self.assertEqual(self.post("news@example.com")[0] // 100, 4)


if __name__ == "__main__":
    unittest.main()
