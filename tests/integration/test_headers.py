"""What leaves: headers and envelopes are written as the destination channel asks, the rest keeps its octets."""
import re
import unittest

import harness

HEADER = (b"From:   Amy  Hill  <amy@pc1.corp.example>  \r\n"
          b"To: \"One, Bert\" <bob@dest.example>,\r\n\t(c) eve@example.com\r\n"
          b"Cc: broken; list\r\n"
          b"Subject: Gr\xfc\xdfe\r\n  folded\r\n"
          b"X-Odd :\tamy@pc1.corp.example\r\n"
          b"\r\n")
BODY = b"From: amy@pc1.corp.example\r\nno header here\r\n"


class Headers(harness.MtaTest):
    def start(self, tcp_local="", mappings="", options="", source="", table=None):
        self.sink_host = self.sink()
        dns = self.dns("dest.example. IN A 127.0.0.1")
        self.mta = self.instance(dns=dns.address, relay_port=self.sink_host.port,
                                 keywords={"tcp_local": tcp_local, "tcp_intranet": source},
                                 files={"mappings": lambda text: text + mappings,
                                        "option.dat": lambda text: text + options, **(table or {})})
        self.mta.start()

    def send(self, recipients, content=HEADER + BODY, sender="amy@pc1.corp.example"):
        with self.mta.smtp() as client:
            return client.sendmail(sender, recipients, content, mail_options=["BODY=8BITMIME"])

    def relayed(self):
        self.mta.wait_for_log(r" tcp_local D ")
        message, = self.sink_host.messages()
        return message.replace(b"\r\n", b"\n")

    def delivered(self, user):
        self.mta.wait_for_mail(user)
        return list(self.mta.mailbox(user).values())[0].replace(b"\r\n", b"\n")

    def test_nothing_changes_without_need(self):
        self.start()
        self.send(["bob@dest.example", "eve@example.com"])
        content = (HEADER + BODY).replace(b"\r\n", b"\n")
        self.assertTrue(self.relayed().rstrip(b"\n").endswith(content.rstrip(b"\n")), self.relayed())
        self.assertTrue(self.delivered("eve").endswith(content), self.delivered("eve"))

    def test_each_channel_gets_its_own_header(self):
        self.start(mappings="\nREVERSE\n\n  *@*.corp.example  $Y$0@example.com\n",
                   tcp_local="personalomit")
        self.send(["bob@dest.example", "eve@example.com"])
        self.assertIn(b"From:   <amy@example.com>  \nTo: <bob@dest.example>,\n\t(c) eve@example.com\n"
                      b"Cc: broken; list\nSubject: Gr\xfc\xdfe\n  folded\nX-Odd :\tamy@pc1.corp.example\n\n"
                      b"From: amy@pc1.corp.example\n", self.relayed())
        self.assertIn(b"From:   Amy  Hill  <amy@example.com>  \n", self.delivered("eve"))
        # Envelope From is reversed too; the log shows what the copy has.
        self.mta.wait_for_log(r" tcp_intranet tcp_local E \d+ amy@example\.com rfc822;bob@dest\.example ")

    def test_channel_without_reversal(self):
        self.start(mappings="\nREVERSE\n\n  *@*.corp.example  $Y$0@example.com\n", tcp_local="noreverse")
        self.send(["bob@dest.example"])
        self.assertIn(b"<amy@pc1.corp.example>", self.relayed())
        self.mta.wait_for_log(r" tcp_local E \d+ amy@pc1\.corp\.example ")

    def test_message_without_recipient_fields(self):
        self.start(options="\nMISSING_RECIPIENT_POLICY=4\n", source="dropblank")
        self.send(["eve@example.com"], b"From: amy@far.example\r\nTo:\r\n\r\ntext\r\n")
        self.assertIn(b"From: amy@far.example\nTo: recipient list not shown: ;\n\ntext\n", self.delivered("eve"))

    def test_message_without_recipient_fields_is_refused_where_asked(self):
        self.start(source="missingrecipientpolicy 6")
        with self.mta.smtp() as client:
            client.mail("amy@far.example")
            client.rcpt("eve@example.com")
            code, text = client.data(b"From: amy@far.example\r\n\r\ntext\r\n")
        self.assertEqual((code, text), (554, b"5.6.0 no recipient fields in the header"))

    def test_forwarding_table(self):
        self.start(mappings="\nFORWARD\n\n  eve@example.com  $Y$Dbob@dest.example\n  adam@example.com  $Y$Dadam@dest.example\n")
        self.send(["eve@example.com"])
        self.relayed()
        self.mta.wait_for_log(r" tcp_intranet tcp_local E \d+ \S+ rfc822;eve@example\.com bob@dest\.example ")

    def test_bare_names_and_envelope_to_field(self):
        self.start(tcp_local="x_env_to single")
        self.send(["bob@dest.example"], b"From: root\r\nTo: bob@dest.example\r\n\r\ntext\r\n", sender="root")
        message = self.relayed()
        host = re.search(rb"From: root@(\S+)\n", message)
        self.assertIsNotNone(host, message)
        self.assertIn(b"X-Envelope-to: bob@dest.example\nFrom:", message)

    def test_header_option_files(self):
        self.start(tcp_local="headertrim", source="headerread", table={
            "tcp_intranet_read_headers.opt": "X-Prio: RELABEL=Priority\n",
            "tcp_local_headers.opt": "Received: MAXIMUM=-1\nX-Odd: MAXIMUM=-1\n"
                                     "Organization: FILL=\"Example\"\nSubject: PRECEDENCE=-1\n"})
        self.send(["bob@dest.example", "eve@example.com"],
                  b"From: amy@far.example\r\nX-Odd: 1\r\nX-Prio: urgent\r\nSubject: s\r\n t\r\n\r\ntext\r\n")
        relayed = self.relayed()
        self.assertTrue(relayed.rstrip().endswith(b"Subject: s\n t\nFrom: amy@far.example\nPriority: urgent\n"
                                                  b"Organization: Example\n\ntext"), relayed)
        self.assertNotIn(b"client.test", relayed.partition(b"Subject:")[0].rpartition(b"Received:")[2], relayed)
        self.assertIn(b"From: amy@far.example\nX-Odd: 1\nPriority: urgent\nSubject: s\n t\n\ntext\n",
                      self.delivered("eve"))

    def test_header_over_its_limit_is_cut(self):
        self.start(source="headerlimit 2")
        content = b"From: amy@far.example\r\nTo: eve@example.com\r\n"
        content += b"".join(b"X-%d: %s\r\n" % (i, b"x" * 90) for i in range(40)) + b"Late: 1\r\n\r\ntext\r\n"
        self.send(["eve@example.com"], content)
        message = self.delivered("eve")
        self.assertTrue(message.endswith(b"X-19: " + b"x" * 90 + b"\n\ntext\n"), message)

    def test_inner_headers(self):
        self.start(mappings="\nREVERSE\n\n  *@*.corp.example  $Y$0@example.com\n", tcp_local="inner")
        embedded = (b"From:  Amy <amy@pc1.corp.example> (home)\r\nX-Odd :\tamy@pc1.corp.example\r\n"
                    b"Content-Type: multipart/alternative; boundary=in\r\n\r\n"
                    b"--in\r\n\r\nFrom: amy@pc1.corp.example\r\n--in\r\nContent-Type: message/rfc822\r\n\r\n"
                    b"Sender: amy@pc1.corp.example\r\n\r\ndeep \r\n--in--\r\n")
        content = (b"From: amy@far.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"b b\"\r\n\r\n"
                   b"From: amy@pc1.corp.example\r\n--b b\r\nContent-Type: application/octet-stream\r\n"
                   b"Content-Transfer-Encoding: base64\r\n\r\n" + (b"QUJD" * 15 + b"\r\n") * 2000 +
                   b"--b b \r\nContent-Type: message/rfc822\r\nContent-From: amy@pc1.corp.example\r\n\r\n" + embedded +
                   b"--b b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nRnJvbTogeAo=\r\n--b b--\r\n")
        self.send(["bob@dest.example", "eve@example.com"], content)
        text = content.replace(b"\r\n", b"\n")
        self.assertTrue(self.delivered("eve").endswith(text), self.delivered("eve")[-900:])
        changed = text.replace(b"Amy <amy@pc1.corp.example> (home)", b"Amy <amy@example.com> (home)").replace(
            b"Sender: amy@pc1.corp.example", b"Sender: amy@example.com")
        self.assertTrue(self.relayed().rstrip(b"\n").endswith(changed.rstrip(b"\n")), self.relayed()[-900:])


if __name__ == "__main__":
    unittest.main()
