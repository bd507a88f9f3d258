"""Programs of others read our log: fail2ban's filter for the family's XML form."""
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


if __name__ == "__main__":
    unittest.main()
