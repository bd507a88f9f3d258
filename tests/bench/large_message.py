#!/usr/bin/env python3
"""Memory of every program while one large message passes: accepted and delivered into a Maildir, relayed, through the
conversion channel (a base64 part rewritten by a command, another left alone), past a filter that sees every octet, and
through CHARSET-CONVERSION (a base64 text in another character set).

    scripts/build && python3 -B tests/bench/large_message.py [MIB...]

Prints the peak resident set (VmHWM) of each program, one row for each way and size; without sizes 1 MiB and 1024 MiB.
"""
import argparse
import base64
import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("SLUICE_BIN", str(ROOT / "build/release/bin"))
sys.path[:0] = [str(ROOT / "tests/integration"), str(ROOT / "tests/bench")]
sys.dont_write_bytecode = True

import accounting  # noqa: E402
import harness  # noqa: E402

MIB = 1 << 20
LINE = base64.b64encode(bytes(range(57))) + b"\r\n"
CONVERT_ALL = "\nCONVERSIONS\n\n  IN-CHAN=*;OUT-CHAN=l;CONVERT  Yes\n"
REFORMAT = "\nCHARSET-CONVERSION\n\n  *;CONVERT  Yes\n  *;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n"
CONVERSIONS = 'in-type=application; in-subtype=*; command="cat $INPUT_FILE > $OUTPUT_FILE"\n'
LIMITS = "COMMAND_FILE_SIZE=4096\nCOMMAND_DISK=8192\nCOMMAND_CPU_TIME=600\nCOMMAND_TIMEOUT=1200\n"


def head(content_type):
    return (b"From: <a@outside.test>\r\nTo: <adam@example.com>\r\nSubject: large\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=edge\r\n\r\n--edge\r\nContent-Type: text/plain\r\n\r\nsmall\r\n"
            b"--edge\r\nContent-Type: " + content_type + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n")


def send(port, recipient, mib, content_type=b"application/octet-stream"):
    """One message, its body made as it goes, so that this program stays small too."""
    with socket.create_connection(("127.0.0.1", port), timeout=1200) as connection, connection.makefile("rb") as replies:
        def expect(code):
            while True:
                line = replies.readline()
                if not line.startswith(code):
                    raise RuntimeError(f"wanted {code}, got {line}")
                if line[3:4] != b"-":
                    return
        expect(b"220")
        for command, code in ((b"EHLO client.test", b"250"), (b"MAIL FROM:<a@outside.test>", b"250"),
                              (b"RCPT TO:<" + recipient.encode() + b">", b"250"), (b"DATA", b"354")):
            connection.sendall(command + b"\r\n")
            expect(code)
        connection.sendall(head(content_type))
        block = LINE * 1000
        for _ in range(mib * MIB // len(block)):
            connection.sendall(block)
        connection.sendall(b"\r\n--edge--\r\n.\r\n")
        expect(b"250")
        connection.sendall(b"QUIT\r\n")


class PeakWatch:
    """The highest VmHWM of each program below a process, sampled ten times a second."""

    def __init__(self, root):
        self.root, self.peaks, self.over = root, {}, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.over.wait(0.1):
            for pid in accounting.processes_below([self.root]):
                with contextlib.suppress(OSError):
                    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
                    if "VmHWM" in status:
                        name = status["Name"].strip()
                        self.peaks[name] = max(self.peaks.get(name, 0), int(status["VmHWM"].split()[0]))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def ways():
    """(name, settings of the instance, recipient) of each way; the filter and the sink are started by the caller."""
    yield "local", {}, "adam@example.com"
    yield "relay", {}, "x@far.example"
    yield "conversion", {"files": {"conversions": CONVERSIONS, "mappings": lambda text: text + CONVERT_ALL,
                                   "conversion_option": LIMITS}}, "adam@example.com"
    yield "reformat", {"files": {"mappings": lambda text: text + REFORMAT}}, "adam@example.com"
    yield "milter", {"keywords": {"tcp_intranet": "sourcespamfilter1"}}, "adam@example.com"


def measure(name, settings, recipient, mib):
    with contextlib.ExitStack() as stack:
        if name == "relay":
            port = harness.free_port()
            sink = stack.enter_context(subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "100"]))
            stack.callback(sink.kill)
            settings = {"keywords": {"tcp_local": f"daemon [127.0.0.1] port {port}"}}
        if name == "milter":
            port = harness.free_port()
            milter = stack.enter_context(subprocess.Popen([harness.BIN / "noop_milter", f"inet:{port}@127.0.0.1"]))
            stack.callback(milter.kill)
            settings = settings | {"files": {
                "option.dat": lambda text: text + "\nSPAMFILTER1_LIBRARY=milter\nSPAMFILTER1_CONFIG_FILE=IMTA_TABLE:noop.opt\n",
                "noop.opt": f"HOST=127.0.0.1\nPORT={port}\n"}}
        mta = harness.Instance(**settings)
        stack.callback(mta.destroy)
        mta.start()
        with PeakWatch(mta.process.pid) as watch:
            begin = time.monotonic()
            send(mta.port, recipient, mib, *([b"text/plain; charset=iso-8859-1"] if name == "reformat" else []))
            accepted = time.monotonic() - begin
            if name == "relay":
                mta.wait_for_log(r" tcp_local D ", limit=1200)
            else:
                harness.wait_for(lambda: list((mta.directory / "store/adam/new").glob("*")), "delivery", limit=1200)
            seconds = time.monotonic() - begin
            if name == "conversion":
                mta.wait_for_log(r" conversion D ")
            time.sleep(0.5)
    return watch.peaks, accepted, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mib", nargs="*", type=int, default=[1, 1024])
    sizes = parser.parse_args().mib
    for name, settings, recipient in ways():
        for mib in sizes:
            peaks, accepted, seconds = measure(name, dict(settings), recipient, mib)
            programs = "  ".join(f"{program} {kib / 1024:.1f}" for program, kib in sorted(peaks.items()) if program not in ("sh", "cat"))
            print(f"{name:10} {mib:5} MiB  accepted {accepted:6.1f} s, arrived {seconds:6.1f} s  peak MiB: {programs}", flush=True)


if __name__ == "__main__":
    main()
