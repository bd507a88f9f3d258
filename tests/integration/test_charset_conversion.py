"""CHARSET-CONVERSION and the conversion service through the real programs: spec page conversions, sections 3 and 4."""
import email
import email.header
import email.mime.base
import email.mime.message
import email.mime.multipart
import email.policy
import pathlib
import unittest

import harness

HEAD = "From: amy@siroe.example\r\nTo: adam@example.com\r\nMessage-ID: <one@siroe.example>\r\n"
TO_UTF8 = """  IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT  Yes
  IN-CHAN=*;OUT-CHAN=*;CONVERT  No
  IN-CHAN=tcp_intranet;OUT-CHAN=l;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8
  IN-CHAN=tcp_intranet;OUT-CHAN=l;IN-CHARSET=x-old  IN-CHARSET=iso-8859-1,OUT-CHARSET=utf-8
  IN-CHAN=tcp_intranet;OUT-CHAN=l;IN-CHARSET=iso-8859-9  IN-CHARSET=iso-8859-15
  IN-CHAN=tcp_intranet;OUT-CHAN=l;IN-CHARSET=koi8*  OUT-CHARSET=x-nobody-knows
"""


def message(*parts, subtype="mixed"):
    whole = email.mime.multipart.MIMEMultipart(subtype, boundary="frontier")
    whole["From"] = "amy@siroe.example"
    whole["To"] = "adam@example.com"
    whole["Message-ID"] = "<two@siroe.example>"
    whole["Subject"] = "parts"
    for part in parts:
        whole.attach(part)
    return whole.as_bytes(policy=email.policy.SMTP)


def leaf(octets, content_type="text/plain; charset=iso-8859-1", encoding="8bit"):
    part = email.mime.base.MIMEBase("text", "plain")
    del part["Content-Type"], part["MIME-Version"]
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(octets.decode("ascii", "surrogateescape"))
    return part


class CharsetConversion(harness.MtaTest):
    def start(self, table=TO_UTF8, conversions="", options="", conversion_table="", channel_options="", **settings):
        tables = "\nCHARSET-CONVERSION\n\n" + table
        if conversion_table:
            tables += "\nCONVERSIONS\n\n" + conversion_table
        self.mta = self.instance(files={
            "conversions": conversions,
            "conversion_option": channel_options,
            "mappings": lambda t: t + tables,
            "option.dat": lambda t: t + "\nLOG_MESSAGE_ID=1\n" + options,
            "imta.cnf": lambda t: t.replace("\nconversion\n", '\nconversion master_debug\n'),
        }, **settings)
        return self.mta.start()

    def send(self, content, *recipients):
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.example", list(recipients) or ["adam@example.com"], content)

    def raw(self, user="adam"):
        self.mta.wait_for_mail(user)
        self.mta.wait_for_empty_queue()
        raw, = self.mta.mailbox(user).values()
        return raw

    def converted(self, content):
        self.send(content)
        return self.raw()

    def leaves(self, raw):
        return [part for part in email.message_from_bytes(raw).walk() if not part.is_multipart()]

    def server_log(self):
        return "".join(path.read_text() for path in (self.mta.directory / "log").glob("tcp_smtp_server.log-*"))


class Sets(CharsetConversion):
    def test_body_header_and_label(self):
        self.start()
        raw = self.converted((HEAD + "Subject: =?ISO-8859-1?Q?Gr=FC=DFe?=\r\nMIME-Version: 1.0\r\n"
                              "Content-Type: text/plain; charset=ISO-8859-1; format=flowed\r\n"
                              "Content-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe\r\n").encode("latin-1"))
        whole = email.message_from_bytes(raw)
        self.assertEqual(whole.get_content_charset(), "utf-8")
        self.assertEqual(whole.get_param("format"), "flowed")
        self.assertEqual(whole.get_payload(decode=True).decode().strip(), "Gr\u00fc\u00dfe")
        self.assertEqual(whole["Subject"], "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=")
        self.mta.wait_for_log(r" tcp_intranet l E ")

    def test_each_part_by_its_own_set_and_the_others_to_the_octet(self):
        self.start()
        signed = leaf(b"=48allo\r\n", "text/plain; charset=iso-8859-1", "quoted-printable")
        secret = email.mime.multipart.MIMEMultipart("signed", boundary="sealed")
        secret.attach(signed)
        content = message(
            leaf(b"one \xe4\r\n"),
            leaf(b"b25lIOQNCg==\r\n", encoding="base64"),
            leaf(b"one =E4\r\n", "text/html; charset=x-old", "quoted-printable"),
            leaf(b"\xa4\r\n", "text/plain; charset=iso-8859-9"),
            leaf(b"\xc1\r\n", "text/plain; charset=koi8-r"),
            leaf(b"\xe4\r\n", "text/plain; charset=big5"),
            leaf(b"\xe4\r\n", "text/plain"),
            secret)
        raw = self.converted(content)
        parts = self.leaves(raw)
        self.assertEqual([part.get_content_charset() for part in parts],
                         ["utf-8", "utf-8", "utf-8", "iso-8859-15", "koi8-r", "big5", None, "iso-8859-1"])
        self.assertEqual([part["Content-Transfer-Encoding"] for part in parts],
                         ["8bit", "base64", "quoted-printable", "8bit", "8bit", "8bit", "8bit", "quoted-printable"])
        for part in parts[:3]:
            self.assertEqual(part.get_payload(decode=True).strip(), "one \u00e4".encode())
        self.assertEqual(parts[3].get_payload(decode=True).strip(), b"\xa4")
        kept = content[content.index(b"Content-Type: text/plain; charset=koi8-r"):]
        self.assertIn(kept, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        self.assertIn("character set x-nobody-knows is not known", self.server_log())

    def test_what_its_label_does_not_cover_stays(self):
        self.start(table="  *;CONVERT  Yes\n  *;IN-CHARSET=utf-8  OUT-CHARSET=iso-8859-1\n")
        raw = self.converted(message(leaf(b"\xff\xfe\r\n", "text/plain; charset=utf-8"),
                                     leaf("\u20ac \u00e4\r\n".encode(), "text/plain; charset=utf-8")))
        first, second = self.leaves(raw)
        self.assertEqual((first.get_content_charset(), first.get_payload(decode=True).strip()), ("utf-8", b"\xff\xfe"))
        self.assertEqual((second.get_content_charset(), second.get_payload(decode=True).strip()), ("iso-8859-1", b"? \xe4"))
        self.assertIn("1 characters are not in iso-8859-1", self.server_log())

    def test_sets_that_are_no_ascii_are_encoded(self):
        self.start(table="  *;CONVERT  Yes\n  *;IN-CHARSET=iso-2022-jp  OUT-CHARSET=utf-8\n"
                         "  *;IN-CHARSET=utf-8  OUT-CHARSET=utf-16be\n")
        raw = self.converted(message(leaf(b"\x1b$BF|K\\\x1b(B\r\n", "text/plain; charset=iso-2022-jp", "7bit"),
                                     leaf(b"a\r\n", "text/plain; charset=utf-8", "7bit")))
        first, second = self.leaves(raw)
        self.assertEqual(first.get_payload(decode=True).decode().strip(), "\u65e5\u672c")
        self.assertNotEqual(first["Content-Transfer-Encoding"], "7bit")
        self.assertEqual(second["Content-Transfer-Encoding"], "base64")
        self.assertEqual(second.get_payload(decode=True).decode("utf-16be").strip(), "a")

    def test_nothing_without_yes_and_only_for_the_channel_that_asks(self):
        sink = self.sink()
        dns = self.dns("far.example. IN A 127.0.0.1")
        self.start(dns=dns.address, relay_port=sink.port)
        content = (HEAD + "Subject: =?iso-8859-1?Q?=E4?=\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe4\r\n").encode("latin-1")
        self.send(content, "adam@example.com", "x@far.example")
        self.assertIn(b"\xc3\xa4", self.raw())
        far, = harness.wait_for(sink.messages, "the relayed copy")
        self.assertIn(b"=?iso-8859-1?Q?=E4?=", far)
        self.assertNotIn(b"\xc3\xa4", far)

    def test_before_the_conversion_channel_only_always(self):
        table = ("  IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT  {}\n"
                 "  IN-CHAN=tcp_intranet;OUT-CHAN=l;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n")
        content = (HEAD + "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nplain\r\n").encode()
        for word, charset in (("Yes", "iso-8859-1"), ("Always", "utf-8")):
            with self.subTest(word):
                self.start(table.format(word), conversion_table="  IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT  Yes\n")
                self.assertEqual(email.message_from_bytes(self.converted(content)).get_content_charset(), charset)
                self.mta.stop()

    def test_tags_in_the_first_probe(self):
        self.start(table="  IN-CHAN=*;OUT-CHAN=l;TAG=*vip*;CONVERT  Always\n  *;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n",
                   options="INCLUDE_CONVERSIONTAG=1\n", conversion_table="  *OUT-CHAN=l;CONVERT  No,Tag=vip\n")
        raw = self.converted((HEAD + "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nplain\r\n").encode())
        self.assertEqual(email.message_from_bytes(raw).get_content_charset(), "utf-8")


class Shapes(CharsetConversion):
    def test_encodings_are_switched(self):
        for word, expected in (("BASE64", ["base64", "base64", "8bit"]),
                               ("Quoted-Printable", ["quoted-printable", "quoted-printable", "8bit"])):
            with self.subTest(word):
                self.start(f"  *;CONVERT  Yes,{word}\n")
                parts = self.leaves(self.converted(message(
                    leaf(b"one =E4\r\n", encoding="quoted-printable"), leaf(b"AAECAw==\r\n", "application/x-data", "base64"),
                    leaf(b"\xe4\r\n"))))
                self.assertEqual([part["Content-Transfer-Encoding"] for part in parts], expected)
                self.assertEqual(parts[0].get_payload(decode=True).strip(), b"one \xe4")
                self.assertEqual(parts[1].get_payload(decode=True), b"\0\1\2\3")
                self.mta.stop()

    def embedded(self):
        inner = email.message_from_string("Subject: inner\nContent-Type: text/html\n\n<p>inside</p>")
        return message(leaf(b"outside"), email.mime.message.MIMEMessage(inner))

    def test_embedded_messages_are_flattened(self):
        for word, expected in (("Delete", ["text/plain", "text/html"]), ("Bottom", ["text/plain", "text/html", "text/rfc822-headers"])):
            with self.subTest(word):
                self.start(f"  *;CONVERT  Yes,{word}\n")
                parts = self.leaves(self.converted(self.embedded()))
                self.assertEqual([part.get_content_type() for part in parts], expected)
                self.assertEqual(parts[1].get_payload().strip(), "<p>inside</p>")
                if word == "Bottom":
                    self.assertIn("Subject: inner", parts[2].get_payload())
                self.mta.stop()

    def test_superfluous_levels_go(self):
        self.start("  *;CONVERT  Yes,Level\n")
        alternative = email.mime.multipart.MIMEMultipart("alternative", boundary="inside")
        alternative.attach(leaf(b"only one\r\n"))
        whole = email.message_from_bytes(self.converted(message(alternative)))
        self.assertEqual((whole.get_content_type(), whole["Subject"]), ("text/plain", "parts"))
        self.assertEqual(whole.get_payload().strip(), "only one")

    def test_relabel_by_the_conversions_file(self):
        self.start("  *;CONVERT  Yes,Relabel\n  *;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n",
                   conversions="in-type=application; in-subtype=x-text; out-type=text; out-subtype=plain;\n"
                               "  out-parameter-name-0=charset; out-parameter-value-0=iso-8859-1; relabel=1\n"
                               "in-type=text; command=\"exit 1\"\n")
        part, = self.leaves(self.converted(message(leaf(b"\xe4\r\n", "application/x-text"))))
        self.assertEqual((part.get_content_type(), part.get_content_charset()), ("text/plain", "utf-8"))
        self.assertEqual(part.get_payload(decode=True).strip(), "\u00e4".encode())

    def test_what_is_not_offered_passes_and_is_told_by_the_checker(self):
        self.start("  *;CONVERT  Yes,Appledouble,Macbinary\n")
        raw = self.converted(message(leaf(b"\xe4\r\n")))
        self.assertIn(b"\xe4", raw)
        done = self.mta.imsimta("cnbuild")
        self.assertIn("keyword Appledouble does nothing [L016]", done.stdout + done.stderr)
        self.assertNotIn("W420", done.stdout + done.stderr)


class Service(CharsetConversion):
    YES = "  *;CONVERT  Yes\n"

    def test_whole_message(self):
        self.start(self.YES, "in-chan=tcp_intranet; in-type=multipart; in-subtype=mixed;\n"
                             "  service-command=\"( echo 'X-Seen-By: service'; cat $INPUT_FILE ) > $OUTPUT_FILE;"
                             " sed 's/^/X-To: /' 'INFO_FILE' | head -n 1 | cat - $OUTPUT_FILE > o; cat o > $OUTPUT_FILE\"\n")
        content = message(leaf(b"one \xe4\r\n"), leaf(b"AAEC\r\n", "application/x-data", "base64"))
        raw = self.converted(content)
        whole = email.message_from_bytes(raw)
        self.assertEqual((whole["X-Seen-By"], whole["X-To"]), ("service", "adam"))
        self.assertIn(content[content.index(b"--frontier"):], raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def test_part_with_its_header_undecoded(self):
        self.start(self.YES, "in-type=application; in-subtype=x-data;\n"
                             "  service-command=\"sed -e 's/^Content-Type:.*/Content-Type: text\\\\/plain/' -e '$d' $INPUT_FILE > $OUTPUT_FILE;"
                             " echo $INPUT_TYPE-$PART_NUMBER | base64 >> $OUTPUT_FILE\"\n")
        content = message(leaf(b"kept \xe4\r\n"), leaf(b"AAEC", "application/x-data", "base64"))
        raw = self.converted(content)
        first, second = self.leaves(raw)
        self.assertEqual(first.get_payload(decode=True).strip(), b"kept \xe4")
        self.assertEqual((second.get_content_type(), second.get_payload(decode=True)), ("text/plain", b"application-2\n"))

    def test_every_message_once_by_the_entries_of_the_manual(self):
        self.start(self.YES, "in-chan=*; in-type=*; part-number=\"\"; out-chan=l;\n"
                             " service-command=\"(echo X-Left-By: here; cat $INPUT_FILE) > $OUTPUT_FILE\"\n"
                             "in-chan=*; in-type=*; part-number=1; out-chan=l;\n"
                             " service-command=\"(echo X-Left-By: here; cat $INPUT_FILE) > $OUTPUT_FILE\"\n")
        self.send(message(leaf(b"one"), leaf(b"two")))
        self.send(HEAD.replace("one@", "three@").encode() + b"\r\nhello\r\n")
        for whole in self.mta.wait_for_mail("adam", count=2):
            self.assertEqual(whole.as_string().count("X-Left-By: here"), 1)

    def check_original(self, command, why):
        self.start(self.YES, f"in-type=text; service-command=\"{command}\"\n")
        raw = self.converted(HEAD.encode() + b"\r\nhello\r\n")
        self.assertEqual(raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1], b"hello\n")
        self.assertIn(b"Message-ID: <one@siroe.example>", raw)
        self.assertIn("service: " + why, self.server_log())

    def test_failing_command(self):
        self.check_original("echo x > $OUTPUT_FILE; exit 7", "its command ended with status 7")

    def test_command_without_a_result(self):
        self.check_original("true", "its command made no OUTPUT_FILE")

    def test_result_that_is_no_message(self):
        self.check_original("echo no header at all > $OUTPUT_FILE", "OUTPUT_FILE does not begin with a header")

    def test_command_that_would_not_end(self):
        self.start(self.YES, "in-type=text; service-command=\"sleep 60\"\n", channel_options="COMMAND_TIMEOUT=1\n")
        self.assertIn(b"hello", self.converted(HEAD.encode() + b"\r\nhello\r\n"))
        self.assertIn("service: its command was stopped: 1 s have passed", self.server_log())

    def test_command_is_confined(self):
        self.start(self.YES, "in-type=text; service-command=\"( cat $INPUT_FILE; cat ../../../../config/imta.cnf 2>&1;"
                             " echo x > ../../../../config/made 2>&1 ) > $OUTPUT_FILE; true\"\n")
        shown = self.converted(HEAD.encode() + b"\r\nhello\r\n").decode()
        self.assertIn("hello", shown)
        self.assertNotIn("tcp_local smtp", shown)
        self.assertFalse((self.mta.directory / "config" / "made").exists())
        self.assertEqual(list((self.mta.directory / "tmp" / "conversion").iterdir()), [])

    def test_service_comes_before_the_sets(self):
        self.start(self.YES + "  *;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n",
                   "in-type=text; service-command=\"sed 's/a/\\\\xe4/' $INPUT_FILE > $OUTPUT_FILE\"\n")
        raw = self.converted(HEAD.replace("adam", "ADAM").replace("amy", "x").encode() +
                             b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                             b"Content-Transfer-Encoding: 8bit\r\n\r\nb\r\n")
        self.assertEqual(email.message_from_bytes(raw).get_content_charset(), "utf-8")


class Trial(CharsetConversion):
    def test_explanation(self):
        self.start(TO_UTF8.replace("Yes", "Yes,Level,Appledouble"), "in-type=text; service-command=\"cat $INPUT_FILE > $OUTPUT_FILE\"\n")
        path = self.mta.directory / "message"
        path.write_bytes(b"From: a@b.example\nSubject: =?iso-8859-1?Q?=E4?=\nContent-Type: text/plain; charset=iso-8859-1\n\n\xe4\n")
        shown = self.mta.imsimta("test", "-conversion", "-in_channel=tcp_intranet", path).stdout
        for line in ("IN-CHAN=tcp_intranet;OUT-CHAN=l;CONVERT: `Yes,Level,Appledouble`", "service command: cat $INPUT_FILE",
                     "character set iso-8859-1 to utf-8", "encoded words of the header changed", "keyword Appledouble does nothing here"):
            self.assertIn(line, shown)
        self.assertEqual(self.mta.queue_files(), [])


class Labels(harness.MtaTest):
    def test_text_without_a_label_gets_that_of_its_channel(self):
        mta = self.instance(keywords={"tcp_intranet": "charset7 us-ascii charset8 iso-8859-1"}).start()
        with mta.smtp() as client:
            client.sendmail("amy@siroe.example", ["adam@example.com"],
                            HEAD.encode() + b"Subject: gr\xfc\xdf\r\n\r\n\xe4\r\n", mail_options=["BODY=8BITMIME"])
            client.sendmail("amy@siroe.example", ["eve@example.com"], HEAD.encode() + b"\r\nplain\r\n")
        [mail] = mta.wait_for_mail("adam")
        self.assertEqual(mail.get_content_charset(), "iso-8859-1")
        self.assertEqual(str(email.header.make_header(email.header.decode_header(mail["Subject"]))), "gr\xfc\xdf")
        self.assertEqual(mail.get_payload(decode=True).strip(), b"\xe4")
        [mail] = mta.wait_for_mail("eve")
        self.assertEqual(mail.get_content_charset(), "us-ascii")
        self.assertEqual(mail["MIME-Version"], "1.0")


if __name__ == "__main__":
    unittest.main()
