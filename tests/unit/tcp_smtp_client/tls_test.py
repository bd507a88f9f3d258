"""TLS of the tcp_* channels' client against peers of all kinds: when it is used, what is demanded of it, what happens when it fails."""
import pathlib
import shutil
import ssl
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "integration"), str(HERE.parents[1] / "support")]
import certificates  # noqa: E402
import dialogue_test  # noqa: E402
import harness  # noqa: E402
import postfix  # noqa: E402

STARTTLS = ("250-peer.test", "250 STARTTLS")


def handshake(talk, context):
    """The peer's side; the Talk goes on inside TLS."""
    talk.connection = context.wrap_socket(talk.connection, server_side=True)
    talk.file = talk.connection.makefile("rb")
    talk.tls, talk.resumed = True, talk.connection.session_reused


def encrypted(context, **options):
    """A script: STARTTLS is offered and works."""
    def script(talk):
        def start(talk, _):
            talk.say("220 go ahead")
            handshake(talk, context)
            return talk.serve(greeting=None) or "stop"
        talk.serve({"STARTTLS": start}, ehlo=STARTTLS, **options)
    return script


def plain(talk):
    talk.serve()


def breaks_handshake(talk):
    """STARTTLS is offered, and followed by nonsense; whoever never asks is served."""
    def start(talk, _):
        talk.say("220 go ahead")
        talk.connection.recv(1)
        talk.raw(b"this is no handshake, and it is long enough to be read as one\r\n")
        return "stop"
    talk.serve({"STARTTLS": start}, ehlo=STARTTLS)


class ClientTls(dialogue_test.ClientTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-tls-"))
        cls.directory.chmod(0o755)
        cls.ca = certificates.Authority(cls.directory)
        cls.good = cls.context(cls.ca.issue("mx.dest.example"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory, ignore_errors=True)

    @staticmethod
    def context(certificate):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(certificate)
        return made

    def client_with(self, peer, keywords, channel_options="", options=""):
        """By the DNS, so that there is a host name to be verified."""
        dns = self.dns("dest.example. IN MX 10 mx.dest.example.", "mx.dest.example. IN A 127.0.0.1")
        return self.client(dns=dns.address, relay_port=peer.port, keywords=keywords, options=options,
                           channel_options=f"TLS_CA_FILE={self.ca.file}\n" + channel_options)

    # ---- opportunistic ----

    def test_message_goes_encrypted_where_it_may(self):
        peer = self.peer(encrypted(self.good))
        client = self.client_with(peer, "maytlsclient", options="LOG_CONNECTION=3\n")
        self.assertEqual(client.send(), "ok reached ")
        client.rest()
        talk = peer.talks[0]
        self.assertTrue(talk.tls)
        # The name is said again: what was learnt in the clear does not count.
        self.assertEqual([line.split(" ")[0] for line in talk.seen], ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "DATA", "QUIT"])
        self.assert_one(client, r" tcp_local DS \d+ adam@example\.com ")
        self.assert_one(client, r" tcp_local - C TCP\S+ SMTP/dest\.example/mx\.dest\.example/TLSv1\.3-256-TLS_AES_256_GCM_SHA384$")

    def test_without_the_keyword_nobody_asks(self):
        peer = self.peer(encrypted(self.good))
        client = self.client_with(peer, "notlsclient")
        self.assertEqual(client.send(), "ok reached ")
        self.assertNotIn("STARTTLS", peer.commands())
        self.assert_one(client, r" tcp_local D \d+ ")

    def test_plain_peer_gets_plain_mail(self):
        peer = self.peer(plain)
        client = self.client_with(peer, "maytls")
        self.assertEqual(client.send(), "ok reached ")
        self.assert_one(client, r" tcp_local D \d+ ")

    def test_unverified_certificate_is_better_than_none(self):
        peer = self.peer(encrypted(self.context(certificates.Authority(self.directory, "Stranger").issue("elsewhere.example"))))
        client = self.client_with(peer, "maytlsclient")
        self.assertEqual(client.send(), "ok reached ")
        self.assertTrue(peer.talks[0].tls)

    def test_exchange_of_old_is_better_than_none_where_nothing_is_demanded(self):
        old = self.context(self.ca.issue("mx.dest.example", file=self.directory / "rsa.pem", rsa=True))
        old.set_ciphers("AES128-GCM-SHA256")  # key exchange by RSA: no forward secrecy
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        peer = self.peer(encrypted(old))
        client = self.client_with(peer, "maytlsclient")
        self.assertEqual(client.send(), "ok reached ")
        self.assertTrue(peer.talks[0].tls)
        peer = self.peer(encrypted(old))
        client = self.client_with(peer, "musttlsclient")
        self.assertTrue(client.send().startswith("temp"))

    def test_failed_handshake_is_followed_by_plain_mail(self):
        peer = self.peer(breaks_handshake)
        client = self.client_with(peer, "maytlsclient")
        self.assertEqual(client.send(), "ok reached ")
        self.assertEqual(len(peer.talks), 2)
        self.assertNotIn("STARTTLS", peer.commands(1))
        client.rest()
        # It is remembered: the next connection does not try.
        self.assertEqual(client.send(), "ok reached ")
        self.assertEqual(len(peer.talks), 3)
        self.assertNotIn("STARTTLS", peer.commands(2))

    def test_peer_that_cannot_just_now_gets_plain_mail(self):
        peer = self.peer(lambda talk: talk.serve({"STARTTLS": "454 4.7.0 TLS not available"}, ehlo=STARTTLS))
        client = self.client_with(peer, "maytlsclient")
        self.assertEqual(client.send(), "ok reached ")
        self.assertEqual(len(peer.talks), 1)

    # ---- demanded ----

    def test_nothing_is_sent_without_tls_where_it_must(self):
        for script, why in ((plain, "TLS is required and not offered"), (breaks_handshake, "TLS handshake failed: "),
                            (lambda talk: talk.serve({"STARTTLS": "454 4.7.0 not now"}, ehlo=STARTTLS), "454 4.7.0 not now")):
            peer = self.peer(script)
            client = self.client_with(peer, "musttlsclient")
            self.assertTrue(client.send().startswith("temp"), why)
            self.assertTrue(peer.talks)
            for talk in peer.talks:
                self.assertFalse([line for line in talk.seen if line.startswith("MAIL")], why)
            self.assertIn(why, self.assert_one(client, r" tcp_local Q "))

    def test_demand_alone_does_not_ask_for_a_name(self):
        peer = self.peer(encrypted(self.context(self.ca.issue("elsewhere.example"))))
        client = self.client_with(peer, "musttlsclient")
        self.assertEqual(client.send(), "ok reached ")

    def test_verified_certificate(self):
        peer = self.peer(encrypted(self.good))
        client = self.client_with(peer, "musttlsclient", "TLS_VERIFY=1\n")
        self.assertEqual(client.send(), "ok reached ")

    def test_certificate_that_cannot_be_verified_holds_the_mail(self):
        stranger = certificates.Authority(self.directory, "Foreigner")
        for certificate, why in ((self.ca.issue("elsewhere.example"), "hostname mismatch"),
                                 (self.ca.issue("mx.dest.example", file=self.directory / "late.pem", begins=-5, ends=-1),
                                  "certificate has expired"),
                                 (stranger.issue("mx.dest.example"), "unable to get local issuer certificate")):
            peer = self.peer(encrypted(self.context(certificate)))
            client = self.client_with(peer, "musttlsclient", "TLS_VERIFY=1\n")
            self.assertTrue(client.send().startswith("temp"), why)
            self.assertFalse([line for line in peer.commands() if line.startswith("MAIL")])
            self.assertIn(f"TLS certificate of mx.dest.example not verified: {why}", self.assert_one(client, r" tcp_local Q "))

    def test_hosts_have_rules_of_their_own(self):
        def outcome(rules, script):
            peer = self.peer(script)
            client = self.client_with(peer, "maytlsclient", f"TLS_HOSTS={rules}\n")
            return client.send().split(" ")[0], "STARTTLS" in peer.commands()
        self.assertEqual(outcome("dest.example=must", plain), ("temp", False))
        self.assertEqual(outcome("*.dest.example=must", plain), ("temp", False))  # by the exchanger's name
        self.assertEqual(outcome("other.example=must", plain), ("ok", False))
        self.assertEqual(outcome("dest.example=none", encrypted(self.good)), ("ok", False))
        self.assertEqual(outcome("dest.example=verify", encrypted(self.good)), ("ok", True))
        wrong = self.context(self.ca.issue("elsewhere.example"))
        self.assertEqual(outcome("DEST.example=Verify, *.example=none", encrypted(wrong)), ("temp", True))

    def test_demand_without_trust_anchors_holds_the_mail(self):
        peer = self.peer(encrypted(self.good))
        client = self.client_with(peer, "musttlsclient", "TLS_CA_FILE=/does/not/exist\n")
        self.assertTrue(client.send().startswith("temp"))
        self.assertEqual(peer.talks, [])
        self.assert_one(client, r" tcp_local Q .*TLS is demanded: /does/not/exist: No such file or directory")

    # ---- hostile ----

    def test_octets_before_the_handshake_are_not_acted_upon(self):
        def with_the_reply(talk):
            def start(talk, _):
                talk.raw(b"220 go ahead\r\n250-evil\r\n250 AUTH PLAIN\r\n")
                handshake(talk, self.good)
                return talk.serve(greeting=None) or "stop"
            talk.serve({"STARTTLS": start}, ehlo=STARTTLS)

        def behind_the_reply(talk):
            def start(talk, _):
                talk.say("220 go ahead")
                talk.connection.recv(1)  # the handshake has begun
                talk.raw(b"250-evil\r\n250 AUTH PLAIN\r\n")
                return "stop"
            talk.serve({"STARTTLS": start}, ehlo=STARTTLS)
        for script in (with_the_reply, behind_the_reply):
            peer = self.peer(script)
            client = self.client_with(peer, "musttlsclient")
            self.assertTrue(client.send().startswith("temp"))
            peer.finish()
            for talk in peer.talks:
                self.assertEqual([line.split(" ")[0] for line in talk.seen], ["EHLO", "STARTTLS"])

    def test_capabilities_of_the_clear_do_not_count(self):
        def script(talk):
            def start(talk, _):
                talk.say("220 go ahead")
                handshake(talk, self.good)
                return talk.serve(greeting=None, ehlo=("250 peer.test",)) or "stop"
            talk.serve({"STARTTLS": start}, ehlo=("250-peer.test", "250-SIZE 10", "250 STARTTLS"))
        peer = self.peer(script)
        client = self.client_with(peer, "musttlsclient")
        self.assertEqual(client.send(), "ok reached ")  # the message is larger than ten octets
        self.assertEqual(peer.commands()[3], "MAIL FROM:<adam@example.com>")

    def test_peer_that_never_answers_the_handshake(self):
        def silent(talk):
            def start(talk, _):
                talk.say("220 go ahead")
                while talk.connection.recv(1000):
                    pass
                return "stop"
            talk.serve({"STARTTLS": start}, ehlo=STARTTLS)
        peer = self.peer(silent)
        client = self.client_with(peer, "musttlsclient", dialogue_test.QUICK)
        self.assertTrue(client.send().startswith("temp"))
        self.assert_one(client, r" tcp_local Q .*TLS handshake failed: timeout")

    # ---- the connection ----

    def test_large_message_arrives_octet_for_octet(self):
        peer = self.peer(encrypted(self.good))
        client = self.client_with(peer, "musttlsclient")
        content = dialogue_test.MESSAGE + b"".join(b"line %d\r\n" % i for i in range(20000))
        self.assertEqual(client.send(content=content), "ok reached ")
        self.assertEqual(peer.talks[0].data[:-3].replace(b"\n..", b"\n."), content)

    def test_session_is_resumed(self):
        peer = self.peer(encrypted(self.good))
        client = self.client_with(peer, "musttlsclient", "TLS_VERIFY=1\n")
        for number in range(3):
            self.assertEqual(client.send(), "ok reached ")
            client.rest()
            self.assertEqual(peer.talks[number].resumed, number > 0)

    def test_old_protocols_are_not_spoken(self):
        old = self.context(self.ca.issue("mx.dest.example", file=self.directory / "old.pem"))
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        peer = self.peer(encrypted(old))
        client = self.client_with(peer, "musttlsclient")
        self.assertTrue(client.send().startswith("temp"))
        self.assert_one(client, r" tcp_local Q .*TLS handshake failed: ")

    def test_client_certificate_is_shown_to_those_who_ask(self):
        asking = self.context(self.ca.issue("mx.dest.example", file=self.directory / "asking.pem"))
        asking.verify_mode = ssl.CERT_REQUIRED
        asking.load_verify_locations(self.ca.file)
        own = self.ca.issue("client.example")
        peer = self.peer(encrypted(asking))
        client = self.client_with(peer, "musttlsclient", f"TLS_CLIENT_CERTIFICATE_FILE={own}\n")
        self.assertEqual(client.send(), "ok reached ")
        self.assertIn((("commonName", "client.example"),), peer.talks[0].connection.getpeercert()["subject"])

    # ---- a server of others ----

    @unittest.skipUnless(postfix.is_usable(), "Postfix is not installed, or not to be started")
    def test_postfix_takes_encrypted_mail(self):
        certificate = self.ca.issue("mx.dest.example", file=self.directory / "postfix.pem")
        port = harness.free_port()
        server = postfix.Postfix(port, smtpd_tls_chain_files=certificate, smtpd_tls_security_level="encrypt", smtpd_tls_loglevel="1",
                                 smtpd_tls_received_header="yes")
        self.addCleanup(server.close)
        harness.wait_for(lambda: harness.port_answers(port), "Postfix")
        client = self.client_with(server, "musttlsclient", "TLS_VERIFY=1\n")
        for _ in range(2):
            self.assertEqual(client.send(), "ok reached ")
            client.rest()
        held = harness.wait_for(lambda: len(server.held()) == 2 and server.held(), "two messages in Postfix's queue")
        for message in held:
            self.assertIn(b"using TLSv1.3 with cipher", message)
            self.assertIn(b"body", message)


if __name__ == "__main__":
    unittest.main()
