"""Nothing hides in the data: every mixture of CR, LF, dot and NUL, in DATA and BDAT, against a next host that keeps what it gets
octet by octet; and commands in parameters."""
import itertools
import re
import socket
import threading
import unittest

import harness

PIECES = (b"\r", b"\n", b".", b"\0")
EVIL = b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@x.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n"


class RawSink:
    """A next host that keeps all octets of each connection, and knows one end of data: CR LF . CR LF."""

    def __init__(self):
        self.connections = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            octets = bytearray()
            self.connections.append(octets)
            threading.Thread(target=self._serve, args=(connection, octets), daemon=True).start()

    def _serve(self, connection, octets):
        with connection:
            connection.sendall(b"220 sink.test ESMTP\r\n")
            rest, in_data = b"", False
            while piece := connection.recv(65536):
                octets += piece
                rest += piece
                while True:
                    end = b"\r\n.\r\n" if in_data else b"\r\n"
                    found, mark, after = rest.partition(end)
                    if not mark:
                        break
                    rest = after
                    if in_data:
                        in_data = False
                        connection.sendall(b"250 2.0.0 taken\r\n")
                        continue
                    in_data = found.upper() == b"DATA"
                    if in_data:
                        rest = b"\r\n" + rest  # an empty message ends with its first line
                    connection.sendall(b"354 go\r\n" if in_data else b"221 bye\r\n" if found == b"QUIT" else b"250 ok\r\n")

    def messages(self):
        """What stood between DATA and the end of data, in all connections."""
        return [content for octets in list(self.connections)
                for content in re.findall(rb"\r\nDATA\r\n(.*?\r\n)\.\r\n", bytes(octets), re.DOTALL)]


def mixtures():
    """All sequences of up to four of the octets, and longer ones that ended messages somewhere."""
    for length in range(1, 5):
        for octets in itertools.product(PIECES, repeat=length):
            yield b"".join(octets)
    yield from (b"\r\n.\r", b"\r\r\n.\r\r\n", b"\n\r\n.\n", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n.\r\0\n", b"\r\n.\n\r\n.\n", b"\r\n\r.\r\n",
                b"\r\n..\r\n", b"\r\n.\r.\r\n", b"\r.\r\n", b"\n.\n", b"\n.\r\n", b"\r\n.\n")


class Smuggling(harness.MtaTest):
    def setUp(self):
        self.next = RawSink()
        self.addCleanup(self.next.close)

    def start(self, keywords=""):
        self.mta = self.instance(keywords={"tcp_local": f"daemon [127.0.0.1] port {self.next.port} {keywords}",
                                           "tcp_intranet": keywords}).start()

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.mta.port), timeout=60)
        self.addCleanup(connection.close)
        lines = connection.makefile("rb")
        self.say(connection, lines, b"", b"220")
        self.say(connection, lines, b"EHLO client.test\r\n", b"250")
        return connection, lines

    def say(self, connection, lines, data, expect=None):
        connection.sendall(data)
        while (line := lines.readline())[3:4] == b"-":
            pass
        if expect:
            self.assertTrue(line.startswith(expect), (data, line))
        return line

    def envelope(self, connection, lines):
        self.say(connection, lines, b"MAIL FROM:<a@b.example>\r\n", b"250")
        self.say(connection, lines, b"RCPT TO:<c@far.example>\r\n", b"250")

    def send(self, how, content):
        """One message; how many were taken."""
        connection, lines = self.connect()
        self.envelope(connection, lines)
        if how == "DATA":
            self.say(connection, lines, b"DATA\r\n", b"354")
            connection.sendall(content + b"\r\n.\r\nQUIT\r\n")
        else:
            half = len(content) // 2
            connection.sendall(b"BDAT %d\r\n" % half + content[:half] + b"BDAT %d LAST\r\n" % (len(content) - half) + content[half:] + b"QUIT\r\n")
        replies = lines.read()
        connection.close()
        return replies

    def matrix(self, how):
        """Sends each mixture with a message in it, and looks at what the next host got."""
        taken = 0
        for number, mixture in enumerate(mixtures()):
            before = b"Subject: %d\r\n\r\nbefore" % number + mixture
            if how == "DATA" and b"\r\n.\r\n" in before:
                continue  # that is the end of the data, and what follows are commands by right
            content = before + (EVIL if how == "BDAT" else EVIL.replace(b"\r\n.", b"\r\n..")) + b"after"
            replies = self.send(how, content)
            taken += len(re.findall(rb"(?m)^250 2\.5\.0 Ok, envelope id", replies))
        self.mta.wait_for_empty_queue(limit=300)
        return taken

    def check(self):
        for octets in self.next.connections:
            self.assertIsNone(re.search(rb"(?<!\r)\n|\r(?!\n)", bytes(octets)), bytes(octets)[:2000])
            self.assertNotIn(b"\r\nMAIL FROM:<evil", re.sub(rb"\r\nDATA\r\n.*?\r\n\.\r\n", b"", bytes(octets), flags=re.DOTALL))
        self.assertFalse(self.mta.find_log(r"evil@x\.example"))
        subjects = [re.search(rb"Subject: (\S+)", content).group(1) for content in self.next.messages()]
        self.assertEqual(len(subjects), len(set(subjects)))
        self.assertNotIn(b"smuggled", subjects)
        return len(subjects)

    def test_data_as_shipped(self):
        self.start()
        self.assertEqual(self.matrix("DATA"), self.check())

    def test_data_where_bare_line_ends_are_taken(self):
        self.start("smtp_crorlf")
        taken = self.matrix("DATA")
        self.assertEqual(taken, self.check())
        self.assertGreater(taken, 300)

    def test_chunks(self):
        self.start()
        self.assertEqual(self.matrix("BDAT"), self.check())

    def test_chunks_where_bare_line_ends_are_taken(self):
        self.start("smtp_crorlf")
        taken = self.matrix("BDAT")
        self.assertEqual(taken, self.check())
        self.assertGreater(taken, 300)

    def test_parameters_hide_no_commands(self):
        self.start()
        for line_end in (b"\r", b"\n", b"\n\r", b"\0", b"\0\r", b"\x0b"):
            connection, lines = self.connect()
            for line in (b"MAIL FROM:<a@b.example>" + line_end + b"RCPT TO:<x@y.example>",
                         b"MAIL FROM:<a" + line_end + b"RCPT@b.example>", b"MAIL FROM:<\"a" + line_end + b"QUIT\"@b.example>",
                         b"MAIL FROM:<a@b.example> ENVID=x" + line_end + b"QUIT", b"VRFY x" + line_end + b"QUIT",
                         b"EHLO x" + line_end + b"y", b"NOOP " + line_end + b"QUIT"):
                got = self.say(connection, lines, line + b"\r\n")
                self.assertIn(got[:1], b"5", (line, got))
            self.envelope(connection, lines)  # and the session is where it was


if __name__ == "__main__":
    unittest.main()
