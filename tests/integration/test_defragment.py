"""Pieces of a message (message/partial): cut for a channel that takes small messages, put together for one with defragment."""
import re
import unittest

import harness

CHANNELS = "\n\ndefragment {}\ndefragment-daemon\n"


def piece(number, total, body, id="one@siroe.edu", enclosed=True):
    head = (b"From: amy@siroe.edu\r\nTo: eve@example.com\r\nX-Kept: %d\r\nSubject: s (%d)\r\nMessage-ID: <p%d@siroe.edu>\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: message/partial; number=%d; id=\"%s\"%s\r\n\r\n"
            % (number, number, number, number, id.encode(), b"; total=%d" % total if total else b""))
    if number == 1 and enclosed:
        head += b"Subject: s\r\nMessage-ID: <whole@siroe.edu>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
    return head + body


class Defragment(harness.MtaTest):
    def start(self, defragment="", l="defragment", tcp_local=""):
        self.sink_host = self.sink()
        dns = self.dns("dest.example. IN A 127.0.0.1")
        self.mta = self.instance(dns=dns.address, relay_port=self.sink_host.port,
                                 keywords={"tcp_local": tcp_local, "l": l},
                                 files={"imta.cnf": lambda text: text.rstrip() + CHANNELS.format(defragment)})
        self.mta.start()

    def send(self, content, recipients=("eve@example.com",)):
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", list(recipients), content)

    def test_pieces_in_any_order_become_one_message(self):
        self.start()
        self.send(piece(3, 3, b"three\r\n"))
        self.send(piece(1, 0, b"one\r\n"))
        self.send(piece(2, 3, b"no piece of this\r\n", id="other@siroe.edu"))
        self.mta.wait_for_log(r" defragment +Q .* piece 3 of 3 waits for the others")
        self.send(piece(2, 0, b"two\r\n\r\n"))
        self.mta.wait_for_mail("eve")
        content, = self.mta.mailbox("eve").values()
        content = content.replace(b"\r\n", b"\n")
        self.assertTrue(content.endswith(
            b"From: amy@siroe.edu\nTo: eve@example.com\nX-Kept: 1\nSubject: s\nMessage-ID: <whole@siroe.edu>\n"
            b"MIME-Version: 1.0\nContent-Type: text/plain\n\none\ntwo\n\nthree\n"), content)
        self.mta.wait_for_log(r" defragment +D ", count=3)
        self.mta.wait_for_log(r" tcp_intranet defragment +E ", count=4)
        self.mta.wait_for_log(r" defragment +l +E \d+ amy@siroe\.edu rfc822;eve@example\.com eve ", count=1)
        waiting = [name for name in self.mta.queue_files() if name.startswith("defragment/")]
        self.assertEqual(len(waiting), 1, waiting)

    def test_channels_without_the_keyword_get_pieces(self):
        self.start(l="nodefragment")
        self.send(piece(2, 3, b"two\r\n"))
        self.mta.wait_for_mail("eve")
        self.assertFalse(self.mta.find_log(" defragment "))

    def test_what_was_cut_here_comes_back_whole(self):
        self.start(tcp_local="maxblocks 2")
        body = b"".join(b"%04d %s\r\n" % (i, b"x" * 60) for i in range(150))
        self.send(b"From: amy@siroe.edu\r\nTo: bob@dest.example\r\nSubject: big\r\nMessage-ID: <big@siroe.edu>\r\n\r\n" + body,
                  ["bob@dest.example"])
        self.mta.wait_for_empty_queue()
        relayed = self.sink_host.messages()
        self.assertGreater(len(relayed), 4)
        for message in relayed:
            found = re.search(rb"(?s)(From: amy@siroe\.edu\n.*)", message.replace(b"\r\n", b"\n"))
            self.send(found.group(1).rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n")
        self.mta.wait_for_mail("eve")
        content, = self.mta.mailbox("eve").values()
        head, _, text = content.replace(b"\r\n", b"\n").partition(b"\n\n")
        self.assertIn(b"Message-ID: <big@siroe.edu>", head)
        self.assertEqual(text, body.replace(b"\r\n", b"\n"))


if __name__ == "__main__":
    unittest.main()
