"""Mail programs of others, each over STARTTLS with a log-in; and a look at our TLS set-up from outside."""
import base64
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
import unittest

import harness

sys.path.insert(0, str(harness.ROOT / "tests/support"))
import certificates  # noqa: E402

PASSWORD = "correct horse battery"
OUTSIDE = "127.0.0.2"  # not in INTERNAL_IP: without the log-in nothing would be relayed
NODEMAILER = pathlib.Path("/usr/share/nodejs/nodemailer")
NODE_PROGRAM = """
const mailer = require(%(module)s).createTransport({host: '127.0.0.1', port: %(port)d, requireTLS: true, name: 'client.test',
  localAddress: '%(source)s', auth: {user: 'amy', pass: '%(password)s'}, tls: {servername: 'mail.example.com', ca: require('fs').readFileSync('%(ca)s')}});
mailer.sendMail({from: 'amy@example.com', to: 'zoe@far.example', subject: 'nodemailer', text: 'h\\u00e9llo\\n.\\n..\\n',
  attachments: [{filename: 'octets', content: Buffer.from([...Array(256).keys()])}]})
  .then(info => { console.log(info.response); mailer.close(); }, error => { console.error(error); process.exit(1); });
"""


class MailPrograms(harness.MtaTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-programs-"))
        cls.directory.chmod(0o755)
        cls.ca = certificates.Authority(cls.directory)
        cls.certificate = cls.ca.issue("mail.example.com", names="DNS:mail.example.com,IP:127.0.0.1", owner=harness.test_account())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory, ignore_errors=True)

    def setUp(self):
        self.far = self.sink()
        self.mta = self.instance(
            relay_port=self.far.port, dns=self.dns("far.example. A 127.0.0.1").address,
            keywords={"tcp_local": "musttlsserver mustsaslserver saslswitchchannel tcp_intranet", "tcp_intranet": "musttlsserver"},
            files={"option.dat": lambda text: text + f"\nLOG_CONNECTION=131\nLOG_USERNAME=1\nTLS_CERTIFICATE_FILE={self.certificate}\n"})
        self.mta.imsimta("passwd", "add", "amy", input=PASSWORD + "\n")
        self.mta.start()

    def run_program(self, *command, **options):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=60, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def arrives(self, subject):
        def found():
            return [raw for raw in self.far.messages() if f"Subject: {subject}".encode() in raw]
        message = harness.wait_for(found, f"the message of {subject}")[0]
        self.assertIn(b"with ESMTPSA", message)
        self.mta.wait_for_log(r" tcp_intranet tcp_local ESA \d+ amy@example\.com .*\*amy")
        return message

    def test_smtplib(self):
        with smtplib.SMTP("127.0.0.1", self.mta.port, local_hostname="client.test", timeout=30, source_address=(OUTSIDE, 0)) as client:
            client.ehlo()
            self.assertEqual(client.mail("amy@example.com")[0], 530)
            client._host = "mail.example.com"
            client.starttls(context=ssl.create_default_context(cafile=self.ca.file))
            client.ehlo()
            self.assertEqual(client.mail("amy@example.com")[0], 530)
            client.login("amy", PASSWORD)
            client.sendmail("amy@example.com", ["zoe@far.example"], "Subject: smtplib\r\n\r\nhello\r\n")
        self.arrives("smtplib")

    def test_swaks(self):
        self.run_program("swaks", "--server", f"127.0.0.1:{self.mta.port}", "--local-interface", OUTSIDE, "-tls", "--tls-verify", "--tls-ca-path",
                         self.ca.file, "--tls-sni", "mail.example.com", "--auth-user", "amy", "--auth-password", PASSWORD, "--from",
                         "amy@example.com", "--to", "zoe@far.example", "--helo", "client.test", "--header", "Subject: swaks")
        self.arrives("swaks")

    def test_curl(self):
        self.run_program("curl", "-sS", "--ssl-reqd", "--cacert", self.ca.file, "--resolve", f"mail.example.com:{self.mta.port}:127.0.0.1",
                         f"smtp://mail.example.com:{self.mta.port}", "--interface", OUTSIDE, "-u", f"amy:{PASSWORD}", "--mail-from",
                         "amy@example.com", "--mail-rcpt", "zoe@far.example", "-T", "-", input="Subject: curl\r\n\r\nhi\r\n")
        self.arrives("curl")

    def test_msmtp(self):
        self.run_program("msmtp", "--host=127.0.0.1", f"--port={self.mta.port}", f"--source-ip={OUTSIDE}", "--auth=scram-sha-256", "--user=amy",
                         f"--passwordeval=printf '%s' '{PASSWORD}'", "--tls=on", f"--tls-trust-file={self.ca.file}",
                         "--tls-host-override=mail.example.com", "--from=amy@example.com", "zoe@far.example",
                         input="Subject: msmtp\n\nhi\n", env={**os.environ, "HOME": str(self.directory)})
        self.arrives("msmtp")

    def test_openssl(self):
        """A dialogue by hand: what a person types, a line at a time."""
        secret = base64.b64encode(f"\0amy\0{PASSWORD}".encode()).decode()
        lines = ["EHLO client.test", f"AUTH PLAIN {secret}", "MAIL FROM:<amy@example.com>", "RCPT TO:<zoe@far.example>", "DATA",
                 "Subject: s_client\r\n\r\nhello\r\n.", "QUIT"]
        with subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{self.mta.port}", "-bind", OUTSIDE, "-starttls", "smtp", "-quiet",
                               "-crlf", "-verify_return_error", "-CAfile", self.ca.file, "-servername", "mail.example.com"], text=True, bufsize=1,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
            codes = []
            for line in lines:
                program.stdin.write(line.replace("\r\n", "\n") + "\n")
                while (answer := program.stdout.readline())[3:4] == "-":
                    pass
                codes.append(answer[:3])
            program.stdin.close()
        self.assertEqual(codes, ["250", "235", "250", "250", "354", "250", "221"])
        self.arrives("s_client")

    @unittest.skipUnless(shutil.which("node") and NODEMAILER.is_dir(), "wants nodemailer: scripts/setup --tests")
    def test_nodemailer(self):
        program = NODE_PROGRAM % {"module": json.dumps(str(NODEMAILER)), "port": self.mta.port, "source": OUTSIDE, "password": PASSWORD,
                                  "ca": self.ca.file}
        self.assertIn("250 ", self.run_program("node", "-e", program))
        message = self.arrives("nodemailer")
        self.assertIn(base64.b64encode(bytes(range(256)))[:60], message)

    @unittest.skipUnless(shutil.which("testssl"), "wants testssl.sh: scripts/setup --tests")
    def test_the_tls_set_up_from_outside(self):
        report = self.directory / "report.json"
        report.unlink(missing_ok=True)
        # -p protocols, -s cipher categories, -S what the server says about itself, -H Heartbleed, -R renegotiation, -C compression. The
        # other weaknesses that it knows are those of what is not offered; looking for each takes it a quarter of an hour.
        subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--add-ca", self.ca.file, "--sneaky",
                        "--jsonfile", report, "-t", "smtp", "-p", "-s", "-S", "-H", "-R", "-C", f"mail.example.com:{self.mta.port}"],
                       capture_output=True, text=True, timeout=400)
        found = {row["id"]: row for row in json.loads(report.read_text())}
        for old in ("SSLv2", "SSLv3", "TLS1", "TLS1_1"):
            self.assertEqual(found[old]["finding"], "not offered", old)
        for new in ("TLS1_2", "TLS1_3"):
            self.assertIn("offered", found[new]["finding"])
        for weak in ("cipherlist_NULL", "cipherlist_aNULL", "cipherlist_EXPORT", "cipherlist_LOW", "cipherlist_3DES_IDEA"):
            self.assertEqual(found[weak]["finding"], "not offered", weak)
        serious = {name: row["finding"] for name, row in found.items() if row["severity"] in ("HIGH", "CRITICAL")}
        # Of a test's own authority: nobody revokes, and nobody else knows it.
        expected = re.compile(r"^cert_(chain_of_trust|crlDistributionPoints|ocspURL|revocation|trust|notAfter|caIssuers|expirationStatus)")
        self.assertEqual({name: text for name, text in serious.items() if not expected.match(name)}, {})


if __name__ == "__main__":
    unittest.main()
