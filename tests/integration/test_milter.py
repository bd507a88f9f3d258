"""Content filters: what they see, what becomes of the message, and what when they fail."""
import smtplib
import struct
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
                self.assertTrue(mta.find_log(r" J .*not this " + stage), "the refusal is logged")

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

    def test_hello_is_refused_with_mail(self):
        filter = self.milter(lambda milter, code, data, session: [("r", b"")] if code == "H" else None)
        self.assertEqual(self.refused(self.mta(filter.address))[0], 550)


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
        self.assertTrue(mta.find_log(r" E .*other@outside\.test"))
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
