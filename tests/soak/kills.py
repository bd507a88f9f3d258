"""kill -9 at every kill point of the sources, under mail of all kinds: nothing acknowledged may be lost.

An instance lives through a batch of runs. In each run its programs have one kill point and a number of passes at which
they die there, again and again while messages come in; the points take turns, each batch has another limit for young
messages. Between batches the instance runs undisturbed until its queue is empty, and every acknowledged message is
looked for by its number where it should have come to.
"""
import argparse
import collections
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))
import harness  # noqa: E402

# Places that mail does not pass: the nightly work, service logs, content filters, other dialects of the log.
ELSEWHERE = re.compile(r"^(rollover|service_log|multilog|return_job|ageing)\.|^server\.filter$|\.held_")
USERS = 5
DESTINATIONS = 3

SAVE = "#!/bin/sh\nd={kept}/new.$$.$(date +%N)\ncat > $d && sync $d && mv $d {kept}/mail.${d##*/new.}\n"
MOODY = "#!/bin/sh\n[ $(( $(date +%N | sed 's/^0*//') / 1000 % 2 )) = 0 ] && exit 75\n" + SAVE.partition("\n")[2]
REFUSE = "#!/bin/sh\ncat > /dev/null\necho no thanks\nexit 69\n"

KINDS = {
    "local": lambda n: [f"u{n % USERS}@example.com"],
    "two": lambda n: [f"u{n % USERS}@example.com", f"u{(n + 1) % USERS}@example.com"],
    "later": lambda n: [f"u{n % USERS}@later.example.com"],
    "relay": lambda n: [f"bob@d{n % DESTINATIONS}.example"],
    "both": lambda n: [f"u{n % USERS}@example.com", f"bob@d{n % DESTINATIONS}.example", "moody@pipe"],
    "large": lambda n: [f"u{n % USERS}@example.com", "save@pipe"],
    "pipe": lambda n: ["save@pipe"],
    "refused": lambda n: ["refuse@pipe"],
}


class Sender(threading.Thread):
    """Messages of all kinds from one client, who does not repeat what got no answer."""

    def __init__(self, mta, tag, stop, acknowledged):
        super().__init__(daemon=True)
        self.mta, self.tag, self.stop, self.acknowledged = mta, tag, stop, acknowledged

    def run(self):
        number = 0
        while not self.stop.is_set():
            with contextlib.suppress(OSError, smtplib.SMTPException), self.mta.smtp() as client:
                while not self.stop.is_set():
                    number += 1
                    kind = list(KINDS)[number % len(KINDS)]
                    name = f"{kind}.{self.tag}.{number}"
                    body = "body line\r\n" * (30000 if kind == "large" and number % 5 == 0 else 50)
                    recipients = KINDS[kind](number)
                    client.sendmail("adam@example.com", recipients, f"Subject: soak\r\nX-Number: {name}\r\n\r\n{body}")
                    self.acknowledged[name] = len(recipients)
                    time.sleep(0.03)
            time.sleep(0.05)


def numbers_in(raw):
    return re.findall(rb"X-Number: (\S+)", raw)


class Batch:
    """One instance with its peers."""

    def __init__(self, young):
        self.kept = pathlib.Path(tempfile.mkdtemp(prefix="sluice-kept-"))
        self.kept.chmod(0o777)
        hosts = [f"d{i}.example" for i in range(DESTINATIONS)]
        self.dns = harness.DnsServer([f"{host}. IN MX 10 mx.{host}." for host in hosts]
                                     + [f"mx.{host}. IN A 127.0.0.1" for host in hosts])
        self.sink = harness.Sink()
        rule = ("later.example.com $U%example.com@reprocess-daemon$1N\n"
                "later.example.com $U%example.com@mail.example.com$1M\n")
        soon = 'backoff "pt1s" "pt1s" "pt1s" "pt2s"'
        scripts = {"save": SAVE, "moody": MOODY, "refuse": REFUSE}
        self.mta = harness.Instance(
            dns=self.dns.address, relay_port=self.sink.port,
            keywords={channel: soon for channel in ("tcp_local", "l", "pipe", "process", "reprocess")},
            files={"programs.cnf": "".join(f"[METHOD={name}]\nPROGRAM={name}\n" for name in scripts),
                   "pipe_option": f"COMMAND_WRITE={self.kept}\n",
                   "option.dat": lambda text: text + ("" if young else "\nQUEUE_YOUNG_LIMIT=0\n"),
                   "imta.cnf": lambda text: text.replace("\nexample.com ", "\n" + rule + "example.com ", 1)})
        programs = self.mta.directory / "programs"
        programs.mkdir(exist_ok=True)
        programs.chmod(0o755)
        for name, text in scripts.items():
            (programs / name).write_text(text.replace("{kept}", str(self.kept)))
            (programs / name).chmod(0o755)
        self.acknowledged = {}

    def kills(self):
        """Deaths by signal 9 that the logs of those who start programs tell of."""
        texts = [self.mta.read("watcher.out"), self.mta.component_log("dispatcher.log"), self.mta.component_log("job_controller.log")]
        return sum(len(re.findall(r"killed by signal 9|crashed with signal (?:9|SIGKILL)|signal 9\b", text)) for text in texts)

    def run(self, number, point, passes, seconds):
        """True where somebody died there."""
        self.mta.environment["SLUICE_KILL_POINT"] = f"{point}:{passes}"
        before = self.kills()
        try:
            with open(self.mta.directory / "watcher.out", "ab") as output:
                self.mta.process = subprocess.Popen([harness.BIN / "imsimta", "start", "-foreground"], env=self.mta.environment,
                                                    stdout=output, stderr=output, start_new_session=True)
            stop = threading.Event()
            senders = [Sender(self.mta, f"{number}-{i}", stop, self.acknowledged) for i in range(3)]
            for sender in senders:
                sender.start()
            end = time.monotonic() + seconds
            # Until it happened, and then a little, so that others see what is left.
            while time.monotonic() < end:
                time.sleep(0.1)
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
        names = ("dispatcher", "job_controller", "tcp_smtp_server", "tcp_smtp_client", "l_master", "reprocess", "pipe_master")
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

    def judge(self):
        """Undisturbed: everything comes to its end. Returns (lost, duplicates), as lists of numbers."""
        self.mta.start()
        self.mta.wait_for_empty_queue(limit=240)
        self.mta.stop()
        seen = collections.Counter()
        for user in [f"u{i}" for i in range(USERS)]:
            for raw in self.mta.mailbox(user).values():
                seen.update(numbers_in(raw)[:1])
        for raw in [*self.mta.mailbox("adam").values(), *self.sink.messages()]:
            seen.update(numbers_in(raw)[:1])
        for path in self.kept.glob("mail.*"):
            seen.update(numbers_in(path.read_bytes())[:1])
        found = {number.decode(): count for number, count in seen.items()}
        lost = [number for number, wanted in self.acknowledged.items() if found.get(number, 0) < wanted]
        twice = [number for number, wanted in self.acknowledged.items() if found.get(number, 0) > wanted]
        return lost, twice

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


def kill_points():
    listed = subprocess.run([ROOT / "scripts/list-kill-points"], capture_output=True, text=True, check=True).stdout.split()
    return [point for point in listed if not ELSEWHERE.search(point)]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="scripts/soak kills", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500, help="kills wanted (500)")
    parser.add_argument("--batch", type=int, default=25, help="runs between judgements (25)")
    parser.add_argument("--minutes", type=float, default=0, help="begin no batch after this time")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--point", action="append", help="only these points")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.randrange(1 << 30)
    chance = random.Random(seed)
    points = given.point or kill_points()
    order = []
    # Whoever ends this ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    signal.signal(signal.SIGINT, lambda *_: sys.exit("ended by a signal"))
    begun = time.monotonic()
    total = collections.Counter()
    by_point = collections.Counter()
    print(f"seed {seed}, {len(points)} kill points", flush=True)
    batch_number = 0
    while total["kills"] < given.runs and not (given.minutes and time.monotonic() - begun > given.minutes * 60):
        batch_number += 1
        young = batch_number % 2 == 1
        batch = Batch(young)
        lost = []
        try:
            for run in range(given.batch):
                if not order:
                    order = chance.sample(points, len(points))
                point = order.pop()
                passes = chance.choice((1, 1, 2, 2, 3, 5, 8))
                killed = batch.run(f"{batch_number}-{run}", point, passes, seconds=3.0)
                total["runs"] += 1
                total["kills"] += killed
                by_point[point] += killed
            lost, twice = batch.judge()
        except BaseException:
            batch.close(keep=True)
            raise
        total["acknowledged"] += len(batch.acknowledged)
        total["lost"] += len(lost)
        total["twice"] += len(twice)
        kinds = collections.Counter(number.split(".")[0] for number in twice)
        print(f"batch {batch_number}, {'segments' if young else 'files'}: {len(batch.acknowledged)} acknowledged, "
              f"{len(lost)} lost {sorted(lost)[:5] if lost else ''}, {len(twice)} twice {dict(kinds) or ''}; so far "
              f"{total['runs']} runs, {total['kills']} with a kill, {time.monotonic() - begun:.0f} s", flush=True)
        batch.close(keep=bool(lost))
    missed = sorted(point for point in points if not by_point[point])
    print(f"total: {total['runs']} runs, {total['kills']} with a kill, {total['acknowledged']} acknowledged, {total['lost']} lost, "
          f"{total['twice']} more than once; points without a kill: {', '.join(missed) or 'none'}")
    return 1 if total["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
