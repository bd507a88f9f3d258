"""Commands besides those that send mail, through real sockets: who learns what, what is refused, what is logged, where it ends."""
import socket
import unittest

import harness

OUTSIDE = "127.0.0.2"  # not in INTERNAL_IP


class Commands(harness.MtaTest):
    def start(self, options="", port_access="", **settings):
        """`port_access`: entries behind the one for our own hosts."""
        files = {"tcp_local_option": options, "mappings": lambda text: text.replace("$Y$E\n", "$Y$E\n" + port_access, 1)}
        self.mta = self.instance(files=files, **settings).start()

    def ask(self, *commands, source="127.0.0.1"):
        """The replies, each as one text with its lines."""
        replies = []
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30, source_address=(source, 0)) as connection:
            lines = connection.makefile("rb")

            def read():
                got = []
                while line := lines.readline():
                    got.append(line.decode("utf-8", "replace").rstrip("\r\n"))
                    if line[3:4] == b" ":
                        break
                return "\n".join(got)

            read()
            for command in ("EHLO client.test", *commands):
                connection.sendall(command.encode() + b"\r\n")
                replies.append(read())
        return replies[1:]

    def test_what_strangers_learn(self):
        self.start()
        self.assertEqual(self.ask("VRFY eve@example.com", "VRFY nobody@example.com", "VRFY a@far.example", "EXPN eve@example.com",
                                  source=OUTSIDE),
                         ["252 2.5.0 Possible local address eve@example.com", "252 2.5.0 Possible local address nobody@example.com",
                          "252 2.5.0 Possible remote address not checked", "550 5.7.2 EXPN command has been disabled"])

    def test_what_our_own_learn(self):
        self.start()
        known, unknown, far, members = self.ask("VRFY <eve@example.com>", "VRFY nobody@example.com", "VRFY a@far.example", "EXPN postmaster")
        self.assertRegex(known, r"^250 2\.1\.5 eve@(mail\.)?example\.com$")
        self.assertRegex(unknown, r"^550 5\.1\.1 ")
        self.assertEqual(far, "252 2.5.0 Possible remote address not checked")
        self.assertRegex(members, r"^250 2\.1\.5 ")

    def test_what_is_not_there(self):
        self.start()
        replies = self.ask("TURN", "ATRN", "SEND FROM:<a@b.example>", "SOML FROM:<a@b.example>", "XADR eve@example.com", "XSTA l", "XCIR", "XGEN")
        self.assertEqual([reply[:9] for reply in replies[:2]], ["502 5.5.1", "502 5.5.1"])
        self.assertEqual(replies[2:], ["550 5.7.2 SEND/SAML/SOML commands have been disabled."] * 2
                         + [f"550 5.7.0 {verb} command has been disabled." for verb in ("XADR", "XSTA", "XCIR", "XGEN")])

    def test_where_mail_would_go(self):
        self.start("DISABLE_ADDRESS=0\nDISABLE_GENERAL=0\nDISABLE_STATUS=0\n")
        near, far, nowhere, configuration = self.ask("XADR eve@example.com", "XADR <a@far.example>", "XADR nobody@example.com", "XGEN")
        self.assertRegex(near, r"^250 2\.1\.5 channel l host \S* ?address eve$")
        self.assertEqual(far, "250 2.1.5 channel tcp_local host far.example address a@far.example")
        self.assertRegex(nowhere, r"^550 5\.1\.1 ")
        self.assertRegex(configuration, r"^250-2\.5\.0 Configuration (compiled, generation \d+|not compiled, the texts are in use)\n250 2\.5\.0 ")

    def test_what_was_counted(self):
        self.start("DISABLE_STATUS=0\nDISABLE_CIRCUIT=0\n")
        with self.mta.smtp() as client:
            client.sendmail("adam@example.com", ["eve@example.com"], "Subject: counted\r\n\r\nx\r\n")
        self.mta.wait_for_log(r" l D ")
        status, unknown, none, circuit = self.ask("XSTA l", "XSTA nowhere", "XSTA", "XCIR")
        self.assertRegex(status, r"^250-2\.5\.0 channel l\n250-2\.5\.0 received: 1 messages, 1 recipients, \d+ octets\n")
        self.assertRegex(status, r"\n250 2\.5\.0 connections: 0 in, 0 out$")
        self.assertEqual(unknown, "550 5.5.4 There is no channel nowhere")
        self.assertRegex(none, r"^501 5\.5\.2 ")
        self.assertRegex(circuit, r"^250 2\.5\.0 ")

    def test_private_commands_for_whom_port_access_names(self):
        self.start(port_access="  TCP|*|*|127.0.0.9|*  $Y$VDEFAULT$E\n")
        stranger = self.ask("XADR eve@example.com", "XSTA l", "XCIR", "XGEN", source=OUTSIDE)
        self.assertEqual([reply[:3] for reply in stranger], ["550"] * 4)
        named = self.ask("XADR eve@example.com", "XSTA l", "XCIR", "XGEN", source="127.0.0.9")
        self.assertEqual([reply[:3] for reply in named], ["250"] * 4)
        with self.mta.smtp(source="127.0.0.9") as client:
            client.ehlo()
            self.assertTrue(all(client.has_extn(verb) for verb in ("xadr", "xsta", "xcir", "xgen")))

    def test_hostile_and_unknown_commands(self):
        self.start()
        replies = self.ask("WIZ", "debug 1", "FROBNICATE a b", source=OUTSIDE)
        self.assertEqual(replies, ['500 5.5.1 Unknown command "WIZ" specified', '500 5.5.1 Unknown command "debug" specified',
                                   '500 5.5.1 Unknown command "FROBNICATE" specified'])
        for command in ("WIZ", "debug", "FROBNICATE"):
            self.mta.wait_for_log(rf" B .*{command}")

    def test_too_many_bad_commands_end_the_session(self):
        self.start("MAX_BAD_COMMANDS=3\n")
        with self.mta.smtp(source=OUTSIDE) as client:
            for _ in range(3):
                self.assertEqual(client.docmd("FROBNICATE")[0], 500)
            self.assertEqual(client.getreply()[0], 421)

    def test_names_of_clients(self):
        self.start("MAX_HELO_DOMAIN_LENGTH=300\n")
        replies = self.ask("EHLO " + "x" * 300, "EHLO " + "x" * 301, "EHLO", "HELO a b", "HELO client.test")
        self.assertTrue(replies[0].startswith("250-"))
        self.assertEqual([reply[:3] for reply in replies[1:]], ["501", "501", "501", "250"])

    def test_limits_of_recipients(self):
        self.start("ALLOW_RECIPIENTS_PER_TRANSACTION=2\nALLOW_REJECTIONS_BEFORE_DEFERRAL=2\n")
        replies = self.ask("MAIL FROM:<a@b.example>", *[f"RCPT TO:<u{i}@example.com>" for i in range(3)], "RSET", "MAIL FROM:<a@b.example>",
                           "RCPT TO:<nobody1@example.com>", "RCPT TO:<nobody2@example.com>", "RCPT TO:<eve@example.com>", source=OUTSIDE)
        self.assertEqual([reply[:3] for reply in replies], ["250", "250", "250", "452", "250", "250", "550", "550", "450"])
        self.assertEqual(replies[3], "452 4.5.3 Too many recipients specified")

    def test_etrn(self):
        self.start(keywords={"tcp_intranet": "allowetrn", "tcp_local": "disableetrn"}, options="ALLOW_ETRNS_PER_SESSION=3\n")
        by_host, by_domain, by_channel, too_many = self.ask("ETRN far.example", "ETRN @far.example", "ETRN #tcp_local", "ETRN #l")
        for reply in (by_host, by_domain, by_channel):
            self.assertRegex(reply, r"^25[0-3] ")
        self.assertIn("tcp_local", by_channel)
        self.assertEqual(too_many, "458 4.7.1 ETRN session limit reached")
        off, = self.ask("ETRN far.example", source=OUTSIDE)
        self.assertRegex(off, r"^50[02] ")


if __name__ == "__main__":
    unittest.main()
