"""What rules ask from outside: databases, the DNS, sequence numbers, libraries of the site."""
import contextlib
import socket
import threading
import time
import unittest

import harness

SITE = harness.BIN.resolve().parent / "test-lib" / "callout_test_site.so"
SLOW = "127.0.0.3"


def mappings(text):
    """Our entries in front of the shipped ones."""
    port = f"PORT_ACCESS\n\n  TCP|*|*|{SLOW}|*  $C$[{SITE},site_hang,$1]$NNo$E\n"
    send = ("ORIG_SEND_ACCESS\n\n"
            "  *|*|*|blocked-*@*  $NNumber$ $#number|10|3#:$ ${blocked-$3}\n"
            f"  *|*|*|crash@*  $C$[{SITE},site_crash,$2]$NNo$E\n"
            f"  *|*|*|long@*  $C$[{SITE},site_overrun,$2]$NNo$E\n"
            f"  *|*|*|upper-*@*  $N$[{SITE},site_upper,$3]\n")
    text = text.replace("PORT_ACCESS\n\n", port, 1).replace("ORIG_SEND_ACCESS\n\n", send, 1)
    reverse = f"REVERSE\n\n  *@hang.example  $[{SITE},site_hang,$0]$Y\n\n"
    return reverse + text + ("\n\nFROM_ACCESS\n\n"
                   "  TCP|*|*|*|*|SMTP*|MAIL|*|*@*|*  "
                   "$[IMTA_LIB:dns_verify.so,dns_verify,$7|$$y|$$NInvalid$ host:$ $$7$ -$ %e]\n")


class Lookups(harness.MtaTest):
    def setUp(self):
        dns = self.dns("known.example. MX 10 mx.known.example.")
        self.mta = self.instance(dns=dns.address, files={
            "mappings": mappings,
            "option.dat": lambda text: text + "\nSITE_ROUTINES=2\n",
            "number": "41\n",
            "blocked.src": "blocked-acme  first$ text\n",
            "domain.src": ".dd.example  $U%example.com\n",
        })
        self.mta.imsimta("crdb", "IMTA_TABLE:blocked.src", "IMTA_GENERAL_DATABASE")
        self.mta.imsimta("crdb", "IMTA_TABLE:domain.src", "IMTA_DOMAIN_DATABASE")
        self.mta.start()

    def rcpt(self, client, address):
        code, text = client.rcpt(address)
        return code, text.decode()

    def test_databases_numbers_dns_and_rebuilding(self):
        with self.mta.smtp() as client:
            code, text = client.mail("a@unknown.example")
            self.assertEqual((code, text.decode()), (550, "5.7.1 Invalid host: unknown.example - no such domain: a@unknown.example"))
            self.assertEqual(client.mail("a@known.example")[0], 250)
            self.assertEqual(self.rcpt(client, "blocked-ACME@example.com"),
                             (550, "5.7.1 Number 042: first text: blocked-ACME@example.com"))
            self.assertEqual(self.rcpt(client, "adam@x.dd.example")[0], 250)
            (self.mta.directory / "new.src").write_text("blocked-acme second$ text\n")
            self.mta.imsimta("crdb", self.mta.directory / "new.src", "IMTA_TABLE:new.db")
            self.mta.imsimta("renamedb", "IMTA_TABLE:new.db", "IMTA_GENERAL_DATABASE")
            time.sleep(0.3)  # servers notice a new file after a quarter of a second
            self.assertEqual(self.rcpt(client, "blocked-acme@example.com"),
                             (550, "5.7.1 Number 043: second text: blocked-acme@example.com"))
            client.data("Subject: by the domain database\r\n\r\nhi\r\n")
        self.mta.wait_for_mail("adam")
        self.assertEqual(self.mta.read("config/number"), "43\n")

    def test_routines_of_the_site_harm_nobody(self):
        with self.mta.smtp() as client:
            servers = self.mta.pids("tcp_smtp_server")
            client.mail("a@known.example")
            self.assertEqual(self.rcpt(client, "upper-hello@example.com"), (550, "5.7.1 HELLO: upper-hello@example.com"))
            self.assertEqual(self.rcpt(client, "crash@example.com")[0], 550)
            self.assertEqual(self.rcpt(client, "long@example.com")[0], 550)
            self.assertEqual(self.rcpt(client, "adam@example.com")[0], 250)
            self.assertEqual(self.mta.pids("tcp_smtp_server"), servers)
        logs = "".join(path.read_text() for path in (self.mta.directory / "log").glob("tcp_smtp_server.log*"))
        self.assertIn("site_crash: crashed with signal SIGABRT", logs)
        self.assertIn("site_overrun: crashed with signal SIGSEGV", logs)

    def test_nobody_waits_for_a_routine_that_hangs(self):
        greeted = []

        def connect_slowly():
            with contextlib.suppress(OSError), socket.create_connection(
                    ("127.0.0.1", self.mta.port), timeout=60, source_address=(SLOW, 0)) as connection:
                greeted.append(connection.recv(512))

        slow = threading.Thread(target=connect_slowly)
        slow.start()
        time.sleep(0.5)  # the dispatcher asks the routine
        began = time.monotonic()
        for _ in range(5):
            with self.mta.smtp() as client:
                client.mail("a@known.example")
                self.assertEqual(self.rcpt(client, "adam@example.com")[0], 250)
        self.assertLess(time.monotonic() - began, 4)
        self.assertEqual(greeted, [])
        slow.join(60)
        self.assertTrue(greeted[0].startswith(b"220 "), greeted)
        self.assertIn("site_hang: no answer within", self.mta.read("log/dispatcher.log"))

    def test_nobody_waits_for_the_headers_of_others(self):
        answers = []

        def send_slowly():
            with self.mta.smtp() as client:
                client.mail("a@known.example")
                client.rcpt("adam@example.com")
                answers.append(client.data("From: b@hang.example\r\nSubject: slow\r\n\r\nhi\r\n"))

        slow = [threading.Thread(target=send_slowly) for _ in range(4)]
        for one in slow:
            one.start()
        time.sleep(0.5)  # the servers ask the routine
        began = time.monotonic()
        for _ in range(5):
            with self.mta.smtp() as client:
                client.mail("a@known.example")
                self.assertEqual(client.rcpt("adam@example.com")[0], 250)
                self.assertEqual(client.data("Subject: quick\r\n\r\nhi\r\n")[0], 250)
        self.assertLess(time.monotonic() - began, 4)
        self.assertEqual(answers, [])
        for one in slow:
            one.join(60)
        self.assertEqual([code for code, _ in answers], [250] * 4)  # such a routine has said no
        self.mta.wait_for_mail("adam", 9)


class ValidRecipients(harness.MtaTest):
    def rcpt(self, *recipients):
        with self.mta.smtp(source="127.0.0.9") as client:
            client.ehlo()
            self.assertEqual(client.mail("a@far.example")[0], 250)
            return [client.rcpt(recipient) for recipient in recipients]

    def test_only_listed_recipients_are_accepted(self):
        self.mta = self.instance(files={
            "option.dat": lambda text: text + "\nVALID_RCPT_DATABASE=IMTA_TABLE:valid.db\nLOG_RCPT_TRACE=1\n",
            "valid.src": "adam@example.com x\nsales-default@example.com x\n",
        })
        self.mta.start()
        (code, text), = self.rcpt("adam@example.com")
        self.assertEqual((code, text[:6]), (450, b"4.3.0 "))
        self.mta.imsimta("crdb", "IMTA_TABLE:valid.src", "IMTA_TABLE:valid.db")
        harness.wait_for(lambda: self.rcpt("adam@example.com")[0][0] == 250, "the database")
        adam, detail, eve, postmaster = self.rcpt("ADAM@example.com", "adam+list@example.com", "eve@example.com", "postmaster@example.com")
        self.assertEqual([adam[0], detail[0], postmaster[0]], [250, 250, 250])
        self.assertEqual(eve, (550, b"5.1.1 unknown or illegal alias: eve@example.com"))
        self.mta.wait_for_log(r" J .*eve@example\.com.*unknown or illegal alias")
        logs = "".join(path.read_text() for path in (self.mta.directory / "log").glob("tcp_smtp_server.log*"))
        for line in ("trying: eve@example.com", "trying: @example.com", "reject: eve@example.com", "found: adam@example.com"):
            self.assertIn(line, logs)


if __name__ == "__main__":
    unittest.main()
