"""Programs of others read our log: fail2ban's filter for the family's XML form, logwatch's services for qmail."""
import base64
import shutil
import subprocess
import unittest

import harness


@unittest.skipUnless(shutil.which("fail2ban-regex"), "needs fail2ban")
class Fail2ban(harness.MtaTest):
    def banned(self, text):
        """Addresses that the filter `oracleims` finds in the lines, one for each match."""
        log = self.mta.directory / "sample.log"
        log.write_text(text)
        done = subprocess.run(["fail2ban-regex", "--out", "ip", log, "oracleims"], capture_output=True, text=True, check=False,
                              timeout=60)
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        return done.stdout.split()

    def test_failed_log_ins_are_found_and_nothing_else(self):
        self.mta = self.instance(files={"option.dat": "LOG_FORMAT=4\nLOG_CONNECTION=255\n"})
        samples = subprocess.run([harness.BIN / "log_samples", "4"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(len(samples.splitlines()), 5)
        self.assertEqual(self.banned(samples), ["198.51.100.9"] * 4, "the failures, each with the client's address")

        self.mta.start()
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["eve@example.com"], "Subject: x\r\n\r\nHello\r\n")
            client.docmd("AUTH", "PLAIN AGFkYW0AeA==")
            client.mail("amy@siroe.edu")
            client.rcpt('nobody" mi="Bad password" us="" di="535 5.7.8 Bad username or password."@example.com')
        self.mta.wait_for_mail("eve")
        self.mta.wait_for_log(' dr="\\+" ac="C"')
        self.assertEqual(self.banned(self.mta.read("log/mail.log_current")), [], "no peer can get another banned")

    def test_a_pattern_for_qmail_finds_failed_log_ins(self):
        """What LOG_QMAIL writes, by the renderer of that log, with a pattern as sites have it for qmail."""
        self.mta = self.instance(files={"option.dat": "LOG_FORMAT=4\nLOG_CONNECTION=255\n"})
        samples = subprocess.run([harness.BIN / "log_samples", "4"], capture_output=True, text=True, check=True).stdout
        (self.mta.directory / "samples.xml").write_text(samples)
        lines = self.mta.imsimta("logconv", "-to=qmail", self.mta.directory / "samples.xml").stdout
        self.assertEqual(lines.count("AUTH failed"), 4, lines)
        log = self.mta.directory / "qmail.log"
        log.write_text(lines + "@40000000433225833b6e1a8c qmail-smtpd[7]: MAIL FROM:<x_AUTH_failed_[192.0.2.66]_a>\n")
        done = subprocess.run(["fail2ban-regex", "--out", "ip", log, r"qmail-smtpd\[\d+\]: AUTH failed \[<HOST>\]"],
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        self.assertEqual(done.stdout.split(), ["198.51.100.9"] * 4)


    def test_a_pattern_for_qmail_finds_what_the_server_wrote(self):
        self.mta = self.instance(
            keywords={"tcp_local": "maysaslserver"},
            files={"option.dat": "LOG_QMAIL=1\nLOG_TIMESTAMP=none\n",
                   "security.cnf": "FIRST_DELAY=0\nLONGEST_DELAY=0\n[RULESET=DEFAULT]\nMECHANISMS_WITHOUT_TLS=PLAIN\n"})
        self.mta.imsimta("passwd", "add", "amy", input="pencil\n")
        self.mta.start()
        words = lambda user, password: base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        with self.mta.smtp(source="127.0.0.2") as client:
            for user, password in (("amy", "wrong"), ("x\nqmail-smtpd[1]: AUTH failed [192.0.2.66] y", "z"), ("amy", "pencil")):
                client.docmd("AUTH", "PLAIN " + words(user, password))
        log = next((self.mta.directory / "log").glob("qmail-smtpd*")) / "current"
        harness.wait_for(lambda: "AUTH successful [127.0.0.2] amy" in log.read_text(), "the log-in")
        done = subprocess.run(["fail2ban-regex", "--out", "ip", "-d", "{NONE}", log, r"^qmail-smtpd\[\d+\]: AUTH failed \[<HOST>\]"],
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        self.assertEqual(done.stdout.split(), ["127.0.0.2"] * 2, log.read_text())


@unittest.skipUnless(shutil.which("logwatch"), "needs logwatch")
class Logwatch(harness.MtaTest):
    """Its services qmail-send and qmail-smtpd, on the directories that LOG_QMAIL fills."""

    def test_report_of_a_day(self):
        sink = self.sink(options=["-f", "RCPT"])  # refuses all recipients for good
        dns = self.dns("far.example. A 127.0.0.1")
        mta = self.mta = self.instance(files={"option.dat": "LOG_QMAIL=1\n"}, dns=dns.address, relay_port=sink.port).start()
        count = 12  # it names whom more than ten are for
        for _ in range(count):
            with mta.smtp(source="127.0.0.9") as client:
                client.sendmail("amy@siroe.edu", ["eve@example.com"], "Subject: x\r\n\r\nHello\r\n")
        with mta.smtp() as client:
            client.sendmail("amy@siroe.edu", ["bob@far.example"], "Subject: x\r\n\r\nHello\r\n")
        mta.wait_for_mail("eve", count)
        mta.wait_for_log(r" R .*bob@far\.example")
        mta.stop()
        logs = mta.directory / "for-logwatch"
        (logs / "qmail/smtpd").mkdir(parents=True)
        (logs / "qmail/current").symlink_to(mta.directory / "log/qmail-send/current")
        served = next((mta.directory / "log").glob("qmail-smtpd*/current"))
        (logs / "qmail/smtpd/current").symlink_to(served)
        done = subprocess.run(["logwatch", "--service", "qmail-send", "--service", "qmail-smtpd", "--logdir", logs, "--range", "all",
                               "--detail", "high", "--output", "stdout", "--format", "text"],
                              capture_output=True, text=True, check=True, timeout=120)
        self.assertRegex(done.stdout, rf"(?m)^\s*eve@\S+ - +{count} Time", done.stdout)
        self.assertRegex(done.stdout, rf"(?m)^\s*amy@siroe\.edu - +{count + 1} Time")
        self.assertRegex(done.stdout, r"(?m)^\s*Failure\(5\d\d\) - +1 Time")
        self.assertRegex(done.stdout, rf"(?m)^\s*127\.0\.0\.9 - +{count} Time")


if __name__ == "__main__":
    unittest.main()
