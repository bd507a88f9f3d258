"""What connections cost that do nothing: memory, and how fast a new one is greeted meanwhile."""
import socket
import statistics
import time

import accounting

SETTLE = 2.0
NEW_ONES = 50
LIMIT = 20.0


def greet(port):
    """Connects and says EHLO; returns the socket and the seconds until the answer."""
    begin = time.monotonic()
    connection = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
    for command, code in ((b"", b"220"), (b"EHLO idle.example\r\n", b"250")):
        connection.sendall(command)
        reply = b""
        while not (reply.endswith(b"\r\n") and reply.splitlines()[-1][3:4] == b" "):
            if not (more := connection.recv(4096)):
                raise RuntimeError("the server hung up: " + repr(reply))
            reply += more
        if not reply.startswith(code):
            raise RuntimeError("not greeted: " + repr(reply))
    return connection, time.monotonic() - begin


def memory_kib(server):
    time.sleep(SETTLE)
    return accounting.resident_kib(server.roots())


def measure(server_class, directory, count):
    with server_class(directory, "idle", 0) as server:
        held = [greet(server.port)[0]]  # processes that are started for the first connection are not its cost
        try:
            before = memory_kib(server)
            held += [greet(server.port)[0] for _ in range(count)]
            after = memory_kib(server)
            seconds = []
            for _ in range(NEW_ONES):
                connection, taken = greet(server.port)
                connection.close()
                seconds.append(taken)
        finally:
            for connection in held:
                connection.close()
    return {"scenario": "idle", "server": server.name, "connections": count, "idle_mib": before / 1024,
            "kib_per_connection": (after - before) / count, "greeting_p50_ms": statistics.median(seconds) * 1000,
            "greeting_max_ms": max(seconds) * 1000}


def print_table(results):
    print(f"{'server':<10}{'connections':>12}{'idle MiB':>10}{'KiB each':>10}{'new one p50 ms':>16}{'most ms':>9}")
    for result in results:
        print("{server:<10}{connections:>12}{idle_mib:>10.1f}{kib_per_connection:>10.1f}{greeting_p50_ms:>16.1f}"
              "{greeting_max_ms:>9.1f}".format(**result))
