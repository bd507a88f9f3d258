"""mail.log for programs: every line is an element or an object, whatever a peer says."""
import json
import socket
import unittest
import xml.etree.ElementTree as ElementTree

import harness

OPTIONS = "\nLOG_FORMAT={}\nLOG_CONNECTION=255\nLOG_MESSAGE_ID=1\nLOG_PROCESS=1\nLOG_FILENAME=1\nLOG_USERNAME=1\nLOG_NOTARY=1\n"


class Logs(harness.MtaTest):
    def lines(self, format):
        self.mta = self.instance(files={"option.dat": lambda text: text + OPTIONS.format(format)})
        self.mta.start()
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["eve@example.com"],
                            "Message-ID: <\"&<>@siroe.edu>\r\nSubject: x\r\n\r\ntext\r\n")
        with socket.create_connection(("127.0.0.1", self.mta.port)) as raw:
            raw.recv(512)
            for command in (b"EHLO x.test\r\n", b"NO </en>\x85\x01\"}\\\r\n", b"MAIL FROM:<\"a\\\"b\"@siroe.edu>\r\n",
                            b"RCPT TO:<nobody&@example.com>\r\n", b"QUIT\r\n"):
                raw.sendall(command)
                raw.recv(2048)
        self.mta.wait_for_mail("eve")
        harness.wait_for(lambda: self.mta.find_log('"J"') and self.mta.find_log('"D"'), "the log")
        return self.mta.log_lines()

    def check(self, entries):
        """`entries`: name and attributes of each line."""
        codes = {attributes["ac"] for _, attributes in entries}
        self.assertTrue({"E", "D", "J", "O", "C"} <= codes, codes)
        enqueued = next(attributes for name, attributes in entries if attributes["ac"] == "E")
        self.assertEqual((enqueued["so"], enqueued["de"], enqueued["mi"]), ("amy@siroe.edu", "eve", '<"&<>'))
        refused = next(attributes for name, attributes in entries if attributes["ac"] == "J")
        self.assertEqual(refused["de"], "nobody&@example.com")

    def test_xml(self):
        elements = [ElementTree.fromstring(line) for line in self.lines(4)]
        self.check([(element.tag, element.attrib) for element in elements])

    def test_json(self):
        objects = [json.loads(line) for line in self.lines(5)]
        self.assertTrue(all(isinstance(one["sz"], int) for one in objects if one["el"] == "en"))
        self.check([(one["el"], one) for one in objects])


if __name__ == "__main__":
    unittest.main()
