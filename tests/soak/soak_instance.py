"""An instance that is killed again and again, with its peers, and the judgement of what became of its mail."""
import collections
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))
import harness  # noqa: E402

from soak_mail import DESTINATIONS, PROGRAMS, SILENT, USERS, Sender, number_in  # noqa: E402

#: Threads of a channel's program, and the most recipients that one message of this soak has there.
WORKERS = {"l": (8, 2), "tcp_local": (10, 1), "reprocess": (4, 1), "process": (4, 1), "conversion": (2, 1), "pipe": (2, 1),
           "defragment": (1, 1)}
#: Points that only the nightly work passes, and its step.
NIGHTLY = {"ageing": "-age", "rollover": "-rollover", "return_job": "-rollover"}

KILLED = re.compile(r"killed by signal 9|crashed with signal (?:9|SIGKILL)|signal 9\b")

CONVERT = "\nCONVERSIONS\n\n  IN-CHAN=*;OUT-CHAN=pipe;CONVERT  Yes\n"
ENTRY = 'in-chan=*; out-chan=pipe; in-type=text; command="cat $INPUT_FILE > $OUTPUT_FILE"\n'
DEFRAGMENT = "\n\ndefragment backoff \"pt1s\"\ndefragment-daemon\n"
LATER = ("later.example.com $U%example.com@reprocess-daemon$1N\n"
         "later.example.com $U%example.com@mail.example.com$1M\n")


class SoakInstance:
    """`young`: messages begin in segments. `converted`: what goes to a pipe passes the conversion channel."""

    def __init__(self, young, converted):
        self.kept = pathlib.Path(tempfile.mkdtemp(prefix="sluice-kept-"))
        self.kept.chmod(0o777)
        hosts = [f"d{i}.example" for i in range(DESTINATIONS)]
        self.dns = harness.DnsServer([f"{host}. IN MX 10 mx.{host}." for host in hosts]
                                     + [f"mx.{host}. IN A 127.0.0.1" for host in hosts]
                                     + [f"{SILENT}. IN MX 10 mx.{SILENT}.", f"mx.{SILENT}. IN A 127.0.0.9"])
        self.sink = harness.Sink()
        soon = 'backoff "pt1s" "pt1s" "pt1s" "pt2s"'
        keywords = {channel: soon for channel in ("tcp_local", "l", "pipe", "process", "reprocess", "conversion")}
        # By the clock of later(), mail for the silent host is too old, and nothing else.
        keywords = {channel: words + " notices 1000" for channel, words in keywords.items()}
        keywords["tcp_local"] = soon + " notices 1"
        keywords["l"] += " defragment"
        self.mta = harness.Instance(
            dns=self.dns.address, relay_port=self.sink.port, keywords=keywords,
            files={"programs.cnf": "".join(f"[METHOD={name}]\nPROGRAM={name}\n" for name in PROGRAMS),
                   "pipe_option": f"COMMAND_WRITE={self.kept}\n",
                   "option.dat": lambda text: text + ("" if young else "\nQUEUE_YOUNG_LIMIT=0\n"),
                   "mappings": lambda text: text + (CONVERT if converted else ""),
                   "conversions": ENTRY if converted else "",
                   "imta.cnf": lambda text: text.replace("\nexample.com ", "\n" + LATER + "example.com ", 1).rstrip() + DEFRAGMENT})
        programs = self.mta.directory / "programs"
        programs.mkdir(exist_ok=True)
        programs.chmod(0o755)
        for name, text in PROGRAMS.items():
            (programs / name).write_text(text.replace("{kept}", str(self.kept)))
            (programs / name).chmod(0o755)
        self.acknowledged = {}
        self.nightly_deaths = 0
        self.deaths = set()  # (log, line) that tells of one
        self.programs_of = {}  # {log of a job controller: (channel, process) that it did not see end well}

    def nightly(self, step):
        """A step of the return job two days later; true where it was killed."""
        environment = harness.hours_later(self.mta.environment, 50)
        done = subprocess.run([harness.BIN / "imsimta", "return_job", step], env=environment, capture_output=True, timeout=120)
        killed = done.returncode == -signal.SIGKILL
        self.nightly_deaths += killed
        return killed

    def collect(self):
        """Reads what logs tell before newer versions push them out."""
        for path in [self.mta.directory / "watcher.out", *(self.mta.directory / "log").glob("dispatcher.log-*"),
                     *(self.mta.directory / "log").glob("job_controller.log-*")]:
            with contextlib.suppress(FileNotFoundError):
                text = path.read_text(errors="replace")
                self.deaths.update((path.name, line) for line in text.splitlines() if KILLED.search(line))
                started = set(re.findall(r"of channel (\S+) started, process (\d+)", text))
                ended = set(re.findall(r"of channel (\S+) ended, process (\d+), exit status 0", text))
                self.programs_of[path.name] = started - ended

    def kills(self):
        """Deaths by signal 9 that the logs of those who start programs tell of, and those of the nightly work."""
        self.collect()
        return len(self.deaths) + self.nightly_deaths

    def allowed_duplicates(self):
        """One for each recipient in the hands of each worker of each program that did not come to its own end."""
        self.collect()
        allowed = self.nightly_deaths
        for channel in (channel for programs in self.programs_of.values() for channel, _ in programs):
            threads, recipients = WORKERS[channel]
            allowed += threads * recipients
        return allowed

    def run(self, number, point, passes, seconds):
        """True where somebody died there."""
        self.mta.environment["SLUICE_KILL_POINT"] = f"{point}:{passes}"
        step = NIGHTLY.get(point.partition(".")[0])
        before = self.kills()
        try:
            with open(self.mta.directory / "watcher.out", "ab") as output:
                self.mta.process = subprocess.Popen([harness.BIN / "imsimta", "start", "-foreground"], env=self.mta.environment,
                                                    stdout=output, stderr=output, start_new_session=True)
            stop = threading.Event()
            senders = [Sender(self.mta, f"{number}-{i}", stop, self.acknowledged) for i in range(3)]
            for sender in senders:
                sender.start()
            begun = time.monotonic()
            aged = False
            # Until it happened, and then a little, so that others see what is left.
            while time.monotonic() < begun + seconds:
                time.sleep(0.1)
                if time.monotonic() > begun + seconds / 2 and (step or not aged):
                    aged = True
                    self.nightly(step or "-age")
                if self.kills() > before:
                    time.sleep(0.5)
                    break
            stop.set()
            for sender in senders:
                sender.join(30)
        finally:
            # Nobody gets time to tidy up.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.mta.process.pid, signal.SIGKILL)
            self.mta.process.wait()
            self.mta.process = None
            self.wait_for_the_end()
            del self.mta.environment["SLUICE_KILL_POINT"]
        return self.kills() > before

    def programs(self):
        names = ("dispatcher", "job_controller", "tcp_smtp_server", "tcp_smtp_client", "l_master", "reprocess", "pipe_master",
                 "conversion_master", "defragment_master", "command_host")
        return [pid for name in names for pid in self.mta.pids(name)]

    def wait_for_the_end(self):
        """Children end with their parent; who is slow is helped."""
        for _ in range(100):
            left = self.programs()
            if not left:
                return
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        raise AssertionError("programs that do not end")

    def queued(self):
        """But for pieces whose other half was never acknowledged, or has gone on already."""
        return [name for name in self.mta.queue_files() if not name.startswith("defragment/")]

    def judge(self):
        """Undisturbed: everything comes to its end. Returns (lost, excess), {number: copies}."""
        self.mta.start()
        end = time.monotonic() + 300
        while self.queued():
            if time.monotonic() > end:
                raise AssertionError("a queue that does not get empty: " + ", ".join(self.queued()[:10]))
            self.nightly("-age")
            time.sleep(0.5)
        self.mta.stop()
        arrived = [raw for user in ["adam", *(f"u{i}" for i in range(USERS))] for raw in self.mta.mailbox(user).values()]
        arrived += self.sink.messages() + [path.read_bytes() for path in self.kept.glob("mail.*")]
        found = collections.Counter(number for number in map(number_in, arrived) if number)
        lost = {number: wanted - found[number] for number, wanted in self.acknowledged.items() if found[number] < wanted}
        excess = {number: found[number] - wanted for number, wanted in self.acknowledged.items() if found[number] > wanted}
        return lost, excess

    def close(self, keep):
        with contextlib.suppress(AssertionError):
            self.mta.stop()
        self.dns.close()
        if keep:
            self.sink.process.kill()
            print(f"kept for inspection: {self.mta.directory} {self.kept} {self.sink.directory}")
            return
        self.sink.close()
        self.mta.destroy()
        shutil.rmtree(self.kept, ignore_errors=True)
