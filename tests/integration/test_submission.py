"""Submission as shipped: the channel tcp_submit and its service, ways to log in that need TLS or tokens, private memory."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/support"))
import certificates  # noqa: E402

PASSWORD = "correct horse battery"


def plain(user, password):
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def token(key, **claims):
    """A JSON web token (RFC 7519) signed with HS256."""
    now = int(time.time())
    body = {"sub": "amy", "email": "amy", "iss": "test", "iat": now - 10, "exp": now + 600, **claims}
    signed = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, body))
    return signed + "." + base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())


class Submission(harness.MtaTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-submission-"))
        cls.directory.chmod(0o755)
        cls.ca = certificates.Authority(cls.directory)
        cls.certificate = cls.ca.issue("mail.example.com", "DNS:mail.example.com,IP:127.0.0.1", file=cls.directory / "server.pem",
                                       owner=harness.test_account())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory, ignore_errors=True)

    def start(self, options="", security=None):
        """The shipped files, with the marks in front of tcp_submit and its service taken away."""
        self.port, self.tls_port = harness.free_port(), harness.free_port()

        def service(text):
            front, mark, rest = text.partition("![SERVICE=SUBMIT]")
            self.assertTrue(mark)
            rest = "\n".join(line.removeprefix("!") for line in rest.splitlines())
            return (front + mark.removeprefix("!") + rest + "\n").replace("PORT=587", f"PORT=127.0.0.1:{self.port}").replace(
                "TLS_PORT=465", f"TLS_PORT=127.0.0.1:{self.tls_port}")

        files = {"dispatcher.cnf": service,
                 "imta.cnf": lambda text: text.replace("\n!tcp_submit", "\ntcp_submit"),
                 "option.dat": lambda text: re.sub(r"(?m)^LOG_(CONNECTION|USERNAME)=.*\n", "", text)
                 + f"\nTLS_CERTIFICATE_FILE={self.certificate}\nLOG_CONNECTION=195\nLOG_USERNAME=1\n{options}"}
        if security:
            files["security.cnf"] = security
        self.mta = self.instance(files=files)
        checked = self.mta.imsimta("cnbuild")
        self.assertNotRegex(checked.stdout + checked.stderr, r"\b(error|warning)\b")
        self.mta.imsimta("passwd", "add", "amy", input=PASSWORD + "\n")
        return self.mta.start()

    def trusting(self, **changes):
        context = ssl.create_default_context(cafile=self.ca.file)
        context.check_hostname = False
        for name, value in changes.items():
            setattr(context, name, value)
        return context

    def in_tls(self, context=None):
        client = smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.test", timeout=30)
        client.starttls(context=context or self.trusting())
        client.ehlo()
        return client

    def gsasl(self, mechanism, *arguments, user="amy", password=PASSWORD):
        done = subprocess.run(["gsasl", "--smtp", f"--connect=127.0.0.1:{self.port}", f"--x509-ca-file={self.ca.file}",
                               f"--mechanism={mechanism}", f"--authentication-id={user}", f"--authorization-id={user}",
                               f"--password={password}", *map(str, arguments)],
                              input="", capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    # ---- what is shipped ----

    def test_as_shipped(self):
        self.start()
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.test", timeout=30) as client:
            self.assertEqual(client.ehlo()[0], 250)
            self.assertIn("starttls", client.esmtp_features)
            self.assertEqual(client.mail("amy@example.com")[0], 530)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", PASSWORD))[0], 538)
        with self.in_tls() as client:
            self.assertEqual(client.mail("amy@example.com"), (530, b"5.7.0 No AUTH command has been given."))
            client.login("amy", PASSWORD)
            client.sendmail("amy", ["eve"], "From: amy\r\nTo: Eve <eve>\r\nSubject: by 587\r\n\r\nhi\r\n")
            client.mail("amy@example.com")
            self.assertEqual(client.rcpt("alan@very.bogus.com")[0], 250)
            self.assertEqual(client.rcpt("x@process.mail.example.com"), (550, b"5.7.1 Not for users: x@process.mail.example.com"))
        with smtplib.SMTP_SSL("127.0.0.1", self.tls_port, local_hostname="client.test", timeout=30, context=self.trusting()) as client:
            client.login("amy", PASSWORD)
            client.sendmail("amy@example.com", ["eve@example.com"],
                            "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <own@x.example>\r\nSubject: by 465\r\n\r\nhi\r\n")
        found = {message["Subject"]: message for message in self.mta.wait_for_mail("eve", count=2)}
        bare, complete = found["by 587"], found["by 465"]
        # RFC 6409 section 8: what a user's program leaves out is put in, what is there stays.
        self.assertTrue(bare["Date"] and bare["Message-ID"])
        self.assertRegex(bare["From"], r"amy@(mail\.)?example\.com")
        self.assertRegex(bare["To"], r"Eve <eve@(mail\.)?example\.com>")
        self.assertRegex(bare["Received"], r"with ESMTPSA\b")
        self.assertEqual((complete["Date"], complete["Message-ID"]), ("Thu, 1 Jan 2026 00:00:00 +0000", "<own@x.example>"))
        self.mta.wait_for_log(r" tcp_submit l ESA? .*\*amy", count=2)

    def test_relay_messages_keep_what_they_lack(self):
        self.start()
        with self.mta.smtp() as client:
            client.sendmail("a@b.example", ["eve@example.com"], "Subject: bare\r\n\r\nhi\r\n")
        message, = self.mta.wait_for_mail("eve")
        self.assertIsNone(message["Message-ID"])

    # ---- ways to log in ----

    def test_scram_bound_to_tls(self):
        self.start()
        # Bound where the program can (TLS 1.3), and the password is never sent.
        text = self.gsasl("SCRAM-SHA-256-PLUS")
        self.assertIn("Client authentication finished (server trusted)", text)
        self.mta.wait_for_log(r" U .*amy 235 2\.7\.0 SCRAM-SHA-256-PLUS authentication successful\.")
        self.assertNotIn("finished", self.gsasl("SCRAM-SHA-256-PLUS", password="wrong"))
        self.mta.wait_for_log(r" U .*amy 535 5\.7\.8 ")
        self.assertIn("Client authentication finished", self.gsasl("SCRAM-SHA-256", "--no-cb"))
        self.assertIn("Client authentication finished", self.gsasl("PLAIN"))

    def test_certificates_log_in(self):
        own = self.ca.issue("amy", file=self.directory / "amy.pem")
        other = self.ca.issue("stranger", file=self.directory / "stranger.pem")
        forged = certificates.Authority(self.directory, "Other CA").issue("amy", file=self.directory / "forged.pem")
        self.start(options=f"TLS_ASK_CERTIFICATE=1\nTLS_CA_FILE={self.ca.file}\n",
                   security="FIRST_DELAY=0\nLONGEST_DELAY=0\n[RULESET=DEFAULT]\n")

        def external(certificate, response="="):
            context = self.trusting()
            if certificate:
                context.load_cert_chain(certificate)
            with self.in_tls(context) as client:
                self.assertEqual("EXTERNAL" in client.esmtp_features["auth"].split(), certificate not in (None, forged))
                return client.docmd("AUTH", "EXTERNAL " + response)[0]

        self.assertEqual(external(own), 235)
        self.assertEqual(external(own, base64.b64encode(b"amy").decode()), 235)
        self.assertEqual(external(own, base64.b64encode(b"eve").decode()), 535)
        self.assertEqual(external(other), 535)
        self.assertIn(external(forged), (504, 535))
        self.assertIn(external(None), (504, 535))
        text = self.gsasl("EXTERNAL", f"--x509-cert-file={own}", f"--x509-key-file={own}")
        self.assertIn("Client authentication finished", text)

    @unittest.skipUnless(os.geteuid() == 0, "Dovecot starts as root")
    def test_tokens(self):
        key = b"0123456789abcdef0123456789abcdef"
        socket = self.dovecot(key)
        self.start(security=f"FIRST_DELAY=0\nLONGEST_DELAY=0\n[AUTH_SOURCE=STORE]\nTYPE=DOVECOT\nSOCKET={socket}\n"
                            "[RULESET=DEFAULT]\nENABLE=STORE\nMECHANISMS=OAUTHBEARER,XOAUTH2\n")

        def bearer(text):
            return base64.b64encode(f"n,a=amy,\x01host=mail.example.com\x01port=587\x01auth=Bearer {text}\x01\x01".encode()).decode()

        def xoauth2(text, user="amy"):
            return base64.b64encode(f"user={user}\x01auth=Bearer {text}\x01\x01".encode()).decode()

        good, late, foreign = token(key), token(key, exp=int(time.time()) - 60), token(b"x" * 32)
        with self.in_tls() as client:
            self.assertEqual(client.esmtp_features["auth"].split(), ["OAUTHBEARER", "XOAUTH2"])
            self.assertEqual(client.docmd("AUTH", "OAUTHBEARER " + bearer(good))[0], 235)
            client.sendmail("amy@example.com", ["eve@example.com"], "Subject: token\r\n\r\nhi\r\n")
        with self.in_tls() as client:
            self.assertEqual(client.docmd("AUTH", "XOAUTH2 " + xoauth2(good))[0], 235)
        for bad in (late, foreign, "nonsense"):
            for mechanism, response in (("OAUTHBEARER", bearer(bad)), ("XOAUTH2", xoauth2(bad))):
                with self.in_tls() as client:
                    code, _ = client.docmd("AUTH", f"{mechanism} {response}")
                    # RFC 7628 section 3.2.3: the reason is a challenge, the client says something, then it is over.
                    if code == 334:
                        code, _ = client.docmd("AQ==")
                    self.assertEqual(code, 535, (mechanism, bad))
        message, = self.mta.wait_for_mail("eve")
        self.assertRegex(message["Received"], r"with ESMTPSA\b")
        self.mta.stop()
        for path in (self.mta.directory / "log").rglob("*"):
            if path.is_file():
                self.assertNotIn(good.encode(), path.read_bytes(), path)

    def dovecot(self, key):
        """Dovecot that believes tokens signed with `key`; its socket."""
        directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-dovecot-"))
        self.addCleanup(shutil.rmtree, directory, True)
        directory.chmod(0o755)
        keys = directory / "keys/default/HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_text(base64.b64encode(key).decode())
        (directory / "oauth2.conf").write_text("introspection_mode = local\nusername_attribute = sub\n"
                                               f"local_validation_key_dict = fs:posix:prefix={directory}/keys/\n")
        account = harness.test_account()
        for path in [directory / "keys", *(directory / "keys").rglob("*")]:
            shutil.chown(path, account)
        (directory / "dovecot.conf").write_text(
            f"base_dir = {directory}/run\nstate_dir = {directory}/run\nlog_path = {directory}/log\nprotocols =\nssl = no\n"
            f"default_login_user = {account}\ndefault_internal_user = {account}\ndefault_internal_group = nogroup\nfirst_valid_uid = 1\n"
            "auth_mechanisms = oauthbearer xoauth2\nauth_failure_delay = 0\n"
            f"passdb {{\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n args = {directory}/oauth2.conf\n}}\n"
            "userdb {\n driver = static\n args = uid=65534 gid=65534 home=/nonexistent\n}\n"
            "service auth {\n user = root\n unix_listener auth-client {\n  mode = 0666\n }\n}\n")
        service = subprocess.Popen(["dovecot", "-F", "-c", directory / "dovecot.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(service.wait, 20)
        self.addCleanup(service.terminate)
        self.addCleanup(lambda: print((directory / "log").read_text()) if self._outcome.result.failures else None)
        socket = directory / "run/auth-client"
        harness.wait_for(lambda: socket.exists() or service.poll() is not None, "Dovecot's socket")
        self.assertIsNone(service.poll())
        return socket

    # ---- memory ----

    @unittest.skipUnless(os.geteuid() == 0, "others may not look")
    def test_servers_leave_no_core(self):
        self.start()
        with self.in_tls():
            for pid in self.mta.pids("tcp_smtp_server"):
                entry = pathlib.Path(f"/proc/{pid}")
                limit, = (line for line in (entry / "limits").read_text().splitlines() if line.startswith("Max core file size"))
                self.assertEqual(limit.split()[4:6], ["0", "0"])
                # A process that may not be dumped belongs to root, whoever it runs as.
                runs_as = (entry / "status").read_text().split("Uid:")[1].split()[0]
                self.assertNotEqual(int(runs_as), 0)
                self.assertEqual((entry / "environ").stat().st_uid, 0)


if __name__ == "__main__":
    unittest.main()
