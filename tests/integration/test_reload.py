"""Reload: processes that run take the published configuration, nothing is lost, and no session sees two of them."""
import os
import re
import smtplib
import socket
import subprocess
import threading
import time
import unittest

import harness

RELOADS = int(os.environ.get("SLUICE_TEST_RELOADS", "100"))
#: Reloads before memory is measured: allocators settle, and both configurations have been in use.
WARM_UP = RELOADS // 4


def variant(name):
    """Two places that a client can see: the host name in the greeting, and the text of a refusal."""
    def mappings(text):
        return re.sub(r"\$N\w+\$ not\$ (permitted|allowed)", "$NRelaying$ not$ " + name, text)

    return {"permitted": ("one.example.com", mappings), "allowed": ("two.example.com", mappings)}[name]


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


class Observer(threading.Thread):
    """One session after the other, each held open for a while, from 127.0.0.2, which is outside: greeting and refusals
    must fit together throughout."""

    EXPECTED = {"one.example.com": "permitted", "two.example.com": "allowed"}

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.over = threading.Event()
        self.sessions = 0
        self.seen = set()
        self.faults = []

    def run(self):
        while not self.over.is_set():
            try:
                self.observe()
                self.sessions += 1
            except (OSError, smtplib.SMTPException) as problem:
                self.faults.append(repr(problem))

    def observe(self):
        with smtplib.SMTP(timeout=20, source_address=("127.0.0.2", 0)) as client:
            code, banner = client.connect("127.0.0.1", self.port)
            host = banner.split()[0].decode()
            self.seen.add(host)
            if code != 220 or host not in self.EXPECTED:
                self.faults.append(f"greeting {code} {banner}")
                return
            for _ in range(3):
                client.ehlo("client.test")
                client.mail("a@b.example")
                code, text = client.rcpt("someone@elsewhere.example")
                if code != 550 or self.EXPECTED[host] not in text.decode():
                    self.faults.append(f"greeted as {host}, then {code} {text}")
                client.rset()
                time.sleep(0.02)


class Reload(harness.MtaTest):
    def publish(self, mta, name):
        host, mappings = variant(name)
        table = mta.directory / "config" / "mappings"
        table.write_text(mappings(table.read_text()))
        (mta.directory / "config" / "tcp_local_option").write_text(f"BANNER_HOST={host}\n")
        mta.imsimta("cnbuild", "-silence=L014")

    def test_a_hundred_reloads_under_load(self):
        mta = self.instance()
        self.publish(mta, "permitted")
        mta.start()
        workers = set(mta.pids("tcp_smtp_server"))
        observer = Observer(mta.port)
        observer.start()
        sources = []
        over = threading.Event()
        sent = [0]

        def load():
            while not over.is_set():
                done = subprocess.run(["smtp-source", "-s", "8", "-m", "40", "-l", "2000", "-f", "a@b.example",
                                       "-t", "adam@example.com", f"127.0.0.1:{mta.port}"], capture_output=True, text=True)
                if done.returncode != 0:
                    sources.append(done.stderr)
                else:
                    sent[0] += 40
                time.sleep(0.2)

        source = threading.Thread(target=load, daemon=True)
        source.start()
        begin = time.monotonic()
        sizes = {}
        try:
            for i in range(RELOADS):
                self.publish(mta, "allowed" if i % 2 == 0 else "permitted")
                done = mta.imsimta("reload")
                self.assertEqual(done.stdout.count("%IMTA-S-RELOADED"), 2, done.stdout + done.stderr)
                if i in (WARM_UP, RELOADS - 1):
                    sizes[i] = {program: max(map(resident_kib, mta.pids(program)), default=0)
                                for program in ("tcp_smtp_server", "dispatcher", "job_controller")}
        finally:
            over.set()
            observer.over.set()
            source.join(60)
            observer.join(60)
        print(f"{RELOADS} reloads in {time.monotonic() - begin:.1f} s, {sent[0]} messages, "
              f"{observer.sessions} observed sessions, sizes in KiB {sizes}")
        self.assertEqual(sources, [], "smtp-source failed")
        self.assertEqual(observer.faults, [])
        self.assertEqual(observer.seen, {"one.example.com", "two.example.com"})
        self.assertGreater(observer.sessions, 20)
        self.assertGreater(sent[0], 0)
        self.assertTrue(workers & set(mta.pids("tcp_smtp_server")), "the workers were replaced")
        first, last = sizes[WARM_UP], sizes[RELOADS - 1]
        for program, before in first.items():
            # A leak of one configuration a reload would be far more.
            self.assertLess(last[program], before * 1.25 + 3000, f"{program} grew: {sizes}")
        mta.wait_for_empty_queue()
        self.assertEqual(len(mta.mailbox("adam")), sent[0])

    def test_an_open_session_keeps_what_it_began_with(self):
        mta = self.instance()
        self.publish(mta, "permitted")
        mta.start()
        with smtplib.SMTP(timeout=20, source_address=("127.0.0.2", 0)) as client:
            client.connect("127.0.0.1", mta.port)
            client.ehlo("client.test")
            self.publish(mta, "allowed")
            mta.imsimta("reload")
            client.mail("a@b.example")
            self.assertIn(b"permitted", client.rcpt("x@elsewhere.example")[1])
        with smtplib.SMTP(timeout=20, source_address=("127.0.0.2", 0)) as client:
            client.connect("127.0.0.1", mta.port)
            client.ehlo("client.test")
            client.mail("a@b.example")
            self.assertIn(b"allowed", client.rcpt("x@elsewhere.example")[1])

    def test_ports_come_and_go(self):
        mta = self.instance()
        mta.imsimta("cnbuild")
        mta.start()
        second = harness.free_port()
        dispatcher = mta.directory / "config" / "dispatcher.cnf"
        old = dispatcher.read_text()
        dispatcher.write_text(old.replace(f"PORT=127.0.0.1:{mta.port}", f"PORT=127.0.0.1:{mta.port},127.0.0.1:{second}"))
        mta.imsimta("cnbuild")
        mta.imsimta("reload")
        harness.wait_for(lambda: harness.port_answers(second), "the new port")
        with smtplib.SMTP("127.0.0.1", second, timeout=20) as client:
            self.assertEqual(client.noop()[0], 250)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            dispatcher.write_text(old.replace(f"PORT=127.0.0.1:{mta.port}", f"PORT=127.0.0.1:{mta.port},127.0.0.1:{port}"))
            mta.imsimta("cnbuild")
            done = mta.imsimta("reload")
            self.assertIn(f"cannot listen on 127.0.0.1:{port}", done.stdout + done.stderr)
        self.assertFalse(harness.port_answers(second))
        self.assertTrue(mta.greets())

    def test_a_new_channel_and_its_limits(self):
        mta = self.instance()
        mta.imsimta("cnbuild")
        mta.start()
        controller = mta.pids("job_controller")
        config = mta.directory / "config"
        rules = (config / "imta.cnf").read_text()
        (config / "imta.cnf").write_text("void.example.com  $U%$D@tcp_void-daemon\n" + rules + "\ntcp_void smtp pool VOID_POOL\ntcp_void-daemon\n")
        jobs = (config / "job_controller.cnf").read_text()
        (config / "job_controller.cnf").write_text(jobs + "\n[POOL=VOID_POOL]\nJOB_LIMIT=2\n\n[CHANNEL=tcp_void]\nMASTER_COMMAND=IMTA_BIN:bitbucket_master\n")
        mta.imsimta("cnbuild")
        mta.imsimta("reload")
        with mta.smtp() as client:
            client.sendmail("a@b.example", ["x@void.example.com"], "Subject: into the void\r\n\r\nhi\r\n")
        mta.wait_for_log(r" D .*x@void\.example\.com")
        self.assertEqual(mta.pids("job_controller"), controller)

    def test_what_cannot_be_used_is_refused_and_nothing_changes(self):
        mta = self.instance()
        mta.imsimta("cnbuild")
        mta.start()
        image = mta.directory / "lib" / "config_data"
        good = image.read_bytes()
        config = mta.directory / "config" / "imta.cnf"
        text = config.read_text()
        # No image, and a text with an error: whoever starts or reloads now has nothing to go by.
        image.unlink()
        config.write_text("broken\n" + text)
        done = mta.imsimta("reload", check=False)
        self.assertEqual(done.returncode, 7, done.stdout + done.stderr)
        self.assertIn("BADCONFIG", done.stderr)
        self.assertTrue(mta.greets())
        image.write_bytes(good)
        mta.imsimta("reload")

    def test_without_a_running_mta(self):
        mta = self.instance()
        mta.imsimta("cnbuild")
        done = mta.imsimta("reload")
        self.assertIn("NOTRUNNING", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
