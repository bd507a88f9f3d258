"""Content filters for tests: a scripted one of our own, and the real ones of Debian, each with files of its own."""
import contextlib
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from harness import free_port, port_answers, wait_for

ALL_ACTIONS = 0x1FF


class ScriptedMilter:
    """A filter that does what it is told: `script(milter, code, data, session)` returns packets for a command, a list of
    (code, data), or None for "continue". It may sleep, raise SystemExit (closes the connection) or return raw bytes."""

    def __init__(self, script=None, steps=0, version=6, macros=b"", path=None):
        self.script = script or (lambda *_: None)
        self.steps, self.version, self.macro_wish = steps, version, macros
        self.seen = []        # (session number, code, data)
        self.macros = []      # (session number, command, {name: value})
        self.connections = 0
        self.live = set()
        self.lock = threading.Lock()
        self.path = path
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(path)
            os.chmod(path, 0o777)
        else:
            self.listener = socket.socket()
            self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = None if path else self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    @property
    def address(self):
        return f"unix:{self.path}" if self.path else f"inet:127.0.0.1:{self.port}"

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def hang_up(self):
        """Ends every connection, as a filter does that is started anew."""
        with self.lock:
            for connection in self.live:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def commands(self, code=None):
        with self.lock:
            return [data for _, seen, data in self.seen if code is None or seen == code]

    def codes(self, number=None):
        with self.lock:
            return "".join(code for session, code, _ in self.seen if number in (None, session))

    def macro(self, command, name):
        with self.lock:
            return [values.get(name) for _, of, values in self.macros if of == command]

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.live.add(connection)
                number = self.connections
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection, number):
        stream = connection.makefile("rb")
        session = {"number": number}
        try:
            while True:
                head = stream.read(4)
                if len(head) < 4:
                    return
                payload = stream.read(struct.unpack(">I", head)[0])
                code, data = chr(payload[0]), payload[1:]
                if code == "D":
                    fields = data[1:].split(b"\0")
                    values = {k.decode(): v.decode() for k, v in zip(fields[::2], fields[1::2])}
                    with self.lock:
                        self.macros.append((number, chr(data[0]), values))
                    continue
                with self.lock:
                    self.seen.append((number, code, data))
                if code == "Q":
                    return
                answer = self.script(self, code, data, session)
                if isinstance(answer, bytes):
                    connection.sendall(answer)
                    continue
                if answer is None:
                    if code in "AK" or self._is_silent(code):
                        continue
                    answer = [("O", struct.pack(">III", self.version, ALL_ACTIONS, self.steps) + self.macro_wish)] \
                        if code == "O" else [("c", b"")]
                connection.sendall(b"".join(packet(*one) for one in answer))
        except (OSError, SystemExit):
            pass
        finally:
            stream.close()
            connection.close()
            with self.lock:
                self.live.discard(connection)

    def _is_silent(self, code):
        silent = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000, "N": 0x40000, "B": 0x80000}
        return bool(self.steps & silent.get(code, 0))


def packet(code, data=b""):
    return struct.pack(">I", len(data) + 1) + code.encode() + data


def header(name, value):
    return name.encode() + b"\0" + value.encode() + b"\0"


def indexed(index, name, value):
    return struct.pack(">I", index) + header(name, value)


class Program:
    """A filter of Debian, started in a directory of its own."""

    def __init__(self, prefix):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"sluice-{prefix}-"))
        self.directory.chmod(0o755)
        self.processes = []

    def start(self, command, answers, what, environment=None, limit=40):
        with open(self.directory / f"{what}.out", "ab") as output:
            process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output,
                                       env={**os.environ, **(environment or {})}, start_new_session=True)
        self.processes.append(process)
        wait_for(lambda: answers() or process.poll() is not None, what, limit)
        if process.poll() is not None and not answers():
            raise AssertionError(f"{what} ended: " + self.log())

    def log(self):
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.directory.glob("*.out")))

    def close(self):
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)


class OpenDkim(Program):
    """Signs for `domain`, or verifies with `dns` ("ip@port"). `mode`: "s" or "v"."""

    def __init__(self, domain, mode="s", key=None, dns=None, unix=False):
        super().__init__("opendkim")
        self.domain, self.port = domain, free_port()
        self.key = pathlib.Path(key) if key else self.directory / "sel.private"
        if not key and mode == "s":
            subprocess.run(["opendkim-genkey", "-b", "1024", "-d", domain, "-s", "sel", "-D", self.directory], check=True,
                           capture_output=True)
        self.key.exists() and self.key.chmod(0o600)
        self.socket = self.directory / "opendkim.sock"
        place = f"local:{self.socket}" if unix else f"inet:{self.port}@127.0.0.1"
        self.address = f"unix:{self.socket}" if unix else f"inet:127.0.0.1:{self.port}"
        lines = [f"Socket {place}", f"Mode {mode}", "Syslog no", "UMask 000", "Canonicalization relaxed/simple",
                 "InternalHosts 0.0.0.0/0", "SendReports no", "RequireSafeKeys no"]
        if mode == "s":
            lines += [f"Domain {domain}", "Selector sel", f"KeyFile {self.key}"]
        if mode == "v":
            lines = [line for line in lines if not line.startswith("InternalHosts")]
            lines += ["InternalHosts 192.0.2.255/32", "AlwaysAddARHeader yes", "AuthservID mx.test",
                      f"ResolverConfiguration {self.directory}/unbound.conf"]
            (self.directory / "unbound.conf").write_text(
                f"server:\n do-not-query-localhost: no\n module-config: iterator\nforward-zone:\n name: \".\"\n forward-addr: {dns}\n")
        (self.directory / "opendkim.conf").write_text("\n".join(lines) + "\n")
        answers = self.socket.exists if unix else (lambda: port_answers(self.port))
        self.start(["opendkim", "-f", "-x", self.directory / "opendkim.conf"], answers, "opendkim")

    def public_record(self):
        """The text of the key's TXT record."""
        text = (self.directory / "sel.txt").read_text()
        return "".join(text.split('"')[1::2])


class Rspamd(Program):
    """rspamd's proxy worker with a built-in scanner, a milter, and as good as no rules."""

    def __init__(self):
        super().__init__("rspamd")
        self.port = free_port()
        self.address = f"inet:127.0.0.1:{self.port}"
        directory = self.directory
        (directory / "run").mkdir()
        (directory / "rspamd.conf").write_text(f"""
options {{
    pidfile = "{directory}/rspamd.pid"; filters = ""; local_addrs = []; tempdir = "{directory}/run";
    control_socket = "{directory}/run/control.sock mode=0600"; enable_experimental = false; dns {{ nameserver = ["127.0.0.1:{free_port()}"]; timeout = 0.1s; retransmits = 1; }}
    gtube_patterns = "all";
}}
logging {{ type = "console"; level = "info"; }}
metric {{ name = "default"; actions {{ reject = 15; add_header = 6; }} }}
actions {{ reject = 15; add_header = 6; }}
worker "rspamd_proxy" {{
    bind_socket = "127.0.0.1:{self.port}"; milter = yes; timeout = 20s; count = 1;
    upstream "local" {{ default = yes; self_scan = yes; }}
}}
""")
        if os.geteuid() == 0:
            shutil.chown(directory, "_rspamd")
            shutil.chown(directory / "run", "_rspamd")
        command = ["rspamd", "-f", "-c", directory / "rspamd.conf"]
        if os.geteuid() == 0:
            command[1:1] = ["-u", "_rspamd", "-g", "_rspamd"]
        self.start(command, lambda: port_answers(self.port), "rspamd")


class ClamAv(Program):
    """clamd with one signature of ours, and clamav-milter in front of it."""

    def __init__(self, marker=b"SLUICE-TEST-SIGNATURE-93b1", action="Reject"):
        super().__init__("clamav")
        self.port, clamd_port = free_port(), free_port()
        self.address = f"inet:127.0.0.1:{self.port}"
        directory = self.directory
        (directory / "db").mkdir()
        (directory / "db" / "test.ndb").write_text(f"Sluice.Test.Marker:0:*:{marker.hex()}\n")
        (directory / "clamd.conf").write_text(
            f"DatabaseDirectory {directory}/db\nTCPSocket {clamd_port}\nTCPAddr 127.0.0.1\nForeground yes\n"
            f"TemporaryDirectory {directory}\nSelfCheck 0\nConcurrentDatabaseReload no\n")
        (directory / "milter.conf").write_text(
            f"MilterSocket inet:{self.port}@127.0.0.1\nClamdSocket tcp:127.0.0.1:{clamd_port}\nForeground yes\n"
            f"OnInfected {action}\nAddHeader Add\nTemporaryDirectory {directory}\n"
            + ("RejectMsg infected by %v\n" if action == "Reject" else "") + "LogInfected Basic\n")
        self.start(["clamd", "-F", "-c", directory / "clamd.conf"], lambda: port_answers(clamd_port), "clamd")
        self.start(["clamav-milter", "-c", directory / "milter.conf"], lambda: port_answers(self.port), "clamav-milter")
        # It asks clamd every few seconds and takes nothing before.
        time.sleep(0.5)
