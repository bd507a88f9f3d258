"""TLS of the SMTP server: STARTTLS and TLS from the start, what is offered, refused, switched, logged; clients of others."""
import pathlib
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

import harness
from smtp_peer import SmtpPeer

sys.path.insert(0, str(harness.ROOT / "tests/support"))
import certificates  # noqa: E402
import postfix  # noqa: E402

CIPHER = r"TLSv1\.[23]-\d+-[A-Z0-9_-]+"


class Tls(harness.MtaTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-tls-"))
        cls.directory.chmod(0o755)
        cls.ca = certificates.Authority(cls.directory)
        cls.certificate = cls.issue("mail.example.com", "server.pem")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory, ignore_errors=True)

    @classmethod
    def issue(cls, name, file, **options):
        return cls.ca.issue(name, file=cls.directory / file, owner=harness.test_account(), **options)

    def start(self, keywords="maytlsserver", options="", files=None, certificate=None, **more):
        self.tls_port = harness.free_port()
        dispatcher = ("[SERVICE=SMTPS]\n" f"TLS_PORT=127.0.0.1:{self.tls_port}\n" "IMAGE=IMTA_BIN:tcp_smtp_server\n"
                      "LOGFILE=IMTA_LOG:tcp_smtps_server.log\n" "PARAMETER=CHANNEL=tcp_local\n")
        options = f"TLS_CERTIFICATE_FILE={certificate or self.certificate}\nLOG_CONNECTION=67\n" + options
        self.mta = self.instance(keywords={"tcp_local": keywords, "tcp_intranet": keywords, **more},
                                 files={"dispatcher.cnf": lambda text: text + "\n" + dispatcher,
                                        "option.dat": lambda text: text + "\n" + options, **(files or {})})
        return self.mta.start()

    def trusting(self, **changes):
        context = ssl.create_default_context(cafile=self.ca.file)
        for name, value in changes.items():
            setattr(context, name, value)
        return context

    @staticmethod
    def raw(port):
        connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        return connection, connection.makefile("rb")

    @staticmethod
    def reply(lines):
        got = []
        while line := lines.readline():
            got.append(line.decode("latin-1").rstrip("\r\n"))
            if line[3:4] == b" ":
                break
        return got

    def ask(self, connection, lines, command):
        connection.sendall(command.encode() + b"\r\n")
        return self.reply(lines)

    def handshake(self, *arguments, port=None, starttls=True):
        """openssl s_client: the exit code and what it printed."""
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port or self.mta.port}", "-CAfile", str(self.ca.file),
                   "-servername", "mail.example.com", "-no_ign_eof"]
        if starttls:
            command += ["-starttls", "smtp"]
        done = subprocess.run([*command, *arguments], input="QUIT\r\n", capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    # ---- the ways into TLS ----

    def test_message_by_starttls(self):
        self.start()
        with smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.test", timeout=30) as client:
            client.ehlo()
            self.assertTrue(client.has_extn("starttls"))
            client._host = "mail.example.com"
            client.starttls(context=self.trusting())
            client.ehlo()
            self.assertFalse(client.has_extn("starttls"))
            client.sendmail("adam@example.com", ["eve@example.com"], "Subject: secret\r\n\r\nhello\r\n")
        message, = self.mta.wait_for_mail("eve")
        self.assertRegex(message["Received"], r"with ESMTPS\b")
        self.mta.wait_for_log(rf" ES \d+ adam@example\.com .* SMTP/client\.test/{CIPHER}")
        self.mta.wait_for_log(rf" tcp_intranet \+ C TCP\S+ SMTP/client\.test/{CIPHER}")

    def test_message_over_a_port_for_tls(self):
        self.start()
        with smtplib.SMTP_SSL("127.0.0.1", self.tls_port, local_hostname="client.test", timeout=30,
                              context=self.trusting(check_hostname=False)) as client:
            client.ehlo()
            self.assertFalse(client.has_extn("starttls"))
            big = "Subject: big\r\n\r\n" + "".join(f"line {i}\r\n" for i in range(100000))
            client.sendmail("adam@example.com", ["eve@example.com"], big)
        message, = self.mta.wait_for_mail("eve")
        self.assertRegex(message["Received"], r"with ESMTPS\b")
        self.assertEqual(message.get_payload().replace("\r\n", "\n").count("\n"), 100000)

    def test_swaks(self):
        self.start()
        for port, *switches in ((self.mta.port, "-tls"), (self.tls_port, "-tlsc")):
            done = subprocess.run(["swaks", "--server", "127.0.0.1", "--port", str(port), *switches, "--tls-verify", "--tls-ca-path",
                                   str(self.ca.file), "--from", "adam@example.com", "--to", "eve@example.com", "--tls-sni",
                                   "mail.example.com", "--ehlo", "swaks.test"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("TLS started with cipher", done.stdout)
        self.mta.wait_for_mail("eve", count=2)

    def test_curl(self):
        self.start()
        mail = self.directory / "mail.txt"
        mail.write_text("Subject: by curl\r\n\r\nhello\r\n")
        for url in (f"smtp://mail.example.com:{self.mta.port}", f"smtps://mail.example.com:{self.tls_port}"):
            done = subprocess.run(["curl", "-sS", "--ssl-reqd", "--cacert", self.ca.file, "--resolve",
                                   "mail.example.com:" + url.rsplit(":", 1)[1] + ":127.0.0.1", "--url", url, "--mail-from",
                                   "adam@example.com", "--mail-rcpt", "eve@example.com", "-T", mail],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.mta.wait_for_mail("eve", count=2)

    @unittest.skipUnless(postfix.is_usable(), "Postfix is not installed, or not to be started")
    def test_postfix_relays_encrypted_mail(self):
        self.start(keywords="musttlsserver")
        client = postfix.Postfix(harness.free_port(), relayhost=f"[127.0.0.1]:{self.mta.port}", smtp_tls_security_level="encrypt",
                                 smtp_tls_loglevel="1", smtp_tls_CAfile=self.ca.file)
        self.addCleanup(client.close)
        harness.wait_for(lambda: "daemon started" in client.log(), "Postfix")
        client.send("adam@example.com", "eve@example.com", b"Subject: by Postfix\n\nhello\n")
        message, = self.mta.wait_for_mail("eve")
        self.assertRegex(message["Received"], r"with ESMTPS\b")
        self.assertIn("Trusted TLS connection established", client.log())

    # ---- what is offered ----

    def test_nothing_is_offered_without_the_keyword(self):
        self.start(keywords="notlsserver")
        connection, lines = self.raw(self.mta.port)
        with connection:
            self.reply(lines)
            self.assertNotIn("250-STARTTLS", self.ask(connection, lines, "EHLO client.test"))
            self.assertRegex(self.ask(connection, lines, "STARTTLS")[0], "^502 5.5.1 ")

    def test_nothing_is_offered_without_a_certificate_until_there_is_one(self):
        late = self.directory / "late.pem"
        late.unlink(missing_ok=True)
        self.start(certificate=late)

        def offers():
            with self.mta.smtp() as client:
                return client.has_extn("starttls")
        self.assertFalse(offers())
        connection, lines = self.raw(self.tls_port)
        with connection:
            self.assertEqual(lines.read(), b"")
        self.assertIn(str(late), self.mta.component_log("tcp_smtp_server.log"))
        self.issue("mail.example.com", "late.pem")
        harness.wait_for(offers, "STARTTLS to be offered")

    def test_mail_is_refused_without_tls_where_it_must_be(self):
        self.start(keywords="musttlsserver")
        with smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.test", timeout=30) as client:
            client.ehlo()
            self.assertEqual(client.mail("adam@example.com"), (530, b"5.7.0 Must issue a STARTTLS command first."))
            client.starttls(context=self.trusting(check_hostname=False))
            client.sendmail("adam@example.com", ["eve@example.com"], "Subject: x\r\n\r\n")

    # ---- hostile clients ----

    def test_command_behind_starttls_is_refused_and_not_acted_upon(self):
        self.start()
        connection, lines = self.raw(self.mta.port)
        with connection:
            self.reply(lines)
            self.ask(connection, lines, "EHLO client.test")
            connection.sendall(b"STARTTLS\r\nMAIL FROM:<evil@example.com>\r\n")
            self.assertRegex(self.reply(lines)[0], "^503 5.5.1 ")
            self.assertRegex(self.reply(lines)[0], "^503 5.5.1 ")
            # Neither was done: there is no transaction, and TLS can still begin.
            self.assertRegex(self.ask(connection, lines, "RCPT TO:<eve@example.com>")[0], "^503 5.5.1 No MAIL")
            self.assertRegex(self.ask(connection, lines, "STARTTLS")[0], "^220 ")
            with self.trusting().wrap_socket(connection, server_hostname="mail.example.com") as secure:
                inside = secure.makefile("rb")
                self.assertRegex(self.ask(secure, inside, "MAIL FROM:<a@example.com>")[0], "^503 5.5.1 No HELO")

    def test_octets_behind_the_reply_to_starttls_end_the_session(self):
        self.start()
        connection, lines = self.raw(self.mta.port)
        with connection:
            self.reply(lines)
            self.ask(connection, lines, "EHLO client.test")
            self.assertRegex(self.ask(connection, lines, "STARTTLS")[0], "^220 ")
            connection.sendall(b"MAIL FROM:<evil@example.com>\r\n")
            rest = connection.recv(1000)  # an alert at most
            self.assertNotIn(b"250", rest)
            self.assertNotIn(b"503", rest)
        self.mta.wait_for_log(r" tcp_intranet \+ C .*TLS handshake failed: ")

    def test_what_was_said_in_the_clear_is_forgotten(self):
        self.start()
        connection, lines = self.raw(self.mta.port)
        with connection:
            self.reply(lines)
            self.ask(connection, lines, "EHLO plain.test")
            self.ask(connection, lines, "MAIL FROM:<evil@example.com>")
            self.assertRegex(self.ask(connection, lines, "STARTTLS")[0], "^220 ")
            with self.trusting().wrap_socket(connection, server_hostname="mail.example.com") as secure:
                inside = secure.makefile("rb")
                self.assertRegex(self.ask(secure, inside, "RCPT TO:<eve@example.com>")[0], "^503 ")
                self.assertNotIn("250-STARTTLS", self.ask(secure, inside, "EHLO client.test"))
                self.assertRegex(self.ask(secure, inside, "STARTTLS")[0], "^503 5.5.1 ")

    def test_silent_handshakes_end(self):
        self.start(files={"tcp_local_option": "TIMEOUT_MULTIPLIER=1\nCOMMAND_RECEIVE_TIME=2\n"})
        connection, lines = self.raw(self.mta.port)
        implicit, _ = self.raw(self.tls_port)
        with connection, implicit:
            self.reply(lines)
            self.ask(connection, lines, "EHLO client.test")
            self.ask(connection, lines, "STARTTLS")
            self.assertEqual(connection.recv(100), b"")
            self.assertEqual(implicit.recv(100), b"")
        self.mta.wait_for_log(r" \+ C .*TLS handshake failed: timeout")

    def test_silent_client_inside_tls_is_told(self):
        self.start(files={"tcp_local_option": "TIMEOUT_MULTIPLIER=1\nCOMMAND_RECEIVE_TIME=2\n"})
        connection, lines = self.raw(self.tls_port)
        with self.trusting().wrap_socket(connection, server_hostname="mail.example.com") as secure:
            inside = secure.makefile("rb")
            self.reply(inside)
            self.assertRegex(self.reply(inside)[0], "^421 4.4.2 ")

    def test_client_that_hangs_up_in_the_data(self):
        self.start()
        connection, lines = self.raw(self.tls_port)
        secure = self.trusting().wrap_socket(connection, server_hostname="mail.example.com")
        inside = secure.makefile("rb")
        self.reply(inside)
        for command in ("EHLO client.test", "MAIL FROM:<adam@example.com>", "RCPT TO:<eve@example.com>", "DATA"):
            self.ask(secure, inside, command)
        secure.sendall(b"Subject: half\r\n\r\n" + b"x" * 70 + b"\r\n")
        inside.close()
        secure.shutdown(socket.SHUT_RDWR)
        secure.close()
        self.mta.wait_for_log(r" V \d+ adam@example\.com")
        self.assertEqual(self.mta.mailbox("eve"), {})

    def test_pipelined_commands_and_data_inside_tls(self):
        self.start()
        connection, lines = self.raw(self.tls_port)
        with self.trusting().wrap_socket(connection, server_hostname="mail.example.com") as secure:
            inside = secure.makefile("rb")
            self.reply(inside)
            self.ask(secure, inside, "EHLO client.test")
            body = b"".join(b"line %d\r\n" % i for i in range(30000))
            secure.sendall(b"MAIL FROM:<adam@example.com>\r\nRCPT TO:<eve@example.com>\r\nDATA\r\n")
            for code in ("250", "250", "354"):
                self.assertEqual(self.reply(inside)[0][:3], code)
            secure.sendall(b"Subject: one\r\n\r\n" + body + b".\r\nMAIL FROM:<adam@example.com>\r\nRCPT TO:<eve@example.com>\r\nRSET\r\nQUIT\r\n")
            for code in ("250", "250", "250", "250", "221"):
                self.assertEqual(self.reply(inside)[0][:3], code)
        message, = self.mta.wait_for_mail("eve")
        self.assertEqual(message.get_payload().count("line "), 30000)

    # ---- the quality of what is spoken ----

    def test_protocols_and_ciphers(self):
        self.start()
        for switches, works in ((["-tls1_3"], True), (["-tls1_2"], True), (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], False),
                                (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], False)):
            for port, starttls in ((self.mta.port, True), (self.tls_port, False)):
                code, text = self.handshake(*switches, port=port, starttls=starttls)
                self.assertEqual("Verify return code: 0 (ok)" in text and "Cipher is (NONE)" not in text, works, text)
        accepted = [cipher for cipher in self.all_ciphers() if self.accepts(cipher)]
        self.assertIn("ECDHE-ECDSA-AES128-GCM-SHA256", accepted)
        for cipher in accepted:  # forward secrecy, a known partner, no cipher of the past
            self.assertRegex(cipher, r"^ECDHE-ECDSA-(AES(128|256)-(GCM-)?SHA(256|384)?|CHACHA20-POLY1305)$")

    @staticmethod
    def all_ciphers():
        return certificates.openssl("ciphers", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").strip().split(":")

    def accepts(self, cipher):
        _, text = self.handshake("-tls1_2", "-cipher", cipher + ":@SECLEVEL=0", port=self.tls_port, starttls=False)
        return f"Cipher is {cipher}" in text

    def test_renegotiation_and_compression_are_refused(self):
        self.start()
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.tls_port}", "-tls1_2", "-CAfile", str(self.ca.file)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as client:
            client.stdin.write("R\n")  # a command of s_client
            client.stdin.flush()
            said = client.stdout.read()  # until it gives up
        self.assertIn("RENEGOTIATING", said)
        # The greeting may arrive where the client waits for the answer to its wish; either way it has none.
        self.assertRegex(said, "no renegotiation|unexpected record")
        self.assertIn("Compression: NONE", said)

    def test_least_version_is_a_choice(self):
        self.start(options="TLS_MIN_VERSION=1.3\n")
        self.assertIn("Cipher is (NONE)", self.handshake("-tls1_2")[1])
        self.assertIn("Verify return code: 0 (ok)", self.handshake("-tls1_3")[1])

    def test_session_is_resumed(self):
        self.start()
        context = self.trusting()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        session = None
        for number in range(2):
            connection, _ = self.raw(self.tls_port)
            with context.wrap_socket(connection, server_hostname="mail.example.com", session=session) as secure:
                self.reply(secure.makefile("rb"))
                self.assertEqual(secure.session_reused, number > 0)
                session = secure.session

    # ---- certificates ----

    def test_certificate_by_name(self):
        other = self.issue("other.example.net", "other.pem")
        self.start(certificate=f"{self.certificate},{other}")
        for name, shown in (("mail.example.com", "mail.example.com"), ("other.example.net", "other.example.net"),
                            ("unknown.example", "mail.example.com")):
            _, text = self.handshake("-servername", name)
            self.assertIn(f"subject=CN = {shown}", text)

    def test_renewed_certificate_is_shown_without_a_restart(self):
        changing = self.issue("mail.example.com", "changing.pem")
        self.start(certificate=changing)

        def serial():
            _, text = self.handshake()
            certificate = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)
            return certificate and certificate.group()
        first = serial()
        workers = self.mta.pids("tcp_smtp_server")
        self.issue("mail.example.com", "changing.pem")
        harness.wait_for(lambda: serial() not in (None, first), "the renewed certificate")
        self.assertEqual(self.mta.pids("tcp_smtp_server"), workers)
        changing.write_text("half a certif")
        self.assertIn("Verify return code: 0 (ok)", self.handshake()[1])

    def test_client_certificates(self):
        own = self.issue("client.example", "client.pem")
        self.start(options=f"TLS_ASK_CERTIFICATE=2\nTLS_CA_FILE={self.ca.file}\n")
        _, text = self.handshake("-cert", own, "-key", own)
        self.assertIn("Verify return code: 0 (ok)", text)
        _, text = self.handshake("-tls1_2")
        self.assertIn("handshake failure", text)

    def test_renewed_certificate_of_the_client_is_shown(self):
        own = self.issue("client.example", "own.pem")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca.file)
        context.load_cert_chain(self.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        peer = SmtpPeer("127.0.0.1", 0, ehlo=("STARTTLS", "8BITMIME"), tls=context)
        self.addCleanup(peer.close)
        dns = self.dns("dest.example. IN A 127.0.0.1")
        self.mta = self.instance(dns=dns.address, relay_port=peer.port, keywords={"tcp_local": "musttlsclient"},
                                 files={"tcp_local_option": f"TLS_CLIENT_CERTIFICATE_FILE={own}\n"
                                                             "ATTEMPT_TRANSACTIONS_PER_SESSION=1\n"}).start()

        def serial():
            """Of the certificate that comes with one more message."""
            before = len(peer.messages)
            with self.mta.smtp() as client:
                client.sendmail("adam@example.com", ["bob@dest.example"], "Subject: x\r\n\r\nx\r\n")
            harness.wait_for(lambda: len(peer.messages) > before, "the message")
            return peer.certificates[-1]["serialNumber"]
        first = serial()
        self.issue("client.example", "own.pem")
        # The client looks at its files every ten seconds.
        harness.wait_for(lambda: serial() != first, "the renewed certificate", limit=60)

    # ---- channels and tables ----

    def test_tlsswitchchannel(self):
        block = "\n! for sessions with TLS\ntcp_secure smtp single_sys allowswitchchannel maytlsserver logging\ntcp_secure-daemon\n"
        self.start(keywords="maytlsserver tlsswitchchannel tcp_secure",
                   files={"imta.cnf": lambda text: text + block})
        for begin in ("starttls", "at once"):
            if begin == "starttls":
                client = smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.test", timeout=30)
                client.starttls(context=self.trusting(check_hostname=False))
            else:
                client = smtplib.SMTP_SSL("127.0.0.1", self.tls_port, local_hostname="client.test", timeout=30,
                                          context=self.trusting(check_hostname=False))
            with client:
                client.sendmail("adam@example.com", ["eve@example.com"], f"Subject: {begin}\r\n\r\n")
        self.mta.wait_for_log(r" tcp_secure l ES ", count=2)

    def test_tables_are_told_of_tls(self):
        def mappings(text):
            return text + ("\nFROM_ACCESS\n\n"
                           "  *|SMTP/client.test/TLS*|*|tcp_*|adam@example.com|*  $:T$Nencrypted\n"
                           "  *|SMTP/client.test|*|tcp_*|adam@example.com|*       $Nplain\n")
        self.start(files={"mappings": mappings})
        with smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.test", timeout=30) as client:
            client.ehlo()
            self.assertIn(b"plain", client.mail("adam@example.com")[1])
            client.starttls(context=self.trusting(check_hostname=False))
            client.ehlo()
            self.assertIn(b"encrypted", client.mail("adam@example.com")[1])

    # ---- the check of the configuration ----

    def test_configuration_check_names_file_and_reason(self):
        expired = self.issue("mail.example.com", "expired.pem", begins=-5, ends=-1)
        made = self.instance(keywords={"tcp_local": "maytls"}, files={
            "option.dat": lambda text: text + f"\nTLS_CERTIFICATE_FILE={expired}, {self.directory}/missing.pem\nTLS_MIN_VERSION=1.1\n"})
        text = made.imsimta("cnbuild", check=False)
        said = text.stdout + text.stderr
        self.assertRegex(said, rf"{expired}: the certificate expired on .*\[L041\]")
        self.assertRegex(said, rf"{self.directory}/missing\.pem: cannot be read: .*No such file.*\[L040\]")
        self.assertRegex(said, r"TLS_MIN_VERSION=1\.1 is neither 1\.2 nor 1\.3.*\[L042\]")

    def test_configuration_without_tls_needs_no_certificate(self):
        made = self.instance()
        text = made.imsimta("cnbuild")
        self.assertNotRegex(text.stdout + text.stderr, r"\[L04")


if __name__ == "__main__":
    unittest.main()
