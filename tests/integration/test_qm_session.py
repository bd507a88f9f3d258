"""The session of `imsimta qm` in the administrator's guide, typed at a real terminal (tmux): the guide shows what the
program prints. `python3 test_qm_session.py --write` puts a fresh session into the guide."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import harness

GUIDE = harness.ROOT / "docs/admin-guide.md"
INTRODUCTION = "A session, as a terminal shows it."
PROMPT = "qm.maint> "
COMMANDS = ["summ<Tab>arize", "hosts", "directory tcp_local -from=eve*", "hold 1 2", "held", "history 1", "release -all", "y", "exit"]
#: What is different each time: names, moments, processes, where the instance lies.
MASKS = [(r"\S*/queue/", "queue/"), (r"\b[Z0-9][A-Z0-9][0-9A-Z]{16}\b", "NAME"), (r"/\d{3}/", "/000/"),
         (r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(\.\d\d)?", "MOMENT"), (r"\d\d-[A-Z][a-z]{2} \d\d:\d\d", "MOMENT"),
         (r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d{4} [\d:]+ \S+ \(\w+\)", "MOMENT"), (r"operator \S+", "operator NAME"), (r" +", " ")]


def masked(lines):
    text = "\n".join(line.rstrip() for line in lines)
    for pattern, what in MASKS:
        text = re.sub(pattern, what, text)
    return text.strip()


class Terminal:
    """A shell at a terminal, wide enough for long paths."""

    def __init__(self, environment):
        self.socket = pathlib.Path(tempfile.mkdtemp(prefix="sluice-tmux-")) / "s"
        path = f"{harness.BIN}:{environment['PATH']}"
        self.run("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "200", "env", "-i",
                 *(f"{name}={value}" for name, value in {**environment, "PATH": path, "TERM": "screen", "PS1": "$ "}.items()),
                 "sh", environment=environment)

    def run(self, *words, environment=None):
        return subprocess.run(["tmux", "-S", self.socket, *map(str, words)], check=True, capture_output=True, text=True,
                              timeout=30, env={**os.environ, **(environment or {})}).stdout

    def lines(self):
        return [line.rstrip() for line in self.run("capture-pane", "-p").rstrip().splitlines()]

    def wait_for_end(self, end, count):
        """Until `count` lines have been printed and the last one ends like that."""
        harness.wait_for(lambda: (lines := self.lines()) and len(lines) > count and lines[-1].endswith(end.rstrip()),
                         lambda: f"{end!r}; the terminal shows:\n" + "\n".join(self.lines()))

    def type(self, text, end):
        """Types a line, with <Tab> for the key, and waits for what follows it."""
        count = len(self.lines())
        before, tab, _ = text.partition("<Tab>")
        if tab:
            self.run("send-keys", "-l", before)
            self.run("send-keys", "Tab")
            harness.wait_for(lambda: self.lines()[-1].endswith(text.replace("<Tab>", "")), "the completion of " + text)
        else:
            self.run("send-keys", "-l", text)
        self.run("send-keys", "Enter")
        self.wait_for_end(end, count)

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, timeout=30)


class QmSession(harness.MtaTest):
    def fill_queue(self):
        dead = harness.free_port()
        dns = self.dns("far.example. IN A 127.0.0.10")
        self.mta = self.instance(dns=dns.address, relay_port=dead, keywords={"tcp_local": 'backoff "pt30m"'})
        self.mta.start()
        self.mta.imsimta("qm", "stop", "l")
        for sender, recipient in [("adam", "eve@example.com")] * 3 + [("eve", "bob@far.example")] * 2 + [("adam", "bob@far.example")]:
            with self.mta.smtp() as client:
                client.sendmail(f"{sender}@example.com", [recipient], f"Subject: x\r\n\r\n{'text ' * 300}\r\n")
        rows = lambda: [row for row in self.mta.json("qm", "hosts") if row["channel"] == "tcp_local"]  # noqa: E731
        harness.wait_for(lambda: any(row["delayed"] == 3 for row in rows()), lambda: f"a host that is down; there are {rows()}")

    def session(self):
        self.fill_queue()
        terminal = Terminal({**self.mta.environment, "HOME": str(self.mta.directory)})
        self.addCleanup(terminal.close)
        terminal.wait_for_end("$", 0)
        terminal.type("imsimta qm", PROMPT)
        for command in COMMANDS:
            terminal.type(command, {"release -all": "[n]", "exit": "$"}.get(command, PROMPT))
        lines = terminal.lines()
        shown = [re.sub(r"(?<=> )summarize$", COMMANDS[0], re.sub(r"\S*/queue/", "queue/", line)) for line in lines]
        return shown[:-1]  # the shell's next prompt

    def test_guide_shows_what_the_program_prints(self):
        session = self.session()
        text = GUIDE.read_text().partition(INTRODUCTION)[2].partition("\n\n    ")[2]
        in_guide = []
        for line in ("    " + text).splitlines():
            if line and not line.startswith("    "):
                break
            in_guide.append(line[4:])
        self.assertEqual(masked(in_guide), masked(session), "test_qm_session.py --write brings the guide up to date")

    def test_write(self):
        if not os.environ.get("SLUICE_WRITE_GUIDE"):
            self.skipTest("only with --write")
        session = self.session()
        guide = GUIDE.read_text()
        head, introduction, rest = guide.partition(INTRODUCTION)
        prose, _, old = rest.partition("\n\n    ")
        tail = re.search(r"\n(?=\S)", old)
        block = "".join(f"    {line}".rstrip() + "\n" for line in session)
        GUIDE.write_text(head + introduction + prose + "\n\n" + block + "\n" + old[tail.end():])


if __name__ == "__main__":
    if "--write" in sys.argv:
        os.environ["SLUICE_WRITE_GUIDE"] = "1"
        sys.argv = [sys.argv[0], "QmSession.test_write"]
    unittest.main()
