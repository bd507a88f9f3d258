"""Switches of the logs beside the fields of an entry: which commands are logged, how recipients were looked for, transcripts, the
standard output, change by size, and the *_DEBUG options."""
import json
import re
import socket
import unittest

import harness
from smtp_peer import SmtpPeer

MESSAGE = "From: amy@siroe.edu\r\nMessage-ID: <1@siroe.edu>\r\nSubject: x\r\n\r\nsecret text\r\n"


def options(text):
    return {"option.dat": lambda shipped: shipped + "\n" + text + "\n"}


class LogSwitches(harness.MtaTest):
    def start(self, text="", files=None, **settings):
        self.mta = self.instance(files={**options(text), **(files or {})}, **settings)
        return self.mta.start()

    def talk(self, *bursts):
        """Sends each at once and reads a reply for each of its lines."""
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30) as connection:
            lines = connection.makefile("rb")
            lines.readline()
            for octets in bursts:
                connection.sendall(octets)
                for _ in range(octets.count(b"\n")):
                    while lines.readline()[3:4] == b"-":
                        pass

    def send(self, recipients=("eve@example.com",), source="127.0.0.1"):
        with self.mta.smtp(source=source) as client:
            return client.sendmail("amy@siroe.edu", list(recipients), MESSAGE)

    def wait_for_text(self, read, pattern):
        return harness.wait_for(lambda: re.search(pattern, read(), re.MULTILINE), lambda: f"{pattern!r} in\n" + read())

    def component(self, name):
        return lambda: self.mta.component_log(name)

    def test_commands_are_logged_when_they_succeed(self):
        mta = self.start("LOG_COMMANDS=mail,rcpt\nLOG_CONNECTION=1")
        self.talk(b"EHLO client.test\r\n", b"MAIL FROM:<amy@siroe.edu>\r\nRCPT TO:<eve@example.com>\r\nRCPT TO:<nobody@example.com>\r\n"
                  b"RSET\r\nQUIT\r\n")
        host = r"client\.test \(\[127\.0\.0\.1\]\)"
        mta.wait_for_log(rf" tcp_intranet M 0 amy@siroe\.edu rfc822; {host}$")
        mta.wait_for_log(rf" tcp_intranet N 0 amy@siroe\.edu rfc822; eve@example\.com {host}$")
        mta.wait_for_log(r" J 0 amy@siroe\.edu .*nobody@")
        self.assertEqual(len(mta.find_log(" N 0 ")), 1, "who was refused is not among them")
        qmail = mta.imsimta("logconv", "-to=qmail", mta.directory / "log/mail.log_current").stdout
        self.assertRegex(qmail, r"qmail-smtpd\[\d+\]: MAIL FROM:<amy@siroe\.edu>")
        self.assertRegex(qmail, r"qmail-smtpd\[\d+\]: RCPT TO:<eve@example\.com>")

    def test_one_kind_of_command(self):
        mta = self.start("LOG_COMMANDS=rcpt")
        self.send()
        mta.wait_for_log(" N 0 ")
        mta.wait_for_log(" E 1 ")
        self.assertEqual(mta.find_log(" M 0 "), [])

    def test_search_for_a_recipient(self):
        mta = self.start("LOG_RCPT_TRACE=1\nLOG_QMAIL=1\nLOG_TIMESTAMP=none")
        self.talk(b"EHLO client.test\r\n", b"MAIL FROM:<amy@siroe.edu>\r\nRCPT TO:<Eve@example.com>\r\nRCPT TO:<nobody@example.com>\r\n"
                  b"QUIT\r\n")
        read = self.component("tcp_smtp_server.log")
        self.wait_for_text(read, r"\[127\.0\.0\.1\] recipient reject: nobody@example\.com$")
        told = re.findall(r"\] recipient (.*)", read())
        self.assertEqual(told[0], "RCPT TO: Eve@example.com")
        self.assertIn("trying: Eve", told)
        self.assertEqual(told[told.index("RCPT TO: nobody@example.com") - 1].split(":")[0], "found")
        self.assertIn("trying: nobody", told)
        qmail = lambda: "".join(path.read_text() for path in (mta.directory / "log").glob("qmail-smtpd*/current"))
        self.wait_for_text(qmail, r"validrcptto \[127\.0\.0\.1\] reject: nobody@")
        lines = re.findall(r"validrcptto \[127\.0\.0\.1\] (.*)", qmail())
        self.assertEqual(lines[0], "RCPT TO: Eve@example.com")
        self.assertEqual([line for line in lines if line.startswith("RCPT TO:")], [lines[0], "RCPT TO: nobody@example.com"])
        self.assertTrue(any(line.startswith("found: ") for line in lines), lines)

    def transcript(self, name):
        return lambda: self.mta.read(f"log/{name}/current")

    def test_transcript_of_both_sides(self):
        peer = SmtpPeer("127.0.0.1", 0)
        self.addCleanup(peer.close)
        dns = self.dns("dest.example. A 127.0.0.1")
        mta = self.start(dns=dns.address, relay_port=peer.port, keywords={"tcp_intranet": "transcript", "tcp_local": "transcript"})
        self.send(["eve@example.com", "bob@dest.example"])
        mta.wait_for_log(r" D .*bob@dest\.example")
        server, client = self.transcript("transcript"), self.transcript("transcript-tcp_local")
        self.wait_for_text(server, r" > 221 ")
        self.assertRegex(server(), r"(?m)^@[0-9a-f]{24} \d+ > 220 .*$")
        self.assertRegex(server(), r"(?m) < mail FROM:<amy@siroe\.edu>")
        self.assertRegex(server(), r"(?m) < \[\d+ octets of a message\]$")
        self.wait_for_text(client, r" < 221 |\d+ > QUIT")
        self.assertRegex(client(), r"(?m) < 220 ")
        self.assertRegex(client(), r"(?m) > RCPT TO:<bob@dest\.example>")
        self.assertRegex(client(), r"(?m) > \[\d+ octets of a message\]$")
        for read in (server, client):
            self.assertNotIn("secret text", read())
            numbers = {line.split()[1] for line in read().splitlines()}
            self.assertGreaterEqual(len(numbers), 1)

    def test_transcripts_and_debug_logs_show_no_secrets(self):
        mta = self.start(keywords={"tcp_intranet": "transcript slave_debug"})
        self.talk(b"EHLO client.test\r\n", b"AUTH LOGIN\r\nYWRhbQ==\r\nc2VjcmV0\r\n", b"AUTH PLAIN AGFkYW0Ac2VjcmV0\r\n", b"NOOP\r\n",
                  b"QUIT\r\n")
        self.wait_for_text(self.transcript("transcript"), r" > 221 ")
        self.wait_for_text(self.component("tcp_smtp_server.log"), r"\] > 221 ")
        mta.stop()
        for text in (self.transcript("transcript")(), mta.component_log("tcp_smtp_server.log")):
            self.assertIn("< AUTH LOGIN", text)
            self.assertIn("< NOOP", text)
        for text in (self.transcript("transcript")(), mta.component_log("tcp_smtp_server.log"), mta.read("log/mail.log_current")):
            for secret in ("YWRhbQ", "c2VjcmV0", "AGFkYW0"):
                self.assertNotIn(secret, text)

    def test_transcript_with_the_message(self):
        self.start("TRANSCRIPT_FULL=1\nDEBUG_PEER=127.0.0.9")
        self.send(source="127.0.0.9")
        self.send(source="127.0.0.1")
        self.wait_for_text(self.transcript("transcript"), r" < secret text$")
        self.assertEqual(self.transcript("transcript")().count("secret text"), 1, "the other client is not recorded")

    def output(self):
        return self.mta.read("watcher.out")

    def test_standard_output_in_json(self):
        mta = self.start("LOG_STDOUT=json")
        self.send()
        mta.wait_for_mail("eve")
        self.wait_for_text(self.output, r'^\{.*"ac":"D"')
        entries = [json.loads(line) for line in self.output().splitlines() if line.startswith("{")]
        self.assertIn(("E", "eve"), [(entry["ac"], entry["de"]) for entry in entries if entry["el"] == "en"])
        self.assertEqual(len(mta.find_log(" E 1 ")), 1, "the file has it as well")

    def test_standard_output_as_the_file_and_as_qmail(self):
        mta = self.start("LOG_STDOUT=pmdf")
        self.send()
        mta.wait_for_log(r" l D 1 .*eve")
        self.wait_for_text(self.output, r"^\d\d-\w{3}-\d{4} .* D 1 amy@siroe\.edu ")
        (mta.directory / "config/option.dat").write_text(
            (mta.directory / "config/option.dat").read_text().replace("LOG_STDOUT=pmdf", "LOG_STDOUT=qmail\nLOG_TIMESTAMP=none"))
        mta.imsimta("cnbuild")
        mta.imsimta("reload")
        harness.wait_for(lambda: self.send() == {} and "new msg" in self.output(), lambda: "a line of qmail in\n" + self.output())
        self.wait_for_text(self.output, r"^qmail-smtpd\[\d+\]: MAIL FROM:<amy@siroe\.edu>$")

    def test_change_by_size_keeps_every_line(self):
        mta = self.start("LOG_ROTATE_SIZE=3000\nLOG_CONNECTION=2\nSEPARATE_CONNECTION_LOG=1")
        count = 40
        for number in range(count):
            with mta.smtp() as client:
                client.sendmail("amy@siroe.edu", ["eve@example.com"], f"Message-ID: <m{number}@siroe.edu>\r\n\r\ntext\r\n")
        mta.wait_for_mail("eve", count)
        log = mta.directory / "log"

        def everything():
            files = [path for path in sorted(log.glob("mail.log_current*"))]
            return "".join(path.read_text() for path in files), files
        harness.wait_for(lambda: len(re.findall(r" D +1 ", everything()[0])) == count, "all deliveries in the log")
        text, files = everything()
        self.assertEqual(len(re.findall(r" E +1 ", text)), count)
        rotated = [path for path in files if path.name != "mail.log_current"]
        self.assertGreaterEqual(len(rotated), 2)
        for path in rotated:
            self.assertRegex(path.name, r"^mail\.log_current\.\d{8}T\d{6}\.\d{6}$")
            self.assertLess(path.stat().st_size, 3000 + 2000)
        self.assertTrue(list(log.glob("connection.log_current.*")))
        found = mta.json("track", "-message_id=<m0@siroe.edu>")
        self.assertEqual(found[0]["steps"][-1]["what"], "delivered", "the oldest file is looked at too")
        done = mta.imsimta("return_job", "-rollover", "-json").stdout
        self.assertIn("LOG_ROTATE_SIZE changes it", done)
        self.assertFalse((log / "mail.log_yesterday").exists())

    def test_change_by_size_keeps_so_many_files(self):
        mta = self.start("LOG_ROTATE_SIZE=400\nLOG_ROTATE_NUM=2")
        for _ in range(8):
            self.send()
        mta.wait_for_mail("eve", 8)
        rotated = lambda: list((mta.directory / "log").glob("mail.log_current.*"))
        harness.wait_for(lambda: len(rotated()) == 2, lambda: f"two files, there are {len(rotated())}")

    def test_debug_of_the_post_job_the_cache_and_the_system(self):
        mta = self.start("POST_DEBUG=1\nCACHE_DEBUG=1\nOS_DEBUG=1", keywords={"l": "master_debug", "tcp_local": "slave_debug"})
        self.send()
        mta.wait_for_mail("eve")
        server, master = self.component("tcp_smtp_server.log"), self.component("l_master.log")
        self.wait_for_text(server, r"cache: l/\d{3}/ZZ\w+\.00 announced")
        self.wait_for_text(server, r"system: (create|sync|write) .*, \d+ us$")
        self.wait_for_text(master, r"post: thread 1: \d{3}/ZZ\w+\.00, attempt 1")
        self.wait_for_text(master, r"post: \d{3}/ZZ\w+\.00 finished")
        self.wait_for_text(master, r"system: lock .*, \d+ us$")

    def test_they_say_nothing_on_channels_that_are_not_debugged(self):
        mta = self.start("POST_DEBUG=1\nCACHE_DEBUG=1\nOS_DEBUG=1")
        self.send()
        mta.wait_for_mail("eve")
        mta.stop()
        for name in ("tcp_smtp_server.log", "l_master.log"):
            self.assertNotRegex(mta.component_log(name), "(?m): I (post|cache|system): ")

    def test_a_channel_switch_takes_the_log_options_along(self):
        mta = self.start("LOG_CONNECTION=0", files={"tcp_local_option": "LOG_CONNECTION=2\n", "tcp_intranet_option": "LOG_CONNECTION=1\n"})
        self.send()
        mta.wait_for_log(r" tcp_intranet l E 1 .* client\.test \(\[127\.0\.0\.1\]\)$")
        mta.wait_for_log(r" tcp_local \+ O TCP\|")
        mta.stop()
        self.assertEqual(mta.find_log(r" \+ C "), [], "the closing entry is of the channel that the session went to")

    def test_the_configuration_is_checked(self):
        mta = self.instance(files=options(
            "LOG_STDOUT=json\nLOG_COMMANDS=mail\nLOG_RCPT_TRACE=1\nLOG_ROTATE_SIZE=1M\nLOG_ROTATE_NUM=3\nPOST_DEBUG=1\nCACHE_DEBUG=1\n"
            "OS_DEBUG=1"), keywords={"tcp_local": "transcript"})
        done = mta.imsimta("cnbuild", check=False)
        self.assertNotIn("W420", done.stdout + done.stderr)
        self.assertNotIn("W310", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
