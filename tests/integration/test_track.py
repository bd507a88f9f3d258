"""Messages are found again: track over current, yesterday's and cumulative logs, while they are written, in every format."""
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/support"))
import certificates  # noqa: E402

OPTIONS = "\nLOG_MESSAGE_ID=1\nLOG_FILENAME=1\nLOG_CONNECTION=3\nLOG_PROCESS=1\n"


EVERY_OPTION = "\n" + "".join(f"LOG_{name}=1\n" for name in (
    "ENVELOPE_ID", "FILENAME", "FILTER", "HOLD", "INTERMEDIATE", "LOCAL", "MESSAGE_ID", "MODIFIERS", "NODE", "NOTARY", "PRIORITY",
    "PROCESS", "QUEUE_TIME", "REASON", "REMOTE_MTA", "SENSITIVITY", "SESSION", "TIMING", "USERNAME")) + "LOG_CONNECTION=255\n"


class Track(harness.MtaTest):
    def start(self, more=""):
        sink = self.sink(options=["-f", "RCPT"])
        dns = self.dns("dest.example. IN A 127.0.0.1")
        self.mta = self.instance(dns=dns.address, relay_port=sink.port,
                                 files={"option.dat": lambda text: text + OPTIONS + more})
        self.mta.start()

    def send(self, recipients, number, sender="adam@example.com"):
        with self.mta.smtp() as client:
            client.sendmail(sender, recipients, f"Message-ID: <track-{number}@example.com>\r\nSubject: x\r\n\r\nhello\r\n")

    def story(self, *arguments, check=True):
        return [json.loads(line) for line in self.mta.imsimta("track", *arguments, "-json", check=check).stdout.splitlines()]

    def whats(self, story):
        return [step["what"] for step in story["steps"]]

    def wait_for_bounce(self):
        self.mta.wait_for_mail("adam")
        self.mta.wait_for_empty_queue()

    def test_bounce_is_one_story_across_a_rollover(self):
        self.start()
        self.send(["bob@dest.example", "eve@example.com"], 1)
        self.send(["eve@example.com"], 2)
        self.wait_for_bounce()
        self.mta.wait_for_mail("eve", count=2)
        story = harness.wait_for(lambda: next((s for s in self.story("-message_id=track-1@example.com") if s["complete"]), None),
                                 "the complete story")
        self.assertEqual(story["from"], "adam@example.com")
        self.assertEqual({one["to"].split(" ")[-1].strip("()"): one["state"] for one in story["recipients"]},
                         {"bob@dest.example": "bounced", "eve@example.com": "delivered"})
        whats = self.whats(story)
        self.assertEqual(whats[:2], ["accepted", "accepted"])
        self.assertLess(whats.index("notified"), whats.index("bounced"))
        self.assertEqual(len(story["message_ids"]), 2, "the message and its notification")
        self.assertFalse(any("track-2" in step["line"] for step in story["steps"]))

        # The first half goes to mail.log, the other one to yesterday's; later mail to the current one.
        log = self.mta.directory / "log"
        lines = self.mta.log_lines()
        half = next(i for i, line in enumerate(lines) if " R " in line)
        (log / "mail.log").write_text("\n".join(lines[:half]) + "\n")
        (log / "mail.log_yesterday").write_text("\n".join(lines[half:]) + "\n")
        (log / "mail.log_current").write_text("")
        again, = self.story("-message_id=<track-1@example.com>")
        self.assertEqual(again["steps"], story["steps"])
        self.assertTrue(again["complete"])
        self.mta.imsimta("track", "-index")
        self.assertEqual(self.story("-to=bob@dest.example")[0]["steps"], story["steps"])
        shutil.rmtree(log / "track_index")
        self.assertEqual(len(self.story("-from=adam@*", "-list")), 2)
        self.assertEqual(self.mta.imsimta("track", "-to=nobody@dest.example", check=False).returncode, 4)

    def test_every_format_tells_the_same(self):
        for format in (1, 3, 4, 5):
            with self.subTest(format=format):
                self.start(f"LOG_FORMAT={format}\nLOG_NOTARY=1\nLOG_USERNAME=1\n")
                self.send(["bob@dest.example"], 1)
                self.wait_for_bounce()
                story = harness.wait_for(lambda: next((s for s in self.story("-message_id=track-1@example.com") if s["complete"]), None),
                                         "the complete story")
                self.assertEqual(story["state"], "bounced")
                self.assertIn("smtp;500", next(one["reason"] for one in story["recipients"]))
                self.assertEqual(self.whats(story)[0], "accepted")
                done = self.mta.imsimta("logconv", "-json", self.mta.directory / "log/mail.log_current",
                                        "-option_file=" + str(self.mta.directory / "config/option.dat"))
                objects = [json.loads(line) for line in done.stdout.splitlines()]
                self.assertEqual(len(objects), len(self.mta.log_lines()))
                self.assertTrue({"E", "R", "D"} <= {one["ac"] for one in objects})
                counts = [json.loads(line) for line in self.mta.imsimta("statistics", "-json").stdout.splitlines()]
                total = next(one for one in counts if one["section"] == "total")
                self.assertEqual((total["messages"], total["bounced"]), (2, 1), "the notification is a message too")
                self.mta.destroy()

    def test_every_option_is_known_to_the_readers(self):
        """All LOG_* options, and a channel with a LOG_CONNECTION of its own; what real programs wrote is read field by field."""
        for format, own_mask in ((1, 33), (2, 255), (3, 0), (4, 33), (5, 255)):
            with self.subTest(format=format, own_mask=own_mask):
                sink = self.sink(options=["-f", "RCPT"])
                dns = self.dns("dest.example. IN A 127.0.0.1")
                self.mta = self.instance(dns=dns.address, relay_port=sink.port, files={
                    "option.dat": lambda text, options=EVERY_OPTION, number=format: text + options + f"LOG_FORMAT={number}\n",
                    "tcp_local_option": f"LOG_CONNECTION={own_mask}\n"})
                self.mta.start()
                with self.mta.smtp() as client:
                    client.docmd("XYZZY", "20 times <a b>")
                    client.sendmail("adam@example.com", ["bob@dest.example", "eve@example.com"],
                                    "Message-ID: <all-1@example.com>\r\nSubject: x\r\n\r\nhello\r\n")
                self.wait_for_bounce()
                story = harness.wait_for(lambda: next((s for s in self.story("-message_id=all-1@example.com") if s["complete"]), None),
                                         "the complete story")
                self.assertFalse([step for step in story["steps"] if step["what"] == "noted"], "every line is understood")
                reasons = {one["state"]: one["reason"] for one in story["recipients"]}
                self.assertRegex(reasons["bounced"], r"smtp;500.*[^\d ]$", "the measures behind it are no part of the reason")
                self.converted_into_everything(format)
                self.mta.destroy()

    def converted_into_everything(self, format):
        log = self.mta.directory / "log/mail.log_current"
        harness.wait_for(lambda: any(' B' in line or '"ac":"B' in line or ' ac="B' in line for line in self.mta.log_lines()), "the command")
        copies = self.mta.directory / "copies"
        copies.mkdir()
        lines = self.mta.log_lines()
        for target in ("sun", "xml", "json", "postoffice", "qmail"):
            done = self.mta.imsimta("logconv", f"-to={target}", log)
            self.assertNotIn("LOGCONV-W", done.stderr, target)
            copy = copies / f"log.{target}"
            copy.write_text(done.stdout)
            if target in ("sun", "xml", "json"):
                self.assertEqual(len(done.stdout.splitlines()), len(lines), target)
                # What no option says is told by its looks; every line is one.
                again = self.mta.imsimta("logconv", "-json", copy)
                self.assertEqual(len(again.stdout.splitlines()), len(lines), target)
            else:
                again = self.mta.imsimta("logconv", "-json", copy)
                self.assertGreater(len(again.stdout.splitlines()), 5, target)
        objects = [json.loads(line) for line in (copies / "log.json").read_text().splitlines()]
        codes = {one["ac"][0]: one for one in objects if one["el"] == "en"}
        command = codes["B"]
        self.assertEqual(command["de"], "XYZZY 20 times <a b>")
        self.assertRegex(command["di"], r"^5\d\d 5\.\d\.\d .*[^\d ]$")
        self.assertGreater(command["sn"], 0)
        accepted = next(one for one in objects if one.get("mi") == "<all-1@example.com>" and one["ac"][0] == "E")
        self.assertEqual((accepted["so"], accepted["us"][:1] == "", accepted["rf"]), ("adam@example.com", False, 20))
        self.assertIn("tt", accepted)
        self.assertGreater(accepted["sn"], 0)
        self.assertIn("qt", accepted)
        returned = codes["R"]
        self.assertRegex(returned["di"], r"smtp;500.*[^\d ]$")
        self.assertIn("dt", returned)

    def test_who_sent_it_and_how_it_was_protected(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-track-"))
        self.addCleanup(shutil.rmtree, directory, True)
        directory.chmod(0o755)
        server = certificates.Authority(directory).issue("mail.example.com", file=directory / "server.pem", owner=harness.test_account())
        for form, connection in ((1, 97), (4, 97), (5, 97), (1, 3)):
            with self.subTest(form=form, connection=connection):
                self.mta = self.instance(
                    keywords={"tcp_local": "maysaslserver maytlsserver"},
                    files={"option.dat": lambda text, form=form, connection=connection: text + OPTIONS.replace("=3", f"={connection}")
                           + f"LOG_USERNAME=1\nLOG_FORMAT={form}\nTLS_CERTIFICATE_FILE={server}\n",
                           "security.cnf": "[RULESET=DEFAULT]\nMECHANISMS=PLAIN\n"})
                self.mta.imsimta("passwd", "add", "amy", input="pencil\n")
                self.mta.start()
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                with self.mta.smtp(source="127.0.0.2") as client:
                    client.starttls(context=context)
                    client.login("amy", "pencil")
                    client.sendmail("amy@example.com", ["eve@example.com"], "Message-ID: <track-9@example.com>\r\n\r\nhi\r\n")
                self.mta.wait_for_mail("eve")
                story = harness.wait_for(lambda: next((s for s in self.story("-message_id=track-9@example.com") if s["complete"]), None),
                                         "the complete story")
                accepted = story["steps"][0]
                self.assertEqual(accepted["what"], "accepted")
                tls = r"TLSv1\.3-256-TLS_AES_256_GCM_SHA384" if connection == 97 else "TLS"
                self.assertRegex(accepted["text"], rf" by user \*amy over {tls}\b")
                self.mta.destroy()

    def test_followed_while_it_is_written(self):
        self.start()
        self.send(["eve@example.com"], 1)
        self.mta.wait_for_log(r"<track-1@example.com>")
        output = open(self.mta.directory / "follow.out", "wb")
        follower = subprocess.Popen([harness.BIN / "imsimta", "track", "-to=eve@example.com", "-follow"],
                                    env=self.mta.environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            harness.wait_for(lambda: "track-1" in self.mta.read("follow.out"), "what was there")
            self.send(["eve@example.com"], 2)
            harness.wait_for(lambda: self.mta.read("follow.out").count("delivered") >= 2, lambda: self.mta.read("follow.out"))
            os.rename(self.mta.directory / "log/mail.log_current", self.mta.directory / "log/mail.log_yesterday")
            self.send(["eve@example.com"], 3)
            harness.wait_for(lambda: self.mta.read("follow.out").count("delivered") >= 3, lambda: self.mta.read("follow.out"))
        finally:
            follower.send_signal(signal.SIGTERM)
            follower.wait(30)
            output.close()

    def test_index_of_a_long_log(self):
        """What the shipped periodic job runs, and that the shipped file has nothing that cnbuild finds."""
        self.mta = self.instance()
        findings = self.mta.imsimta("cnbuild")
        self.assertNotRegex(findings.stdout + findings.stderr, r"-[WE]-")
        job = self.mta.read("config/job_controller.cnf").partition("[PERIODIC_JOB=track_index]")[2]
        self.assertIn("COMMAND=IMTA_BIN:imsimta track -index\n", job)
        line = "19-Jan-2026 10:00:00.00 l tcp_local E 1 a@b.example rfc822;c{0}@d.example c{0}@d.example /q/l/ZZ01J{0:013}.00 <x{0}@b.example>\n"
        (self.mta.directory / "log/mail.log").write_text("".join(map(line.format, range(160000))))
        self.assertIn("%TRACK-S-INDEXED, 1 segments added", self.mta.imsimta("track", "-index").stdout)
        self.assertIn("%TRACK-S-INDEXED, 0 segments added", self.mta.imsimta("track", "-index").stdout)
        for number in (7, 80000, 159999):
            story, = self.story(f"-message_id=x{number}@b.example")
            self.assertEqual([one["to"] for one in story["recipients"]], [f"c{number}@d.example"])


if __name__ == "__main__":
    unittest.main()
