"""Logging in: clients of others, where passwords are known, what is logged and never logged, guessing, our own client."""
import base64
import concurrent.futures
import os
import pathlib
import shutil
import smtplib
import subprocess
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/support"))
import certificates  # noqa: E402

PASSWORD = "correct horse battery"
REFUSED = (535, b"5.7.8 Bad username or password (Authentication failed).")
IN_THE_CLEAR = "MECHANISMS_WITHOUT_TLS=SCRAM-SHA-256,PLAIN,LOGIN\n"
OUTSIDE = "127.0.0.2"  # not in INTERNAL_IP
ELSEWHERE = "127.0.0.3"


def plain(user, password):
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


class Auth(harness.MtaTest):
    def start(self, security=None, keywords="maysaslserver saslswitchchannel tcp_intranet", options="", files=None, more=None,
              users=("amy",), dispatcher=None):
        security = f"[RULESET=DEFAULT]\n{IN_THE_CLEAR}" if security is None else security
        wanted = {"security.cnf": security,
                  "option.dat": lambda text: text + "\nLOG_CONNECTION=131\nLOG_USERNAME=1\nLOG_MESSAGE_ID=1\n" + options, **(files or {})}
        if dispatcher:
            wanted["dispatcher.cnf"] = dispatcher
        self.mta = self.instance(keywords={"tcp_local": keywords, **(more or {})}, files=wanted)
        for user in users:
            self.passwd("add", user)
        return self.mta.start()

    def passwd(self, *arguments, password=PASSWORD, check=True):
        return self.mta.imsimta("passwd", *arguments, input=password + "\n", check=check)

    def client(self, source=OUTSIDE):
        return self.mta.smtp(source=source)

    # ---- imsimta passwd ----

    def test_passwd(self):
        self.mta = self.instance()
        self.passwd("add", "amy@example.com", "-mail=amy.x@example.com")
        self.passwd("add", "bob", "-sha1", "-iterations=5000")
        self.assertEqual((self.mta.directory / "config/passwords").stat().st_mode & 0o777, 0o600)
        listed = self.mta.json("passwd", "list")
        self.assertEqual([(row["user"], row["secrets"], row["disabled"]) for row in listed],
                         [("amy@example.com", ["SCRAM-SHA-256"], False), ("bob", ["SCRAM-SHA-256", "SCRAM-SHA-1"], False)])
        self.assertEqual(listed[1]["iterations"], 5000)
        self.assertEqual(self.passwd("verify", "AMY@example.com").returncode, 0)
        self.assertNotEqual(self.passwd("verify", "bob", password="wrong", check=False).returncode, 0)
        self.passwd("change", "bob", password="another")
        self.assertEqual(self.passwd("verify", "bob", password="another").returncode, 0)
        self.passwd("change", "bob", "-disable")
        self.assertNotEqual(self.passwd("verify", "bob", password="another", check=False).returncode, 0)
        self.passwd("change", "bob", "-enable")
        self.assertEqual(self.passwd("verify", "bob", password="another").returncode, 0)
        self.assertIn("EXISTS", self.passwd("add", "bob", check=False).stderr)
        self.mta.imsimta("passwd", "delete", "bob")
        self.assertEqual([row["user"] for row in self.mta.json("passwd", "list")], ["amy@example.com"])
        self.assertNotIn(PASSWORD, self.mta.read("config/passwords"))

    # ---- the server ----

    def test_who_is_logged_in_may_send(self):
        self.start()
        with self.client() as client:
            self.assertEqual(client.esmtp_features["auth"].split(), ["SCRAM-SHA-256", "PLAIN", "LOGIN"])
            client.mail("amy@example.com")
            self.assertEqual(client.rcpt("alan@very.bogus.com")[0], 550)
            client.rset()
            client.login("amy", PASSWORD)
            client.sendmail("amy@example.com", ["eve@example.com"], "Subject: from amy\r\n\r\nhi\r\n")
            client.mail("amy@example.com")
            self.assertEqual(client.rcpt("alan@very.bogus.com")[0], 250)
        message, = self.mta.wait_for_mail("eve")
        self.assertRegex(message["Received"], r"with ESMTPA\b")
        self.assertTrue(message["Date"] and message["Message-ID"])
        self.mta.wait_for_log(r" tcp_local \+ U TCP\|127\.0\.0\.1\|\d+\|127\.0\.0\.2\|\d+ SMTP\S* .*amy 235 2\.7\.0 \S+ authentication successful\.")
        self.mta.wait_for_log(r" tcp_intranet l EA \d+ amy@example\.com .* \*amy ")

    def test_failures(self):
        self.start("FIRST_DELAY=0\nLONGEST_DELAY=0\n[RULESET=DEFAULT]\n" + IN_THE_CLEAR)
        with self.client() as client:
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", "wrong")), REFUSED)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("nobody", "wrong")), REFUSED)
            self.assertEqual(client.docmd("AUTH", "GSSAPI")[0], 504)
            self.assertEqual(client.docmd("AUTH", "PLAIN !")[0], 501)
            client.docmd("AUTH", "PLAIN")
            self.assertEqual(client.docmd("*")[0], 501)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", "wrong")), REFUSED)
            self.assertEqual(client.getreply()[0], 421)
        self.mta.wait_for_log(r" U .* Bad password amy 535 5\.7\.8 Bad username or password \(Authentication failed\)\.$", count=2)
        self.mta.wait_for_log(r" U .* Bad password nobody 535 5\.7\.8 Bad username or password \(Authentication failed\)\.$")

    def test_fail2ban_reads_the_failures(self):
        self.start(options="LOG_FORMAT=4\n")
        with self.client() as client:
            client.docmd("AUTH", "PLAIN " + plain("amy", "wrong"))
            client.docmd("AUTH", "PLAIN " + plain("nobody", "wrong"))
        self.mta.wait_for_log(r'us="nobody" di="535')
        done = subprocess.run(["fail2ban-regex", str(self.mta.directory / "log/mail.log_current"),
                               "/etc/fail2ban/filter.d/oracleims.conf"], capture_output=True, text=True, timeout=60)
        self.assertIn("Failregex: 2 total", done.stdout, done.stdout + done.stderr)

    def test_a_channel_that_takes_mail_from_nobody_else(self):
        self.start(keywords="submit mustsaslserver")
        with self.client() as client:
            self.assertEqual(client.mail("a@b.example"), (530, b"5.7.0 No AUTH command has been given."))
            client.login("amy", PASSWORD)
            # RFC 6409 section 8: what is missing is put in.
            client.sendmail("amy", ["eve@example.com"], "From: amy\r\nSubject: bare\r\n\r\nhi\r\n")
        message, = self.mta.wait_for_mail("eve")
        self.assertTrue(message["Date"] and message["Message-ID"])
        self.assertRegex(message["From"], r"amy@(mail\.)?example\.com")

    def test_passwords_are_in_no_log(self):
        self.start("FIRST_DELAY=0\nLONGEST_DELAY=0\n[RULESET=DEFAULT]\n" + IN_THE_CLEAR, keywords="maysaslserver slave_debug",
                   options=f"DEBUG_PEER={OUTSIDE}\n")
        with self.client() as client:
            client.docmd("AUTH", "PLAIN " + plain("amy", "wrongSecret"))
            client.docmd("AUTH", "LOGIN")
            client.docmd(base64.b64encode(b"amy").decode())
            self.assertEqual(client.docmd(base64.b64encode(PASSWORD.encode()).decode())[0], 235)
            client.docmd("NOOP")
        self.mta.wait_for_log(r" U .*235 ")
        harness.wait_for(lambda: "NOOP" in self.mta.component_log("tcp_smtp_server.log"), "the debug log")
        harness.wait_for(lambda: any(b"NOOP" in path.read_bytes() for path in (self.mta.directory / "log/transcript").iterdir()), "the transcript")
        self.mta.stop()
        secrets = [PASSWORD.encode(), b"wrongSecret", base64.b64encode(PASSWORD.encode()), plain("amy", "wrongSecret").encode()]
        for path in self.mta.directory.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for secret in secrets:
                    self.assertNotIn(secret, content, path)

    def test_guessing_is_counted_over_all_workers_and_others_do_not_pay(self):
        many = lambda text: text.replace("[SERVICE=", "MIN_PROCS=3\nMAX_PROCS=3\nMIN_CONNS=1\nMAX_CONNS=2\n[SERVICE=", 1)
        self.start("FIRST_DELAY=0\nLONGEST_DELAY=0\nREFUSE_AFTER=8\nFORGET_AFTER=86400\n[RULESET=DEFAULT]\n" + IN_THE_CLEAR,
                   dispatcher=many)

        def guess(number):
            with self.client() as client:
                return client.docmd("AUTH", "PLAIN " + plain(f"user{number}", "guess"))[0]

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            codes = list(pool.map(guess, range(16)))
        self.assertEqual(sorted(codes), [454] * 8 + [535] * 8)
        with self.client() as client:
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", PASSWORD))[0], 454)
        with self.client(ELSEWHERE) as client:
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", PASSWORD))[0], 235)
        self.mta.wait_for_log(r" U .*\|127\.0\.0\.2\|\d+ SMTP\S* .*Bad password user\d+ 535 ", count=8)
        self.mta.wait_for_log(r" U .*\|127\.0\.0\.2\|\d+ SMTP\S* .*Too many failures .*454 ", count=9)

    # ---- clients of others ----

    def test_swaks_and_curl(self):
        self.start()
        for mechanism in ("PLAIN", "LOGIN"):
            done = subprocess.run(["swaks", "--server", f"127.0.0.1:{self.mta.port}", "--local-interface", OUTSIDE, "--auth", mechanism,
                                   "--auth-user", "amy", "--auth-password", PASSWORD, "--from", "amy@example.com", "--to", "eve@example.com",
                                   "--helo", "client.test", "--header", f"Subject: {mechanism}"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f"235 2.7.0 {mechanism} authentication successful.", done.stdout)
        done = subprocess.run(["curl", "-sS", f"smtp://127.0.0.1:{self.mta.port}", "--interface", OUTSIDE, "-u", f"amy:{PASSWORD}", "--login-options",
                               "AUTH=PLAIN", "--mail-from", "amy@example.com", "--mail-rcpt", "eve@example.com", "-T", "-"],
                              input="Subject: curl\r\n\r\nhi\r\n", capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        subjects = {message["Subject"] for message in self.mta.wait_for_mail("eve", count=3)}
        self.assertEqual(subjects, {"PLAIN", "LOGIN", "curl"})

    def test_scram_by_msmtp_in_tls_and_in_the_clear(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-auth-"))
        self.addCleanup(shutil.rmtree, directory, True)
        directory.chmod(0o755)
        authority = certificates.Authority(directory)
        certificate = authority.issue("mail.example.com", file=directory / "server.pem", owner=harness.test_account())
        self.start("[RULESET=DEFAULT]\nMECHANISMS=SCRAM-SHA-256-PLUS,SCRAM-SHA-256,PLAIN\n",
                   keywords="maysaslserver maytlsserver saslswitchchannel tcp_intranet", options=f"TLS_CERTIFICATE_FILE={certificate}\n")
        for mechanism, tls in (("scram-sha-256", "off"), ("scram-sha-256", "on"), ("plain", "on")):
            done = subprocess.run(["msmtp", "--host=127.0.0.1", f"--port={self.mta.port}", f"--source-ip={OUTSIDE}", f"--auth={mechanism}", "--user=amy",
                                   f"--passwordeval=printf '%s' '{PASSWORD}'", f"--tls={tls}", f"--tls-starttls={tls}", "--tls-certcheck=off",
                                   "--from=amy@example.com", "eve@example.com"],
                                  input=f"Subject: {mechanism} {tls}\n\nhi\n", capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "HOME": str(directory)})
            self.assertEqual(done.returncode, 0, (mechanism, tls, done.stderr))
        received = {message["Subject"]: message["Received"] for message in self.mta.wait_for_mail("eve", count=3)}
        self.assertIn("with ESMTPA ", received["scram-sha-256 off"])
        self.assertIn("with ESMTPSA ", received["scram-sha-256 on"])
        self.assertIn("with ESMTPSA ", received["plain on"])

    # ---- other places where passwords are known ----

    def test_dovecot(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-dovecot-"))
        self.addCleanup(shutil.rmtree, directory, True)
        directory.chmod(0o755)
        (directory / "users").write_text(f"amy:{{PLAIN}}{PASSWORD}\n")
        account = harness.test_account() or os.environ.get("USER", "nobody")
        (directory / "dovecot.conf").write_text(
            f"base_dir = {directory}/run\nstate_dir = {directory}/run\nlog_path = {directory}/log\nprotocols =\nssl = no\n"
            f"default_login_user = {account}\ndefault_internal_user = {account}\ndefault_internal_group = nogroup\nfirst_valid_uid = 1\n"
            "auth_mechanisms = plain login scram-sha-256\ndisable_plaintext_auth = no\nauth_failure_delay = 0\n"
            f"passdb {{\n driver = passwd-file\n args = scheme=PLAIN {directory}/users\n}}\n"
            "userdb {\n driver = static\n args = uid=65534 gid=65534 home=/nonexistent\n}\n"
            f"service auth {{\n user = root\n unix_listener auth-client {{\n  mode = 0666\n }}\n}}\n")
        service = subprocess.Popen(["dovecot", "-F", "-c", directory / "dovecot.conf"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(service.wait, 20)
        self.addCleanup(service.terminate)
        socket = directory / "run/auth-client"
        harness.wait_for(lambda: socket.exists() or service.poll() is not None, "Dovecot's socket")
        self.addCleanup(service.stdout.close)
        self.assertIsNone(service.poll(), service.stdout.read() if service.poll() is not None else "")
        self.start(f"[AUTH_SOURCE=STORE]\nTYPE=DOVECOT\nSOCKET={socket}\n[RULESET=DEFAULT]\nENABLE=STORE\n{IN_THE_CLEAR}", users=())
        with self.client() as client:
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", "wrong")), REFUSED)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", PASSWORD))[0], 235)
        with self.client() as client:
            client.login("amy", PASSWORD)
        # The whole exchange is the service's.
        done = subprocess.run(["msmtp", "--host=127.0.0.1", f"--port={self.mta.port}", f"--source-ip={OUTSIDE}", "--auth=scram-sha-256", "--user=amy",
                               f"--passwordeval=printf '%s' '{PASSWORD}'", "--tls=off", "--from=amy@example.com", "eve@example.com"],
                              input="Subject: scram\n\nhi\n", capture_output=True, text=True, timeout=60, env={**os.environ, "HOME": str(directory)})
        self.assertEqual(done.returncode, 0, done.stderr + self.mta.component_log("tcp_smtp_server.log") + (directory / "log").read_text())
        self.mta.wait_for_log(r" U .*amy 235 2\.7\.0 SCRAM-SHA-256 authentication successful\.")
        service.terminate()
        service.wait(20)
        with self.client() as client:
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", PASSWORD))[0], 454)

    def test_pam(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-pam-"))
        self.addCleanup(shutil.rmtree, directory, True)
        directory.chmod(0o755)
        check = directory / "check"
        check.write_text(f"#!/bin/sh\nread -r given\n[ \"$PAM_USER\" = amy ] && [ \"$given\" = '{PASSWORD}' ]\n")
        check.chmod(0o755)
        (directory / "sluice").write_text(f"auth [success=1 default=ignore] pam_exec.so expose_authtok quiet {check}\n"
                                       "auth requisite pam_deny.so\nauth required pam_permit.so\naccount required pam_permit.so\n")
        self.start(f"FIRST_DELAY=0\nLONGEST_DELAY=0\n[AUTH_SOURCE=SYSTEM]\nTYPE=PAM\nDIRECTORY={directory}\n[RULESET=DEFAULT]\n"
                   f"ENABLE=PASSWORDS,SYSTEM\n{IN_THE_CLEAR}", users=("bob",))
        with self.client() as client:
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", "wrong")), REFUSED)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("eve", PASSWORD)), REFUSED)
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("amy", PASSWORD))[0], 235)
        with self.client() as client:  # who is in the file is not asked for elsewhere
            self.assertEqual(client.docmd("AUTH", "PLAIN " + plain("bob", PASSWORD))[0], 235)

    # ---- our own client ----

    def test_our_client_logs_in_at_the_next_host(self):
        self.start(keywords="mustsaslserver", more={"tcp_intranet": "mustsaslserver"}, security="")
        server = self.mta
        secrets = lambda text: f"* amy {PASSWORD}\n"
        sender = self.instance(keywords={"tcp_local": f"mustsaslclient daemon [127.0.0.1] port {server.port} master_debug"},
                               files={"client_secrets": secrets, "tcp_local_option": "CLIENT_AUTH_WITHOUT_TLS=1\n"})
        (sender.directory / "config/client_secrets").chmod(0o600)
        sender.start()
        with sender.smtp() as client:
            client.sendmail("adam@example.com", ["alan@very.bogus.com"], "Subject: on\r\n\r\nhi\r\n")
        server.wait_for_log(r" U .*amy 235 2\.7\.0 SCRAM-SHA-256 authentication successful\.")
        server.wait_for_log(r" EA \d+ adam@example\.com .*alan@very\.bogus\.com .*\*amy ")
        sender.wait_for_log(r" tcp_local D \d+ adam@example\.com ")
        self.assertNotIn(PASSWORD, sender.component_log("tcp_local_master.log"))

    def test_our_client_sends_no_password_in_the_clear(self):
        self.start(keywords="maysaslserver", more={"tcp_intranet": "maysaslserver"}, security=f"[RULESET=DEFAULT]\n{IN_THE_CLEAR}")
        server = self.mta
        sender = self.instance(keywords={"tcp_local": f"mustsaslclient daemon [127.0.0.1] port {server.port}"},
                               files={"client_secrets": f"* amy {PASSWORD}\n"})
        (sender.directory / "config/client_secrets").chmod(0o600)
        sender.start()
        with sender.smtp() as client:
            client.sendmail("adam@example.com", ["alan@very.bogus.com"], "Subject: on\r\n\r\nhi\r\n")
        sender.wait_for_log(r" tcp_local Q \d+ adam@example\.com .*authentication is demanded: there is no TLS")
        self.assertEqual(server.find_log(" U "), [])


if __name__ == "__main__":
    unittest.main()
