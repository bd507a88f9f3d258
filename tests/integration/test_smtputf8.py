"""Addresses beyond ASCII (RFC 6531) and binary content (RFC 3030): taken, kept, delivered, passed on, returned."""
import base64
import hashlib
import re
import socket
import unittest

import harness
import smtp_peer

JOERG = "jörg@münchen.example"
JOERG_ON_THE_WIRE = "jörg@xn--mnchen-3ya.example"


class Peer(smtp_peer.SmtpPeer):
    """Remembers the commands it gets."""

    def __init__(self, *arguments, **settings):
        self.commands = []
        super().__init__(*arguments, **settings)

    def _reply(self, verb, command):
        self.commands.append(command.encode("latin-1").decode())
        return super()._reply(verb, command)


class Utf8(harness.MtaTest):
    def start(self, ehlo, local_users=("adam", "eve", "jürgen", "postmaster")):
        self.peer = Peer("127.0.0.1", port=harness.free_port(), ehlo=ehlo)
        self.addCleanup(self.peer.close)
        # ORIG_SEND_ACCESS lets nobody relay by tcp_local: the client is one of ours.
        self.mta = self.instance(keywords={"tcp_local": f"daemon [127.0.0.1] port {self.peer.port}"}, local_users=local_users).start()

    def client(self):
        client = self.mta.smtp()
        client.command_encoding = "utf-8"
        return client

    def send(self, sender, recipients, content, options=("SMTPUTF8", "BODY=8BITMIME"), accepted=None):
        with self.client() as client:
            self.assertIn("smtputf8", client.esmtp_features)
            self.assertEqual(client.docmd(f"MAIL FROM:<{sender}> " + " ".join(options))[0], 250)
            for recipient in recipients:
                code, text = client.docmd(f"RCPT TO:<{recipient}>")
                self.assertEqual(code, 250, text)
            self.assertEqual(client.data(content.encode())[0], 250)

    def test_mailboxes(self):
        self.start(ehlo=("8BITMIME",))
        self.send(JOERG, ["jürgen@example.com"], "Subject: Grüße\r\nFrom: Jörg <jörg@münchen.example>\r\n\r\nhallo\r\n")
        box = harness.wait_for(lambda: self.mta.mailbox("jürgen"), "the message")
        content, = box.values()
        self.assertIn("Subject: Grüße\n".encode(), content)
        self.assertIn(f"Return-path: <{JOERG_ON_THE_WIRE}>".lower().encode(), content.lower())
        self.assertRegex(content.decode(), r"with UTF8SMTP\b")
        self.mta.wait_for_log(r" tcp_intranet l E\w* .*jürgen@")

    def test_unknown_mailboxes_and_missing_words(self):
        self.start(ehlo=())
        with self.client() as client:
            self.assertEqual(client.docmd(f"MAIL FROM:<{JOERG}>"), (553, b"5.6.7 Address needs SMTPUTF8"))
            self.assertEqual(client.docmd(f"MAIL FROM:<{JOERG}> SMTPUTF8")[0], 250)
            code, text = client.docmd("RCPT TO:<jörg@example.com>")
            self.assertEqual((code, text.decode()), (550, "5.1.1 unknown or illegal alias: jörg@example.com"))

    def test_peer_that_takes_them(self):
        self.start(ehlo=("8BITMIME", "SMTPUTF8"))
        self.send(JOERG, ["δοκιμή@παράδειγμα.example"], "Subject: Grüße\r\n\r\nhallo\r\n")
        message = harness.wait_for(lambda: self.peer.messages, "the message")[0]
        self.assertIn("Subject: Grüße\r\n".encode(), message)
        mail, = (command for command in self.peer.commands if command.startswith("MAIL"))
        self.assertTrue(mail.startswith(f"MAIL FROM:<{JOERG_ON_THE_WIRE}>"), mail)
        self.assertIn(" SMTPUTF8", mail)
        rcpt, = (command for command in self.peer.commands if command.startswith("RCPT"))
        self.assertTrue(rcpt.startswith("RCPT TO:<δοκιμή@xn--hxajbheg2az3al.example>"), rcpt)

    def test_peer_that_does_not(self):
        self.start(ehlo=("8BITMIME",))
        self.send("adam@example.com", ["δοκιμή@x.example"], "Subject: x\r\n\r\nhallo\r\n")
        bounce, = self.mta.wait_for_mail("adam")
        status = bounce.get_payload()[1].as_string()
        self.assertIn("Status: 5.6.7", status)
        self.assertEqual(self.peer.messages, [])

    def test_domains_alone_ask_nothing_of_the_peer(self):
        self.start(ehlo=("8BITMIME",))
        self.send("adam@example.com", ["a@παράδειγμα.example"], "Subject: x\r\n\r\nhallo\r\n")
        harness.wait_for(lambda: self.peer.messages, "the message")
        self.assertIn("RCPT TO:<a@xn--hxajbheg2az3al.example>", self.peer.commands)
        self.assertFalse([command for command in self.peer.commands if "SMTPUTF8" in command])

    def test_header_that_the_peer_cannot_take(self):
        self.start(ehlo=("8BITMIME",))
        self.send("adam@example.com", ["a@x.example"], "Subject: Grüße\r\n\r\nhallo\r\n")
        bounce, = self.mta.wait_for_mail("adam")
        self.assertIn("Status: 5.6.7", bounce.get_payload()[1].as_string())

    # ---- binary content ----

    def chunks(self, recipients, message, sizes, sender="adam@example.com"):
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30) as connection:
            lines = connection.makefile("rb")

            def reply():
                while (line := lines.readline())[3:4] == b"-":
                    pass
                return line

            def say(data, expect):
                connection.sendall(data)
                got = reply()
                self.assertTrue(got.startswith(expect), (data[:80], got))

            say(b"", b"220")
            say(b"EHLO client.test\r\n", b"250")
            say(f"MAIL FROM:<{sender}> BODY=BINARYMIME\r\n".encode(), b"250")
            for recipient in recipients:
                say(f"RCPT TO:<{recipient}>\r\n".encode(), b"250")
            say(b"DATA\r\n", b"503")
            at = 0
            for size in sizes:
                piece = message[at:at + size]
                at += size
                last = b" LAST" if at >= len(message) else b""
                say(b"BDAT %d%s\r\n" % (len(piece), last) + piece, b"250")
            say(b"QUIT\r\n", b"221")

    def test_binary_content_arrives_whole(self):
        self.start(ehlo=())
        # Every octet, every pair that means something to somebody, a message's end and another behind it.
        content = (bytes(range(256)) + b"\r\n.\r\n" + b"\n.\n" + b"\r.\r" + b"\0" * 5 + b"\r\nMAIL FROM:<evil@x.example>\r\n") * 40
        message = (b"Subject: octets\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n"
                   b"Content-Transfer-Encoding: binary\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--cut\r\n"
                   b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n" + content + b"\r\n--cut--\r\n")
        self.chunks(["eve@example.com", "a@x.example"], message, [100, 1, 7, 4096, len(message)])
        received, = self.mta.wait_for_mail("eve")
        passed_on = harness.wait_for(lambda: self.peer.messages, "the message at the next host")[0]
        part = received.get_payload()[1]
        self.assertEqual(part["Content-Transfer-Encoding"], "base64")
        self.assertEqual(hashlib.sha256(part.get_payload(decode=True)).digest(), hashlib.sha256(content).digest())
        # What we relay is lines: no octet that needs an extension, no CR or LF alone.
        self.assertIsNone(re.search(rb"(?<!\r)\n|\r(?!\n)|[\x80-\xff\0]", passed_on))
        encoded = passed_on.split(b"base64\r\n\r\n")[1].split(b"\r\n--cut--")[0]
        self.assertEqual(base64.b64decode(encoded), content)
        mail, = (command for command in self.peer.commands if command.startswith("MAIL"))
        self.assertNotIn("BODY=", mail)

    def test_binary_octets_without_the_label_are_refused(self):
        self.start(ehlo=())
        with self.client() as client:
            client.docmd("MAIL FROM:<adam@example.com> BODY=BINARYMIME")
            client.docmd("RCPT TO:<eve@example.com>")
            content = b"\r\nbare\n.\r\nline ends"
            client.send(b"BDAT %d LAST\r\n" % len(content) + content)
            code, text = client.getreply()
            self.assertEqual((code, text[:6]), (550, b"5.6.11"))


if __name__ == "__main__":
    unittest.main()
