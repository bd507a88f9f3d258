"""What a deep queue costs: restart, listings, deletion by description, memory of the job controller.

    python3 -B tests/bench/deep_queue.py [--messages 1000000] [--hosts 10000] [--young OCTETS] [--directory DIR] [--cold]

Generates the queue with queue_fill (addresses of this machine, a sink at their port), then measures
  restart     from `imsimta start` to the first message at the sink,
  summarize   `imsimta qm summarize`,
  directory   `imsimta qm directory -from=...`, which looks at all messages,
  delete      `imsimta qm delete -from=...` of a tenth of them,
  memory      of the job controller (PSS), less that of one with an empty queue, per message.
With --cold (root, and the machine to itself) the first listing finds nothing in memory, neither files nor names.
Prints one line for each. As root the product runs as nobody. DIR must lie on the disk to be measured.
"""
import argparse
import asyncio
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import servers  # noqa: E402

PATIENCE = 600.0


class Sink:
    """Takes mail at every address of 127/8, at one port."""

    def __init__(self):
        self.first = None
        self.messages = 0
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self.serve, args=(started,), daemon=True).start()
        started.wait()

    def serve(self, started):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.talk, "0.0.0.0", 0))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    async def talk(self, reader, writer):
        writer.write(b"220 sink\r\n")
        content = False
        while line := await reader.readline():
            if content:
                if line != b".\r\n":
                    continue
                content = False
                self.messages += 1
                self.first = self.first or time.monotonic()
                writer.write(b"250 ok\r\n")
                continue
            verb = line[:4].upper()
            content = verb == b"DATA"
            writer.write({b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))
            if verb == b"QUIT":
                break
        writer.close()


class Instance:
    def __init__(self, directory, sink_port):
        self.server = servers.Sluice(directory, "deep", sink_port)
        self.account = servers.server_account()
        self.server.scenario = "deep"
        self.command, self.environment = self.server.prepare()
        self.queue = self.server.directory / "queue"
        controller = self.server.directory / "config/job_controller.cnf"
        controller.write_text("MAX_MESSAGES=100000000\n" + controller.read_text())
        config = self.server.directory / "config/imta.cnf"
        config.write_text(re.sub(r"(?m)^(tcp_local .*)$", rf"\1 port {sink_port}", config.read_text(), count=1))
        self.process = None

    def start(self):
        began = time.monotonic()
        with open(self.server.directory / "output", "ab") as output:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=output, stderr=output,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        return began

    def stop(self):
        self.process.terminate()
        self.process.wait(120)

    def imsimta(self, *words):
        began = time.monotonic()
        done = subprocess.run([self.server.bin / "imsimta", *words], env=self.environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"imsimta {words}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return time.monotonic() - began, done.stdout

    def job_controller(self):
        found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-x", "job_controller"],
                               capture_output=True, text=True, check=True)
        return int(found.stdout.split()[0])

    def job_controller_memory(self):
        text = pathlib.Path(f"/proc/{self.job_controller()}/smaps_rollup").read_text()
        return int(re.search(r"Pss:\s+(\d+) kB", text)[1]) * 1024


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited too long: {what}")
        time.sleep(0.005)


def say(name, **figures):
    print(name, " ".join(f"{key}={value}" for key, value in figures.items()), flush=True)


def fill(instance, arguments):
    command = [instance.server.bin / "queue_fill", "--queue", instance.queue, "--messages", str(arguments.messages),
               "--hosts", str(arguments.hosts), "--young", str(arguments.young)]
    if instance.account:
        user = pwd.getpwnam(instance.account)
        command = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    say("fill", seconds=json.loads(done.stdout)["seconds"])


def restart(instance, sink, name):
    sink.first = None
    began = instance.start()
    wait_until(lambda: sink.first, "first delivery")
    say(name, first_delivery_s=round(sink.first - began, 2))


def measure(instance, sink, arguments):
    instance.start()
    wait_until(lambda: (instance.server.directory / "run").exists() and servers.greets(instance.server.port), "start")
    empty = instance.job_controller_memory()
    instance.stop()
    fill(instance, arguments)
    restart(instance, sink, "restart")
    instance.imsimta("qm", "stop", "tcp_local")
    instance.stop()
    instance.start()
    wait_until(lambda: servers.greets(instance.server.port), "start")
    wait_until_settled(instance)
    say("memory", octets_a_message=round((instance.job_controller_memory() - empty) / arguments.messages))
    for _ in range(3):
        say("summarize", seconds=round(instance.imsimta("qm", "summarize")[0], 3))
    if arguments.cold:
        forget_files()
        list_messages(instance, "cold directory", "-from=s3@*")
    for words in (["-from=s3@*"], ["-from=s3@*"], ["-database", "-host=[127.1.1.*]"]):
        list_messages(instance, "directory", *words)
    seconds, text = instance.imsimta("qm", "delete", "-from=s3@*", "-channel=tcp_local", "-noconfirm", "-nolog")
    say("delete", seconds=round(seconds, 2), says=text.strip().splitlines()[-1:])
    instance.imsimta("qm", "start", "tcp_local")
    instance.stop()


def forget_files():
    os.sync()
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")


def list_messages(instance, name, *words):
    before = os.times()
    seconds, text = instance.imsimta("qm", "directory", *words, "tcp_local")
    now = os.times()
    processor = now.children_user + now.children_system - before.children_user - before.children_system
    say(name, seconds=round(seconds, 2), processor=round(processor, 2), lines=text.count("\n"), switches=" ".join(words))


def wait_until_settled(instance):
    """The job controller's memory no longer grows."""
    before, now = 0, instance.job_controller_memory()
    while now - before >= 65536:
        time.sleep(1)
        before, now = now, instance.job_controller_memory()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--young", type=int, default=0)
    parser.add_argument("--directory", default=None)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-deep.", dir=arguments.directory))
    directory.chmod(0o755)
    sink = Sink()
    instance = Instance(directory / "site", sink.port)
    try:
        measure(instance, sink, arguments)
    finally:
        if instance.process and instance.process.poll() is None:
            instance.stop()
        if not arguments.keep:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
