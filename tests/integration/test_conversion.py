"""The conversion channel: example 8 of the logging chapter, every scenario of the specification's page on
conversions, and commands that misbehave."""
import base64
import email
import email.mime.base
import email.mime.message
import email.mime.multipart
import email.mime.text
import email.policy
import pathlib
import re
import unittest

import harness

PLAIN = ("From: amy@siroe.example\r\nTo: adam@example.com\r\nMessage-ID: <one@siroe.example>\r\nSubject: hello\r\n"
         "\r\nhello\r\n.dot\r\ntrailing blank \r\n")
EVERYTHING = "  IN-CHAN=*;OUT-CHAN=l;CONVERT  Yes\n"


def mixed(*parts, subject="mixed"):
    message = email.mime.multipart.MIMEMultipart(boundary="frontier")
    message["From"] = "amy@siroe.example"
    message["To"] = "adam@example.com"
    message["Message-ID"] = "<two@siroe.example>"
    message["Subject"] = subject
    for part in parts:
        message.attach(part)
    return message.as_bytes(policy=email.policy.SMTP).decode()


def text(content, subtype="plain", **parameters):
    part = email.mime.text.MIMEText(content, subtype, "us-ascii")
    for name, value in parameters.items():
        part.set_param(name.replace("_", "-"), value)
    return part


def binary(octets, subtype="msword", disposition="attachment", **parameters):
    part = email.mime.base.MIMEBase("application", subtype, **parameters)
    part.set_payload(base64.encodebytes(octets).decode())
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = f'{disposition}; filename="report.doc"'
    return part


def body_of(raw):
    return raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]


class Conversion(harness.MtaTest):
    def start(self, conversions, mapping=EVERYTHING, options="", channel_options="", tables="", channels="", **settings):
        files = {
            "conversions": conversions,
            "mappings": lambda t: t + "\nCONVERSIONS\n\n" + mapping + "\n" + tables,
            "option.dat": lambda t: t + "\nLOG_FILENAME=1\nLOG_MESSAGE_ID=1\n" + options,
            "conversion_option": channel_options,
            "imta.cnf": lambda t: t.replace("\nconversion\n", '\nconversion master_debug backoff "pt2s" "pt2s"\n') + channels,
            **settings.pop("files", {}),
        }
        self.mta = self.instance(files=files, **settings)
        return self.mta.start()

    def send(self, content=PLAIN, *recipients):
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.example", list(recipients) or ["adam@example.com"], content)

    def converted(self, content=PLAIN, user="adam"):
        self.send(content, user + "@example.com")
        return self.raw(user)

    def raw(self, user="adam"):
        self.mta.wait_for_mail(user)
        self.mta.wait_for_empty_queue()
        raw, = self.mta.mailbox(user).values()
        return raw

    def parts(self, raw):
        return list(email.message_from_bytes(raw).walk())


class Routing(Conversion):
    def test_example_eight_of_the_logging_chapter(self):
        self.start("", mapping="  IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT  Yes\n")
        raw = self.converted()
        self.assertEqual(body_of(raw), body_of(PLAIN.encode()))
        queue = str(self.mta.directory) + "/queue"
        expected = [
            rf"tcp_intranet conversion E \d+ amy@siroe\.example rfc822;adam@example\.com adam@example\.com {queue}/conversion/\S*ZZ\w+\.00 <one@siroe\.example>",
            rf"conversion l E \d+ amy@siroe\.example rfc822;adam@example\.com adam {queue}/l/\S*ZZ\w+\.00 <one@siroe\.example>",
            rf"conversion D \d+ amy@siroe\.example rfc822;adam@example\.com adam {queue}/conversion/\S*ZZ\w+\.00 <one@siroe\.example>",
            rf"l D \d+ amy@siroe\.example rfc822;adam@example\.com adam {queue}/l/\S*ZZ\w+\.00 <one@siroe\.example>",
        ]
        # The l channel may be quicker than the conversion channel's own entry about the end.
        lines = [re.sub(" +", " ", line) for line in self.mta.log_lines()]
        places = []
        for pattern in expected:
            found = [i for i, line in enumerate(lines) if re.search(rf"\d\d:\d\d:\d\d\.\d\d {pattern}", line)]
            self.assertEqual(len(found), 1, pattern + "\n" + "\n".join(lines))
            places.append(found[0])
        self.assertLess(places[0], places[1])
        self.assertLess(places[1], places[2])
        self.assertLess(places[1], places[3])

    def test_recipients_with_different_answers_are_split(self):
        sink = self.sink()
        dns = self.dns("far.example. IN A 127.0.0.1")
        self.start("in-type=text; out-description=seen\n", dns=dns.address, relay_port=sink.port,
                   mapping="  IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT  Yes\n")
        self.send(PLAIN, "adam@example.com", "x@far.example")
        self.assertIn(b"Content-Description: seen", self.raw())
        message, = harness.wait_for(sink.messages, "the relayed copy")
        self.assertNotIn(b"Content-Description", message)
        self.assertEqual(len(self.mta.wait_for_log(r" tcp_intranet conversion E ", 1)), 1)
        self.assertEqual(len(self.mta.wait_for_log(r" tcp_intranet tcp_local E ", 1)), 1)

    def test_table_that_always_says_yes_does_not_loop(self):
        self.start("", mapping="  IN-CHAN=*;OUT-CHAN=*;CONVERT  Yes\n")
        self.converted()
        self.assertEqual(len(self.mta.wait_for_log(r" conversion E ", 1)), 1)

    def test_another_conversion_channel_and_tags(self):
        self.start("tag=fax; out-chan=l; in-chan=tcp_intranet; in-type=text; out-description=\"'CONVERSION_TAG'\"\n",
                   mapping="  IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT  Yes,Channel=conversion_fax,Tag=fax\n",
                   channels="\nconversion_fax\nconversion_fax-daemon\n")
        self.assertIn(b"Content-Description: fax", self.converted())
        self.assertEqual(len(self.mta.wait_for_log(r" tcp_intranet conversion_fax E ", 1)), 1)

    def test_aliases_are_expanded_once(self):
        self.start("", files={"aliases": "postmaster: adam\nadam: adam, eve\n"})
        self.send()
        self.raw("adam")
        self.raw("eve")
        self.assertEqual(len(self.mta.wait_for_log(r" conversion l E ", 2)), 2)

    def test_address_of_the_channel_itself(self):
        self.start("in-type=text; out-description=seen\n", mapping="  IN-CHAN=none;OUT-CHAN=l;CONVERT  Yes\n")
        self.send(PLAIN, "adam%example.com@conversion")
        self.assertIn(b"Content-Description: seen", self.raw())

    def test_explanation_shows_the_probe(self):
        self.start("")
        shown = self.mta.imsimta("test", "-rewrite", "-explain", "adam@example.com").stdout
        self.assertIn("IN-CHAN=l;OUT-CHAN=l;CONVERT", shown)
        self.assertIn("conversion by channel conversion", shown)


class Entries(Conversion):
    def test_message_without_an_entry_goes_on_byte_for_byte(self):
        content = mixed(text("one\n"), binary(b"\0\1\2" * 50)).replace("frontier\r\n", "frontier  \r\n", 1)
        self.start("in-type=image; delete=1\n")
        raw = self.converted(content)
        self.assertEqual(body_of(raw), body_of(content.encode()))

    def test_disclaimer(self):
        self.start("in-chan=tcp_*; in-type=text; in-subtype=plain; part-number=1; out-mode=text;\n"
                   "  command=\"cat $INPUT_FILE > $OUTPUT_FILE; echo 'The usual disclaimer.' >> $OUTPUT_FILE\"\n")
        attachment = binary(b"\0\1\2" * 50)
        raw = self.converted(mixed(text("one\n"), attachment))
        parts = self.parts(raw)
        self.assertEqual(parts[1].get_payload(decode=True).replace(b"\r\n", b"\n"), b"one\nThe usual disclaimer.\n")
        self.assertEqual(parts[2].get_payload(decode=True), b"\0\1\2" * 50)
        self.assertIn(attachment.as_bytes(), raw.replace(b"\r\n", b"\n"))

    def test_command_sees_files_headers_and_environment(self):
        self.start("in-type=application; in-subtype=msword; in-parameter-name-0=name; parameter-symbol-0=NAME;\n"
                   "  out-type=text; out-subtype=plain; out-mode=text; parameter-copy-0=*;\n"
                   "  command=\"( env | sort; echo =; cat 'INPUT_HEADERS'; echo =; cat 'MESSAGE_HEADERS'; echo =; cat 'ENVELOPE_TO';"
                   " echo =; od -c 'INPUT_FILE'; echo ='NAME'= ) > 'OUTPUT_FILE'\"\n",
                   channel_options="COMMAND_TIMEOUT=20\n")
        raw = self.converted(mixed(text("one\n"), binary(b"ab", name="$(touch /tmp/x) `id` a'b\"c")))
        part = self.parts(raw)[2]
        self.assertEqual(part.get_content_type(), "text/plain")
        shown = part.get_payload(decode=True).decode().replace("\r\n", "\n")
        for line in ("INPUT_TYPE=application", "INPUT_SUBTYPE=msword", "PART_NUMBER=2", "ATTACHMENT_NUMBER=2",
                     "INPUT_CHANNEL=tcp_intranet", "OUTPUT_CHANNEL=l", "INPUT_ENCODING=base64",
                     "INPUT_DISPOSITION=attachment", "ENVELOPE_FROM=amy@siroe.example", "Content-Type: application/msword",
                     "Subject: mixed", "0000000   a   b", "=$(touch /tmp/x) `id` a'b\"c="):
            self.assertIn(line, shown)
        self.assertIn("=\nadam\n=", shown)

    def test_relabel_delete_and_table_values(self):
        self.start("in-type=application; in-subtype=octet-stream; in-dparameter-name-0=filename; in-dparameter-value-0=*.doc;\n"
                   "  out-subtype=msword; relabel=1\n"
                   "in-type=application; in-subtype=msword; out-parameter-name-0=name;\n"
                   "  out-parameter-value-0=\"'X-ATT-NAMES:\\\\'INPUT_SUBTYPE\\\\''\"; parameter-copy-0=*\n"
                   "in-type=text; in-subtype=html; delete=1\n",
                   tables="\nX-ATT-NAMES\n\n  msword  Word$ document$Y\n")
        parts = self.parts(self.converted(mixed(text("one\n"), text("<p>", "html"), binary(b"x", "octet-stream"))))
        self.assertEqual([part.get_content_type() for part in parts], ["multipart/mixed", "text/plain", "application/msword"])
        self.assertEqual(parts[2].get_param("name"), "Word document")
        self.assertEqual(parts[2].get_payload(decode=True), b"x")

    def test_last_part_deleted_leaves_an_empty_text(self):
        self.start("in-type=*; delete=1\n")
        parts = self.parts(self.converted(mixed(text("one\n"), binary(b"x"))))
        self.assertEqual([part.get_content_type() for part in parts], ["text/plain"])
        self.assertEqual(parts[0].get_payload().strip(), "")
        self.assertEqual(parts[0]["Subject"], "mixed")

    def test_nested_messages_are_taken_apart(self):
        self.start("in-type=text; in-subject=inner*; out-mode=text; command=\"tr a-z A-Z < $INPUT_FILE > $OUTPUT_FILE\"\n"
                   "in-type=application; part-number=2.%; delete=1\n")
        inner = email.message_from_string(mixed(text("inner text\n"), binary(b"x"), subject="inner"))
        inner.set_boundary("inside")
        raw = self.converted(mixed(text("outer text\n"), email.mime.message.MIMEMessage(inner), binary(b"y")))
        parts = self.parts(raw)
        self.assertEqual([part.get_content_type() for part in parts],
                         ["multipart/mixed", "text/plain", "message/rfc822", "multipart/mixed", "text/plain", "application/msword"])
        self.assertEqual(parts[1].get_payload(), "outer text\n")
        self.assertEqual(parts[4].get_payload(), "INNER TEXT\n")
        self.assertEqual(parts[5].get_payload(decode=True), b"y")

    def test_headers_and_options_of_a_command(self):
        self.start("in-type=application; override-header-file=1; override-option-file=1; message-header-file=2;\n"
                   "  command=\"echo new > $OUTPUT_FILE;"
                   " printf 'Content-Type: application/pdf\\\\nContent-Description: made\\\\nX-Own: 1\\\\n' > $OUTPUT_HEADERS;"
                   " echo OUTPUT_ENCODING=quoted-printable > $OUTPUT_OPTIONS;"
                   " ( echo X-Scanned: yes; cat $MESSAGE_HEADERS ) > h; cat h > $MESSAGE_HEADERS\"\n")
        raw = self.converted(mixed(text("one\n"), binary(b"x")))
        parts = self.parts(raw)
        self.assertEqual(parts[0]["X-Scanned"], "yes")
        self.assertEqual(parts[0]["Subject"], "mixed")
        self.assertEqual(parts[2].get_content_type(), "application/pdf")
        self.assertEqual(parts[2]["X-Own"], "1")
        self.assertEqual(parts[2]["Content-Transfer-Encoding"].lower(), "quoted-printable")
        self.assertEqual(parts[2].get_payload(decode=True).strip(), b"new")

    def test_single_part_keeps_its_message_header(self):
        self.start("in-type=text; override-header-file=1; out-encoding=base64; original-header-file=1;\n"
                   "  command=\"cp $INPUT_HEADERS $OUTPUT_FILE; echo 'Content-Type: text/x-copy' > $OUTPUT_HEADERS\"\n")
        part, = self.parts(self.converted())
        self.assertEqual(part["From"], "amy@siroe.example")
        self.assertEqual(part.get_content_type(), "text/x-copy")
        self.assertEqual(part["Content-Transfer-Encoding"].lower(), "base64")
        self.assertIn(b"Subject: hello", part.get_payload(decode=True))


class Directives(Conversion):
    ENTRY = "in-type=text; override-option-file=1; command=\"{}\"\n"

    def test_force_return(self):
        self.start(self.ENTRY.format("echo STATUS=178029946 > $OUTPUT_OPTIONS; echo OUTPUT_DIAGNOSTIC=no such thing here >> $OUTPUT_OPTIONS"),
                   mapping="  IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT  Yes\n")
        with self.mta.smtp() as client:
            client.sendmail("eve@example.com", ["adam@example.com"], PLAIN)
        report, = self.mta.wait_for_mail("eve")
        self.assertIn("no such thing here", report.as_string())
        self.mta.wait_for_log(r" conversion R \d+ eve@example\.com ")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("adam"), {})

    def test_force_hold(self):
        self.start(self.ENTRY.format("echo STATUS=0x0A9C86AA > $OUTPUT_OPTIONS; echo OUTPUT_DIAGNOSTIC=look at it >> $OUTPUT_OPTIONS"))
        self.send()
        held, = harness.wait_for(lambda: [f for f in self.mta.queue_files() if f.endswith(".HELD")], "the held message")
        self.assertTrue(held.startswith("conversion/"))
        self.mta.wait_for_log(r" conversion Q \d+ amy@siroe\.example .*conversion: look at it")

    def test_force_discard(self):
        self.start(self.ENTRY.format("echo STATUS=PMDF__FORCEDISCARD > $OUTPUT_OPTIONS"))
        self.send()
        self.mta.wait_for_log(r" conversion D \d+ amy@siroe\.example ")
        self.mta.wait_for_empty_queue()
        self.assertEqual(self.mta.mailbox("adam"), {})

    def test_force_delete(self):
        self.start("in-type=application; override-option-file=1; command=\"echo STATUS=178030178 > $OUTPUT_OPTIONS\"\n")
        parts = self.parts(self.converted(mixed(text("one\n"), binary(b"x"))))
        self.assertEqual(len(parts), 2)

    def test_again_and_no_change(self):
        flag = pathlib.Path("/tmp") / f"sluice-conversion-{self.id()}"
        self.addCleanup(lambda: flag.unlink(missing_ok=True))
        flag.unlink(missing_ok=True)
        self.start(self.ENTRY.format(f"echo x > $OUTPUT_FILE; if [ -e {flag} ]; then echo STATUS=NOCHANGE > $OUTPUT_OPTIONS; else echo STATUS=178028698 > $OUTPUT_OPTIONS; fi"),
                   channel_options=f"COMMAND_READ={flag.parent}\n")
        self.send()
        self.mta.wait_for_log(r" conversion Q \d+ amy@siroe\.example ")
        flag.touch()
        self.assertEqual(body_of(self.raw()), body_of(PLAIN.encode()))

    def test_failing_command_keeps_the_part(self):
        self.start("in-type=text; command=\"echo x > $OUTPUT_FILE; exit 3\"\n")
        self.assertEqual(body_of(self.converted()), body_of(PLAIN.encode()))
        self.assertIn("ended with status 3", self.mta.component_log("conversion_master.log"))

    def test_exit_status_of_a_temporary_failure(self):
        self.start("in-type=text; command=\"exit 75\"\n")
        self.send()
        self.mta.wait_for_log(r" conversion Q \d+ amy@siroe\.example .*asks for another attempt")


class Load(Conversion):
    def test_no_message_waits_for_another_one_s_command(self):
        """A lock that a process being started inherits would make some message wait for a minute."""
        self.start("in-type=text; command=\"cp $INPUT_FILE $OUTPUT_FILE\"\n")
        with self.mta.smtp() as client:
            for _ in range(60):
                client.sendmail("amy@siroe.example", ["adam@example.com"], PLAIN)
        self.mta.wait_for_mail("adam", count=60, limit=40)


class Misbehaviour(Conversion):
    """Reliability D12: killed with its group, message deferred or held, other mail flows."""

    def check_stopped(self, command, why, channel_options="COMMAND_TIMEOUT=2\n"):
        self.start(f"in-type=text; in-subject=bad; command=\"{command}\"\n", channel_options=channel_options)
        self.send(PLAIN.replace("hello", "bad", 1))
        self.send(PLAIN, "eve@example.com")
        self.mta.wait_for_mail("eve")
        self.mta.wait_for_log(rf" conversion Q \d+ amy@siroe\.example .*{why}")
        self.assertEqual(self.mta.mailbox("adam"), {})

    def test_loops(self):
        self.check_stopped("trap '' TERM; while :; do sleep 1; done", "2 s have passed")

    def test_computes(self):
        self.check_stopped("while :; do :; done", "CPU time", "COMMAND_CPU_TIME=1\n")

    def test_forks(self):
        self.check_stopped("f() { f & f & wait; }; f; sleep 60", "have passed|processes", "COMMAND_TIMEOUT=3\nCOMMAND_PROCESSES=30\n")

    def test_fills_the_disk(self):
        self.check_stopped("yes > $OUTPUT_FILE", "a file larger than 2 MiB", "COMMAND_FILE_SIZE=2\n")

    def test_is_held_where_the_site_says_so(self):
        self.start("in-type=text; command=\"sleep 60\"\n", channel_options="COMMAND_TIMEOUT=1\nCOMMAND_LIMIT_ACTION=HOLD\n")
        self.send()
        harness.wait_for(lambda: [f for f in self.mta.queue_files() if f.endswith(".HELD")], "the held message")
        self.mta.wait_for_log(r" conversion Q \d+ amy@siroe\.example .*1 s have passed")

    def test_reads_no_other_mail_and_writes_nothing_outside(self):
        self.start("in-type=text; out-mode=text; command=\"( cat ../../../queue/*/*/* ../../../queue/.young/* ../../../config/imta.cnf ../message 2>&1; "
                   "echo x > ../../../config/made; kill -9 1 $PPID; "
                   "cat < /dev/tcp/127.0.0.1/25 ) > $OUTPUT_FILE 2>&1; ln -s ../../../config/imta.cnf link; true\"\n")
        shown = self.converted().decode()
        self.assertNotIn("Boundary_(ID_", shown)
        self.assertNotIn("tcp_local smtp", shown)
        self.assertFalse((self.mta.directory / "config" / "made").exists())
        self.assertEqual(list((self.mta.directory / "tmp" / "conversion").iterdir()), [])

    def test_output_that_is_a_link_is_not_followed(self):
        self.start("in-type=text; command=\"ln -s ../../../../config/imta.cnf $OUTPUT_FILE\"\n")
        self.assertEqual(body_of(self.converted()), body_of(PLAIN.encode()))

    def test_leaves_nobody_behind(self):
        self.start("in-type=text; command=\"(setsid sleep 7654321 &) ; cp $INPUT_FILE $OUTPUT_FILE\"\n")
        self.assertEqual(body_of(self.converted()), body_of(PLAIN.encode()))
        for process in pathlib.Path("/proc").iterdir():
            if process.name.isdigit():
                with harness.contextlib.suppress(OSError):
                    self.assertNotIn(b"7654321", (process / "cmdline").read_bytes())


class Checks(Conversion):
    def test_cnbuild_reports_errors_with_their_place(self):
        self.start("")
        conversions = self.mta.directory / "config" / "conversions"
        conversions.write_text("in-type=text; command=\"open\nin-typ=a; service-command=\"c\"\n")
        done = self.mta.imsimta("cnbuild", check=False)
        self.assertNotEqual(done.returncode, 0)
        shown = done.stdout + done.stderr
        self.assertIn("conversions:1:23: error: the quoted value does not end on its line [E_QUOTE]", shown)
        self.assertIn("did you mean IN-TYPE?", shown)
        conversions.write_text("in-type=text; service-command=\"c\"\n")
        shown = self.mta.imsimta("cnbuild", check=False)
        self.assertIn("conversions:1:15: warning: this command never runs: there is no mapping table CHARSET-CONVERSION [L017]",
                      shown.stdout + shown.stderr)

    def test_trial_of_a_message_queues_nothing(self):
        self.start("in-type=image; delete=1\n"
                   "in-type=text; out-mode=text; command=\"cat 'INPUT_FILE' > $OUTPUT_FILE; echo disclaimer >> $OUTPUT_FILE\"\n")
        message = self.mta.directory / "message"
        message.write_text("From: a@b.example\nSubject: x\n\nhello\n")
        shown = self.mta.imsimta("test", "-conversion", message).stdout
        self.assertIn('conversions:1: does not apply: IN-TYPE=image does not match "text"', shown.replace(":1:1:", ":1:"))
        self.assertIn('command: cat "${INPUT_FILE}" > $OUTPUT_FILE', shown)
        self.assertIn("No command was run", shown)
        result = self.mta.directory / "tmp" / "result"
        part, whole = self.mta.json("test", "-conversion", "-execute", f"-result={result}", message)
        self.assertEqual((part["part"], part["result"], part["ended"]), ("1", "converted", "ended with status 0"))
        self.assertEqual((whole["executed"], whole["changed"], whole["directive"]), (True, True, "none"))
        self.assertTrue(result.read_bytes().endswith(b"hello\r\ndisclaimer\r\n"))
        self.assertEqual(self.mta.queue_files(), [])

    def test_trial_of_what_is_not_published(self):
        self.start("in-type=text; out-description=first\n")
        self.mta.imsimta("cnbuild")
        (self.mta.directory / "config" / "conversions").write_text("in-type=text; out-description=second\n")
        message = self.mta.directory / "message"
        message.write_text("From: a@b.example\nSubject: x\n\nhello\n")
        result = self.mta.directory / "tmp" / "result"
        for switch, description in (("-image_file", b"first"), ("-noimage_file", b"second"),
                                    (f"-mapping_file={self.mta.directory}/config/mappings", b"second")):
            with self.subTest(switch=switch):
                self.mta.imsimta("test", "-conversion", switch, "-execute", f"-result={result}", message)
                self.assertIn(b"Content-Description: " + description, result.read_bytes())

    def test_the_image_holds_the_entries(self):
        self.start("in-type=text; out-description=first\n")
        self.mta.imsimta("cnbuild")
        (self.mta.directory / "config" / "conversions").write_text("in-type=text; out-description=second\n")
        self.mta.imsimta("restart")
        self.assertIn(b"Content-Description: first", self.converted())


if __name__ == "__main__":
    unittest.main()
