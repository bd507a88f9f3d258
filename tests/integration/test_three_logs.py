"""mail.log, the Post.Office log and qmail's logs of one scenario, and what switches them."""
import re
import socket
import time
import unittest

import harness

EXAMPLE = r"\d{14}[+-]\d{4}:"
STAMP = r"@4[0-9a-f]{23} "

OPTIONS = """
LOG_CONNECTION=7
LOG_POSTOFFICE=1
LOG_QMAIL=1
LOG_QMAIL_SIZE=1M
"""


class ThreeLogs(harness.MtaTest):
    def postoffice(self):
        """Lines of the Post.Office log, without the control records."""
        text = "".join(path.read_text() for path in sorted((self.mta.directory / "log/post.office").glob("*.log")))
        return [line for line in text.splitlines() if not line.startswith("\t")]

    def qmail(self, name):
        """Lines of one of qmail's logs, oldest first, without their stamps."""
        folder = self.mta.directory / "log" / name
        files = sorted(folder.glob("@*")) + [folder / "current"]
        lines = [line for path in files if path.exists() for line in path.read_text().splitlines()]
        for line in lines:
            self.assertRegex(line, "^" + STAMP)
        return [line[26:] for line in lines]

    def smtpd(self):
        return self.qmail(f"qmail-smtpd-{self.mta.port}")

    def wait(self, lines, *patterns):
        """Waits for lines that match, and returns a match of each pattern."""
        def found():
            text = lines()
            matches = [next((m for line in text if (m := re.fullmatch(pattern, line))), None) for pattern in patterns]
            return all(matches) and matches
        return harness.wait_for(found, lambda: f"{patterns}; there is:\n" + "\n".join(lines()))

    def start(self, options="", **settings):
        self.mta = self.instance(files={"option.dat": lambda text: text + OPTIONS + options}, **settings)
        return self.mta.start()

    def test_one_scenario(self):
        """Spec section 8.6: one local and one remote recipient, the remote host refuses connections at first."""
        relay_port = harness.free_port()
        dns = self.dns("far.example. IN MX 10 mx.far.example.", "mx.far.example. IN A 127.0.0.1")
        self.start(dns=dns.address, relay_port=relay_port, local_users=("b", "adam"),
                   keywords={"tcp_local": 'backoff "pt2s"'})
        with self.mta.smtp() as client:
            client.sendmail("a@x.example", ["b@example.com", "c@far.example"], "Subject: x\r\n\r\n" + ("x" * 70 + "\r\n") * 28)
        self.mta.wait_for_mail("b")
        self.mta.wait_for_log(r" Q ")
        sink = self.sink(port=relay_port)
        self.mta.wait_for_empty_queue()
        harness.wait_for(sink.messages, "the message at its next hop")

        send = lambda: self.qmail("qmail-send")
        new, *_ = self.wait(send, r"new msg (\d+)", r"end msg (\d+)")
        number = new[1]
        self.assertEqual(19, len(number))
        self.wait(send, rf"info msg {number}: bytes \d+ from <a@x\.example> qp \d+ uid \d+", rf"end msg {number}")
        local, remote = self.wait(send, rf"starting delivery (\d+): msg {number} to local b@example\.com",
                                  rf"starting delivery (\d+): msg {number} to remote c@far\.example")
        self.wait(send, rf"delivery {local[1]}: success: did_1\+0\+0/",
                  r"delivery \d+: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection\._\(#4\.4\.1\)/",
                  r"delivery \d+: success: 127\.0\.0\.1_accepted_message\./Remote_host_said:_250_.*/")
        lines = send()
        self.assertEqual(1, len([line for line in lines if line.startswith("new msg")]), lines)
        self.assertEqual(1, len([line for line in lines if line.startswith("end msg")]), lines)
        started = re.findall(r"starting delivery (\d+): msg (\d+) to", "\n".join(lines))
        ended = re.findall(r"^delivery (\d+): ", "\n".join(lines), re.MULTILINE)
        self.assertEqual({number}, {message for _, message in started})
        self.assertEqual(len(started), len(set(started)))
        self.assertGreaterEqual(len(started), 3, "local, remote that fails, remote that succeeds")
        self.assertEqual(sorted(delivery for delivery, _ in started), sorted(ended))
        self.assertRegex(lines[0], r"^status: local 0/\d+ remote 0/\d+$", "the queue manager begins")
        statuses = [line for line in lines if line.startswith("status: ")]
        self.assertRegex(statuses[-1], r"^status: local 0/\d+ remote 0/\d+$")
        self.assertTrue(any(re.match(r"status: (local 1|local \d+/\d+ remote 1)", line) for line in statuses), statuses)

        pid, ok, end = self.wait(self.smtpd, r"tcpserver: pid (\d+) from 127\.0\.0\.1",
                                 r"tcpserver: ok (\d+) \S+:127\.0\.0\.1:\d+ \S*:127\.0\.0\.1::\d+",
                                 r"tcpserver: end (\d+) status 0")
        p = next(line for line in self.smtpd() if "MAIL FROM:<a@x.example>" in line)
        session = re.match(r"qmail-smtpd\[(\d+)\]", p)[1]
        self.wait(self.smtpd, rf"tcpserver: pid {session} from .*", rf"tcpserver: ok {session} .*",
                  rf"qmail-smtpd\[{session}\]: RCPT TO:<b@example\.com>",
                  rf"qmail-smtpd\[{session}\]: RCPT TO:<c@far\.example>",
                  rf"tcpserver: end {session} status 0", r"tcpserver: status: 1/\d+", r"tcpserver: status: 0/\d+")
        order = [line for line in self.smtpd() if re.search(rf"(pid|ok|end) {session} |\[{session}\]:", line)]
        # The dispatcher writes the first, the server the others, each when it gets to it.
        own = [line for line in order if "tcpserver: pid" not in line]
        self.assertEqual(len(own), len(order) - 1)
        self.assertRegex(own[0], "ok")
        self.assertRegex(own[-1], "end")

        id_ = r"\d{17}\.[A-Z]{3}\d+@\S+?"
        received, *_ = self.wait(
            self.postoffice,
            EXAMPLE + rf"SMTP-Accept:Received:\[127\.0\.0\.1\]:({id_}):\d+:\d+:<a@x\.example>:<b@example\.com>,<c@far\.example>")
        own = re.escape(received[1])
        self.wait(self.postoffice, EXAMPLE + r"SMTP-Accept:Connect:\[127\.0\.0\.1\]",
                  EXAMPLE + r"SMTP-Accept:Close:\[127\.0\.0\.1\]:\d+:1:20\d\d",
                  EXAMPLE + rf"SMTP-Router:{own}", EXAMPLE + rf"Mailbox-Deliver:{own}:b",
                  EXAMPLE + rf"SMTP-Deliver:{own}:Deferred:\d+:\S+:<a@x\.example>:<c@far\.example>",
                  EXAMPLE + rf"SMTP-Deliver:{own}:Delivered:\d+:mx\.far\.example:<a@x\.example>:<c@far\.example>")

        self.assertEqual(2, len(self.mta.find_log(r" E\w* \d")), self.mta.log_lines())
        for pattern in (r" \+ O ", r" \+ C "):
            self.mta.wait_for_log(pattern)
        for code in "DQ":
            self.mta.wait_for_log(rf" {code}\w* \d")

        self.mta.stop()
        self.wait(send, "status: local 0/\\d+ remote 0/\\d+ exitasap", "status: qmail-todo stop processing asap",
                  "status: exiting")
        self.assertEqual(0o740, (self.mta.directory / "log/qmail-send/current").stat().st_mode & 0o777,
                         "left in good order")
        shown = self.mta.imsimta("tai64nlocal", self.mta.directory / "log/qmail-send/current").stdout
        self.assertRegex(shown.splitlines()[0], r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} status: ")

    def test_refusals_and_hostile_words(self):
        """What clients say ends up in one line each, in both logs."""
        self.start()
        with socket.create_connection(("127.0.0.1", self.mta.port)) as raw:
            raw.recv(512)
            for command in (b"EHLO x\r\n", b"WIZ\r\n", b"VRFY <eve@example.com>\r\n", b"ETRN @example.com\r\n",
                            b"MAIL FROM:<\"a\x1b\x80>\\\"b\"@x.example>\r\n", b"MAIL FROM:<a@x.example>\r\n",
                            b"RCPT TO:<nobody@example.com>\r\n", b"RSET\r\n"):
                raw.sendall(command)
                raw.recv(2048)
            # Gone without QUIT.
        self.wait(self.postoffice, EXAMPLE + r"SMTP-Accept:Alert:\[127\.0\.0\.1\]:Client issued ``WIZ''",
                  EXAMPLE + r"SMTP-Accept:Verify:\[127\.0\.0\.1\]:<eve@example\.com>",
                  EXAMPLE + r"SMTP-Accept:Abort:\[127\.0\.0\.1\]:\d+:0:0")
        self.wait(self.smtpd, r"qmail-smtpd\[\d+\]: MAIL FROM:<a@x\.example>",
                  r"qmail-smtpd\[\d+\]: validrcptto \[127\.0\.0\.1\] reject: nobody@example\.com",
                  r"tcpserver: end \d+ status 256")
        for line in self.postoffice():
            self.assertRegex(line, "^" + EXAMPLE + r"[A-Z][A-Za-z-]+:[ -~]*$")
        for line in self.smtpd():
            self.assertRegex(line, r"^(tcpserver|qmail-smtpd\[\d+\]|rblsmtpd): [ -~]*$")

    def test_undeliverable_mail_has_its_control_record(self):
        dns = self.dns("dead.example. IN MX 0 .")
        self.start(dns=dns.address)
        with self.mta.smtp() as client:
            client.sendmail("adam@example.com", ["x@dead.example"], "Subject: x\r\n\r\ntext\r\n")
        self.mta.wait_for_mail("adam")
        self.wait(self.postoffice, EXAMPLE + r"Error-Handler:\d{17}\.[A-Z]{3}\d+@\S+-Undeliverable|"
                  + EXAMPLE + r"Error-Handler:\d{17}\.[A-Z]{3}\d+@\S+-Unknown")
        text = next((self.mta.directory / "log/post.office").glob("*.log")).read_text()
        record = re.search(r"Error-Handler:.*\n((?:\t.*\n)+)", text)[1]
        names = [line[1:line.index(":")] for line in record.splitlines()]
        self.assertEqual(["Function", "Control-Type", "Priority", "Submitted-Date", "MIME-Encoding", "Host-From", "User-From",
                          "Message-Size", "Channel-To", "Error", "Error-Text", "Trace", "Trace"], names)
        self.assertIn("\tUser-From: SMTP<adam@example.com>\n", record)
        self.assertIn("\tChannel-To: SMTP <x@dead.example>\n", record)

    def test_switches_take_effect_at_once(self):
        """In a session that goes on, in today's file."""
        self.start("LOG_POSTOFFICE_EVENTS=all\n")
        with self.mta.smtp() as client:
            client.vrfy("eve@example.com")
            self.wait(self.postoffice, EXAMPLE + r"SMTP-Accept:Verify:\[127\.0\.0\.1\]:<eve@example\.com>")
            options = self.mta.directory / "config/option.dat"
            options.write_text(options.read_text().replace("EVENTS=all", "EVENTS=all,-Verify"))
            self.mta.imsimta("cnbuild")
            self.mta.imsimta("reload")
            before = len(self.postoffice())
            client.vrfy("eve@example.com")
            client.sendmail("a@x.example", ["eve@example.com"], "Subject: x\r\n\r\ntext\r\n")
            self.wait(self.postoffice, EXAMPLE + r"Mailbox-Deliver:\S+:eve")
        verified = [line for line in self.postoffice() if "Verify" in line]
        self.assertEqual(1, len(verified), verified)
        self.assertGreater(len(self.postoffice()), before)

    def test_rotation(self):
        self.mta = self.instance(files={"option.dat": lambda text: text + "\nLOG_QMAIL=1\nLOG_QMAIL_SIZE=2000\nLOG_QMAIL_NUM=3\n"})
        self.mta.start()
        with self.mta.smtp() as client:
            for number in range(60):
                client.sendmail("a@x.example", ["eve@example.com"], f"Subject: {number}\r\n\r\ntext\r\n")
        self.mta.wait_for_mail("eve", 60)
        folder = self.mta.directory / "log/qmail-send"
        harness.wait_for(lambda: len(list(folder.glob("@*.s"))) == 3, "three old files")
        self.mta.stop()
        self.assertEqual([], list(folder.glob("@*.u")), "nothing crashed")
        for path in folder.glob("@*.s"):
            self.assertGreaterEqual(path.stat().st_size, 2000)
            for line in path.read_text().splitlines():
                self.assertRegex(line, "^" + STAMP + "(new|info|end|starting|delivery|status)")


if __name__ == "__main__":
    unittest.main()
