"""LMTP: a server for local mail, a client to it and to Dovecot, and an outcome for each recipient."""
import smtplib
import unittest

import harness
import dovecot

SERVICE = """
[SERVICE=LMTP]
PORT=127.0.0.1:{port}
IMAGE=IMTA_BIN:tcp_smtp_server
LOGFILE=IMTA_LOG:tcp_lmtp_server.log
PARAMETER=CHANNEL=tcp_lmtpss
"""
SERVER_CHANNEL = "\ntcp_lmtpss lmtp identnonenumeric\ntcp_lmtpss-daemon\n"
CLIENT_CHANNEL = "\ntcp_lmtpcs lmtp port {port} nomx single_sys nameservers {dns}\ntcp_lmtpcs-daemon\n"
CLIENT_RULE = "store.example  $E$F$U%store.example@tcp_lmtpcs-daemon\n"
ACCESS = "  tcp_lmtpss|$[!-{}-~]*|l|$[!-{}-~]*  $Y\n  tcp_lmtpss|*|*|*  $NOnly$ mailboxes$ of$ this$ host\n"


def with_access(text):
    return text.replace("ORIG_SEND_ACCESS\n\n", "ORIG_SEND_ACCESS\n\n" + ACCESS, 1)


class Server(harness.MtaTest):
    def setUp(self):
        self.port = harness.free_port()
        self.mta = self.instance(files={
            "dispatcher.cnf": lambda text: text + SERVICE.format(port=self.port),
            "imta.cnf": lambda text: text + SERVER_CHANNEL,
            "mappings": with_access}).start()
        self.check_configuration()

    def check_configuration(self):
        findings = self.mta.imsimta("cnbuild")
        self.assertNotRegex(findings.stdout + findings.stderr, r"(?i)warning|error")

    def test_each_recipient_has_an_outcome(self):
        with smtplib.LMTP("127.0.0.1", self.port, local_hostname="front.example") as client:
            self.assertEqual(client.docmd("EHLO", "front.example")[0], 500)
            code, text = client.docmd("LHLO", "front.example")
            self.assertEqual(code, 250)
            self.assertIn(b"PIPELINING", text)
            self.assertNotIn(b"ETRN", text)
            self.assertEqual(client.mail("a@b.example")[0], 250)
            self.assertEqual(client.rcpt("adam@example.com")[0], 250)
            self.assertEqual(client.rcpt("nobody@example.com")[0], 550)
            self.assertEqual(client.rcpt("eve@example.com")[0], 250)
            self.assertEqual(client.rcpt("x@far.example")[0], 550)
            self.assertEqual(client.docmd("DATA")[0], 354)
            client.send("Subject: by LMTP\r\n\r\nhello\r\n.\r\n")
            self.assertEqual([client.getreply()[0] for _ in range(2)], [250, 250])
            self.assertEqual(client.docmd("NOOP")[0], 250)
        for user in ("adam", "eve"):
            mail, = self.mta.wait_for_mail(user)
            self.assertEqual(mail["Subject"], "by LMTP")
            self.assertIn("with LMTP", mail["Received"])
        self.mta.wait_for_log(r" tcp_lmtpss l E \d+ a@b\.example \S+ adam@?\S* ")
        self.mta.wait_for_log(r" tcp_lmtpss J 0 a@b\.example \S+ nobody@example\.com ")


class Client(harness.MtaTest):
    def front(self, port):
        dns = self.dns("store.example. IN A 127.0.0.1").address
        return self.instance(files={"imta.cnf": lambda text: CLIENT_RULE + text + CLIENT_CHANNEL.format(port=port, dns=dns)})

    def test_from_one_host_to_the_next(self):
        port = harness.free_port()
        rules = "store.example  $U%store.example@mail.example.com\n"
        back = self.instance(local_users=("adam", "eve"), files={
            "dispatcher.cnf": lambda text: text + SERVICE.format(port=port),
            "imta.cnf": lambda text: rules + text + SERVER_CHANNEL, "mappings": with_access}).start()
        front = self.front(port).start()
        with front.smtp() as client:
            client.sendmail("amy@siroe.example", ["adam@store.example", "eve@store.example", "nobody@store.example"],
                            "Subject: two hops\r\n\r\nhello\r\n")
        for user in ("adam", "eve"):
            mail, = back.wait_for_mail(user)
            self.assertEqual(mail["Subject"], "two hops")
            front.wait_for_log(r" tcp_lmtpcs D \d+ amy@siroe\.example \S+ " + user + "@store.example ")
        front.wait_for_log(r" tcp_lmtpcs R \d+ amy@siroe\.example \S+ nobody@store\.example .*550 5\.1\.1")

    @unittest.skipUnless(dovecot.is_usable(), "wants Dovecot, and root to start it")
    def test_dovecot_takes_half(self):
        port = harness.free_port()
        store = dovecot.Dovecot(port, {"alice@store.example": None, "bob@store.example": 1000})
        self.addCleanup(store.close)
        harness.wait_for(lambda: harness.port_answers(port), lambda: "Dovecot; " + store.log())
        front = self.front(port).start()
        body = "Subject: for three\r\n\r\n" + "x" * 70 + "\r\n" + ("text " * 14 + "\r\n") * 100
        with front.smtp() as client:
            client.sendmail("amy@siroe.example", ["alice@store.example", "bob@store.example", "carol@store.example"], body)
        harness.wait_for(lambda: store.mailbox("alice@store.example"), lambda: "the message; " + store.log())
        front.wait_for_log(r" tcp_lmtpcs D \d+ amy@siroe\.example \S+ alice@store\.example ")
        front.wait_for_log(r" tcp_lmtpcs R \d+ amy@siroe\.example \S+ bob@store\.example .*552 5\.2\.2")
        front.wait_for_log(r" tcp_lmtpcs R \d+ amy@siroe\.example \S+ carol@store\.example .*550 5\.1\.1")
        message, = store.mailbox("alice@store.example")
        self.assertEqual(message.count(b"text " * 14), 100)
        self.assertEqual(store.mailbox("bob@store.example"), [])


if __name__ == "__main__":
    unittest.main()
