"""One measurement: one server, one scenario, one fresh spool."""
import contextlib
import dataclasses
import json
import subprocess
import time

import accounting

LIMIT = 60
SETTLE = 1.0  # seconds between warming up and measuring

DOMAINS = 100
FIRST_SHARE = 50  # percent of the mail that goes to the first of the domains where that one is special
# What the first of the domains does; None: it has no more mail than the others.
FIRST_HOST = {"domains": None, "well": "apart", "dead": "dead", "tarpit": "tarpit"}


@dataclasses.dataclass
class Load:
    messages: int
    connections: int
    size: int
    pipelining: bool
    per_connection: int

    @property
    def warm_up(self):
        return 2 * self.connections


def counted_apart(first_id, messages):
    """How many of these messages smtp_load sends to the first domain."""
    return (first_id + messages) * FIRST_SHARE // 100 - first_id * FIRST_SHARE // 100


class Failed(Exception):
    """A server refused mail, or did not finish in time."""


class Tools:
    """The load generator and the counting sink."""

    def __init__(self, folder, load):
        self.folder = folder
        self.load = load

    def send(self, server, messages, first_id):
        command = [self.folder / "smtp_load", "--port", server.port, "--messages", messages, "--first-id", first_id,
                   "--connections", self.load.connections, "--size", self.load.size, "--users", 100,
                   "--pipelining", int(self.load.pipelining), "--per-connection", self.load.per_connection,
                   "--domain", server.domain, "--limit", LIMIT]
        if server.scenario in FIRST_HOST:
            command += ["--domains", DOMAINS, "--first-share", FIRST_SHARE if FIRST_HOST[server.scenario] else 0]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"{server.name}, {server.scenario}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def expected(self, scenario):
        """(messages that must arrive, those of them that are measured)"""
        both, measured = self.load.messages + self.load.warm_up, self.load.messages
        if not FIRST_HOST.get(scenario):
            return both, measured
        return both - counted_apart(0, both), measured - counted_apart(0, measured)

    @contextlib.contextmanager
    def sink(self, scenario):
        """A next hop, or the next hops of many domains, that expect the load and the warm-up."""
        command = [self.folder / "smtp_count_sink", "--messages", self.load.messages + self.load.warm_up, "--limit", 3 * LIMIT,
                   "--wanted", self.expected(scenario)[0]]
        if scenario in FIRST_HOST:
            command += ["--hosts", DOMAINS, "--first", FIRST_HOST[scenario] or "well"]
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        try:
            yield process, int(process.stdout.readline().split()[1])
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def arrivals(server):
    """(number of files in the Maildirs, when the last came by the monotonic clock)"""
    count, last = 0, 0.0
    for folder in server.mail_directories():
        with contextlib.suppress(FileNotFoundError):
            for path in folder.iterdir():
                count += 1
                last = max(last, path.stat().st_ctime)
    return count, last - (time.time() - time.monotonic())


def count_arrivals(server):
    return sum(1 for folder in server.mail_directories() if folder.is_dir() for _ in folder.iterdir())


def wait_for_arrivals(server, expected):
    end = time.monotonic() + LIMIT
    while count_arrivals(server) < expected:
        if time.monotonic() > end:
            raise Failed(f"{server.name}: {count_arrivals(server)} of {expected} messages in the Maildirs")
        time.sleep(0.25)


def finish_accept(_server, _sink, _tools, sent):
    time.sleep(0.3)  # for what a server still does after its last reply
    return {"finished": sent["ended"], "duplicates": 0, "sink_cpu": 0.0}


def finish_relay(server, sink, tools, _sent):
    counted = json.loads(sink.communicate(timeout=4 * LIMIT)[0])
    if counted["distinct"] != tools.expected(server.scenario)[0]:
        raise Failed(f"{server.name}: the next hop has {counted}")
    return {"finished": counted["last"], "duplicates": counted["duplicates"], "sink_cpu": counted["cpu"],
            "sink_connections": counted["connections"]}


def finish_local(server, _sink, tools, _sent):
    expected = tools.load.messages + tools.load.warm_up
    wait_for_arrivals(server, expected)
    count, last = arrivals(server)
    return {"finished": last, "duplicates": count - expected, "sink_cpu": 0.0}


FINISH = {"accept": finish_accept, "relay": finish_relay, "local": finish_local,
          **dict.fromkeys(FIRST_HOST, finish_relay)}


def measure(server_class, scenario, directory, tools):
    """Starts a server, warms it up, measures one load; returns what is to be known about it."""
    load = tools.load
    with contextlib.ExitStack() as stack:
        sink, sink_port = (
            stack.enter_context(tools.sink(scenario)) if FINISH[scenario] is finish_relay else (None, 0))
        server = stack.enter_context(server_class(directory, scenario, sink_port))
        tools.send(server, load.warm_up, load.messages)
        if scenario == "local":
            wait_for_arrivals(server, load.warm_up)
        time.sleep(SETTLE)
        costs = accounting.Costs(server.roots)
        with accounting.MemoryWatch(server.roots) as memory:
            costs.begin()
            sent = tools.send(server, load.messages, 0)
            end = FINISH[scenario](server, sink, tools, sent)
            costs.end()
        if scenario == "accept" and server.queue_files() != load.messages + load.warm_up:
            raise Failed(f"{server.name}: {server.queue_files()} files in the queue")
        return {
            "scenario": scenario, "server": server.name,
            "rate": tools.expected(scenario)[1] / (end["finished"] - sent["started"]), "accept_rate": sent["rate"],
            "cpu_per_1000": costs.server * 1000 / load.messages,
            "pss_mib": memory.peak_kib / 1024, "processes": memory.most_processes,
            "strangers": costs.strangers(sent["cpu"] + end["sink_cpu"]), "duplicates": end["duplicates"],
            "sink_connections": end.get("sink_connections"), "refused": sent["refused"], "broken": sent["broken"],
            **{name: sent[name] for name in ("p50_ms", "p99_ms", "commit_p50_ms", "commit_p99_ms")},
        }
