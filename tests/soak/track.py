"""What `imsimta track` needs on a large log: the first answer within a second, below 100 MB.

Writes a log into an instance of its own, or takes one that is there, has it indexed, and asks for messages all over it, each time in a process of its own, by
message-id, queue file, sender and recipient. Prints one table; a question that takes longer, needs more, or finds nothing ends the
run with status 1. Everything that was written is removed.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))
import harness  # noqa: E402

FIRST_ANSWER_SECONDS = 1.0
MEMORY_MB = 100


def generate(log, megabytes):
    """An hour of tests/bench/generate_log.py after the other, each with message-ids and queue files of its own."""
    hour = log.with_name("hour")
    subprocess.run([sys.executable, ROOT / "tests/bench/generate_log.py", hour, str(min(megabytes, 64))], check=True,
                   stdout=subprocess.DEVNULL)
    lines = hour.read_bytes()
    hour.unlink()
    with open(log, "wb") as out:
        for number in range(-(-megabytes // 64)):
            begin = time.strftime("%d-%b-%Y %H:", time.gmtime(1767225600 + 3600 * number)).encode()
            out.write(lines.replace(b"01-Jan-2026 00:", begin).replace(b"01J0", b"%02XJ0" % (number + 1)).replace(b"<m", b"<m%d." % number))


class Question:
    def __init__(self, environment, *arguments):
        """Runs imsimta; `first` and `whole` are seconds, `memory` is the most that was resident, in MB."""
        begun = time.monotonic()
        process = subprocess.Popen([harness.BIN / "imsimta", *arguments], env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        self.output = process.stdout.read(1)
        self.first = time.monotonic() - begun
        self.output += process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.whole = time.monotonic() - begun
        self.processor = used.ru_utime + used.ru_stime
        self.memory = used.ru_maxrss / 1024
        self.status = process.returncode


def samples(log, count):
    """Lines from places all over the file, of messages that went on to another host: they have every field."""
    size = log.stat().st_size
    found = []
    with open(log, "rb") as file:
        for number in range(count):
            file.seek(size * number // count)
            file.readline()
            for line in file:
                if b" tcp_local    E " in line:
                    found.append(line.decode())
                    break
    return found


def questions_about(line):
    sender, _, recipient, name, message_id = line.split(" E ", 1)[1].split()[1:6]
    return {"message-id": f"-message_id={message_id}", "queue file": f"-file={name.rsplit('/', 1)[1][2:-3]}",
            "recipient": f"-to={recipient}", "sender": f"-from={sender}"}


def main():
    parser = argparse.ArgumentParser(prog="scripts/soak track", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2048)
    parser.add_argument("--questions", type=int, default=20, help="places in the log that are asked about")
    parser.add_argument("--log", type=pathlib.Path, help="ask about this log, as tests/bench/generate_log.py makes them")
    arguments = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-track-", dir=os.environ.get("SLUICE_TEST_DIR")))
    worst = []
    try:
        directory.chmod(0o755)
        tailor = harness.make_instance(directory, harness.BIN, 2525, user=harness.test_account(), files={
            "option.dat": "LOG_FILENAME=1\nLOG_MESSAGE_ID=1\nLOG_CONNECTION=1\n"})
        environment = {"IMTA_TAILOR": str(tailor), "PATH": os.environ["PATH"], "TZ": "UTC"}
        log = directory / "log/mail.log"
        if arguments.log:
            log.symlink_to(arguments.log.resolve())
        else:
            generate(log, arguments.megabytes)
        print(f"{log.stat().st_size >> 20} MB of log")
        print(f"{'question':<22} {'first s':>8} {'whole s':>8} {'cpu s':>8} {'MB':>6}")

        def tell(what, asked):
            print(f"{what:<22} {asked.first:8.3f} {asked.whole:8.3f} {asked.processor:8.3f} {asked.memory:6.0f}")

        index = Question(environment, "track", "-index")
        tell("making the index", index)
        if index.status != 0 or index.memory > MEMORY_MB:
            worst.append(("making the index", index))
        by_kind = {}
        for line in samples(log, arguments.questions):
            for what, switch in questions_about(line).items():
                by_kind.setdefault(what, []).append(Question(environment, "track", switch))
        for what, asked in by_kind.items():
            asked.sort(key=lambda one: one.first)
            tell(what + ", median", asked[len(asked) // 2])
            tell(what + ", worst", asked[-1])
            worst += [(what, one) for one in asked if one.first >= FIRST_ANSWER_SECONDS or one.memory > MEMORY_MB
                      or one.status != 0 or not re.search(rb"accepted|delivered", one.output)]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for what, one in worst:
        print(f"too much: {what}: first answer {one.first:.3f} s, {one.memory:.0f} MB, status {one.status}: "
              + one.output[:200].decode(errors="replace"))
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
