"""The deliverer of the tcp_* channels against peers on the loopback interface: obedient, failing, odd and hostile ones."""
import contextlib
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "integration"))
import harness  # noqa: E402

MESSAGE = b"From: adam@example.com\r\nSubject: test\r\n\r\n.dot\r\nbody\r\n"


class Talk:
    """The peer's end of one connection."""

    def __init__(self, connection):
        self.connection = connection
        self.file = connection.makefile("rb")
        self.seen = []
        self.data = None

    def say(self, *lines):
        for line in lines:
            self.connection.sendall(line.encode("latin-1") + b"\r\n")

    def raw(self, octets):
        self.connection.sendall(octets)

    def command(self):
        line = self.file.readline().decode("latin-1").rstrip("\r\n")
        if line:
            self.seen.append(line)
        return line

    def content(self):
        self.data = b""
        while not self.data.endswith(b"\r\n.\r\n"):
            line = self.file.readline()
            if not line:
                return None
            self.data += line
        return self.data

    def serve(self, replies=None, ehlo=("250 peer.test",), greeting="220 peer.test ESMTP ready"):
        """A server that keeps to the rules, but for `replies`: {verb or whole command: lines or function(talk, command)}."""
        replies = replies or {}
        if greeting:
            self.say(greeting)
        while line := self.command():
            verb = line.split(" ")[0].upper()
            answer = replies.get(line, replies.get(verb))
            if callable(answer):
                if answer(self, line) == "stop":
                    return
                continue
            if isinstance(answer, str):
                answer = (answer,)
            if verb == "DATA" and answer is None:
                self.say("354 go on")
                if self.content() is None:
                    return
                answer = replies.get(".", ("250 2.0.0 taken",))
                if callable(answer):
                    if answer(self, ".") == "stop":
                        return
                    continue
                answer = (answer,) if isinstance(answer, str) else answer
            usual = {"EHLO": ehlo, "LHLO": ehlo, "HELO": ("250 peer.test",), "QUIT": ("221 bye",)}
            self.say(*(answer or usual.get(verb, ("250 ok " + line,))))
            if verb == "QUIT":
                return


class Peer:
    """A server whose n-th connection runs the n-th script; the last script serves all that follow."""

    def __init__(self, *scripts, address="127.0.0.1", port=0):
        self.listener = socket.create_server((address, port))
        self.port = self.listener.getsockname()[1]
        self.scripts = scripts or (lambda talk: talk.serve(),)
        self.talks = []
        self.threads = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                script = self.scripts[min(len(self.talks), len(self.scripts) - 1)]
                talk = Talk(connection)
                self.talks.append(talk)
                thread = threading.Thread(target=self.run, args=(script, talk), daemon=True)
                self.threads.append(thread)
                thread.start()

    @staticmethod
    def run(script, talk):
        with contextlib.suppress(OSError, ValueError):
            script(talk)
        with contextlib.suppress(OSError):
            talk.file.close()
            talk.connection.close()

    def finish(self):
        for thread in self.threads:
            thread.join(10)

    def close(self):
        self.listener.close()

    def commands(self, number=0):
        return self.talks[number].seen


class Client:
    """An instance's directory, and the driver that delivers from one of its channels."""

    def __init__(self, options="", channel_options="", keywords="", environment=None, **settings):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-client-"))
        files = {"option.dat": lambda text: text + options, "tcp_local_option": channel_options}
        tailor = harness.make_instance(self.directory, harness.BIN, harness.free_port(), files=files,
                                       keywords={"tcp_local": keywords} if keywords else None, **settings)
        self.environment = {"IMTA_TAILOR": str(tailor), "PATH": os.environ["PATH"], "TZ": "UTC", **(environment or {})}
        self.start()

    def start(self):
        self.process = subprocess.Popen([harness.BIN / "client_driver", "tcp_local"], env=self.environment, text=True, encoding="utf-8",
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def tell(self, line, limit=30):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], limit)
        if not ready:
            raise AssertionError("no answer to " + line)
        return self.process.stdout.readline().rstrip("\n")

    def send(self, recipients="bob@dest.example", host="dest.example", content=MESSAGE, sender="adam@example.com",
             features="", notify="20", limit=30):
        path = self.directory / "content"
        path.write_bytes(content)
        return self.tell("\t".join(["send", sender, host, recipients, str(path), features, notify]), limit)

    def rest(self):
        self.tell("rest")

    def log(self, pattern=""):
        path = self.directory / "log/mail.log_current"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [line for line in (re.sub(" +", " ", line) for line in lines) if re.search(pattern, line)]

    def queue(self, channel="tcp_local"):
        return [path.name for path in (self.directory / "queue" / channel).rglob("*")
                if path.is_file() and path.parent.name != "tmp"]

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)


TS = r"^\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d\d"
TR = r"TCP\|127\.0\.0\.1\|\d+\|127\.0\.0\.1\|\d+"
QUICK = "TIMEOUT_MULTIPLIER=1\nSTATUS_RECEIVE_TIME=1\nSTATUS_MAIL_RECEIVE_TIME=1\nSTATUS_RCPT_RECEIVE_TIME=1\n" \
        "STATUS_DATA_RECEIVE_TIME=1\nSTATUS_DATA_RECV_PER_ADDR_TIME=0\n"


class ClientTest(unittest.TestCase):
    def peer(self, *scripts, **options):
        peer = Peer(*scripts, **options)
        self.addCleanup(peer.close)
        return peer

    def dns(self, *records, **options):
        server = harness.DnsServer(records, **options)
        self.addCleanup(server.close)
        return server

    def client(self, **settings):
        client = Client(**settings)
        self.addCleanup(client.close)
        return client

    def client_of(self, peer, **settings):
        """Everything goes to the peer, by the channel's keyword daemon."""
        keywords = settings.pop("keywords", "") + " daemon [127.0.0.1]"
        return self.client(relay_port=peer.port, keywords=keywords, **settings)

    def assert_one(self, client, pattern):
        found = client.log(pattern)
        self.assertEqual(len(found), 1, f"{pattern}\n" + "\n".join(client.log()))
        return found[0]


class Dialogue(ClientTest):
    def test_message_arrives_octet_for_octet(self):
        peer = self.peer()
        client = self.client_of(peer)
        lines = b"".join(b"." * (i % 4) + b"line %d\r\n" % i for i in range(20000))
        self.assertEqual(client.send(content=MESSAGE + lines), "ok reached ")
        self.assertEqual(peer.commands()[:4], ["EHLO mail.example.com", "MAIL FROM:<adam@example.com>",
                                               "RCPT TO:<bob@dest.example>", "DATA"])
        wire = peer.talks[0].data
        self.assertEqual(re.sub(rb"(?m)^\.", b"", wire[:-3]), MESSAGE + lines)
        self.assertIsNone(re.search(rb"\r[^\n]|[^\r]\n", wire))
        self.assertEqual(client.queue(), [])

    def test_bare_line_ends_never_leave(self):
        peer = self.peer()
        client = self.client_of(peer)
        client.send(content=b"a: b\r\n\r\nx\n.\nMAIL FROM:<evil@example>\r.\ry\r\n")
        wire = peer.talks[0].data
        self.assertIsNone(re.search(rb"\r[^\n]|[^\r]\n", wire))
        self.assertEqual(wire.count(b"\r\n.\r\n"), 1)

    def test_log_entry_of_a_delivery(self):
        def script(talk):
            talk.serve({"RCPT": "250 2.1.5 marlowe@siroe.com and options OK."},
                       greeting="220 THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]")
        peer = self.peer(script)
        dns = self.dns("siroe.com. IN MX 10 thor.siroe.com.", "thor.siroe.com. IN A 127.0.0.1")
        client = self.client(dns=dns.address, relay_port=peer.port)
        client.send("marlowe@siroe.com", "siroe.com")
        self.assert_one(client, TS + r" tcp_local D 1 adam@example\.com rfc822;marlowe@siroe\.com marlowe@siroe\.com .*"
                        rf"dns;thor\.siroe\.com \({TR}\) \(THOR\.SIROE\.COM -- Server ESMTP \[iMS V5\.0 #8694\]\)(\s+\({TR}\))? "
                        r"smtp;250 2\.1\.5 marlowe@siroe\.com and options OK\.$")

    def test_entries_of_connections(self):
        peer = self.peer()
        client = self.client_of(peer, options="LOG_CONNECTION=3\nLOG_PROCESS=1\nLOG_MESSAGE_ID=1\nLOG_FILENAME=1\n")
        client.send("bobby@hosta.example,carl@hosta.example", "hosta.example")
        client.rest()
        process = rf"{client.process.pid:x}\.[0-9a-f]+\."
        self.assert_one(client, TS + rf" {process}0 tcp_local - O {TR} SMTP/\[127\.0\.0\.1\]/\[127\.0\.0\.1\]$")
        for user in ("bobby", "carl"):
            self.assert_one(client, TS + rf" {process}1 tcp_local D 1 adam@example\.com rfc822;{user}@hosta\.example "
                            rf"{user}@hosta\.example \S+/tcp_local/\d\d\d/ZZ\w+\.00 <driver@example\.com> \[127\.0\.0\.1\] "
                            rf"dns;\[127\.0\.0\.1\] \({TR}\) \(peer\.test ESMTP ready\) \({TR}\) smtp;250 ok RCPT TO:")
        self.assert_one(client, TS + rf" {process}2 tcp_local - C {TR} SMTP/\[127\.0\.0\.1\]/\[127\.0\.0\.1\]$")

    def test_connection_serves_until_rest(self):
        peer = self.peer()
        client = self.client_of(peer)
        for _ in range(3):
            self.assertEqual(client.send(), "ok reached ")
        client.rest()
        peer.finish()
        self.assertEqual(len(peer.talks), 1)
        self.assertEqual([line.split()[0] for line in peer.commands()],
                         ["EHLO"] + ["MAIL", "RCPT", "DATA"] * 3 + ["QUIT"])

    def test_transactions_per_session_are_limited(self):
        peer = self.peer()
        client = self.client_of(peer, channel_options="ATTEMPT_TRANSACTIONS_PER_SESSION=2\n", options="LOG_CONNECTION=3\n")
        for _ in range(3):
            client.send()
        self.assertEqual(len(peer.talks), 2)
        self.assert_one(client, rf" tcp_local - C {TR} \S+ .*ATTEMPT_TRANSACTIONS_PER_SESSION")

    def test_kept_connection_that_has_gone_is_replaced(self):
        def one_message(talk):
            talk.serve({".": lambda t, _: (t.say("250 taken"), "stop")[1]})
        def closing_at_mail(talk):
            count = [0]
            def mail(t, _):
                count[0] += 1
                t.say("250 ok" if count[0] == 1 else "421 enough of you")
                return None if count[0] == 1 else "stop"
            talk.serve({"MAIL": mail})
        for script in (one_message, closing_at_mail):
            peer = self.peer(script, lambda talk: talk.serve())
            client = self.client_of(peer)
            self.assertEqual(client.send(), "ok reached ")
            time.sleep(0.1)
            self.assertEqual(client.send(), "ok reached ")
            self.assertEqual(len(peer.talks), 2)
            self.assertEqual(client.log(" tcp_local Q "), [])

    def test_new_connection_that_fails_at_once_is_not_repeated_for_ever(self):
        peer = self.peer(lambda talk: talk.serve({"MAIL": lambda t, _: (t.say("421 never"), "stop")[1]}))
        client = self.client_of(peer)
        self.assertTrue(client.send().startswith("temp reached "))
        self.assertEqual(len(peer.talks), 1)

    def test_each_recipient_has_its_own_fate(self):
        users = [f"u{i}@dest.example" for i in range(100)]
        replies = {"RCPT TO:<u7@dest.example>": "451 4.2.1 later", "RCPT TO:<u8@dest.example>": "553 unknown or illegal user",
                   "RCPT TO:<u9@dest.example>": "552 5.2.2 too many recipients"}
        peer = self.peer(lambda talk: talk.serve(replies, ehlo=("250-peer.test", "250 PIPELINING")), lambda talk: talk.serve())
        client = self.client_of(peer)
        self.assertTrue(client.send(",".join(users)).startswith("renamed reached "))
        self.assertEqual(len(client.log(" tcp_local D ")), 97)
        self.assert_one(client, r" tcp_local R .* u8@dest\.example .*smtp;553 unknown or illegal user$")
        self.assert_one(client, r" tcp_local Z .* u7@dest\.example .*smtp;451 4\.2\.1 later$")
        self.assert_one(client, r" tcp_local Z .* u9@dest\.example .*smtp;552 5\.2\.2 too many")
        self.assert_one(client, r" tcp_local process E \d+ rfc822;adam@example\.com ")
        self.assertEqual(len(client.log(" tcp_local tcp_local E ")), 2)
        client.rest()
        self.assertEqual(client.tell("retry"), "ok reached ")
        self.assertEqual([line for line in peer.commands(1) if line.startswith("RCPT")],
                         ["RCPT TO:<u7@dest.example>", "RCPT TO:<u9@dest.example>"])

    def test_552_may_be_permanent_by_configuration(self):
        peer = self.peer(lambda talk: talk.serve({"RCPT": "552 5.2.2 mailbox full"}))
        client = self.client_of(peer, channel_options="522_PERMANENT_ERROR_STRING=5.2.2 mailbox full|other\n")
        self.assertEqual(client.send(), "ok reached ")
        self.assert_one(client, r" tcp_local R .*smtp;552 5\.2\.2 mailbox full$")

    def test_nobody_accepted_means_no_data(self):
        peer = self.peer(lambda talk: talk.serve({"RCPT": "450 not now"}))
        client = self.client_of(peer)
        self.assertTrue(client.send("a@dest.example,b@dest.example").startswith("temp reached "))
        client.rest()
        peer.finish()
        self.assertEqual([line.split()[0] for line in peer.commands()], ["EHLO", "MAIL", "RCPT", "RCPT", "QUIT"])

    def test_helo_where_ehlo_is_refused(self):
        peer = self.peer(lambda talk: talk.serve({"EHLO": "500 what?"}))
        client = self.client_of(peer)
        self.assertEqual(client.send(), "ok reached ")
        self.assertEqual(peer.commands()[:2], ["EHLO mail.example.com", "HELO mail.example.com"])

    def test_parameters_of_the_envelope(self):
        offers = ("250-peer.test", "250-SIZE 1000000", "250-8BITMIME", "250 DSN")
        peer = self.peer(lambda talk: talk.serve(ehlo=offers))
        client = self.client_of(peer)
        content = MESSAGE + b"gr\xfc\xdfe\r\n"
        self.assertEqual(client.send(content=content, notify=str(256 + 8 + 4)), "ok reached ")
        self.assertIn(f"MAIL FROM:<adam@example.com> SIZE={len(content)} BODY=8BITMIME ENVID=test+2Bid", peer.commands())
        self.assertIn("RCPT TO:<bob@dest.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob@dest.example", peer.commands())
        self.assertEqual(client.log(" tcp_local process E "), [])  # the peer reports

    def test_relayed_is_reported_where_the_peer_will_not(self):
        client = self.client_of(self.peer())
        client.send(notify=str(256 + 8))
        self.assert_one(client, r" tcp_local process E \d+ rfc822;adam@example\.com ")

    def test_message_beyond_the_offered_size_is_not_sent(self):
        peer = self.peer(lambda talk: talk.serve(ehlo=("250-peer.test", "250 SIZE 100")))
        client = self.client_of(peer)
        self.assertEqual(client.send(content=MESSAGE + b"x" * 200 + b"\r\n"), "ok reached ")
        self.assert_one(client, r" tcp_local R .*larger than the remote host takes")
        self.assertEqual(peer.commands(), ["EHLO mail.example.com"])

    EIGHT_BIT = (b"From: adam@example.com\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 b"Content-Transfer-Encoding: 8bit\r\n\r\n.\r\nmostly plain caf\xc3\xa9\r\n")

    def eight_bit(self, content=EIGHT_BIT, keywords="", ehlo=("250-peer.test", "250 SIZE")):
        """What goes over the wire: the MAIL command, and the octets up to the final dot."""
        peer = self.peer(lambda talk: talk.serve(ehlo=ehlo))
        client = self.client_of(peer, keywords=keywords)
        self.assertEqual(client.send(content=content), "ok reached ")
        mail = [command for command in peer.commands() if command.startswith("MAIL")]
        return client, mail, peer.talks[0].data

    def test_eight_bit_content_is_encoded_where_8bitmime_is_not_offered(self):
        expected = self.EIGHT_BIT.replace(b": 8bit", b": quoted-printable").replace(b"\n.\r", b"\n=2E\r").replace(b"\xc3\xa9", b"=C3=A9")
        for keywords in ("", "eightstrict"):
            _, mail, wire = self.eight_bit(keywords=keywords)
            self.assertEqual(mail, [f"MAIL FROM:<adam@example.com> SIZE={len(expected)}"])
            self.assertEqual(wire, expected + b".\r\n")

    def test_eight_bit_content_goes_as_it_is_where_8bitmime_is_offered(self):
        _, mail, wire = self.eight_bit(ehlo=("250-peer.test", "250 8BITMIME"))
        self.assertEqual(mail, ["MAIL FROM:<adam@example.com> BODY=8BITMIME"])
        self.assertEqual(wire, self.EIGHT_BIT.replace(b"\n.\r", b"\n..\r") + b".\r\n")

    def test_keywords_for_eight_bit_content(self):
        _, mail, wire = self.eight_bit(keywords="eightbit")
        self.assertIn(b"caf\xc3\xa9\r\n", wire)
        _, mail, wire = self.eight_bit(keywords="sevenbit", ehlo=("250-peer.test", "250 8BITMIME"))
        self.assertEqual(mail, ["MAIL FROM:<adam@example.com>"])
        self.assertIn(b"caf=C3=A9\r\n", wire)

    def test_signed_content_is_never_encoded(self):
        content = (b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\ncaf\xc3\xa9\r\n"
                   b"--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n")
        _, _, wire = self.eight_bit(content)
        self.assertEqual(wire, content + b".\r\n")
        client, mail, _ = self.eight_bit(content, "eightstrict")
        self.assertEqual(mail, [])
        self.assert_one(client, r" tcp_local R .*does not take 8-bit content")

    def test_eight_bit_header_that_nobody_declared(self):
        content = b"Subject: caf\xe9\r\n\r\nplain\r\n"
        _, _, wire = self.eight_bit(content)
        self.assertEqual(wire, content + b".\r\n")
        client = self.client_of(self.peer(), keywords="eightstrict")
        self.assertEqual(client.send(content=content), "ok none ")
        self.assert_one(client, r" tcp_local R .*8-bit octets in the header")

    def test_lines_beyond_the_linelength(self):
        content = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + b"x" * 100 + b"\r\n"
        _, _, wire = self.eight_bit(content, "linelength 80")
        self.assertIn(b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b"x" * 75 + b"=\r\n" + b"x" * 25 + b"\r\n", wire)
        _, _, wire = self.eight_bit(content, "linelength 100")
        self.assertEqual(wire, content + b".\r\n")

    def test_utf8_address_needs_the_extension(self):
        peer = self.peer()
        client = self.client_of(peer)
        self.assertEqual(client.send("b\u00f6b@dest.example"), "ok reached ")
        self.assert_one(client, r" tcp_local R .*does not take UTF-8 addresses")

    def test_utf8_address_is_readable_in_the_log(self):
        client = self.client_of(self.peer(lambda talk: talk.serve(ehlo=("250-peer.test", "250 SMTPUTF8"))))
        self.assertEqual(client.send("b\u00f6b@dest.example"), "ok reached ")
        self.assert_one(client, " tcp_local D .* b\u00f6b@dest\\.example ")

    def test_lmtp_peer_answers_for_each_recipient(self):
        def dot(talk, _):
            talk.say("250 2.1.5 a stored", "452 4.2.2 b is full", "550 5.7.1 c does not want it")
        peer = self.peer(lambda talk: talk.serve({".": dot}))
        client = self.client_of(peer, keywords="lmtp")
        self.assertTrue(client.send("a@dest.example,b@dest.example,c@dest.example").startswith("renamed reached "))
        self.assertEqual(peer.commands()[0], "LHLO mail.example.com")
        self.assert_one(client, r" tcp_local D .* a@dest\.example ")
        self.assert_one(client, r" tcp_local Z .* b@dest\.example .*smtp;452 4\.2\.2 b is full$")
        self.assert_one(client, r" tcp_local R .* c@dest\.example .*smtp;550 5\.7\.1 c does not want it$")

    def test_demand_for_tls_is_not_quietly_dropped(self):
        peer = self.peer()
        client = self.client_of(peer, keywords="musttlsclient")
        self.assertTrue(client.send().startswith("temp "))
        self.assertEqual(peer.commands(), ["EHLO mail.example.com"])


class Failures(ClientTest):
    def check_deferred(self, script, pattern, report="reached", **settings):
        peer = self.peer(script)
        client = self.client_of(peer, channel_options=QUICK, **settings)
        answer = client.send()
        self.assertTrue(answer.startswith(f"temp {report} "), answer)
        self.assert_one(client, r" tcp_local Q .*" + pattern)
        self.assertEqual(len(client.queue()), 1)
        return client, peer

    def test_odd_greetings(self):
        for name, octets, pattern in (
            ("not a reply", b"hello there\r\n", r"dns;\[127\.0\.0\.1\]"),
            ("code 000", b"000 hello\r\n", "code"),
            ("NUL", b"220 he\0llo\r\n", "NUL"),
            ("endless line", b"220 " + b"x" * (5 << 20) + b"\r\n", "too long"),
            ("endless reply", b"220-x\r\n" * 100000, "lines"),
            ("mixed codes", b"220-x\r\n250 y\r\n", "codes"),
            ("intermediate", b"354 go on\r\n", "354"),
        ):
            with self.subTest(name):
                self.check_deferred(lambda talk, octets=octets: (talk.raw(octets), time.sleep(1)), pattern, report="failed")

    def test_peer_that_is_silent(self):
        for phase, script in (
            ("greeting", lambda talk: time.sleep(40)),
            ("hello", lambda talk: talk.serve({"EHLO": lambda t, _: time.sleep(40)})),
            ("mail", lambda talk: talk.serve({"MAIL": lambda t, _: time.sleep(40)})),
            ("rcpt", lambda talk: talk.serve({"RCPT": lambda t, _: time.sleep(40)})),
            ("data", lambda talk: talk.serve({"DATA": lambda t, _: time.sleep(40)})),
            ("dot", lambda talk: talk.serve({".": lambda t, _: time.sleep(40)})),
        ):
            with self.subTest(phase):
                start = time.monotonic()
                self.check_deferred(script, f"timeout in phase {phase}", report="failed")
                self.assertLess(time.monotonic() - start, 20)

    def test_octets_that_trickle_in_do_not_extend_the_deadline(self):
        def trickle(talk, _):
            for _ in range(200):
                talk.raw(b"2")
                time.sleep(0.2)
        start = time.monotonic()
        self.check_deferred(lambda talk: talk.serve({"MAIL": trickle}), "timeout in phase mail", report="failed")
        self.assertLess(time.monotonic() - start, 20)

    def test_peer_that_drops(self):
        stop = lambda talk, _: "stop"
        for phase, script, report in (
            ("greeting", lambda talk: None, "failed"),
            ("hello", lambda talk: talk.serve({"EHLO": stop}), "failed"),
            ("mail", lambda talk: talk.serve({"MAIL": stop}), "reached"),
        ):
            with self.subTest(phase):
                self.check_deferred(script, "Error reading SMTP packet", report=report)
        for phase, script in (
            ("rcpt", lambda talk: talk.serve({"RCPT TO:<second@dest.example>": stop})),
            ("data", lambda talk: talk.serve({"DATA": stop})),
        ):
            with self.subTest(phase):
                peer = self.peer(script)
                client = self.client_of(peer)
                self.assertTrue(client.send("first@dest.example,second@dest.example").startswith("temp reached "))
                self.assertEqual(len(client.log(r" tcp_local Q .*Error reading SMTP packet")), 2)
                self.assertEqual(len(peer.talks), 1)

    def test_drop_after_the_dot_is_called_a_possible_duplicate(self):
        self.check_deferred(lambda talk: talk.serve({".": lambda t, _: "stop"}),
                            r"Error reading SMTP packet \(after the final dot: possible duplicate\)$")

    def test_positive_reply_to_data_is_nonsense(self):
        self.check_deferred(lambda talk: talk.serve({"DATA": "250 fine"}), "smtp;250 fine")

    def test_refusal_in_the_middle_of_the_data(self):
        def early(talk, _):
            talk.say("354 go on")
            talk.connection.recv(1000)
            talk.say("552 5.3.4 that is too much")
            while talk.connection.recv(65536):
                pass
        peer = self.peer(lambda talk: talk.serve({"DATA": early}))
        client = self.client_of(peer, channel_options=QUICK)
        self.assertEqual(client.send(content=MESSAGE + b"x" * 70 * 200000, limit=60), "ok reached ")
        self.assert_one(client, r" tcp_local R .*smtp;552 5\.3\.4 that is too much$")

    def test_peer_that_stops_reading_the_data(self):
        def deaf(talk, _):
            talk.say("354 go on")
            time.sleep(40)
        peer = self.peer(lambda talk: talk.serve({"DATA": deaf}))
        client = self.client_of(peer, channel_options=QUICK + "DATA_TRANSMIT_TIME=1\n")
        self.assertTrue(client.send(content=MESSAGE + (b"x" * 70 + b"\r\n") * 300000, limit=60).startswith("temp failed "))
        self.assert_one(client, r" tcp_local Q .*timeout in phase body")

    def test_connection_refused(self):
        port = harness.free_port()
        client = self.client(relay_port=port, keywords="daemon [127.0.0.1]", options="LOG_CONNECTION=3\nLOG_FILENAME=1\n")
        self.assertTrue(client.send().startswith("temp failed "))
        self.assertTrue(client.tell("retry").startswith("temp failed "))
        failed = r"TCP active open: Failed connect\(\) Error: connection refused$"
        for prefix in ("ZZ", "ZY"):
            self.assert_one(client, rf" tcp_local Q \d+ adam@example\.com rfc822;bob@dest\.example bob@dest\.example "
                            rf"\S+/tcp_local/\d\d\d/{prefix}\w+\.00 .*{failed}")
        self.assertEqual(len(client.log(rf" tcp_local - Y TCP\|\S+\|127\.0\.0\.1\|{port} SMTP/\S+/\[127\.0\.0\.1\] {failed}")), 2)
        peer = self.peer(port=port)
        self.assertEqual(client.tell("retry"), "ok reached ")
        self.assert_one(client, r" tcp_local D .*/ZX\w+\.00 .*smtp;250 ")

    def test_connection_that_is_never_established(self):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
                fillers.append(filler)
            client = self.client(relay_port=full.getsockname()[1], keywords="daemon [127.0.0.1]")
            self.assertTrue(client.send().startswith("temp failed "))
            self.assert_one(client, r" tcp_local Q .*TCP active open: Failed connect\(\) Error: connection timed out$")
            for filler in fillers:
                filler.close()

    def test_smtp_sink_that_simulates_failures(self):
        for options, answer, pattern in (
            (["-f", "RCPT"], "ok reached ", r" tcp_local R .*smtp;5\d\d "),
            (["-f", "DATA"], "ok reached ", r" tcp_local R .*smtp;5\d\d "),
            (["-f", "."], "ok reached ", r" tcp_local R .*smtp;5\d\d "),
            (["-r", "MAIL"], "temp reached ", r" tcp_local Q .*smtp;4\d\d "),
            (["-r", "RCPT"], "temp reached ", r" tcp_local Q .*smtp;4\d\d "),
            (["-r", "."], "temp reached ", r" tcp_local Q .*smtp;4\d\d "),
            (["-q", "MAIL"], "temp reached ", r" tcp_local Q .*Error reading SMTP packet"),
            (["-q", "DATA"], "temp reached ", r" tcp_local Q .*Error reading SMTP packet"),
            (["-Q", "RCPT"], "temp reached ", r" tcp_local Q .*smtp;421 "),
            ([], "ok reached ", r" tcp_local D .*smtp;250 "),
            (["-e"], "ok reached ", r" tcp_local D .*smtp;250 "),
            (["-p"], "ok reached ", r" tcp_local D .*smtp;250 "),
        ):
            with self.subTest(" ".join(options)):
                sink = harness.Sink(options=options)
                self.addCleanup(sink.close)
                client = self.client(relay_port=sink.port, keywords="daemon [127.0.0.1]")
                got = client.send()
                self.assertTrue(got.startswith(answer), got)
                self.assert_one(client, pattern)


class Routes(ClientTest):
    def test_next_exchanger_serves(self):
        def greeting(text):
            return lambda talk: talk.say(text)
        for name, script in (("refused for good", greeting("521 go away")), ("refused for now", greeting("450 busy")),
                             ("dropped", lambda talk: None), ("nonsense", greeting("x"))):
            with self.subTest(name):
                peer = self.peer(address="127.0.0.1")
                first = self.peer(script, address="127.0.0.2", port=peer.port)
                dns = self.dns("dest.example. IN MX 10 a.dest.example.", "dest.example. IN MX 20 b.dest.example.",
                               "dest.example. IN MX 5 down.dest.example.", "down.dest.example. IN A 127.0.0.9",
                               "a.dest.example. IN A 127.0.0.2", "b.dest.example. IN A 127.0.0.1")
                client = self.client(dns=dns.address, relay_port=peer.port, options="LOG_CONNECTION=3\n")
                self.assertEqual(client.send(), "ok reached ")
                self.assertEqual(len(first.talks), 1)
                self.assert_one(client, r" tcp_local D .*dns;b\.dest\.example ")
                self.assert_one(client, r" tcp_local - Y .* SMTP/dest\.example/down\.dest\.example .*connection refused")
                self.assert_one(client, r" tcp_local - O .* SMTP/dest\.example/b\.dest\.example$")

    def test_host_that_takes_no_mail_is_final(self):
        peer = self.peer(address="127.0.0.1")
        first = self.peer(lambda talk: talk.say("554 no mail here"), address="127.0.0.2", port=peer.port)
        dns = self.dns("dest.example. IN MX 10 a.dest.example.", "dest.example. IN MX 20 b.dest.example.",
                       "a.dest.example. IN A 127.0.0.2", "b.dest.example. IN A 127.0.0.1")
        client = self.client(dns=dns.address, relay_port=peer.port)
        self.assertEqual(client.send(), "ok reached ")
        self.assert_one(client, r" tcp_local R .*smtp;554 no mail here$")
        self.assertEqual((len(first.talks), len(peer.talks)), (1, 0))

    def test_nonexistent_domain(self):
        dns = self.dns(zones=["bogus.example"])
        client = self.client(dns=dns.address, options="LOG_FILENAME=1\nLOG_MESSAGE_ID=1\n")
        self.assertEqual(client.send("user@very.bogus.example", "very.bogus.example"), "ok none ")
        self.assert_one(client, TS + r" tcp_local R 1 adam@example\.com rfc822;user@very\.bogus\.example user@very\.bogus\.example "
                        r"\S+/tcp_local/\d\d\d/ZZ\w+\.00 <driver@example\.com> .*Illegal host/domain name found$")
        codes = [line.split()[4] if line.split()[3] == "process" else line.split()[3] for line in client.log(" tcp_local ")]
        self.assertEqual(codes[-1], "R")  # the notification is queued before

    def test_name_server_failure_defers(self):
        dns = self.dns(servfail=["broken.example"])
        client = self.client(dns=dns.address)
        self.assertTrue(client.send("user@broken.example", "broken.example").startswith("temp failed "))
        self.assertEqual(client.log(" tcp_local R "), [])

    def test_null_mx_returns_at_once(self):
        dns = self.dns("null.example. IN MX 0 .")
        client = self.client(dns=dns.address)
        self.assertEqual(client.send("user@null.example", "null.example"), "ok none ")
        self.assert_one(client, r" tcp_local R .*takes no mail")

    def test_exchanger_that_is_this_host_is_a_loop(self):
        dns = self.dns("dest.example. IN MX 10 mail.example.com.", "dest.example. IN MX 20 b.dest.example.",
                       "b.dest.example. IN A 127.0.0.1")
        client = self.client(dns=dns.address)
        self.assertEqual(client.send(), "ok none ")
        self.assert_one(client, r" tcp_local R .*loops back here")

    def test_recipients_of_several_hosts_in_one_file(self):
        peer = self.peer()
        dns = self.dns("a.example. IN A 127.0.0.1", "b.example. IN A 127.0.0.1", zones=["bogus.example"])
        client = self.client(dns=dns.address, relay_port=peer.port)
        self.assertEqual(client.send("u@a.example,v@b.example,w@a.example,x@bogus.example", ""), "ok reached ")
        self.assertEqual([[line for line in talk.seen if line.startswith("RCPT")] for talk in peer.talks],
                         [["RCPT TO:<u@a.example>", "RCPT TO:<w@a.example>"], ["RCPT TO:<v@b.example>"]])
        self.assert_one(client, r" tcp_local R .* x@bogus\.example ")


class Kills(ClientTest):
    """Killed anywhere, the message is still queued; the peer has it only after the dot."""

    def test_killed_at_every_point(self):
        for point, has_message in (("client-before-connect", False), ("client-after-mail", False), ("client-after-rcpt", False),
                                   ("client-after-rcpt:2", False), ("client-in-data", False), ("client-after-dot", True),
                                   ("client-after-reply", True)):
            with self.subTest(point):
                peer = self.peer()
                client = self.client_of(peer, environment={"SLUICE_KILL_POINT": point})
                self.assertEqual(client.send("a@dest.example,b@dest.example"), "")
                self.assertEqual(client.process.wait(10), -signal.SIGKILL)
                peer.finish()
                taken = [talk for talk in peer.talks if talk.data and talk.data.endswith(b"\r\n.\r\n")]
                self.assertEqual(len(taken), 1 if has_message else 0)
                self.assertEqual(len(client.queue()), 1)
                self.assertEqual(client.log(" tcp_local [DQR] "), [])


if __name__ == "__main__":
    unittest.main()
