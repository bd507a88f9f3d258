"""One MTA instance, a DNS server and next hops on the loopback interface, for tests through real programs.

Everything a test starts lives in a directory of its own and ends with the test. Environment: SLUICE_BIN names the
folder with the programs.
"""
import contextlib
import email
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
import segments  # noqa: E402

BIN = pathlib.Path(os.environ.get("SLUICE_BIN", ROOT / "build/release/bin"))


def _import_script(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "scripts" / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


make_instance = _import_script("make-instance").make_instance


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def wait_for(condition, what, limit=30.0):
    """Returns condition()'s first true value; fails with `what` after `limit` seconds."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"gave up waiting for {what() if callable(what) else what}")
        time.sleep(0.05)


def hours_later(environment, hours):
    """The environment of a program whose wall clock is so much ahead. Timers keep the real clock: faketime knows no
    pthread_cond_clockwait(3), which would wait until the moment that the shifted monotonic clock shows."""
    preload = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    assert preload is not None, "faketime is missing: scripts/setup --tests"
    return {**environment, "LD_PRELOAD": str(preload), "FAKETIME": f"+{hours}h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def port_answers(port, address="127.0.0.1"):
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


def test_account():
    """Programs of the MTA do not serve as root: as root, tests give them the account of Debian's packages."""
    return "nobody" if os.geteuid() == 0 else None


class Instance:
    """An MTA instance started by `imsimta start -foreground`, the watcher."""

    def __init__(self, **settings):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-test-", dir=os.environ.get("SLUICE_TEST_DIR")))
        self.directory.chmod(0o755)
        self.port = free_port()
        self.settings = settings
        self.process = None
        self.wrapper = []  # words in front of the watcher's command line
        self.configure()

    def configure(self, **changes):
        self.settings.update(changes)
        self.tailor = make_instance(self.directory, BIN, self.port, user=test_account(), **self.settings)
        self.environment = {"IMTA_TAILOR": str(self.tailor), "PATH": os.environ["PATH"], "TZ": os.environ.get("TZ", "UTC")}

    def start(self):
        with open(self.directory / "watcher.out", "ab") as output:
            self.process = subprocess.Popen([*self.wrapper, BIN / "imsimta", "start", "-foreground"], env=self.environment,
                                            stdout=output, stderr=output, start_new_session=True)
        try:
            wait_for(lambda: self.process.poll() is not None or self.greets(), "the SMTP greeting")
            if self.process.poll() is not None:
                raise AssertionError("the watcher ended at once: " + self.read("watcher.out"))
        except AssertionError:
            self.dump()
            raise
        return self

    def greets(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.settimeout(2)
            return connection.recv(512).startswith(b"220 ")
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                raise AssertionError("the watcher did not stop within 30 s")
        self.process = None

    def destroy(self):
        with contextlib.suppress(AssertionError):
            self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def imsimta(self, *arguments, check=True, **options):
        done = subprocess.run([BIN / "imsimta", *map(str, arguments)], env=self.environment, capture_output=True,
                              text=True, timeout=60, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"imsimta {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def json(self, *arguments):
        return [json.loads(line) for line in self.imsimta(*arguments, "-json").stdout.splitlines() if line.strip()]

    def read(self, name):
        path = self.directory / name
        return path.read_text(errors="replace") if path.exists() else ""

    def component_log(self, name):
        """All versions of a component log, oldest first."""
        versions = sorted((self.directory / "log").glob(name + "-*"))
        return "".join(path.read_text(errors="replace") for path in versions)

    def log_lines(self):
        return self.read("log/mail.log_current").splitlines()

    def find_log(self, pattern):
        """Lines that match, with runs of blanks collapsed as the specification's patterns want."""
        compiled = re.compile(pattern)
        return [line for line in (re.sub(" +", " ", raw) for raw in self.log_lines()) if compiled.search(line)]

    def wait_for_log(self, pattern, count=1, limit=30.0):
        return wait_for(lambda: (found := self.find_log(pattern)) and len(found) >= count and found,
                        lambda: f"{count} log lines like {pattern!r}; the log has:\n" + "\n".join(self.log_lines()[-30:]), limit)

    def mailbox(self, user):
        """Delivered messages as bytes, by file name."""
        found = {}
        for part in ("new", "cur"):
            folder = self.directory / "store" / user / part
            if folder.is_dir():
                found.update({path.name: path.read_bytes() for path in folder.iterdir()})
        return found

    def wait_for_mail(self, user, count=1, limit=30.0):
        box = wait_for(lambda: (found := self.mailbox(user)) and len(found) >= count and found,
                       lambda: f"{count} messages for {user}, there are {len(self.mailbox(user))}; log:\n"
                               + "\n".join(self.log_lines()[-30:]), limit)
        return [email.message_from_bytes(raw) for raw in box.values()]

    def queue_files(self):
        """Messages in the queue, by their names: young ones in segments, and files."""
        # In this order: who is both becomes a file.
        young = {name for name, _ in segments.young_messages(self.directory / "queue")}
        files = {str(path.relative_to(self.directory / "queue"))
                 for path in (self.directory / "queue").rglob("*")
                 if path.is_file() and path.parent.name != "tmp" and re.fullmatch(r"[0-9A-Z]{2}[0-9A-Z]+\.[0-9A-Z]+", path.name)}
        return sorted(files | young)

    def wait_for_empty_queue(self, limit=60.0):
        wait_for(lambda: not self.queue_files(), lambda: "an empty queue; there are " + ", ".join(self.queue_files()[:10]), limit)

    def smtp(self, source="127.0.0.1"):
        client = smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.test", timeout=30, source_address=(source, 0))
        client.ehlo()
        return client

    def smtp_to(self, target, source, hello):
        """A client that connects to (address, port), from another address if need be."""
        client = smtplib.SMTP(*target, local_hostname=hello, timeout=30, source_address=(source, 0))
        client.ehlo()
        return client

    def pids(self, program):
        """Processes of this instance that run the named program."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().split(b"\0")
                environment = (entry / "environ").read_bytes()
                if os.path.basename(command[0].decode()) == program and str(self.tailor).encode() in environment:
                    found.append(int(entry.name))
        return found

    def dump(self):
        for path in [self.directory / "watcher.out", *sorted((self.directory / "log").glob("*"))]:
            if path.is_file():
                print(f"---- {path.name}\n{path.read_text(errors='replace')[-4000:]}")


class DnsServer:
    """unbound with local data only. `records`: lines as in local-data."""

    def __init__(self, records=(), zones=(), servfail=()):
        self.port = free_port()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-dns-"))
        lines = ["server:", f" interface: 127.0.0.1@{self.port}", " do-daemonize: no", f' directory: "{self.directory}"',
                 ' username: ""', ' chroot: ""', ' pidfile: ""', " use-syslog: no", " verbosity: 0", " module-config: \"iterator\"",
                 " access-control: 127.0.0.0/8 allow", ' local-zone: "." static']
        lines += [f' local-zone: "{zone}" always_refuse' for zone in servfail]
        lines += [f' local-zone: "{zone}" static' for zone in zones]
        lines += [f" local-data: '{record}'" for record in records]
        lines += ["remote-control:", " control-enable: no"]
        (self.directory / "unbound.conf").write_text("\n".join(lines) + "\n")
        with open(self.directory / "err", "wb") as errors:
            self.process = subprocess.Popen(["unbound", "-d", "-c", self.directory / "unbound.conf"],
                                            stdout=subprocess.DEVNULL, stderr=errors)
        wait_for(lambda: port_answers(self.port) or self.process.poll() is not None, "the DNS server")
        if self.process.poll() is not None:
            raise AssertionError("unbound: " + (self.directory / "err").read_text())

    @property
    def address(self):
        return f"127.0.0.1@{self.port}"

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)


class Sink:
    """Postfix's smtp-sink; keeps every message it accepts as a file. `options`: its own switches."""

    def __init__(self, port=None, address="127.0.0.1", options=()):
        self.port = port or free_port(address)
        self.address = address
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-sink-"))
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        if user:
            shutil.chown(self.directory, "nobody")
        self.process = subprocess.Popen(["smtp-sink", *user, "-h", "sink.test", *options, "-d", f"{self.directory}/m.",
                                         f"{address}:{self.port}", "100"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: port_answers(self.port, address) or self.process.poll() is not None, "smtp-sink")

    def messages(self):
        return [path.read_bytes() for path in self.directory.iterdir()]

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)


class MtaTest(unittest.TestCase):
    """Starts what a test asks for and ends it, whatever happens."""

    def instance(self, **settings):
        made = Instance(**settings)
        self.addCleanup(made.destroy)
        self._instance = made
        return made

    def dns(self, *records, **options):
        server = DnsServer(records, **options)
        self.addCleanup(server.close)
        return server

    def sink(self, **settings):
        made = Sink(**settings)
        self.addCleanup(made.close)
        return made

    def tearDown(self):
        result = self._outcome.result
        failed = any(test is self for test, _ in result.failures + result.errors)
        if failed and hasattr(self, "_instance"):
            self._instance.dump()
