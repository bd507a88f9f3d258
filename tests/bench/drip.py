"""Clients that send an octet every few seconds, in commands and in messages: what others notice of them."""
import math
import multiprocessing
import random
import smtplib
import statistics
import time

from idle import LIMIT, greet

PAUSE = 5.0
PROBES = 200
BODY = "Subject: in between\r\n\r\n" + "text\r\n" * 100


def into_data(connection):
    """Half of them drip in a message, where the server must keep what has come."""
    for command in (b"MAIL FROM:<slow@slow.example>\r\n", b"RCPT TO:<u0@example.com>\r\n", b"DATA\r\n"):
        connection.sendall(command)
        reply = connection.recv(512)
        if reply[:1] not in (b"2", b"3"):
            raise RuntimeError("refused: " + repr(reply))


def drip(port, count, ready, over):
    """In a process of its own: opens `count` connections, then sends an octet on each every PAUSE seconds until `over`."""
    held = []
    for number in range(count):
        connection = greet(port)[0]
        if number % 2:
            into_data(connection)
        connection.settimeout(LIMIT)
        held.append(connection)
    ready.set()
    chance = random.Random(1)
    while not over.is_set():
        begun = time.monotonic()
        chance.shuffle(held)
        for number, connection in enumerate(held):
            connection.send(b"x")
            ahead = begun + PAUSE * number / len(held) - time.monotonic()
            if ahead > 0.005:
                time.sleep(ahead)
            if over.is_set():
                break


def probe(port):
    """Seconds that messages of somebody else take, from the connection to the 250, one after the other."""
    seconds = []
    for _ in range(PROBES):
        begun = time.monotonic()
        with smtplib.SMTP("127.0.0.1", port, local_hostname="probe.example", timeout=LIMIT) as client:
            client.sendmail("probe@far.example", ["u1@example.com"], BODY)
            seconds.append(time.monotonic() - begun)
    return seconds


def p99(seconds):
    return sorted(seconds)[math.ceil(len(seconds) * 0.99) - 1]


def measure(server_class, directory, count):
    with server_class(directory, "accept", 0) as server:
        probe(server.port)  # what is done once is done
        alone = probe(server.port)
        ready, over = multiprocessing.Event(), multiprocessing.Event()
        slow = multiprocessing.Process(target=drip, args=(server.port, count, ready, over))
        slow.start()
        try:
            if not ready.wait(120):
                raise RuntimeError(f"{count} slow clients did not come in")
            time.sleep(PAUSE)
            among = probe(server.port)
            if not slow.is_alive():
                raise RuntimeError("the slow clients were turned away")
        finally:
            over.set()
            slow.join(30)
            slow.kill()
    return {"scenario": "drip", "server": server.name, "connections": count, "alone_p50_ms": statistics.median(alone) * 1000,
            "alone_p99_ms": p99(alone) * 1000, "among_p50_ms": statistics.median(among) * 1000, "among_p99_ms": p99(among) * 1000}


def print_table(results):
    print(f"{'server':<10}{'slow ones':>10}{'alone p50 ms':>14}{'p99 ms':>9}{'among p50 ms':>14}{'p99 ms':>9}{'p99 ratio':>11}")
    for result in results:
        print("{server:<10}{connections:>10}{alone_p50_ms:>14.1f}{alone_p99_ms:>9.1f}{among_p50_ms:>14.1f}{among_p99_ms:>9.1f}"
              "{ratio:>11.2f}".format(ratio=result["among_p99_ms"] / result["alone_p99_ms"], **result))
