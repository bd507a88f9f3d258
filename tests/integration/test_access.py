"""Who may send what: strangers get to mailboxes here and nowhere else."""
import socket
import unittest

import harness

OUTSIDE = "127.0.0.2"  # not in INTERNAL_IP


class Access(harness.MtaTest):
    def setUp(self):
        self.mta = self.instance().start()

    def test_relaying_is_refused_as_in_the_manual(self):
        with self.mta.smtp(source=OUTSIDE) as client:
            client.mail("harold@varrius.com")
            code, text = client.rcpt("alan@very.bogus.com")
        self.assertEqual((code, text), (550, b"5.7.1 Relaying not permitted: alan@very.bogus.com"))
        self.mta.wait_for_log(r"^\S+ \S+ tcp_local J 0 harold@varrius\.com rfc822; alan@very\.bogus\.com .*550 5\.7\.1 Relaying not permitted: alan@very\.bogus\.com$")

    def test_forms_that_other_systems_relayed_for_are_refused(self):
        forms = ["u%far.example@example.com", "far.example!u@example.com", "@example.com:u@far.example", "u@[192.0.2.1]",
                 '"u@far.example"@example.com', "u@tcp_local-daemon", "u%far.example", "u@tcp_intranet-daemon",
                 "@tcp_intranet-daemon:u@far.example", "u%far.example@process-daemon"]
        with self.mta.smtp(source=OUTSIDE) as client:
            for form in forms:
                client.mail("harold@varrius.com")
                code, text = client.docmd("RCPT", f"TO:<{form}>")
                self.assertGreaterEqual(code, 500, (form, text))
                client.rset()

    def test_strangers_reach_mailboxes(self):
        with self.mta.smtp(source=OUTSIDE) as client:
            client.sendmail("harold@varrius.com", ["adam@example.com"], "Subject: from outside\r\n\r\nhi\r\n")
        self.mta.wait_for_mail("adam")
        self.mta.wait_for_log(r" tcp_local l E \d+ harold@varrius\.com rfc822;adam@example\.com adam ")

    def test_postmaster_without_a_domain_is_reached(self):
        with self.mta.smtp(source=OUTSIDE) as client:
            client.mail("harold@varrius.com")
            self.assertEqual(client.rcpt("postmaster")[0], 250)

    def test_connection_entries_name_both_ends(self):
        with self.mta.smtp(source=OUTSIDE):
            pass
        self.mta.wait_for_log(rf" tcp_local \+ O TCP\|127\.0\.0\.1\|{self.mta.port}\|127\.0\.0\.2\|\d+ SMTP")
        self.mta.wait_for_log(rf" tcp_local \+ C TCP\|127\.0\.0\.1\|{self.mta.port}\|127\.0\.0\.2\|\d+ SMTP")

    def test_only_crlf_dot_crlf_ends_the_data(self):
        for ending in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r"):
            with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30) as connection:
                lines = connection.makefile("rb")

                def say(data, expect):
                    connection.sendall(data)
                    while (line := lines.readline())[3:4] == b"-":
                        pass
                    self.assertTrue(line.startswith(expect), (ending, data, line))

                say(b"", b"220")
                say(b"EHLO x.example\r\n", b"250")
                say(b"MAIL FROM:<a@b.example>\r\n", b"250")
                say(b"RCPT TO:<adam@example.com>\r\n", b"250")
                say(b"DATA\r\n", b"354")
                smuggled = b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<eve@example.com>\r\nDATA\r\nsmuggled\r\n.\r\n"
                say(b"Subject: one\r\n\r\nbody" + ending + smuggled, b"5")
                say(b"QUIT\r\n", b"221")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("eve"), {})


if __name__ == "__main__":
    unittest.main()
