"""Who may send what: strangers get to mailboxes here and nowhere else."""
import contextlib
import os
import signal
import smtplib
import socket
import time
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


TABLES = """
PORT_ACCESS

  TCP|*|*|127.0.0.9|*   $N$T554$ 5.7.1$ No$ service~for$ you||blocked
  TCP|*|*|127.0.0.8|*   $Y$D40|EXTERNAL
  *                     $YEXTERNAL

FROM_ACCESS

  *|SMTP*|MAIL|*|bad@*|*       $N$X5.7.9|Never$ again
  TCP|*|*|*|*|*|MAIL|*|tagged@*|*  $Y$T$A[tag]|X-Access:$ $2

ORIG_SEND_ACCESS

  tcp_local|*|tcp_*|*          $NRelaying$ not$ permitted
  tcp_local|*|process|*        $NRelaying$ not$ permitted
  tcp_local|*|reprocess|*      $NRelaying$ not$ permitted
  tcp_local|*|hold|*           $NRelaying$ not$ permitted
  tcp_local|*|conversion*|*    $NRelaying$ not$ permitted
  tcp_local|*|bitbucket|*      $NRelaying$ not$ permitted
  tcp_local|*|pipe|*           $NRelaying$ not$ permitted

ORIG_MAIL_ACCESS

  TCP|*|*|127.0.0.2|*|SMTP*|MAIL|*|l|u5@*   $NNot$ from$ there

SEND_ACCESS

  *|l|u1@*                     $B
  *|l|u2@*                     $H
  process|*|l|u4@*             $NNot$ by$ that$ way

MAIL_ACCESS

  TCP|*|reprocess|*|l|u6@*     $NNot$ again
  *|l|u3@*                     $N$X4.7.1|Later

ETRN_ACCESS

  *|forbidden.example          $NNot$ you

DEQUEUE_ACCESS

  l|*|$[0-2]%|later@*          $N$S3

IP_ACCESS

  tcp_local|1|1|127.0.0.3|moved.example   $A127.0.0.1
  tcp_local|1|1|127.0.0.4|never.example   $NLocal$ policy
  tcp_local|*|127.0.0.5|*                 $I

INTERNAL_IP

  $(127.0.0.1/32)              $Y
  $(127.0.0.8/32)              $Y
  *                            $N

"""


class AccessTables(harness.MtaTest):
    """Every table once, through the real programs."""

    def start(self, **settings):
        # What is for later.example goes through process, what is for again.example through reprocess.
        def with_detours(text):
            return text.replace("!\n! This host", "".join(
                f"{name}.example  $1M$U%example.com@mail.example.com\n{name}.example  $U%{name}.example@{channel}-daemon\n"
                for name, channel in (("later", "process"), ("again", "reprocess"))) + "!\n! This host", 1)

        self.mta = self.instance(files={"mappings": TABLES, "imta.cnf": with_detours}, **settings).start()

    def send(self, recipients, sender="adam@example.com", source="127.0.0.1"):
        with self.mta.smtp(source=source) as client:
            client.sendmail(sender, recipients, "Subject: hello\r\n\r\nhi\r\n")

    def test_connections(self):
        self.start()
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30, source_address=("127.0.0.9", 0)) as connection:
            self.assertEqual(connection.makefile("rb").read(),
                             b"554-5.7.1 No service\r\n554 for you\r\n")
        for code in "XT":
            self.mta.wait_for_log(rf" tcp_local \+ {code} TCP\|127\.0\.0\.1\|{self.mta.port}\|127\.0\.0\.9\|\d+ SMTP 554")
        begin = time.monotonic()
        with self.mta.smtp(source="127.0.0.8"):
            self.assertGreaterEqual(time.monotonic() - begin, 0.35)
        self.mta.stop()
        self.assertRegex(self.mta.read("log/dispatcher.log"), r"statistics: \d+ connections, 1 refused")

    def test_table_that_comes_with_a_reload(self):
        self.start()
        (self.mta.directory / "config/mappings").write_text(TABLES.replace("127.0.0.9|*", "127.0.0.2|*", 1))
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")

        def refused():
            with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30, source_address=("127.0.0.2", 0)) as connection:
                return connection.recv(4) == b"554-"
        harness.wait_for(refused, "the new table")

    def test_senders_and_recipients(self):
        self.start()
        with self.mta.smtp(source=OUTSIDE) as client:
            self.assertEqual(client.mail("bad@x.example"), (550, b"5.7.9 Never again: bad@x.example"))
            client.mail("harold@varrius.com")
            self.assertEqual(client.rcpt("u5@example.com"), (550, b"5.7.1 Not from there: u5@example.com"))
            self.assertEqual(client.rcpt("u3@example.com"), (450, b"4.7.1 Later: u3@example.com"))
            client.rset()
            self.assertEqual(client.docmd("ETRN", "forbidden.example"), (459, b"4.5.0 Not you"))
        self.mta.wait_for_log(r" tcp_local J 0 bad@x\.example rfc822; .*550 5\.7\.9 Never again: bad@x\.example$")

    def test_bitbucket_held_file_and_header(self):
        self.start()
        self.send(["u1@example.com", "u2@example.com", "adam@example.com"], sender="tagged@varrius.com", source=OUTSIDE)
        message, = self.mta.wait_for_mail("adam")
        self.assertEqual(message["Subject"], "[tag] hello")
        self.assertEqual(message["X-Access"], "127.0.0.2")
        self.mta.wait_for_log(r" tcp_local bitbucket E \d+ tagged@varrius\.com rfc822;u1@example\.com u1")
        held = harness.wait_for(lambda: [name for name in self.mta.queue_files() if name.endswith(".HELD")], "a held file")
        self.assertTrue(held[0].startswith("l/"), held)
        self.assertEqual(self.mta.mailbox("u1"), {})
        self.assertEqual(self.mta.mailbox("u2"), {})

    def test_refusal_of_a_message_from_a_queue_is_reported(self):
        self.start()
        self.send(["u4@later.example"])
        report, = self.mta.wait_for_mail("adam")
        self.assertEqual(report.get_content_type(), "multipart/report")
        self.assertIn("Not by that way", report.as_string())
        self.mta.wait_for_log(r" process J 0 adam@example\.com rfc822;u4@later\.example \S+ .*550 5\.7\.1 Not by that way")

    def test_reprocess_shows_the_connection_of_the_message(self):
        self.start()
        self.send(["u6@again.example"])
        report, = self.mta.wait_for_mail("adam")
        self.assertIn("Not again", report.as_string())

    def test_message_that_is_put_off_is_delivered_later_without_an_attempt(self):
        self.start()
        self.send(["adam@example.com"], sender="later@example.com")
        self.mta.wait_for_mail("adam")
        self.mta.wait_for_log(r" l D \d+ later@example\.com .*/ZZ\w+\.00")
        self.assertEqual(self.mta.find_log(r" l Q "), [])

    def test_addresses_that_the_client_connects_to(self):
        sink = self.sink()
        dns = self.dns("moved.example. IN A 127.0.0.3", "never.example. IN A 127.0.0.4", "skip.example. IN A 127.0.0.5")
        self.start(dns=dns.address, relay_port=sink.port)
        self.send(["bob@moved.example"])
        self.mta.wait_for_log(r" tcp_local D \d+ adam@example\.com rfc822;bob@moved\.example ")
        self.send(["bob@never.example"])
        self.mta.wait_for_log(r" tcp_local R \d+ adam@example\.com rfc822;bob@never\.example .*IP_ACCESS: Local policy")
        report, = self.mta.wait_for_mail("adam")
        self.assertIn("invalid host or domain", report.as_string())
        self.assertNotIn("Local policy", report.as_string())
        self.send(["bob@skip.example"])
        self.mta.wait_for_log(r" tcp_local Q \d+ adam@example\.com rfc822;bob@skip\.example .*IP_ACCESS")


class Shares(harness.MtaTest):
    def test_one_address_has_its_share(self):
        mta = self.instance(files={"dispatcher.cnf": lambda text: text.replace("MAX_CONNS=", "MAX_CONNS_PER_SOURCE=3\nMAX_CONNS=", 1)})
        mta.start()
        clients = [mta.smtp("127.0.0.7") for _ in range(3)]
        with self.assertRaises(smtplib.SMTPConnectError) as refused:
            mta.smtp("127.0.0.7")
        self.assertEqual(refused.exception.smtp_code, 421)
        self.assertIn(b"4.7.0 too many connections", refused.exception.smtp_error)
        harness.wait_for(lambda: "MAX_CONNS_PER_SOURCE" in mta.component_log("dispatcher.log"), "the line about it")
        # Others keep theirs, and who ends a session gets it back.
        with mta.smtp("127.0.0.6") as other:
            other.sendmail("amy@siroe.example", ["adam@example.com"], "Subject: x\r\n\r\nx\r\n")
        clients.pop().quit()
        def served():
            with contextlib.suppress(smtplib.SMTPException):
                clients.append(mta.smtp("127.0.0.7"))
                return True
            return False
        harness.wait_for(served, "a place for the address")
        # A worker that dies gives back all that it had.
        for pid in mta.pids("tcp_smtp_server"):
            os.kill(pid, signal.SIGKILL)
        for client in clients:
            client.close()
        clients.clear()
        for _ in range(3):
            harness.wait_for(served, "places after the worker's death")
        for client in clients:
            client.quit()


if __name__ == "__main__":
    unittest.main()
