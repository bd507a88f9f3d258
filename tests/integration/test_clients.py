"""What happens to clients before they may offer mail: early talkers, DNS lists, missing names, greylisted networks."""
import contextlib
import re
import smtplib
import socket
import unittest

import harness

LISTED = "127.0.0.9"
NAMELESS = "127.0.0.10"
PORT_ACCESS = ("  TCP|*|*|127.0.0.9|*   $C$;A$[abuse,dnsbl,127.0.0.9,dead.example$ bl.example]$N$E\n"
               "  TCP|*|*|127.0.0.10|*  $C$;A$[abuse,require_ptr,127.0.0.10]$N$E\n"
               "  TCP|*|*|127.0.0.11|*  $C$;A$[abuse,greylist_client,127.0.0.11,pt1s$ pt1h$ p1d]$N$E\n")


class Clients(harness.MtaTest):
    def begin(self, options="", **keywords):
        dns = self.dns("bl.example. A 127.0.0.3", "9.0.0.127.bl.example. A 127.0.0.2", '9.0.0.127.bl.example. TXT "listed for a test"',
                       servfail=["dead.example"])
        self.mta = self.instance(dns=dns.address, files={
            "mappings": lambda text: text.replace("$Y$E\n", "$Y$E\n" + PORT_ACCESS, 1),
            "tcp_local_option": options,
            "option.dat": lambda text: text + "\nLOG_QMAIL=1\nLOG_TIMESTAMP=none\n",
        }, keywords=keywords)
        self.mta.start()

    def connect(self, source="127.0.0.1"):
        return contextlib.closing(socket.create_connection(("127.0.0.1", self.mta.port), timeout=30, source_address=(source, 0)))

    def greeting(self, source):
        with self.connect(source) as connection:
            return connection.recv(512).decode()

    def talk_early(self):
        """What the client hears; nothing where the connection is closed or reset."""
        heard = b""
        with self.connect() as connection, contextlib.suppress(ConnectionResetError):
            connection.sendall(b"EHLO early.test\r\n")
            while b"\r\n" not in heard:
                if not (more := connection.recv(512)):
                    break
                heard += more
        return heard.decode()

    def wait_for_qmail(self, *patterns):
        """Waits for lines of qmail's logs, and returns all there are."""
        read = lambda: "".join(path.read_text() for path in (self.mta.directory / "log").glob("qmail-smtpd*/current"))
        harness.wait_for(lambda: all(re.search(pattern, read(), re.MULTILINE) for pattern in patterns),
                         lambda: f"{patterns} in\n{read()}")
        return read()

    def test_refused_clients_hear_of_it_in_the_banner(self):
        self.begin()
        self.assertEqual(self.greeting(LISTED), "553 5.7.1 listed for a test\r\n")
        self.assertEqual(self.greeting(NAMELESS), "451 4.7.1 We do not accept mail from IP addresses without reverse DNS.\r\n")
        self.assertTrue(self.greeting("127.0.0.1").startswith("220 "))

        self.wait_for_qmail(r"^rblsmtpd: 127\.0\.0\.9 pid \d+: 553 ", r"^jgreylist\[\d+\]: 127\.0\.0\.10 DENY no reverse DNS$")

    def test_dns_lists_of_the_dispatcher(self):
        dns = self.dns("9.0.0.127.bl.example. A 127.0.0.2", servfail=["dead.example"])
        lists = "".join(f"DNS_VERIFY_DOMAIN={name}\n" for name in ("dead.example", "other.example,1", "bl.example"))
        self.mta = self.instance(dns=dns.address, files={
            "mappings": lambda text: text.replace("  *                       $YEXTERNAL\n", "", 1),
            "dispatcher.cnf": lambda text: lists + text,
        })
        self.mta.start()
        self.assertEqual(self.greeting(LISTED), "500 5.7.1 access_control: host found on DNS list and rejected\r\n")
        self.mta.wait_for_log(r" X TCP\|127\.0\.0\.1\|\d+\|127\.0\.0\.9\|.*500 5\.7\.1 access_control: host found on DNS list")
        for other in ("127.0.0.1", "127.0.0.12"):
            self.assertTrue(self.greeting(other).startswith("220 "), other)

    def test_whom_port_access_permits_is_looked_up_nowhere(self):
        dns = self.dns("9.0.0.127.bl.example. A 127.0.0.2")
        self.mta = self.instance(dns=dns.address, files={"dispatcher.cnf": lambda text: "DNS_VERIFY_DOMAIN=bl.example\n" + text})
        self.mta.start()
        self.assertTrue(self.greeting(LISTED).startswith("220 "))

    def test_refused_clients_may_say_what_they_want(self):
        self.begin("PORT_ACCESS_REFUSE=rcpt\n")
        with contextlib.closing(smtplib.SMTP("127.0.0.1", self.mta.port, "client.test", 30, (LISTED, 0))) as client:
            client.ehlo()
            self.assertEqual(client.mail("spam@far.example")[0], 250)
            for recipient in ("adam@example.com", "eve@example.com"):
                self.assertEqual(client.rcpt(recipient), (553, b"5.7.1 listed for a test"))
            self.assertEqual(client.docmd("DATA")[0] // 100, 5)
        self.mta.wait_for_log(r" J .*spam@far\.example.*eve@example\.com.*listed for a test")

    def test_greylisted_network(self):
        self.begin()
        self.assertEqual(self.greeting("127.0.0.11"), "451 4.7.1 Greylisted, please come again later\r\n")
        harness.wait_for(lambda: self.greeting("127.0.0.11").startswith("220 "), "who comes again")
        lines = self.wait_for_qmail(r"^jgreylist\[\d+\]: 127\.0\.0\.11 OK known$")
        said = re.findall(r"^jgreylist\[\d+\]: 127\.0\.0\.11 (.*)$", lines, re.MULTILINE)
        self.assertEqual(said[0], "GREY first time")
        self.assertLessEqual(set(said[1:-1]), {"GREY too soon"})

    def test_domains_of_senders(self):
        self.begin(tcp_local="mailfromdnsverify")
        with contextlib.closing(smtplib.SMTP("127.0.0.1", self.mta.port, "client.test", 30, ("127.0.0.2", 0))) as client:
            client.ehlo()
            for sender, code in (("a@bl.example", 250), ("b@nowhere.example", 550), ("", 250), ("c@[192.0.2.1]", 250), ("d@dead.example", 451)):
                self.assertEqual(client.mail(sender)[0], code, sender)
                client.rset()
        lines = self.wait_for_qmail(r"MFCHECK bypassed \[127\.0\.0\.2\] c@")
        self.assertEqual(re.findall(r"^qmail-smtpd\[\d+\]: MFCHECK (.*)$", lines, re.MULTILINE),
                         ["pass [127.0.0.2] bl.example", "fail [127.0.0.2] nowhere.example", "bypassed [127.0.0.2] <>",
                          "bypassed [127.0.0.2] c@[192.0.2.1]"])

    def test_early_talkers_are_refused(self):
        self.begin("BANNER_PURGE_DELAY=100\n")
        self.assertRegex(self.talk_early(), r"^554 5\.5\.1 ")
        self.assertTrue(self.greeting("127.0.0.1").startswith("220 "))

    def test_early_talkers_are_dropped(self):
        self.begin("BANNER_PURGE_DELAY=100\nBANNER_EARLYTALK=drop\n")
        self.assertEqual(self.talk_early(), "")

    def test_early_talkers_are_noted(self):
        self.begin("BANNER_PURGE_DELAY=100\nBANNER_EARLYTALK=log\n")
        self.assertRegex(self.talk_early(), "^220 ")

    def test_connections_of_one_address(self):
        self.begin()
        path = self.mta.directory / "config" / "dispatcher.cnf"
        path.write_text("MAX_CONNS_PER_SOURCE=2\n" + path.read_text())
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")
        with self.connect("127.0.0.12") as first, self.connect("127.0.0.12") as second:
            for connection in (first, second):
                self.assertTrue(connection.recv(512).startswith(b"220 "))
            self.assertRegex(self.greeting("127.0.0.12"), r"^421 4\.7\.0 too many connections from your address")
            self.assertTrue(self.greeting("127.0.0.1").startswith("220 "))
            first.sendall(b"QUIT\r\n")
            self.assertTrue(first.recv(512).startswith(b"221 "))
        harness.wait_for(lambda: self.greeting("127.0.0.12").startswith("220 "), "room for one more")

    def test_words_that_are_not_known_are_findings(self):
        mta = self.instance(files={"tcp_local_option": "PORT_ACCESS_REFUSE=rcp\nBANNER_EARLYTALK=kick\n"})
        done = mta.imsimta("cnbuild", check=False)
        self.assertRegex(done.stdout + done.stderr, "PORT_ACCESS_REFUSE: expected one of: banner rcpt")
        self.assertRegex(done.stdout + done.stderr, "BANNER_EARLYTALK: expected one of: drop log reject")


if __name__ == "__main__":
    unittest.main()
