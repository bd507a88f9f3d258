"""Clauses, symbols and options of the conversions file that test_conversion.py has no scenario for: spec page
conversions, sections 1 and 2."""
import email
import unittest

import harness
from test_conversion import PLAIN, Conversion, binary, mixed, text


class Routes(Conversion):
    def test_tags_in_the_probe(self):
        self.start("in-type=text; out-description=seen\n", options="INCLUDE_CONVERSIONTAG=2\n",
                   mapping="  IN-CHAN=tcp_intranet;OUT-CHAN=l;TAG=;CONVERT  Yes\n  *  No\n")
        self.assertIn(b"Content-Description: seen", self.converted())

    def test_unknown_words_are_no(self):
        self.start("in-type=text; out-description=seen\n", mapping="  *  perhaps,Channel=conversion\n")
        self.assertNotIn(b"Content-Description", self.converted())

    def test_both_names_of_the_channel(self):
        """conversion.localhost by a rewrite rule of its own."""
        rule = "conversion.localhost  $U%$D@conversion-daemon\n"
        self.start("in-type=text; out-description=seen\n", mapping="  none  Yes\n",
                   files={"imta.cnf": lambda t: t.replace("\nconversion  ", "\n" + rule + "conversion  ", 1)})
        for name in ("conversion", "conversion.localhost"):
            self.send(PLAIN, f"adam%example.com@{name}")
        for message in self.mta.wait_for_mail("adam", count=2):
            self.assertEqual(message["Content-Description"], "seen")


class Clauses(Conversion):
    def test_every_label_can_be_matched_and_set(self):
        self.start("in-disposition=attachment; in-description=\"old *\"; in-channel=tcp_intranet; out-channel=l;\n"
                   "  in-parameter-name-3=charset; in-parameter-default-3=none; in-parameter-value-3=none;\n"
                   "  out-disposition=inline; out-description=\"new 'INPUT_DESCRIPTION'\"; dparameter-copy-0=file%ame;\n"
                   "  out-dparameter-name-1=size; out-dparameter-value-1=4; out-parameter-name-0=name; out-parameter-value-0='PART_NUMBER'\n")
        part = binary(b"abcd")
        part["Content-Description"] = "old one"
        part.set_param("creation-date", "now", header="Content-Disposition")
        other = binary(b"abcd")
        other["Content-Description"] = "another"
        first, second = self.parts(self.converted(mixed(part, other)))[1:]
        self.assertEqual((first.get_content_disposition(), first["Content-Description"]), ("inline", "new old one"))
        self.assertEqual((first.get_filename(), first.get_param("size", header="Content-Disposition")), ("report.doc", "4"))
        self.assertIsNone(first.get_param("creation-date", header="Content-Disposition"))
        self.assertEqual((first.get_param("name"), first.get_payload(decode=True)), ("1", b"abcd"))
        self.assertEqual((second.get_content_disposition(), second["Content-Description"]), ("attachment", "another"))

    def test_comments_continued_lines_and_included_files(self):
        self.start("! what is done with text\n<more_conversions\nin-type=text; \\\n  in-subtype=html; out-description=web\n",
                   files={"more_conversions": "in-type=text;\n  in-subtype=plain;\n  out-description=plain\n"})
        parts = self.parts(self.converted(mixed(text("one\n"), text("<p>", "html"))))
        self.assertEqual([part["Content-Description"] for part in parts[1:]], ["plain", "web"])

    def test_symbols_in_patterns(self):
        self.start("parameter-symbol-0=NAME; in-dparameter-name-0=filename; in-dparameter-value-0='NAME'; out-description=same\n")
        parts = self.parts(self.converted(mixed(binary(b"a", name="report.doc"), binary(b"b", name="*"))))
        self.assertEqual([part["Content-Description"] for part in parts[1:]], ["same", None])

    def test_message_header_of_the_nearest_message(self):
        self.start("in-type=image; message-header-file=1; command=\"cp $INPUT_FILE $OUTPUT_FILE;"
                   " ( echo X-Near: yes; cat $MESSAGE_HEADERS ) > h; cat h > $MESSAGE_HEADERS\"\n")
        image = binary(b"png", "x")
        image.replace_header("Content-Type", "image/png")
        inner = email.message_from_string(mixed(image, subject="inner"))
        inner.set_boundary("inside")
        parts = self.parts(self.converted(mixed(text("outer\n"), email.mime.message.MIMEMessage(inner))))
        self.assertIsNone(parts[0]["X-Near"])
        self.assertEqual(next(part["X-Near"] for part in parts if part["Subject"] == "inner"), "yes")

    def test_output_options_win_over_clauses(self):
        self.start("in-type=application; override-option-file=1; out-type=text; out-subtype=plain; out-mode=text;\n"
                   "  command=\"echo new > $OUTPUT_FILE; ( echo OUTPUT_TYPE=image; echo 'OUTPUT_SUBTYPE=\\\"gif\\\"';"
                   " echo OUTPUT_DESCRIPTION=a picture; echo OUTPUT_DISPOSITION=inline; echo OUTPUT_MODE=BLOCK ) > $OUTPUT_OPTIONS\"\n")
        part = self.parts(self.converted(mixed(text("one\n"), binary(b"x"))))[2]
        self.assertEqual((part.get_content_type(), part["Content-Description"], part.get_content_disposition()),
                         ("image/gif", "a picture", "inline"))
        self.assertEqual(part.get_payload(decode=True), b"new\n")

    def test_options_without_the_clause_are_ignored(self):
        self.start("in-type=text; command=\"echo STATUS=FORCEDISCARD > $OUTPUT_OPTIONS\"\n")
        self.assertIn(b"hello", self.converted())


class Ends(Conversion):
    def test_death_by_a_signal_is_a_temporary_failure(self):
        self.start("in-type=text; command=\"kill -KILL $$\"\n")
        self.send()
        self.mta.wait_for_log(r" conversion Q \d+ amy@siroe\.example .*signal")

    def test_result_in_eight_bits_is_declared(self):
        """A 7-bit message that a command makes an 8-bit one: its file for the next channel says 8BITMIME."""
        dns = self.dns("far.example. IN A 127.0.0.1")
        self.start("in-type=text; out-mode=text; out-encoding=8bit; command=\"echo gr\u00fcn > $OUTPUT_FILE\"\n",
                   mapping="  IN-CHAN=tcp_intranet;OUT-CHAN=tcp_local;CONVERT  Yes\n",
                   dns=dns.address, relay_port=harness.free_port())
        self.send(PLAIN, "x@far.example")
        self.mta.wait_for_log(r" conversion D ")
        def waiting():
            return [self.mta.directory / "queue" / name for name in self.mta.queue_files() if name.startswith("tcp_local/")]
        file, = harness.wait_for(waiting, "the message that waits for its host")
        content = file.read_bytes()
        self.assertIn("gr\u00fcn".encode(), content)
        self.assertIn(b"\na;8BITMIME\n", content)


if __name__ == "__main__":
    unittest.main()
