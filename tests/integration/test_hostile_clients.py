"""Floods of connections and of commands, and guessed passwords: slowed and logged, while somebody else's mail goes through."""
import base64
import concurrent.futures
import contextlib
import os
import socket
import threading
import time
import unittest

import harness

FLOODER = "127.0.0.31"
GUEST = "127.0.0.32"
PATIENCE = 20


class HostileClients(harness.MtaTest):
    def begin(self, files=None, **settings):
        self.mta = self.instance(files={"option.dat": lambda text: text + "\nLOG_CONNECTION=135\n", **(files or {})}, **settings).start()
        self.number = 0

    def guest_sends(self):
        """A message of somebody who has nothing to do with it. Returns the seconds that it took."""
        self.number += 1
        begun = time.monotonic()
        with self.mta.smtp(source=GUEST) as client:
            client.sendmail("guest@far.example", ["adam@example.com"], f"Subject: guest {self.number}\r\n\r\nhello\r\n")
        return time.monotonic() - begun

    @contextlib.contextmanager
    def under_attack(self, attack, threads):
        """Attackers who go on until the block ends."""
        over = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            running = [pool.submit(attack, over) for _ in range(threads)]
            try:
                yield
            finally:
                over.set()
        self.heard = [answer for attacker in running for answer in attacker.result()]

    def the_guest_is_served(self, times=10):
        took = [self.guest_sends() for _ in range(times)]
        self.assertLess(max(took), PATIENCE)
        self.mta.wait_for_mail("adam", count=self.number)

    def test_flood_of_connections(self):
        self.begin({"dispatcher.cnf": lambda text: "MAX_CONNS_PER_SOURCE=20\n" + text})

        def attack(over):
            heard, kept = [], []
            while not over.is_set():
                with contextlib.suppress(OSError):
                    connection = socket.create_connection(("127.0.0.1", self.mta.port), timeout=PATIENCE, source_address=(FLOODER, 0))
                    kept.append(connection)
                    heard.append(connection.recv(100)[:3])
                if len(kept) > 50:
                    kept.pop(0).close()
            for connection in kept:
                connection.close()
            return heard

        with self.under_attack(attack, threads=4):
            self.the_guest_is_served()
        self.assertIn(b"421", self.heard)
        self.mta.wait_for_log(rf" X TCP\S*\|{FLOODER}\|")
        self.assertIn(f"{FLOODER} has 20 connections (MAX_CONNS_PER_SOURCE)", self.mta.component_log("dispatcher.log"))
        self.assertEqual(self.mta.find_log(rf" X TCP\S*\|{GUEST}\|"), [])

    def test_flood_of_commands(self):
        self.begin()

        def attack(over):
            heard = []
            while not over.is_set():
                with contextlib.suppress(OSError), contextlib.closing(
                        socket.create_connection(("127.0.0.1", self.mta.port), timeout=PATIENCE, source_address=(FLOODER, 0))) as connection:
                    connection.recv(512)
                    with contextlib.suppress(OSError):
                        connection.sendall(b"XYZZY nothing happens\r\n" * 1000)
                    text = b""
                    while more := connection.recv(65536):
                        text += more
                    heard.append(text)
            return heard

        with self.under_attack(attack, threads=4):
            self.the_guest_is_served()
        whole = [text for text in self.heard if b"\r\n421 " in text]
        self.assertTrue(whole, "somebody read to the end")
        self.assertLessEqual(max(text.count(b"\r\n") for text in whole), 25)
        self.mta.wait_for_log(rf" B .*XYZZY nothing happens", count=10)
        self.mta.wait_for_log(rf" C TCP\S*\|{FLOODER}\|.* too many bad commands")

    def test_guessed_passwords(self):
        self.begin({"security.cnf": "FIRST_DELAY=1\nLONGEST_DELAY=5\nREFUSE_AFTER=10\n[RULESET=DEFAULT]\nMECHANISMS_WITHOUT_TLS=PLAIN\n"},
                   keywords={"tcp_local": "maysaslserver saslswitchchannel tcp_intranet"})
        self.mta.imsimta("passwd", "add", "amy", input="correct horse battery\n")
        guesses = []

        def attack(over):
            while not over.is_set():
                with contextlib.suppress(OSError), contextlib.closing(
                        socket.create_connection(("127.0.0.1", self.mta.port), timeout=PATIENCE, source_address=(FLOODER, 0))) as connection:
                    lines = connection.makefile("rb")
                    lines.readline()
                    connection.sendall(b"EHLO guess.test\r\n")
                    while lines.readline()[3:4] == b"-":
                        pass
                    secret = base64.b64encode(b"\0amy\0" + os.urandom(6).hex().encode())
                    connection.sendall(b"AUTH PLAIN " + secret + b"\r\n")
                    guesses.append(lines.readline()[:3])
            return []

        begun = time.monotonic()
        with self.under_attack(attack, threads=6):
            self.the_guest_is_served()
            harness.wait_for(lambda: b"454" in guesses, "the end of patience")
        passed = time.monotonic() - begun
        self.assertNotIn(b"235", guesses)
        # Ten tries are looked at, whatever the number of connections; the others cost nothing but the answer.
        self.assertLessEqual(guesses.count(b"535"), 10 + 6, f"in {passed:.1f} s")
        self.mta.wait_for_log(rf" U .*\|{FLOODER}\|\d+ SMTP\S* .*Bad password amy 535 ")
        self.mta.wait_for_log(rf" U .*\|{FLOODER}\|\d+ SMTP\S* .*Too many failures .*454 ")


if __name__ == "__main__":
    unittest.main()
