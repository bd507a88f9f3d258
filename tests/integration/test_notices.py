"""Notifications of every kind, end to end: what senders ask for (RFC 3461), what they get (RFC 3464), in which words,
and what becomes of notifications that fail."""
import email.header
import json
import pathlib
import re
import shutil
import socketserver
import subprocess
import threading
import unittest

import harness

CHANNELS = 'backoff "pt2s" "pt2s" "pt2s"'
MESSAGE = ("Message-ID: <notice-test@example.com>\r\nFrom: Adam <adam@example.com>\r\nSubject: about notices\r\n"
           "{extra}\r\nfirst line\r\nsecond line\r\n")
BOUNCE_PARSER = pathlib.Path(__file__).with_name("parse_bounce.pl")


def groups(notice):
    """Per-message fields, then the groups of the recipients."""
    return notice.get_payload()[1].get_payload()


def body(notice):
    part = notice.get_payload()[0]
    return part.get_payload(decode=True).decode(part.get_content_charset())


class Notices(harness.MtaTest):
    def start(self, sink=None, zones=("bogus.example",), keywords=None, files=None, **settings):
        port = sink.port if sink else harness.free_port()
        dns = self.dns("dest.example. IN A 127.0.0.1", "plain.example. IN A 127.0.0.1", zones=list(zones))
        words = {"tcp_local": CHANNELS}
        for channel, more in (keywords or {}).items():
            words[channel] = (words.get(channel, "") + " " + more).strip()
        if callable(files):
            files = files(f"nameservers {dns.address}")
        self.mta = self.instance(dns=dns.address, relay_port=port, keywords=words, files=files, **settings)
        self.mta.start()

    def send(self, recipients, sender="adam@example.com", mail_options=(), rcpt_options=(), extra="", text=None):
        with self.mta.smtp() as client:
            return client.sendmail(sender, recipients, text or MESSAGE.format(extra=extra), mail_options, rcpt_options)

    def notice(self, user="adam", count=1):
        found = [mail for mail in self.mta.wait_for_mail(user, count) if mail.get_content_type() == "multipart/report"]
        self.assertEqual(len(found), count, [str(mail) for mail in found])
        return found[-1]

    def check(self, notice, action, status, recipient, original=None):
        """Facts that hold for each kind; the original's type is returned."""
        self.assertEqual(notice["Return-path"], "<>")
        self.assertEqual(notice["Auto-Submitted"], "auto-replied")
        self.assertEqual(notice["References"], "<notice-test@example.com>")
        group = groups(notice)[1]
        self.assertEqual(group["Action"], action)
        self.assertRegex(group["Status"], status)
        self.assertEqual(group["Final-Recipient"], f"rfc822;{recipient}")
        if original:
            self.assertEqual(group["Original-Recipient"], f"rfc822;{original}")
        return notice.get_payload()[2].get_content_type() if len(notice.get_payload()) > 2 else None

    # --- kinds ---

    def test_delivered_where_success_was_asked_for(self):
        self.start()
        self.send(["eve@example.com"], mail_options=["RET=HDRS", "ENVID=QQ+2B314159"],
                  rcpt_options=["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;Eve@Example.COM"])
        notice = self.notice()
        kind = self.check(notice, "delivered", r"2\.\d+\.\d+", "eve@example.com", "Eve@Example.COM")
        self.assertEqual(kind, "text/rfc822-headers")
        self.assertEqual(groups(notice)[0]["Original-Envelope-Id"], "QQ+314159")
        self.assertEqual(groups(notice)[0]["Received-From-MTA"], "dns;client.test")
        self.assertIn("successful", notice["Subject"])
        self.assertEqual(self.mta.mailbox("postmaster"), {})

    def test_nobody_who_did_not_ask_hears_of_success(self):
        self.start(files={"option.dat": lambda text: text + "\nDISABLE_DELIVERY_RECEIPT=1\n"})
        self.send(["eve@example.com"], rcpt_options=["NOTIFY=SUCCESS"])
        self.send(["eve@example.com"])
        self.mta.wait_for_mail("eve", 2)
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("adam"), {})

    def test_relayed_where_the_next_host_does_not_report(self):
        sink = self.sink(options=["-e"])  # no ESMTP
        self.start(sink)
        self.send(["bob@dest.example"], rcpt_options=["NOTIFY=SUCCESS"])
        notice = self.notice()
        self.check(notice, "relayed", r"2\.\d+\.\d+", "bob@dest.example", None)
        self.assertEqual(groups(notice)[1]["Remote-MTA"], "dns;dest.example")

    def test_requests_are_passed_on_to_a_host_that_reports(self):
        server = DsnServer()
        self.addCleanup(server.close)
        self.start(server)
        self.send(["bob@dest.example"], mail_options=["RET=HDRS", "ENVID=QQ1"],
                  rcpt_options=["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;Bob+2Bx@dest.example"])
        commands = harness.wait_for(lambda: server.transactions and server.transactions[0], "the message")
        self.assertRegex(commands[0], r"^MAIL FROM:<adam@example\.com>.* RET=HDRS")
        self.assertIn("ENVID=QQ1", commands[0])
        self.assertIn("NOTIFY=SUCCESS,FAILURE", commands[1])
        self.assertIn("ORCPT=rfc822;Bob+2Bx@dest.example", commands[1])
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("adam"), {})

    def test_delivered_to_a_list(self):
        self.start(files={"aliases": lambda text: text + "\ncrew: <crew.dis, postmaster@example.com\n",
                          "crew.dis": "eve@example.com\n"})
        self.send(["crew@example.com"], rcpt_options=["NOTIFY=SUCCESS"])
        self.mta.wait_for_mail("eve")
        self.check(self.notice(), "delivered", r"2\.1\.5", "crew@example.com")

    # --- age ---

    def later(self, hours):
        """Runs the age step of the return job as if that much time had passed; what it said."""
        environment = harness.hours_later(self.mta.environment, hours)

        def run():
            done = subprocess.run([harness.BIN / "imsimta", "return_job", "-age", "-json"], env=environment,
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            step, = [json.loads(line) for line in done.stdout.splitlines()]
            return None if "in use" in step["text"] else step["text"]
        return harness.wait_for(run, "a pass that finds no message in use")

    def test_age_alone_warns_once_and_returns(self):
        self.start(keywords={"tcp_local": 'backoff "pt1h"'})
        self.send(["bob@dest.example", "quiet@plain.example"], rcpt_options=["NOTIFY=FAILURE,DELAY"])
        self.mta.wait_for_log(r" tcp_local Q ", 2)
        self.assertRegex(self.later(23), r"2 messages looked at, 0 returned")
        self.assertRegex(self.later(25), r" 2 returned or their senders warned")
        self.mta.wait_for_log(r" tcp_local W \d+ adam@example\.com ", 2)
        for notice in [mail for mail in self.mta.wait_for_mail("adam", 2)]:
            self.assertEqual(groups(notice)[1]["Action"], "delayed")
            self.assertRegex(groups(notice)[1]["Status"], r"^4\.")
            self.assertIn("Will-Retry-Until", groups(notice)[1])
            self.assertEqual(notice.get_payload()[2].get_content_type(), "message/rfc822")  # a sample
            self.assertIn("waiting here for 1 day and", body(notice))
        self.assertRegex(self.later(26), r" 0 returned")
        self.assertRegex(self.later(24 * 7 + 1), r" 2 returned")
        self.mta.wait_for_log(r" tcp_local R \d+ adam@example\.com ", 2)
        self.mta.wait_for_empty_queue()
        returned = [mail for mail in self.mta.wait_for_mail("adam", 4) if groups(mail)[1]["Action"] == "failed"]
        self.assertEqual({groups(mail)[1]["Status"] for mail in returned}, {"5.4.7"})
        self.assertIn("connection refused", body(returned[0]))

    def test_ages_while_nobody_takes_announcements(self):
        self.start(keywords={"tcp_local": 'backoff "pt1h"'})
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_local Q ")
        self.mta.stop()
        self.assertRegex(self.later(25), r" 1 returned or their senders warned")

    def test_killed_pass_is_taken_up_again(self):
        self.start(keywords={"tcp_local": 'backoff "pt1h"'})
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_local Q ")
        self.mta.imsimta("qm", "stop", "process")
        for point in ("queue.commit.synced", "queue.history.appended", "ageing.settled"):
            subprocess.run([harness.BIN / "imsimta", "return_job", "-age"], capture_output=True, timeout=60, env={
                **harness.hours_later(self.mta.environment, 25), "SLUICE_KILL_POINT": point})
        self.later(25)
        self.mta.imsimta("qm", "start", "process")
        self.mta.wait_for_mail("adam")
        harness.wait_for(lambda: not [name for name in self.mta.queue_files() if name.startswith(("process/", "l/"))],
                         "empty queues of process and l")
        self.assertEqual(len(self.mta.mailbox("adam")), 1)
        self.assertEqual(len([name for name in self.mta.queue_files() if name.startswith("tcp_local/")]), 1)

    def test_killed_return_of_a_held_message(self):
        self.start(keywords={"tcp_local": 'backoff "pt1h"'}, files={"option.dat": lambda text: text + "\nHELD_MAX_AGE=1d\n"})
        self.send(["bob@dest.example"])
        self.mta.wait_for_log(r" tcp_local Q ")
        self.mta.imsimta("qm", "hold", "-all", "-channel=tcp_local", "-noconfirm")
        killed = subprocess.run([harness.BIN / "imsimta", "return_job", "-age"], capture_output=True, timeout=60, env={
            **harness.hours_later(self.mta.environment, 25), "SLUICE_KILL_POINT": "ageing.held_reported"})
        self.assertEqual(killed.returncode, -9)
        # Reported and still there: it is reported again, and goes.
        self.mta.wait_for_mail("adam")
        self.assertEqual([name[-5:] for name in self.mta.queue_files()], [".HELD"])
        self.later(25)
        self.assertEqual(len(self.mta.wait_for_mail("adam", 2)), 2)
        self.mta.wait_for_empty_queue()

    def test_postmaster_hears_of_what_is_held(self):
        self.start(keywords={"tcp_local": 'backoff "pt1h"'})

        def hold_another():
            self.send(["bob@dest.example"])
            harness.wait_for(lambda: self.mta.imsimta("qm", "hold", "-all", "-channel=tcp_local", "-noconfirm", check=False)
                             .returncode == 0 and not [name for name in self.mta.queue_files() if name.endswith(".00")],
                             "everything held")

        def report():
            step, = self.mta.json("return_job", "-held")
            return step["text"]
        self.assertEqual(report(), "no message is held")
        hold_another()
        self.assertEqual(report(), "1 messages are held, the postmaster is told")
        notice, = self.mta.wait_for_mail("postmaster")
        self.assertEqual(notice["Subject"], "Messages are held: 1")
        self.assertRegex(notice.get_payload(), r"\n +1  operator\r?\n[^$]*tcp_local/\d+/\w+\.HELD")
        self.assertEqual(report(), "1 messages are held")
        hold_another()
        self.assertEqual(report(), "2 messages are held, the postmaster is told")
        self.mta.wait_for_mail("postmaster", 2)
        # The hourly run of the job controller is the same.
        subprocess.run([harness.BIN / "return", "held"], env=self.mta.environment, check=True, timeout=60)
        self.assertEqual(report(), "2 messages are held")
        # Three days later nobody has dealt with them.
        subprocess.run([harness.BIN / "return", "held"], check=True, timeout=60,
                       env={**self.mta.environment, **harness.hours_later(self.mta.environment, 73)})
        subjects = [notice["Subject"] for notice in self.mta.wait_for_mail("postmaster", 3)]
        self.assertIn("RENOTIFICATION: 2 of 2 held messages still wait", subjects)

    # --- what goes back ---

    def failed(self, **options):
        self.send(["user@very.bogus.example"], **options)
        return self.notice()

    def test_failure_returns_the_message_as_asked(self):
        self.start()
        notice = self.failed()
        self.assertEqual(self.check(notice, "failed", r"5\.1\.2", "user@very.bogus.example"), "message/rfc822")
        self.assertIn("Subject: about notices", body(notice))
        self.send(["user@very.bogus.example"], mail_options=["RET=HDRS"])
        kinds = {mail.get_payload()[2].get_content_type() for mail in self.mta.wait_for_mail("adam", 2)}
        self.assertEqual(kinds, {"message/rfc822", "text/rfc822-headers"})

    def test_size_limits_return_the_header(self):
        self.start(files={"option.dat": lambda text: text + "\nBOUNCE_BLOCK_LIMIT=2\n"})
        self.send(["user@very.bogus.example"], text=MESSAGE.format(extra="") + "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 100)
        self.assertEqual(self.check(self.notice(), "failed", r"5\.1\.2", "user@very.bogus.example"), "text/rfc822-headers")

    def test_never_means_never(self):
        self.start()
        self.send(["user@very.bogus.example"], rcpt_options=["NOTIFY=NEVER"])
        self.mta.wait_for_log(r" tcp_local K \d+ adam@example\.com rfc822;user@very\.bogus\.example ")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("adam"), {})
        self.assertEqual(self.mta.mailbox("postmaster"), {})

    # --- words ---

    def test_language_of_the_sender_decides_the_words(self):
        table = "\n\nNOTIFICATION_LANGUAGE\n\n  *|*|de*|*|*  $Ide/\n"
        self.start(files={"mappings": lambda text: text + table})
        notice = self.failed(extra="Accept-Language: de, en\r\n")
        self.assertIn("konnte den unten genannten Empf\u00e4ngern nicht zugestellt werden", body(notice))
        self.assertIn("Empf\u00e4ngeradresse: user@very.bogus.example", body(notice))
        self.assertIn("Bitte pr\u00fcfen Sie den Namen hinter dem At-Zeichen.", body(notice))
        self.assertEqual(notice.get_payload()[0]["Content-Language"], "de")
        self.assertIn("Zustellung fehlgeschlagen", str(email.header.make_header(email.header.decode_header(notice["Subject"]))))

    def test_site_changes_words_and_publishes_them(self):
        self.start(files={"locale/C/return_option.opt": "REASON=Because:\n5.1.2=There is no such host.\nSUBJECT=Bad news\n"})
        notice = self.failed()
        self.assertEqual(notice["Subject"], "Bad news")
        self.assertRegex(body(notice), r"Because: .*\n\s+There is no such host\.")
        findings = self.mta.imsimta("cnbuild")
        self.assertNotIn("warning", findings.stdout + findings.stderr)
        (self.mta.directory / "config/locale/C/return_failed.txt").write_text("half a sentence that nobody publ")
        self.mta.imsimta("reload")
        self.send(["user@very.bogus.example"])
        self.assertNotIn("half a sentence", body(self.notice(count=2)))

    # --- who is told ---

    def test_errors_to_is_honoured_where_asked_for(self):
        self.start(files={"option.dat": lambda text: text + "\nUSE_ERRORS_TO=1\n"})
        self.send(["user@very.bogus.example"], extra="Errors-to: eve@example.com\r\n")
        self.check(self.notice("eve"), "failed", r"5\.1\.2", "user@very.bogus.example")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("adam"), {})

    def test_postmaster_gets_a_header_only_copy(self):
        self.start(keywords={"tcp_local": "sendpost postheadonly"})
        self.failed()
        copy = self.notice("postmaster")
        self.assertEqual(copy.get_payload()[2].get_content_type(), "text/rfc822-headers")

    def test_postmaster_table(self):
        """Keyword, sender -> who is told."""
        rows = {("sendpost", True): {"adam", "postmaster"}, ("sendpost", False): {"postmaster"},
                ("copysendpost", True): {"adam", "postmaster"}, ("copysendpost", False): set(),
                ("errsendpost", True): {"adam"}, ("errsendpost", False): {"postmaster"},
                ("nosendpost", True): {"adam"}, ("nosendpost", False): set()}
        words = [word for word, has_sender in rows if has_sender]
        rules = "".join(f"{word}.bogus.example  $U%$D@tcp_{word}-daemon\n" for word in words)

        def files(servers):
            blocks = "".join(f"\ntcp_{word} smtp mx {word} {servers} {CHANNELS}\ntcp_{word}-daemon\n" for word in words)
            return {"imta.cnf": lambda text: rules + text + blocks}
        self.start(files=files)
        expected = {"adam": 0, "postmaster": 0}
        for (word, has_sender), told in rows.items():
            self.send([f"{word}{int(has_sender)}@{word}.bogus.example"], sender="adam@example.com" if has_sender else "")
            for user in told:
                expected[user] += 1
        self.mta.wait_for_log(r" tcp_\w*sendpost [RK] \d+ .*sendpost[01]@\w+\.bogus\.example", 8, limit=60)
        self.mta.wait_for_empty_queue()
        for user, count in expected.items():
            mails = self.mta.wait_for_mail(user, count)
            self.assertEqual(len(mails), count, user)
        seen = sorted(groups(mail)[1]["Final-Recipient"] for mail in self.mta.wait_for_mail("postmaster", expected["postmaster"]))
        wanted = sorted(f"rfc822;{word}{int(has)}@{word}.bogus.example" for (word, has), told in rows.items() if "postmaster" in told)
        self.assertEqual(seen, wanted)

    # --- notifications that fail ---

    def test_postmasters_own_failing_mail_is_held_and_the_sender_hears_once(self):
        self.start(files={"aliases": lambda text: re.sub(r"(?m)^postmaster:.*$", "postmaster: gone@also.bogus.example", text)})
        self.send(["user@very.bogus.example"])
        self.check(self.notice(), "failed", r"5\.1\.2", "user@very.bogus.example")
        held = harness.wait_for(lambda: [name for name in self.mta.queue_files() if name.endswith(".HELD")], "the held copy", 60)
        self.assertEqual(len(held), 1)
        harness.wait_for(lambda: self.mta.queue_files() == held, lambda: f"only the held copy; there is {self.mta.queue_files()}", 60)
        self.assertEqual(len(self.mta.mailbox("adam")), 1)
        self.assertEqual(self.mta.find_log(r" K .*gone@also"), [])
        reason = self.mta.json("qm", "held")
        self.assertIn("postmaster", json.dumps(reason))

    def test_mail_without_a_sender_is_never_bounced(self):
        self.start(keywords={"tcp_local": "nosendpost"})
        self.send(["user@very.bogus.example"], sender="")
        self.mta.wait_for_log(r" tcp_local K \d+ .*user@very\.bogus\.example")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.find_log(r" process E "), [])

    def test_sender_that_does_not_exist_costs_one_notification(self):
        self.start(keywords={"tcp_local": "nosendpost"})
        self.send(["user@very.bogus.example"], sender="gone@also.bogus.example")
        self.mta.wait_for_log(r" tcp_local K .*gone@also\.bogus\.example")
        self.mta.wait_for_empty_queue()
        self.assertEqual(len(self.mta.find_log(r" tcp_local process E ")), 1)

    # --- policy of the postmaster ---

    def test_error_action_holds_and_tells_the_postmaster(self):
        table = "\n\nERROR_ACTION\n\n  undeliverable|*|*|*|5.1.2  $H$N\n  *|*|*|*|*  $R\n"
        self.start(files={"mappings": lambda text: text + table})
        self.send(["user@very.bogus.example", "eve@example.com"])
        self.mta.wait_for_mail("eve")
        told, = self.mta.wait_for_mail("postmaster")
        self.assertEqual(told["Subject"], "Notification: undeliverable")
        self.assertIn("SMTP <user@very.bogus.example>", told.get_payload())
        held = self.mta.json("qm", "held")
        self.assertIn("policy: undeliverable", json.dumps(held))
        self.assertEqual(self.mta.mailbox("adam"), {})

    # --- an independent reader ---

    def test_independent_parsers_understand_each_kind(self):
        if shutil.which("perl") is None:
            self.skipTest("no perl")
        sink = self.sink(options=["-e"])
        self.start(sink)
        self.send(["user@very.bogus.example"])
        self.send(["bob@dest.example"], rcpt_options=["NOTIFY=SUCCESS"])
        self.send(["eve@example.com"], rcpt_options=["NOTIFY=SUCCESS"])
        self.mta.wait_for_mail("adam", 3)
        bounces = []
        for raw in self.mta.mailbox("adam").values():
            done = subprocess.run(["perl", BOUNCE_PARSER], input=raw, capture_output=True, timeout=60)
            if done.returncode == 2:
                self.skipTest("Mail::DeliveryStatus::BounceParser is not installed")
            self.assertEqual(done.returncode, 0, done.stderr)
            facts = json.loads(done.stdout)
            if facts["is_bounce"]:
                bounces.append(facts)
        bounce, = bounces  # the two about successes are none
        self.assertEqual(bounce["recipient"], "user@very.bogus.example")
        self.assertRegex(bounce["status"], r"^5\.1\.2")
        self.assertIn("notice-test@example.com", bounce["original"])


class DsnServer:
    """A next hop that offers DSN; keeps the commands of each transaction."""

    def __init__(self):
        self.transactions = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 dsn.test\r\n")
                commands, in_data = [], False
                for raw in self.rfile:
                    line = raw.decode(errors="replace").rstrip("\r\n")
                    if in_data:
                        if line == ".":
                            in_data = False
                            outer.transactions.append(commands)
                            self.wfile.write(b"250 2.0.0 taken\r\n")
                        continue
                    verb = line[:4].upper()
                    if verb == "EHLO":
                        self.wfile.write(b"250-dsn.test\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n")
                    elif verb == "DATA":
                        in_data = True
                        self.wfile.write(b"354 go\r\n")
                    elif verb == "QUIT":
                        self.wfile.write(b"221 bye\r\n")
                        return
                    else:
                        if verb in ("MAIL", "RCPT"):
                            commands = (commands if verb == "RCPT" else []) + [line]
                        self.wfile.write(b"250 2.1.0 fine\r\n")

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    unittest.main()
