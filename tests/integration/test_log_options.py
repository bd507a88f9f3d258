"""Options and entry codes of mail.log that the worked examples do not show, through the real programs. XML entries, so
that every field can be asked for by its name."""
import re
import socket
import unittest
import xml.etree.ElementTree as ElementTree

import harness
from milters import ScriptedMilter
from smtp_peer import SmtpPeer

ALL_FIELDS = "".join(f"LOG_{name}=1\n" for name in (
    "ENVELOPE_ID", "FILENAME", "FILTER", "HEADER", "HOLD", "INTERMEDIATE", "LOCAL", "MESSAGE_ID", "MODIFIERS", "NODE", "NOTARY",
    "PRIORITY", "PROCESS", "QUEUE_TIME", "REASON", "REMOTE_MTA", "SENSITIVITY", "SESSION", "TIMING", "USERNAME")) \
    + "LOG_FORMAT=4\nLOG_CONNECTION=255\n"
MESSAGE = ("From: amy@siroe.edu\r\nMessage-ID: <1@siroe.edu>\r\nSubject: one\r\n two\r\nSensitivity: Private\r\n"
           "Priority: urgent\r\n\r\nHello\r\n")


class LogOptions(harness.MtaTest):
    def start(self, options=ALL_FIELDS, files=None, **settings):
        self.mta = self.instance(files={"option.dat": options, **(files or {})}, **settings)
        return self.mta.start()

    def peer(self, **options):
        made = SmtpPeer("127.0.0.1", 0, **options)
        self.addCleanup(made.close)
        return made

    def entries(self):
        """(element, attributes) of every line."""
        return [(element.tag, element.attrib) for element in map(ElementTree.fromstring, self.mta.log_lines())]

    def wait_for(self, code, count=1, **fields):
        def found():
            matching = [attributes for _, attributes in self.entries()
                        if attributes.get("ac", "")[:1] == code and all(attributes.get(k) == v for k, v in fields.items())]
            return matching if len(matching) >= count else None
        return harness.wait_for(found, lambda: f"{count} entries {code} {fields}:\n" + "\n".join(self.mta.log_lines()))

    def raw(self, *commands, greeting=b"220"):
        """Sends lines and reads a reply for each; returns the replies."""
        replies = []
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30) as connection:
            lines = connection.makefile("rb")
            self.assertTrue(lines.readline().startswith(greeting))
            for command in commands:
                connection.sendall(command + b"\r\n")
                while (line := lines.readline())[3:4] == b"-":
                    pass
                replies.append(line)
        return replies

    def test_every_field_of_a_message(self):
        milter = ScriptedMilter()
        self.addCleanup(milter.close)
        peer = self.peer(rcpt=lambda address: "550 5.1.1 no such user" if "nobody" in address else "250 2.1.5 Ok")
        dns = self.dns(*(f"{name}. A 127.0.0.1" for name in ("far.example.net",)))
        self.start(ALL_FIELDS + "SPAMFILTER1_LIBRARY=IMTA_LIB:libmilter.so\nSPAMFILTER1_CONFIG_FILE=IMTA_TABLE:milter1.opt\n",
                   {"milter1.opt": f"ADDRESS={milter.address}\n",
                    "log_header.opt": "Defaults: MAXIMUM=-1\nSubject: MAXIMUM=1\n"},
                   dns=dns.address, relay_port=peer.port, keywords={"tcp_intranet": "sourcespamfilter1"})
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["Eve@example.com", "ok@far.example.net", "nobody@far.example.net"], MESSAGE,
                            ["ENVID=order66"], ["NOTIFY=FAILURE,DELAY"])
        local = self.wait_for("E", dc="l", so="amy@siroe.edu")[0]
        expected = {"sc": "tcp_intranet", "ac": "EE", "od": "rfc822;Eve@example.com", "de": "Eve@mail.example.com", "rf": "276",
                    "ei": "order66", "mi": "<1@siroe.edu>", "se": "2", "pr": "4", "ia": "Eve@example.com", "fl": "1:accept",
                    "ap": "SMTP", "qt": "0", "no": socket.gethostname()}
        self.assertEqual({name: local.get(name) for name in expected}, expected)
        self.assertRegex(local["tr"], r"^TCP\|127\.0\.0\.1\|\d+\|127\.0\.0\.1\|\d+$")
        self.assertEqual(local["ss"], "client.test ([127.0.0.1])")
        self.assertGreater(int(local["sn"]), 0)
        delivered = self.wait_for("D", sc="l", so="amy@siroe.edu")[0]
        self.assertEqual((delivered["se"], delivered["pr"], delivered["ei"]), ("2", "4", "order66"))
        relayed = self.wait_for("D", sc="tcp_local", de="ok@far.example.net")[0]
        self.assertEqual((relayed["rm"], relayed["ss"], relayed["ac"]), ("far.example.net", "far.example.net", "DE"))
        self.assertNotIn("dns;", relayed["di"], "the remote host has a field of its own")
        self.assertEqual(relayed["ap"], "SMTP/far.example.net/far.example.net")
        refused = self.wait_for("R", de="nobody@far.example.net")[0]
        self.assertEqual(refused["re"], "5.1.1 refused by far.example.net")
        self.assertIn("smtp;550 5.1.1 no such user", refused["di"])
        notice = self.wait_for("E", sc="tcp_local", dc="process")[0]
        self.assertEqual(notice["ss"], "tcp_local-daemon", "other channels are named by their official host")
        self.assertTrue(notice["mi"].endswith(",<1@siroe.edu>"))
        closed = self.wait_for("C", dr="+", sm="1")[0]
        self.assertGreater(int(closed["sb"]), len(MESSAGE) - 1)
        self.header_lines()

    def header_lines(self):
        """One line for the selected header, behind the last E of its message."""
        entries = self.entries()
        headers = [i for i, (tag, attributes) in enumerate(entries) if tag == "he" and attributes["va"] == "Subject: one two"]
        self.assertEqual(len(headers), 1)
        before, after = entries[:headers[0]], entries[headers[0]:]
        self.assertEqual(before[-1][1]["ac"][0], "E")
        self.assertFalse([1 for _, a in after if a.get("ac", "")[:1] == "E" and a["mi"] == "<1@siroe.edu>"])
        self.assertEqual(entries[headers[0]][1]["pi"].rsplit(".", 1)[0], before[-1][1]["pi"].rsplit(".", 1)[0])

    def test_codes_of_failing_mail(self):
        """Z, K, Q, Y, B, J, V, H, I, X, T."""
        peer = self.peer(rcpt=lambda address: {"busy": "451 4.2.1 later", "gone": "550 5.1.1 gone"}.get(
            address.split("@")[0], "250 2.1.5 Ok"))
        dns = self.dns("far.example.net. A 127.0.0.1", "closed.example.net. A 127.0.0.9")
        self.start(
            ALL_FIELDS, {
                "tcp_local_option": "MAX_B_ENTRIES=2\nMAX_J_ENTRIES=2\n",
                "mappings": lambda text: re.sub(r"(?m)^PORT_ACCESS\n\n", "PORT_ACCESS\n\n"
                                                "  TCP|*|*|127.0.0.7|*  $T$N500$ go$ away\n", text),
            }, dns=dns.address, relay_port=peer.port, keywords={"tcp_intranet": "holdlimit 3 allowetrn"})
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["ok@far.example.net", "busy@far.example.net"], MESSAGE)
            client.sendmail("amy@siroe.edu", ["gone@far.example.net"], MESSAGE, [], ["NOTIFY=NEVER"])
            client.sendmail("amy@siroe.edu", ["x@closed.example.net"], MESSAGE)
            client.sendmail("amy@siroe.edu", [f"u{n}@example.com" for n in range(4)], MESSAGE)
            client.docmd("ETRN", "far.example.net")
        served = self.wait_for("D", de="ok@far.example.net")[0]
        failed = self.wait_for("Z", de="busy@far.example.net")[0]
        self.assertEqual(served["fi"], failed["fi"])
        again = self.wait_for("E", sc="tcp_local", dc="tcp_local", de="busy@far.example.net")[0]
        self.assertNotEqual(again["fi"], failed["fi"])
        discarded = self.wait_for("K", de="gone@far.example.net")[0]
        self.assertEqual((discarded["re"], discarded["rf"]), ("5.1.1 refused by far.example.net", str(32 + 256)))
        self.assertIn("connection refused", self.wait_for("Q", de="x@closed.example.net")[0]["di"])
        self.assertIn("connection refused", self.wait_for("Y", dr="-")[0]["di"])
        self.assertEqual(self.wait_for("H", de="*")[0]["di"], "held: holdlimit")
        self.assertIn("far.example.net", self.wait_for("I")[0]["di"])
        self.server_side()

    def server_side(self):
        self.raw(b"NONSENSE one", b"AUTH PLAIN AGFkYW0Ac2VjcmV0", b"NONSENSE three", b"NONSENSE four")
        bad = self.wait_for("B", count=2)
        self.assertEqual([entry["de"] for entry in bad], ["NONSENSE one", "(not shown)"])  # behind AUTH: what it may be
        self.assertTrue(all(entry["sz"] == "0" and entry["di"].startswith("5") for entry in bad))
        self.raw(b"EHLO x.test", b"MAIL FROM:<a@siroe.edu>", *(b"RCPT TO:<nobody%d@example.com>" % n for n in range(4)))
        rejected = self.wait_for("J", count=2)
        self.assertNotIn("last", rejected[0]["di"])
        self.assertTrue(rejected[1]["di"].endswith("(last rejection logged for this connection)"))
        self.assertEqual(rejected[0]["ac"], "JE")
        self.raw(b"EHLO x.test", b"MAIL FROM:<gone@siroe.edu>", b"RCPT TO:<eve@example.com>", b"DATA")
        aborted = self.wait_for("V", so="gone@siroe.edu")[0]
        self.assertEqual((aborted["de"], aborted["di"]), ("eve@mail.example.com", "disconnect"))
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30, source_address=("127.0.0.7", 0)) as stranger:
            self.assertTrue(stranger.makefile("rb").readline().startswith(b"500"))
        refused, tagged = self.wait_for("X")[0], self.wait_for("T")[0]
        self.assertEqual(refused["tr"], tagged["tr"])
        codes = [entry[1].get("ac", "")[:1] for entry in self.entries()]
        self.assertEqual((codes.count("B"), codes.count("J")), (2, 2), "the limits of a connection")
        self.assertNotIn("c2VjcmV0", self.mta.read("log/mail.log_current"), "nothing behind the mechanism of AUTH")

    def test_channel_option_and_separate_connection_log(self):
        peer = self.peer()
        dns = self.dns("far.example.net. A 127.0.0.1")
        self.start("LOG_CONNECTION=3\nSEPARATE_CONNECTION_LOG=1\n",
                   {"tcp_local_option": "LOG_CONNECTION=0\nLOG_BANNER=0\nLOG_TRANSPORTINFO=0\n"}, dns=dns.address, relay_port=peer.port)
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["ok@far.example.net"], MESSAGE)
        self.mta.wait_for_log(r" tcp_local D .* ok@far\.example\.net dns;far\.example\.net smtp;250 2\.1\.5 ok@far\.example\.net and options OK\.$")
        self.assertFalse([line for line in self.mta.log_lines() if re.search(r" [+-] +[OC] ", line)])
        connections = lambda: self.mta.read("log/connection.log_current")
        harness.wait_for(lambda: " C " in connections(), "the end of the session")
        for line in connections().splitlines():
            self.assertRegex(line, r" tcp_intranet +\+ +C ", "the channel's own option comes first, wherever the session went")

    def test_header_lines_at_dequeue(self):
        self.start("LOG_FORMAT=4\n", {"log_header.opt": "Defaults: MAXIMUM=-1\nSubject: MAXIMUM=1\n"},
                   keywords={"l": "logheader 1"})
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["eve@example.com"], MESSAGE)
        self.wait_for("D", sc="l")
        tags = [(tag, attributes.get("ac", attributes.get("va"))) for tag, attributes in self.entries()]
        self.assertEqual(tags, [("en", "E"), ("en", "D"), ("he", "Subject: one two")])


if __name__ == "__main__":
    unittest.main()
