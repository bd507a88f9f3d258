"""What a peer says never breaks a log line, in any format: line ends, NUL, escape sequences, names of 10 kB, bad UTF-8,
in commands, in the message's header, and in the banner and the replies of the hosts that mail goes to."""
import base64
import json
import pathlib
import re
import shutil
import socket
import ssl
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import harness
from smtp_peer import SmtpPeer

sys.path.insert(0, str(harness.ROOT / "tests/support"))
import certificates  # noqa: E402

OPTIONS = "".join(f"LOG_{name}=1\n" for name in (
    "ENVELOPE_ID", "FILENAME", "HEADER", "HOLD", "INTERMEDIATE", "MESSAGE_ID", "MODIFIERS", "NODE", "NOTARY", "PRIORITY", "PROCESS",
    "QUEUE_TIME", "REASON", "REMOTE_MTA", "SENSITIVITY", "USERNAME")) + "LOG_CONNECTION=255\n"
FORGED = b"19-Jan-1998 19:16:57.64 l                         D 1 forged@x.test rfc822;forged forged"
EVIL = b"x\x1b[2J\x07\x9b31m\xc3\xa4\xff\xc3(\xe2\x80\xa8 \"'&<>]]>\\ \x00 " + FORGED
TIME = r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d\d"


class HostileLog(harness.MtaTest):
    def scenario(self, form):
        evil = EVIL.replace(b"\x00", b"")  # a reply with NUL is none: the other peer has it
        replies = {b"a": b"250 2.1.5 " + evil + b"\r\n", b"b": b"550-5.1.1 " + evil + b"\r\n550 5.1.1 " + b"y" * 300 + b"\r\n",
                   b"c": b"450 4.2.0 " + evil + b"\r\n"}
        peer = SmtpPeer("127.0.0.1", 0, banner=b"220 " + evil + b"\r\n", ehlo=("8BITMIME", "SMTPUTF8"),
                        rcpt=lambda address: replies[address[:1].encode()])
        worse = SmtpPeer("127.0.0.2", peer.port, banner=b"220 " + EVIL + b"\n" + FORGED + b"\r\n")
        self.addCleanup(peer.close)
        self.addCleanup(worse.close)
        dns = self.dns("far.example.net. A 127.0.0.1", "worse.example.net. A 127.0.0.2")
        self.mta = self.instance(dns=dns.address, relay_port=peer.port, files={
            "option.dat": OPTIONS + f"LOG_FORMAT={form}\n", "log_header.opt": "",
            "tcp_local_option": "MAX_B_ENTRIES=100\nMAX_BAD_COMMANDS=1000\n"})
        self.mta.start()
        self.talk()
        for code in "DRQBJV":
            self.mta.wait_for_log({4: rf'ac="{code}', 5: rf'"ac":"{code}'}.get(form, rf" {code}E? \d"))
        raw = (self.mta.directory / "log" / "mail.log_current").read_bytes()
        self.assertTrue(raw.endswith(b"\n"))
        lines = raw[:-1].split(b"\n")
        for line in lines:
            self.assertNotRegex(line, rb"[\x00-\x1f\x7f]")
            self.assertLessEqual(len(line), 8200)
        self.assertNotIn(b"\n" + FORGED, raw)
        return lines

    def talk(self):
        """Lines go to the server as they are; it may answer what it likes, or hang up."""
        long_name = b"n" * 10240
        for commands in (
                [b"EHLO " + EVIL], [b"EHLO " + long_name], [b"HELO a\r" + FORGED], [b"\xff\xfe\x00\x01"], [EVIL],
                [b"EHLO ok.test", b"MAIL FROM:<" + EVIL + b"@siroe.edu>"],
                [b"EHLO ok.test", b"MAIL FROM:<" + long_name + b"@siroe.edu>"],
                [b"EHLO ok.test", b"MAIL FROM:<\"a b\x7f\"@siroe.edu> ENVID=" + b"+0A" * 20],
                [b"EHLO ok.test", b"MAIL FROM:<a@siroe.edu>", b"RCPT TO:<" + EVIL + b"@example.com>"],
                [b"EHLO ok.test", b"MAIL FROM:<a@siroe.edu>", b"RCPT TO:<no\"\\\n\"@example.com>"],
                [b"EHLO ok.test", b"MAIL FROM:<a@siroe.edu>", b"RCPT TO:<nobody@example.com> ORCPT=rfc822;+0D+0A" + b"x" * 400],
                [b"EHLO ok.test", b"MAIL FROM:<a@siroe.edu> SMTPUTF8", "RCPT TO:<\u2028ü\u009b@example.com>".encode()],
                [b"EHLO ok.test", b"MAIL FROM:<v@siroe.edu>", b"RCPT TO:<eve@example.com>", b"DATA"],
        ):
            self.say(*commands)
        header = (b"Message-ID: <1\x1b[2J " + b"\xff" * 50 + b" x@siroe.edu> trailing\r\nSubject: " + EVIL.replace(b"\x00", b"")
                  + b"\r\n folded\r\nX-Long: " + b"w" * 10240 + b"\r\nFrom: a@siroe.edu\r\n\r\ntext\r\n.")
        self.say(b"EHLO ok.test", b"MAIL FROM:<\"forged \\\" x\"@siroe.edu>", b"RCPT TO:<a@far.example.net>", b"RCPT TO:<b@far.example.net>",
                 b"RCPT TO:<c@far.example.net>", b"RCPT TO:<d@worse.example.net>", b"DATA", header)

    def say(self, *commands):
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30) as connection:
            lines = connection.makefile("rb")
            lines.readline()
            for command in commands:
                try:
                    connection.sendall(command + b"\r\n")
                    while (line := lines.readline())[3:4] == b"-":
                        pass
                except OSError:
                    return
                if not line:
                    return

    def check_text(self, lines, beyond_ascii):
        for line in lines:
            text = line.decode("utf-8")
            self.assertRegex(text, rf"^{TIME} \S+ [0-9a-f]+\.[0-9a-f]+(\.\d+)? (\S+ +(\S+ +)?[A-Z]{{1,6}} |[\w-]+: )")
            if not beyond_ascii.search(text):
                self.assertTrue(text.isascii(), text)

    def test_text(self):
        self.check_text(self.scenario(1), re.compile(r" [A-Z]+U "))

    def test_text_with_marked_empty_addresses(self):
        lines = self.scenario(2)
        self.check_text(lines, re.compile(r" [A-Z]+U "))
        self.assertTrue(any(b"rfc822;<> " in line for line in lines))

    def test_counted_text(self):
        """Each counted field is as long as it says, so that nothing inside it can pass for another field."""
        lines = self.scenario(3)
        for line in lines:
            rest = re.sub(rb"^" + TIME.encode() + rb" \S+ \S+ ", b"", line)
            message = re.match(rb"\S+ +(\S+ +)?[A-Z]+ \d+ (?=\d+:)", rest)
            connection = re.match(rb"\S+ +[+-] +[A-Z]+ (?=\d+:)", rest)
            if not message and not connection:
                self.assertRegex(rest, rb"^[\w-]+:")
                continue
            rest = rest[(message or connection).end():]
            fields = 0
            while rest:
                counted = re.match(rb"(\d+):", rest)
                number = re.match(rb"\d+( |$)", rest)
                self.assertTrue(counted or number, (line, rest))
                end = counted.end() + int(counted[1]) if counted else number.end() - len(number[1])
                self.assertIn(rest[end:end + 1], (b" ", b""), (line, rest))
                rest = rest[end + 1:]
                fields += 1
            self.assertGreaterEqual(fields, 3 if message else 2)

    def test_xml(self):
        for line in self.scenario(4):
            self.assertIn(ElementTree.fromstring(line).tag, ("en", "co", "he"))

    def test_json(self):
        for line in self.scenario(5):
            self.assertIn(json.loads(line)["el"], ("en", "co", "he"))


class HostileLogins(harness.MtaTest):
    """The same of names that clients log in by: said in AUTH, and shown in a certificate."""

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-hostile-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, True)
        cls.directory.chmod(0o755)
        cls.ca = certificates.Authority(cls.directory)
        cls.server = cls.ca.issue("mail.example.com", file=cls.directory / "server.pem", owner=harness.test_account())
        evil = "x\n" + FORGED.decode()[:40] + '"<&\x1b[2J'
        cls.unusable = cls.ca.issue(evil, names="DNS:client.example", file=cls.directory / "unusable.pem")
        cls.client = cls.ca.issue('x "<&]]> U forged 235', names="DNS:client.example", file=cls.directory / "client.pem")

    def lines(self, form):
        self.mta = self.instance(
            keywords={"tcp_local": "maysaslserver maytlsserver slave_debug transcript"},
            files={"option.dat": OPTIONS + f"LOG_FORMAT={form}\nLOG_QMAIL=1\nTLS_CERTIFICATE_FILE={self.server}\n"
                                 f"TLS_CA_FILE={self.ca.file}\nTLS_ASK_CERTIFICATE=1\n",
                   "log_header.opt": "", "msg.conf": "local.msgtrace.active=yes\nlogfile.imta.loglevel=information\n",
                   "security.cnf": "FIRST_DELAY=0\nLONGEST_DELAY=0\n[RULESET=DEFAULT]\nMECHANISMS=PLAIN,EXTERNAL\n"
                                   "MECHANISMS_WITHOUT_TLS=PLAIN,LOGIN\n"})
        self.mta.imsimta("passwd", "add", "amy", input="pencil\n")
        self.mta.start()
        said = lambda octets: base64.b64encode(octets).decode()
        for name in (EVIL.replace(b"\x00", b""), b"n" * 500, b"\xff\xfe", b"a b\nU c 235 2.7.0 ok", FORGED, "\u00e4\u2028".encode()):
            with self.mta.smtp(source="127.0.0.2") as client:
                self.assertEqual(client.docmd("AUTH", "PLAIN " + said(b"\0" + name + b"\0secretword"))[0] // 100, 5)
                client.docmd("AUTH", "LOGIN")
                client.docmd(said(name))
                client.docmd(said(b"secretword"))  # a response, or nobody wants it
        for certificate in (self.unusable, self.client):
            context = ssl.create_default_context(cafile=self.ca.file)
            context.check_hostname = False
            context.load_cert_chain(certificate)
            with self.mta.smtp(source="127.0.0.2") as client:
                client.starttls(context=context)
                client.ehlo()
                if certificate == self.unusable:  # nobody has a name of controls
                    self.assertNotIn("EXTERNAL", client.esmtp_features["auth"])
                else:
                    self.assertEqual(client.docmd("AUTH", "EXTERNAL =")[0], 535)
        self.mta.wait_for_log({4: r' ac="U', 5: r'"ac":"U'}.get(form, r" \+ +U"), count=3)
        harness.wait_for(lambda: "badlogin" in self.mta.read("log/imta"), "the service log")
        self.mta.stop()
        for path in (self.mta.directory / "log").rglob("*"):
            if not path.is_file() or path.suffix in (".mdb", ".lock"):
                continue
            content = path.read_bytes()
            self.assertNotIn(b"\n" + FORGED[:30], content, path)
            self.assertNotIn(b"secretword", content, path)
            self.assertNotIn(base64.b64encode(b"secretword"), content, path)
            if "index" not in str(path):
                self.assertNotRegex(content.replace(b"\n", b"").replace(b"\t", b""), rb"[\x00-\x1f\x7f]", path)
        return (self.mta.directory / "log/mail.log_current").read_bytes().decode().splitlines()

    def test_text(self):
        for form in (1, 3):
            for line in self.lines(form):
                self.assertRegex(line, rf"^{TIME} \S+ [0-9a-f]+\.[0-9a-f]+(\.\d+)? \S+ +(\+ +[OUC]|BE?A? (0|\d+:)?)")
                self.assertTrue(line.isascii(), line)
            self.mta.destroy()

    def test_structured(self):
        for form, parse in ((4, lambda line: ElementTree.fromstring(line).attrib), (5, json.loads)):
            entries = [parse(line) for line in self.lines(form)]
            users = [entry["us"] for entry in entries if entry["ac"].startswith("U")]
            self.assertGreaterEqual(len(users), 3)
            self.assertTrue(any("forged" in user for user in users), users)
            self.mta.destroy()


if __name__ == "__main__":
    unittest.main()
