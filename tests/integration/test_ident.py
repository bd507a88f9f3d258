"""Identification of clients (RFC 1413): the keywords identtcp*, in Received lines and in the log."""
import socket
import threading
import unittest

import harness
import network

OURS, THEIRS = "206.184.139.12", "192.160.253.66"


class IdentServer:
    """Port 113 of the client. `answer`: (their port, our port) -> bytes, or None to say nothing."""

    def __init__(self, answer):
        self.answer = answer
        self.questions = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((THEIRS, 113))
        self._listener.listen(10)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self):
        kept = []
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            question = connection.makefile("rb").readline()
            theirs, ours = (int(word) for word in question.split(b","))
            self.questions.append((peer[0], theirs, ours))
            reply = self.answer(theirs, ours)
            if reply is None:
                kept.append(connection)
            else:
                connection.sendall(reply)
                connection.close()


@unittest.skipUnless(network.is_private(), "needs a network name space of its own (root, iproute2)")
class Ident(harness.MtaTest):
    @classmethod
    def setUpClass(cls):
        network.begin(OURS, THEIRS)

    def start(self, keyword, answer):
        self.ident = IdentServer(answer)
        self.addCleanup(self.ident.close)
        dns = self.dns("66.253.160.192.in-addr.arpa. PTR THOR.SIROE.COM.")
        self.mta = self.instance(dns=dns.address, files={
            "option.dat": "LOG_CONNECTION=3\n",
            "imta.cnf": lambda text: text.replace("identnonenumeric", keyword, 1),
            "dispatcher.cnf": lambda text: text.replace("PORT=127.0.0.1:", f"PORT={OURS}:25,127.0.0.1:")})
        self.mta.start()

    def send(self):
        with self.mta.smtp_to((OURS, 25), THEIRS, "thor") as client:
            port = client.sock.getsockname()[1]
            client.sendmail("service@siroe.com", ["adam@example.com"], "Subject: x\r\n\r\nHello\r\n")
        received = self.mta.wait_for_mail("adam")[0]["Received"]
        return port, " ".join(received.split())

    def source(self):
        return self.mta.wait_for_log(r" tcp_local l E ")[0].split(" adam ", 1)[1]

    def test_name_and_address(self):
        self.start("identtcp", lambda theirs, ours: b"%d, %d : USERID : UNIX : service\r\n" % (theirs, ours))
        port, received = self.send()
        self.assertEqual(self.ident.questions[-1], (OURS, port, 25), "asked from the address that was connected to")
        self.assertIn("from thor (service@THOR.SIROE.COM [192.160.253.66])", received)
        self.assertEqual(self.source(), "thor (service@THOR.SIROE.COM [192.160.253.66])")

    def test_address_only_and_hostile_answer(self):
        self.start("identtcpnumeric", lambda theirs, ours: b"%d,%d:USERID:UNIX:x) (root@[127.0.0.1]\x1b[2J\n" % (theirs, ours))
        _, received = self.send()
        self.assertIn("from thor (x???root?[127.0.0.1][2J@[192.160.253.66])", received)
        self.assertEqual(self.source(), r"thor (x)\x20(root@[127.0.0.1][2J@[192.160.253.66])")

    def test_silence_delays_the_greeting_and_nothing_else(self):
        self.start("identtcpsymbolic", lambda *_: None)
        _, received = self.send()
        self.assertIn("from thor (THOR.SIROE.COM)", received)
        self.assertEqual(self.source(), "thor (THOR.SIROE.COM)")


if __name__ == "__main__":
    network.enter()
    unittest.main()
