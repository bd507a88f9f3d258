"""Content filters: what they see, what becomes of the message, and what when they fail."""
import smtplib
import subprocess
import threading
import time
import unittest

import milters
from harness import MtaTest, wait_for
from milters import ScriptedMilter, header, indexed, packet

CHANNEL = "tcp_intranet"  # what 127.0.0.1 comes by
MESSAGE = b"From: <a@outside.test>\r\nTo: <adam@example.com>\r\nSubject: one\r\nX-Twice: first\r\nX-Twice: second\r\n\r\nbody one\r\n"


def with_filters(*addresses, more="", options="", extra_files=None):
    """Files of an instance whose filters 1, 2 ... listen there."""
    files = {"option.dat": lambda text: text + "\n" + "".join(
        f"SPAMFILTER{n}_LIBRARY=IMTA_LIB:libmilter.so\nSPAMFILTER{n}_CONFIG_FILE=IMTA_TABLE:milter{n}.opt\n"
        for n in range(1, len(addresses) + 1)) + options}
    for n, address in enumerate(addresses, 1):
        files[f"milter{n}.opt"] = f"! filter {n}\nADDRESS={address}\n{more}\n"
    files.update(extra_files or {})
    return files


def at_end(*packets, verdict="c"):
    """A script that sends these at the end of the message."""
    return lambda milter, code, data, session: [*packets, (verdict, b"")] if code == "E" else None


class MilterTest(MtaTest):
    def milter(self, script=None, **settings):
        made = ScriptedMilter(script, **settings)
        self.addCleanup(made.close)
        return made

    def mta(self, *addresses, keywords=None, more="", options="", **settings):
        if keywords is None:
            keywords = {CHANNEL: " ".join(f"sourcespamfilter{n}" for n in range(1, len(addresses) + 1))}
        extra = settings.pop("extra_files", None)
        return self.instance(keywords=keywords, files=with_filters(*addresses, more=more, options=options, extra_files=extra),
                             **settings).start()

    @staticmethod
    def send(mta, message=MESSAGE, to=("adam@example.com",), sender="a@outside.test"):
        client = mta.smtp()
        try:
            return client.sendmail(sender, list(to), message)
        finally:
            client.close()

    def refused(self, mta, message=MESSAGE, **settings):
        """(code, text) that the final dot gets."""
        with self.assertRaises((smtplib.SMTPDataError, smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused)) as caught:
            self.send(mta, message, **settings)
        error = caught.exception
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            code, text = next(iter(error.recipients.values()))
        else:
            code, text = error.smtp_code, error.smtp_error
        return code, text.decode()


class Dialogue(MilterTest):
    def test_filter_sees_every_stage_as_it_comes(self):
        filter = self.milter()
        mta = self.mta(filter.address)
        client = mta.smtp()
        client.sendmail("a@outside.test", ["adam@example.com", "eve@example.com"], MESSAGE)
        client.sendmail("b@outside.test", ["adam@example.com"], b"Subject: two\r\n\r\nbody two\r\n")
        client.quit()
        mta.wait_for_mail("adam", 2)
        wait_for(lambda: filter.codes().endswith("Q"), lambda: f"the filter's farewell; it saw {filter.codes()}")
        self.assertEqual(filter.connections, 2, "one for the harness' greeting, one for the session")
        self.assertEqual(filter.codes(2), "OCHMRRTLLLLLNBEMRTLNBEQ")
        self.assertEqual(filter.commands("M"), [b"<a@outside.test>\0SIZE=%d\0" % len(MESSAGE), b"<b@outside.test>\0SIZE=26\0"])
        self.assertEqual(filter.commands("R")[:2], [b"<adam@example.com>\0", b"<eve@example.com>\0"])
        self.assertEqual(filter.commands("L")[0], b"From\0<a@outside.test>\0", "our Received line is not shown")
        self.assertEqual(filter.commands("B"), [b"body one\r\n", b"body two\r\n"])
        self.assertEqual(filter.macro("C", "{client_addr}")[-1], "127.0.0.1")
        self.assertEqual(filter.macro("C", "{daemon_name}")[-1], "tcp_local")
        self.assertEqual(filter.macro("C", "{source_channel}")[-1], CHANNEL)
        self.assertEqual(filter.macro("R", "{rcpt_addr}")[0], "adam@example.com")
        ids = filter.macro("M", "i")
        self.assertEqual(len(set(ids)), 2)
        self.assertEqual(filter.macro("E", "i"), ids)

    def test_queue_id_is_the_envelope_id(self):
        filter = self.milter()
        mta = self.mta(filter.address, extra_files={})
        client = mta.smtp()
        client.mail("a@outside.test")
        client.rcpt("adam@example.com")
        code, text = client.data(MESSAGE)
        self.assertEqual(code, 250)
        self.assertIn(filter.macro("M", "i")[0], text.decode())

    def test_hello_is_shown_when_it_is_said(self):
        filter = self.milter()
        mta = self.mta(filter.address)
        client = mta.smtp()  # says EHLO
        number = filter.connections
        wait_for(lambda: filter.codes(number) == "OCH", lambda: f"HELO; the filter saw {filter.codes(number)}")
        client.ehlo("second.example")
        client.mail("a@outside.test")
        self.assertEqual(filter.codes(number), "OCHHM")
        self.assertEqual(filter.commands("H")[-1], b"second.example\0")

    def test_unknown_commands_are_shown_and_stay_unknown(self):
        filter = self.milter(lambda milter, code, data, session: [("r", b"")] if code == "U" else None)
        mta = self.mta(filter.address)
        client = mta.smtp()
        client.mail("a@outside.test")
        self.assertEqual(client.docmd("XYZZY", "plugh")[0], 500)
        self.assertEqual(client.docmd("NOOP now and then")[0], 250)
        self.assertEqual(client.rcpt("adam@example.com")[0], 250)
        self.assertEqual(filter.commands("U"), [b"XYZZY plugh\0"])

    def test_refused_recipients_are_shown_to_those_who_ask(self):
        wants, other = self.milter(steps=0x800), self.milter()
        mta = self.mta(wants.address, other.address)
        client = mta.smtp()
        client.mail("a@outside.test")
        self.assertEqual(client.rcpt("nobody-here@example.com")[0], 550)
        self.assertEqual(client.rcpt("adam@example.com")[0], 250)
        self.assertEqual(wants.commands("R"), [b"<nobody-here@example.com>\0", b"<adam@example.com>\0"])
        self.assertEqual(other.commands("R"), [b"<adam@example.com>\0"])
        self.assertEqual(wants.macro("R", "{rcpt_mailer}")[0], "error")
        self.assertRegex(wants.macro("R", "{rcpt_host}")[0], r"^5\.1\.")

    def test_unix_socket_and_silent_steps(self):
        directory = milters.Program("unix")
        self.addCleanup(directory.close)
        filter = self.milter(at_end(("h", header("X-Seen", " yes"))), steps=0x80 | 0x4000 | 0x8000 | 0x80000 | 0x100000,
                             path=str(directory.directory / "m.sock"))
        mta = self.mta(filter.address)
        self.send(mta)
        [mail] = mta.wait_for_mail("adam")
        self.assertEqual(mail["X-Seen"], "yes")
        self.assertEqual(filter.commands("L")[2], b"Subject\0 one\0", "values keep their blank where that was agreed on")


class Refusals(MilterTest):
    def test_each_command_can_be_refused(self):
        filter = self.milter()
        mta = self.mta(filter.address)
        for code, stage in (("M", "sender"), ("R", "recipient"), ("T", "data"), ("L", "header"), ("B", "body"), ("E", "end")):
            with self.subTest(stage=stage):
                filter.script = lambda milter, c, data, session, code=code, stage=stage: \
                    [("y", b"554 5.7.9 not this " + stage.encode() + b"\0")] if c == code else None
                self.assertEqual(self.refused(mta), (554, f"5.7.9 not this {stage}"))
                mta.wait_for_log(r" J .*not this " + stage)

    def test_one_recipient_of_two(self):
        filter = self.milter(lambda milter, code, data, session: [("t", b"")] if code == "R" and b"eve" in data else None)
        mta = self.mta(filter.address)
        refused = self.send(mta, to=("adam@example.com", "eve@example.com"))
        self.assertEqual(refused["eve@example.com"][0], 451)
        mta.wait_for_mail("adam")
        self.assertEqual(mta.mailbox("eve"), {})

    def test_connection_is_refused_in_the_greeting(self):
        filter = self.milter()
        mta = self.mta(filter.address)
        filter.script = lambda milter, code, data, session: [("r", b"")] if code == "C" else None
        with self.assertRaises(smtplib.SMTPConnectError) as caught:
            mta.smtp()
        self.assertEqual(caught.exception.smtp_code, 554)

    def test_filters_behind_one_that_refuses_the_connection_are_not_asked(self):
        first, second = self.milter(), self.milter()
        mta = self.mta(first.address, second.address)
        connections = second.connections
        workers = mta.pids("tcp_smtp_server")
        first.script = lambda milter, code, data, session: [("r", b"")] if code == "C" else None
        for _ in range(2):
            with self.assertRaises(smtplib.SMTPConnectError) as caught:
                mta.smtp()
            self.assertEqual(caught.exception.smtp_code, 554)
        self.assertEqual(second.connections, connections)
        self.assertEqual(mta.pids("tcp_smtp_server"), workers, "the server lives")

    def test_hello_is_refused_with_mail(self):
        filter = self.milter(lambda milter, code, data, session: [("r", b"")] if code == "H" else None)
        mta = self.mta(filter.address)
        self.assertEqual(self.refused(mta)[0], 550)
        client = mta.smtp()
        self.assertEqual(client.ehlo()[0], 250, "what a filter has against the name is said with MAIL")
        self.assertEqual([client.mail("a@outside.test")[0] for _ in range(2)], [550, 550])


class Changes(MilterTest):
    def test_header_body_and_envelope(self):
        filter = self.milter(at_end(
            ("h", header("X-Added", "one\n two")), ("i", indexed(0, "X-First", "v")), ("i", indexed(2, "X-Third", "v")),
            ("m", indexed(2, "X-Twice", "changed")), ("m", indexed(1, "Subject", "")),
            ("b", b"new body, "), ("b", b"in two pieces\r\n"), ("+", b"<eve@example.com>\0"), ("-", b"<adam@EXAMPLE.com>\0"),
            ("e", b"<other@outside.test>\0")))
        mta = self.mta(filter.address)
        self.send(mta)
        mta.wait_for_mail("eve")
        [raw] = mta.mailbox("eve").values()
        text = raw.decode()
        text = text[text.index("X-First"):].replace("\r\n", "\n")
        self.assertTrue(text.startswith("X-First: v\nFrom: <a@outside.test>\nX-Third: v\nTo: "), text)
        self.assertIn("X-Twice: first\nX-Twice: changed\n", text)
        self.assertIn("X-Added: one\n two\n", text)
        self.assertNotIn("Subject", text)
        self.assertTrue(text.endswith("\n\nnew body, in two pieces\n"), text)
        mta.wait_for_log(r" E .*other@outside\.test")
        self.assertEqual(mta.mailbox("adam"), {})

    def test_second_filter_sees_what_the_first_has_changed(self):
        first = self.milter(at_end(("h", header("X-One", "1")), ("m", indexed(1, "X-Twice", "")), ("b", b"other\r\n")))
        second = self.milter(at_end(("i", indexed(0, "X-Two", "2"))))
        mta = self.mta(first.address, second.address)
        self.send(mta)
        [mail] = mta.wait_for_mail("adam")
        names = [data.split(b"\0")[0] for data in second.commands("L")]
        self.assertEqual(names, [b"From", b"To", b"Subject", b"X-Twice", b"X-One"])
        self.assertEqual(second.commands("B"), [b"other\r\n"])
        self.assertEqual((mail["X-One"], mail["X-Two"]), ("1", "2"))

    def test_large_body_in_chunks_both_ways(self):
        body = b"".join(b"%06d " % n + b"x" * 70 + b"\r\n" for n in range(8000))

        def script(milter, code, data, session):
            if code == "E":
                whole = b"".join(milter.commands("B")).replace(b"x", b"y")
                return [("b", whole[at:at + 65535]) for at in range(0, len(whole), 65535)] + [("c", b"")]
            return None
        filter = self.milter(script)
        mta = self.mta(filter.address)
        self.send(mta, b"Subject: large\r\n\r\n" + body)
        mta.wait_for_mail("adam")
        [raw] = mta.mailbox("adam").values()
        self.assertEqual(b"".join(filter.commands("B")), body)
        self.assertLessEqual(max(map(len, filter.commands("B"))), 65535)
        self.assertEqual(raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1], body.replace(b"x", b"y").replace(b"\r\n", b"\n"))

    def test_quarantine_holds_with_its_reason(self):
        filter = self.milter(at_end(("q", b"looks odd\0")))
        mta = self.mta(filter.address)
        self.send(mta)
        [name] = mta.queue_files() or [path for path in self.held(mta)]
        self.assertTrue(name.endswith(".HELD"), name)
        held = mta.imsimta("qm", "directory", "-held", "-json").stdout + mta.imsimta("qm", "summarize", "-held", "-json", check=False).stdout
        self.assertIn("milter", held)
        self.assertIn("looks odd", held)
        self.assertEqual(mta.mailbox("adam"), {})

    @staticmethod
    def held(mta):
        return [str(path.relative_to(mta.directory / "queue")) for path in (mta.directory / "queue").rglob("*.HELD")]

    def test_discard_is_taken_and_logged(self):
        filter = self.milter(at_end(verdict="d"))
        mta = self.mta(filter.address)
        self.send(mta)
        mta.wait_for_log(r"bitbucket .*adam@example\.com")
        mta.wait_for_empty_queue()
        self.assertEqual(mta.mailbox("adam"), {})

    def test_removal_of_all_recipients_discards(self):
        filter = self.milter(at_end(("-", b"<adam@example.com>\0")))
        mta = self.mta(filter.address)
        self.send(mta)
        mta.wait_for_log(r"bitbucket .*adam@example\.com")
        self.assertEqual(mta.mailbox("adam"), {})


class Failures(MilterTest):
    HOSTILE = {
        "hangs": lambda milter, code, data, session: time.sleep(30),
        "crashes": lambda milter, code, data, session: (_ for _ in ()).throw(SystemExit),
        "garbage": lambda milter, code, data, session: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        "endless": lambda milter, code, data, session: b"\x7f\xff\xff\xffx",
        "early change": lambda milter, code, data, session: packet("h", header("A", "b")),
        "unknown word": lambda milter, code, data, session: packet("?"),
    }

    def hostile(self, filter, stage):
        """Lets the filter misbehave at that command, in each way."""
        for name, behave in self.HOSTILE.items():
            if name == "early change" and stage == "E":
                continue
            filter.script = lambda milter, code, data, session, behave=behave: \
                behave(milter, code, data, session) if code == stage else None
            with self.subTest(stage=stage, what=name):
                yield name

    def test_fail_closed_is_a_temporary_refusal(self):
        filter = self.milter()
        mta = self.mta(filter.address, more="TIMEOUT=30\nEOM_TIMEOUT=30\n")
        for stage in "RBE":
            for _ in self.hostile(filter, stage):
                code, _ = self.refused(mta)
                self.assertEqual(code, 451)
                self.assertEqual(mta.queue_files(), [])
        filter.close()
        self.assertEqual(self.refused(mta)[0], 451, "nobody listens")
        self.assertEqual(mta.mailbox("adam"), {})

    def test_fail_open_takes_the_message_as_it_came(self):
        filter = self.milter()
        mta = self.mta(filter.address, more="TIMEOUT=30\nEOM_TIMEOUT=30\n", options="SPAMFILTER1_OPTIONAL=1\n")
        count = 0
        for stage in "RE":
            for _ in self.hostile(filter, stage):
                self.send(mta)
                count += 1
        filter.close()
        self.send(mta)
        for mail in mta.wait_for_mail("adam", count + 1):
            self.assertEqual(mail["Subject"], "one")
        self.assertIn("filter 1", "".join(path.read_text() for path in (mta.directory / "log").glob("tcp_smtp_server*")))


class Kill(MilterTest):
    def test_server_that_dies_while_filters_are_asked(self):
        """No 250, nothing in the queue, and the next attempt is served once."""
        milter = self.milter()
        mta = self.instance(keywords={CHANNEL: "sourcespamfilter1"}, files=with_filters(milter.address))
        mta.environment["SLUICE_KILL_POINT"] = "server.filter"
        mta.start()
        with self.assertRaises((smtplib.SMTPServerDisconnected, OSError)):
            self.send(mta)
        mta.stop()
        self.assertEqual((mta.queue_files(), mta.mailbox("adam")), ([], {}))
        del mta.environment["SLUICE_KILL_POINT"]
        mta.start()
        self.send(mta)
        mta.wait_for_mail("adam")
        mta.wait_for_empty_queue()
        self.assertEqual(len(mta.mailbox("adam")), 1)


class Limits(MilterTest):
    def test_connections_are_limited(self):
        inside, most, lock = set(), [0], threading.Lock()

        def script(milter, code, data, session):
            # Not the connections that are open: a filter may hear of the end of one after the begin of the next.
            if code == "M":
                with lock:
                    inside.add(session["number"])
                    most[0] = max(most[0], len(inside))
            if code == "E":
                time.sleep(0.3)
                with lock:
                    inside.remove(session["number"])

        filter = self.milter(script)
        mta = self.mta(filter.address, more="MAX_CONNECTIONS=2\n")
        threads = [threading.Thread(target=self.send, args=(mta,)) for _ in range(6)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        mta.wait_for_mail("adam", 6)
        self.assertEqual(most[0], 2)

    def test_filter_that_has_hung_up_meanwhile_is_called_again(self):
        filter = self.milter()
        mta = self.mta(filter.address)
        client = mta.smtp()
        client.sendmail("a@outside.test", ["adam@example.com"], MESSAGE)
        filter.hang_up()
        client.sendmail("a@outside.test", ["adam@example.com"], MESSAGE)
        client.quit()
        mta.wait_for_mail("adam", 2)


class Policy(MilterTest):
    """What the configuration makes of verdicts."""

    def test_table_decides_about_verdicts_and_headers(self):
        filter = self.milter()
        table = """
MILTER_ACCESS

  1|*|*|*|header|X-Spam-Flag:$ YES    $Y$T$D[spam]|tcp_local$E
  1|*|*|*|reject|*virus*              $Y$H$E
  1|*|*|*|reject|*                    $X$N5.7.9|table$ says$ no:$ $3$E
  1|*|*|*|discard|*                   $Y$AX-Was-Discarded:$ yes$E
"""
        sink = self.sink()
        mta = self.mta(filter.address, extra_files={"mappings": lambda text: text + table}, relay_port=sink.port)
        filter.script = lambda milter, code, data, session: [("y", b"550 5.7.1 too bad\0")] if code == "E" else None
        self.assertEqual(self.refused(mta), (550, "5.7.9 table says no: too bad"))
        filter.script = at_end(verdict="d")
        self.send(mta)
        self.assertEqual(mta.wait_for_mail("adam")[0]["X-Was-Discarded"], "yes")
        filter.script = lambda milter, code, data, session: [("y", b"550 5.7.1 a virus found\0")] if code == "E" else None
        self.send(mta)
        self.assertEqual(len(Changes.held(mta)), 1)
        filter.script = at_end(("h", header("X-Spam-Flag", "YES")))
        self.send(mta)
        mta.wait_for_log(r" tcp_intranet tcp_local E ")

    def test_string_action_and_null_action(self):
        filter = self.milter()
        mta = self.mta(filter.address, options='SPAMFILTER1_STRING_ACTION=data:,addheader "X-Verdict: $M"; addtag "[spam]";\n'
                                               'SPAMFILTER1_NULL_ACTION=data:,addheader "X-Verdict: clean";\n')
        self.send(mta)
        filter.script = lambda milter, code, data, session: [("y", b"550 5.7.1 bulk mail\0")] if code == "E" else None
        self.send(mta, MESSAGE.replace(b"one", b"two"))
        found = {mail["Subject"]: mail["X-Verdict"] for mail in mta.wait_for_mail("adam", 2)}
        self.assertEqual(found, {"one": "clean", "[spam] two": "bulk mail"})

    def test_channels_can_differ(self):
        filter = self.milter(lambda milter, code, data, session: (_ for _ in ()).throw(SystemExit) if code == "E" else None)
        mta = self.mta(filter.address, more=f"MODE=tempfail\n[CHANNEL={CHANNEL}]\nMODE=quarantine\n")
        self.send(mta)
        self.assertEqual(len(Changes.held(mta)), 1)

    def test_later_is_asked_again_before_delivery(self):
        filter = self.milter(lambda milter, code, data, session: (_ for _ in ()).throw(SystemExit) if code == "E" and milter.sick else None)
        filter.sick = True
        mta = self.mta(filter.address, options="SPAMFILTER1_OPTIONAL=3\n")
        self.send(mta)
        mta.wait_for_log(r" tcp_intranet reprocess E ")
        wait_for(lambda: len(filter.commands("E")) >= 2, "the second question")
        self.assertEqual(mta.mailbox("adam"), {})
        filter.sick = False
        filter.script = at_end(("h", header("X-Seen", "yes")))
        mta.wait_for_log(r" reprocess Q ")
        # The job controller hears of the failed attempt a moment after the log does.
        wait_for(lambda: mta.imsimta("run", "reprocess", check=False) and mta.mailbox("adam"), "the next attempt")
        [mail] = mta.wait_for_mail("adam")
        self.assertEqual(mail["X-Seen"], "yes")

    def test_filter_file_that_anybody_may_write_is_refused(self):
        milter = self.milter()
        mta = self.mta(milter.address)
        path = mta.directory / "config" / "milter1.opt"
        path.chmod(0o666)
        done = mta.imsimta("cnbuild", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("milter1.opt:1:1: error: anybody may write to this file; it is refused [E404]", done.stdout + done.stderr)

    def test_configuration_errors_are_shown_with_their_place(self):
        mta = self.instance(keywords={CHANNEL: "sourcespamfilter1 sourcespamfilter2"},
                            files=with_filters("inet:localhost", more="MODE=perhaps", options="SPAMFILTER3_LIBRARY=libspamass.so\n"))
        done = mta.imsimta("cnbuild", check=False)
        text = done.stdout + done.stderr
        self.assertNotEqual(done.returncode, 0)
        for wanted in ("milter1.opt:2:9: error: this is no address of a filter [E472]", "unknown MODE [E474]",
                       "no filter library of this name [E470]", "asks for filter 2, which is not configured"):
            self.assertIn(wanted, text)


class Destinations(MilterTest):
    def test_only_the_copy_of_that_channel_is_filtered(self):
        filter = self.milter(at_end(("h", header("X-Out", "yes")), ("b", b"outgoing\r\n")))
        sink = self.sink()
        dns = self.dns("dest.example. IN MX 10 mx.dest.example.", "mx.dest.example. IN A 127.0.0.1")
        mta = self.mta(filter.address, keywords={"tcp_local": "destinationspamfilter1"}, relay_port=sink.port,
                       dns=dns.address)
        self.send(mta, to=("adam@example.com", "far@dest.example"))
        [mail] = mta.wait_for_mail("adam")
        self.assertEqual(mail["X-Out"], None)
        wait_for(sink.messages, lambda: "the relayed message; log:\n" + "\n".join(mta.log_lines()))
        [sent] = sink.messages()
        self.assertIn(b"X-Out: yes", sent)
        self.assertIn(b"outgoing", sent)
        self.assertEqual(filter.commands("R"), [b"<far@dest.example>\0"])
        self.assertEqual(filter.commands("L")[0][:4], b"From", "our Received line is not shown")
        self.assertEqual(filter.macro("C", "{client_addr}"), ["127.0.0.1"])

    def test_refusal_of_one_channel_is_reported_and_of_all_is_a_reply(self):
        filter = self.milter(lambda milter, code, data, session: [("y", b"550 5.7.1 not out\0")] if code == "E" else None)
        mta = self.mta(filter.address, keywords={"tcp_local": "destinationspamfilter1"})
        code, text = self.refused(mta, to=("far@dest.example",), sender="adam@example.com")
        self.assertEqual((code, text), (554, "5.7.1 not out"))
        self.send(mta, to=("eve@example.com", "far@dest.example"), sender="adam@example.com")
        mta.wait_for_mail("eve")
        [report] = mta.wait_for_mail("adam")
        self.assertIn("not out", report.as_string())
        self.assertIn("far@dest.example", report.as_string())
        mta.wait_for_empty_queue()

    def test_notifications_pass_the_filters_of_their_destination(self):
        filter = self.milter(at_end(("h", header("X-Checked", "yes"))))
        mta = self.mta(filter.address, keywords={"l": "destinationspamfilter1"})
        self.send(mta, to=("eve@example.com",), sender="adam@example.com")
        self.assertEqual(mta.wait_for_mail("eve")[0]["X-Checked"], "yes")

    def test_failures_quarantine_and_discard(self):
        filter = self.milter()
        mta = self.mta(filter.address, keywords={"l": "destinationspamfilter1"}, more="TIMEOUT=30\nEOM_TIMEOUT=30\n")
        filter.script = lambda milter, code, data, session: time.sleep(5) if code == "E" else None
        self.assertEqual(self.refused(mta)[0], 451)
        self.assertEqual(mta.queue_files(), [])
        filter.script = at_end(verdict="d")
        self.send(mta)
        mta.wait_for_log(r"bitbucket .*adam@example\.com|bitbucket .*adam")
        filter.script = at_end(("q", b"odd\0"))
        self.send(mta)
        self.assertEqual(len(Changes.held(mta)), 1)
        self.assertEqual(mta.mailbox("adam"), {})

    def test_disabled_for_a_source(self):
        filter = self.milter(at_end(verdict="r"))
        mta = self.mta(filter.address, keywords={"l": "destinationspamfilter1optin spam", CHANNEL: "disablesourcespamfilter1"})
        self.send(mta)
        mta.wait_for_mail("adam")
        self.assertEqual(filter.connections, 0)


class RealFilters(MilterTest):
    """The programs that sites run, unchanged."""

    def program(self, made):
        self.addCleanup(made.close)
        return made

    def test_opendkim_signs_what_leaves_and_others_verify_it(self):
        signer = self.program(milters.OpenDkim("example.com", unix=True))
        record = f"sel._domainkey.example.com. IN TXT \"{signer.public_record()}\""
        dns = self.dns(record, "dest.example. IN MX 10 mx.dest.example.", "mx.dest.example. IN A 127.0.0.1")
        verifier = self.program(milters.OpenDkim("example.com", "v", dns=dns.address))
        sink = self.sink()
        mta = self.mta(signer.address, verifier.address, relay_port=sink.port, dns=dns.address,
                       keywords={"tcp_local": "destinationspamfilter1", "l": "destinationspamfilter2"})
        message = (b"From: Adam <adam@example.com>\r\nTo: far@dest.example\r\nSubject: a subject that is\r\n folded\r\n"
                   b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\nbody  \r\n\r\nmore\r\n\r\n")
        self.send(mta, message, to=("far@dest.example",), sender="adam@example.com")
        wait_for(sink.messages, lambda: "the signed message; log:\n" + "\n".join(mta.log_lines()) + signer.log())
        [raw] = sink.messages()
        raw = raw[raw.index(b"Received: "):].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.assertIn(b"DKIM-Signature: ", raw)
        self.verify_with_dkimpy(raw, signer.public_record())
        # And by OpenDKIM, attached as a filter of the local channel.
        self.send(mta, raw, sender="adam@example.com")
        [mail] = mta.wait_for_mail("adam")
        self.assertIn("dkim=pass", mail["Authentication-Results"] or "", verifier.log())

    def test_signature_holds_through_a_conversion_that_changes_nothing_and_relay(self):
        signer = self.program(milters.OpenDkim("example.com", unix=True))
        dns = self.dns("dest.example. IN MX 10 mx.dest.example.", "mx.dest.example. IN A 127.0.0.1")
        sink = self.sink()
        mta = self.mta(keywords={}, relay_port=sink.port, dns=dns.address, extra_files={
            "mappings": lambda text: text + "\nCONVERSIONS\n\n  IN-CHAN=*;OUT-CHAN=*;CONVERT  Yes\n",
            "conversions": 'in-type=*; override-option-file=1; command="echo STATUS=NOCHANGE > $OUTPUT_OPTIONS"\n'})
        body = (b"preamble  \r\n--edge\r\nContent-Type:  text/plain ;charset=us-ascii\r\n\r\none  \r\n\r\n--edge  \r\n"
                b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--edge--\r\n\r\n")
        message = (b"From: Adam <adam@example.com>\r\nTo: far@dest.example\r\nSubject: a subject that is\r\n folded\r\n"
                   b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
                   b"Content-Type: multipart/mixed; boundary=edge\r\n\r\n") + body
        self.send(mta, self.sign_with_dkimpy(message, signer.key), to=("far@dest.example",), sender="adam@example.com")
        wait_for(sink.messages, lambda: "the message; log:\n" + "\n".join(mta.log_lines()))
        mta.wait_for_log(r" conversion D ")
        [raw] = sink.messages()
        raw = raw[raw.index(b"Received: "):].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.verify_with_dkimpy(raw, signer.public_record())

    def sign_with_dkimpy(self, message, key):
        """As strict as it gets: simple/simple, all fields that are there."""
        script = ("import sys,dkim; m=sys.stdin.buffer.read(); k=open(sys.argv[1],'rb').read();"
                  "sys.stdout.buffer.write(dkim.sign(m,b'sel',b'example.com',k,canonicalize=(b'simple',b'simple'))+m)")
        done = subprocess.run(["/usr/bin/python3", "-c", script, str(key)], input=message, capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def verify_with_dkimpy(self, raw, record):
        script = "import sys,dkim; sys.exit(0 if dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda *a, **k: sys.argv[1].encode()) else 1)"
        done = subprocess.run(["/usr/bin/python3", "-c", script, record], input=raw, capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr.decode() + raw.decode())

    def test_rspamd_refuses_a_marked_message(self):
        rspamd = self.program(milters.Rspamd())
        mta = self.mta(rspamd.address)
        self.send(mta)
        mta.wait_for_mail("adam")
        gtube = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
        code, text = self.refused(mta, MESSAGE + gtube + b"\r\n")
        self.assertEqual(code, 554, text + rspamd.log())
        self.assertIn("Gtube", text)

    def test_clamav_refuses_an_infected_message(self):
        clamav = self.program(milters.ClamAv())
        mta = self.mta(clamav.address)
        self.send(mta)
        [mail] = mta.wait_for_mail("adam")
        self.assertIn("Clean", mail["X-Virus-Status"])
        code, text = self.refused(mta, MESSAGE + b"SLUICE-TEST-SIGNATURE-93b1\r\n")
        self.assertEqual(code, 550)
        self.assertIn("Sluice.Test.Marker", text)

    def test_clamav_quarantine_is_held_with_its_reason(self):
        clamav = self.program(milters.ClamAv(action="Quarantine"))
        mta = self.mta(clamav.address)
        self.send(mta, MESSAGE + b"SLUICE-TEST-SIGNATURE-93b1\r\n")
        [held] = Changes.held(mta)
        shown = mta.imsimta("qm", "directory", "-held").stdout + mta.imsimta("qm", "directory", "-held", "-json").stdout
        self.assertIn("milter filter 1", shown)
        self.assertIn("quarantined by clamav-milter", shown)


if __name__ == "__main__":
    unittest.main(verbosity=2)
