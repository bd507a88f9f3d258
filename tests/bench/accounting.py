"""What a server costs: processor time and memory of all its processes, and how busy everybody else was."""
import contextlib
import ctypes
import os
import pathlib
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Processes whose parent ended become our children, so that no daemon leaves the tree that is accounted."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _stat(pid):
    """(parent, seconds used by the process and its children that have ended), or None when it is gone."""
    with contextlib.suppress(OSError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        if fields[0] != "Z":
            return int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    return None


def processes_below(roots):
    """{pid: seconds} of the processes `roots` and all that descend from them."""
    known = {int(entry): stat for entry in os.listdir("/proc") if entry.isdigit() and (stat := _stat(entry))}
    found = {pid: known[pid][1] for pid in roots if pid in known}
    grew = True
    while grew:
        new = {pid: used for pid, (parent, used) in known.items() if parent in found and pid not in found}
        found.update(new)
        grew = bool(new)
    return found


def cpu_seconds(roots):
    return sum(processes_below(roots).values())


def machine_seconds():
    """Processor seconds the whole machine has worked, for whomever."""
    user, nice, system, _idle, _iowait, irq, soft, *_ = map(int, pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    return (user + nice + system + irq + soft) / TICKS


def resident_kib(roots):
    """Sum of proportional set sizes: pages that processes share count once."""
    total = 0
    for pid in processes_below(roots):
        with contextlib.suppress(OSError, StopIteration):
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


class MemoryWatch:
    """Peak memory of a server while the with-block runs, sampled once a second."""

    def __init__(self, roots):
        self.roots = roots
        self.peak_kib = 0
        self.most_processes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _sample(self):
        roots = self.roots()
        self.peak_kib = max(self.peak_kib, resident_kib(roots))
        self.most_processes = max(self.most_processes, len(processes_below(roots)))

    def _watch(self):
        while not self._stop.wait(1.0):
            self._sample()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._sample()


class Costs:
    """Processor seconds between begin() and end(), the server's own and those of strangers."""

    def __init__(self, roots):
        self.roots = roots

    def begin(self):
        self.time, self.server, self.machine = time.monotonic(), cpu_seconds(self.roots()), machine_seconds()
        self.own = sum(os.times()[:2])

    def end(self):
        self.seconds = time.monotonic() - self.time
        self.server = cpu_seconds(self.roots()) - self.server
        self.machine = machine_seconds() - self.machine
        self.own = sum(os.times()[:2]) - self.own

    def strangers(self, tools):
        """Processors kept busy by others: neighbours and kernel threads. `tools`: seconds of load and sink."""
        return max(0.0, self.machine - self.server - self.own - tools) / self.seconds
