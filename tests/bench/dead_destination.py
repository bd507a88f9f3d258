#!/usr/bin/env python3
"""What one dead destination with many messages costs the others: the rate at which mail for 99 living hosts leaves, with
and without 100,000 messages for one where nobody answers, in turns.

    SLUICE_BIN=build/release/bin tests/bench/dead_destination.py [--rounds 3] [--dead 100000] [--living 20000] [--mute]

--mute: the dead host takes connections and never says a word, instead of refusing them. The instance lives below
SLUICE_TEST_DIR, which should be on a disk. Exit status 1 where the median of the ratios is below 0.9.
"""
import argparse
import contextlib
import json
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
sys.dont_write_bytecode = True

import harness  # noqa: E402

HOSTS = 99
LEAST = 0.9
WAIT = 600


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dead", type=int, default=100000)
    parser.add_argument("--living", type=int, default=20000)
    parser.add_argument("--mute", action="store_true")
    return parser.parse_args()


def fill(instance, host, hosts, messages, first_id):
    command = [harness.BIN / "queue_fill", "--queue", instance.directory / "queue", "--socket",
               instance.directory / "run/job_controller.sock", "--host", host, "--hosts", hosts, "--messages", messages,
               "--first-id", first_id]
    subprocess.run([str(word) for word in command], check=True, user=harness.test_account())


@contextlib.contextmanager
def sink(messages):
    process = subprocess.Popen([harness.BIN / "smtp_count_sink", "--messages", str(messages), "--limit", str(WAIT)],
                               stdout=subprocess.PIPE, text=True)
    try:
        yield process, int(process.stdout.readline().split()[1])
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def mute_host(port):
    """Connections to it stay in the backlog; nobody greets them."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.2", port))
        listener.listen(1000)
        yield


def measure(arguments, dead):
    records = [f"h{number}.example. A 127.0.0.1" for number in range(HOSTS)] + ["dead.example. A 127.0.0.2"]
    with contextlib.ExitStack() as stack:
        receiver, port = stack.enter_context(sink(arguments.living))
        if arguments.mute:
            stack.enter_context(mute_host(port))
        dns = harness.DnsServer(records)
        stack.callback(dns.close)
        instance = harness.Instance(dns=dns.address, relay_port=port, files={
            "job_controller.cnf": lambda text: "MAX_MESSAGES=1000000\n" + re.sub(r"(?mi)^MAX_MESSAGES=.*\n", "", text)})
        stack.callback(instance.destroy)
        instance.start()
        if dead:
            fill(instance, "dead.example", 1, arguments.dead, 1_000_000)
            harness.wait_for(lambda: any(row.get("host") == "dead.example" and row.get("reason")
                                         for row in instance.json("qm", "hosts")), "the dead host at rest", 120)
        instance.imsimta("qm", "stop", "tcp_local")
        fill(instance, "h%.example", HOSTS, arguments.living, 0)
        begin = time.monotonic()
        instance.imsimta("qm", "start", "tcp_local")
        counted = json.loads(receiver.communicate(timeout=WAIT)[0])
        if counted["distinct"] != arguments.living:
            raise SystemExit(f"{counted['distinct']} of {arguments.living} messages arrived")
        return arguments.living / (counted["last"] - begin)


def main():
    arguments = parse_arguments()
    ratios = []
    for number in range(1, arguments.rounds + 1):
        alone, beside = measure(arguments, False), measure(arguments, True)
        ratios.append(beside / alone)
        print(f"round {number}: {alone:.0f}/s alone, {beside:.0f}/s beside {arguments.dead} messages for a dead host, "
              f"ratio {beside / alone:.2f}", flush=True)
    median = statistics.median(ratios)
    print(f"median of the ratios {median:.2f}")
    return 0 if median >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
