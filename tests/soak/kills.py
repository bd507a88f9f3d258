"""kill -9 at every kill point of the sources, under mail of all kinds: nothing acknowledged may be lost.

An instance lives through a batch of runs. In each run its programs have one kill point and a number of passes at which
they die there, again and again while messages come in; the points take turns, each batch has another limit for young
messages, every other pair of batches a conversion channel in front of its pipes. The return job runs in between, by a
clock two days ahead. Between batches the instance runs undisturbed until its queue is empty, and every acknowledged
message is looked for by its number where it should have come to. Nobody may have it more often than the programs that
died can explain: one copy more for each recipient in the hands of each of their workers (docs/architecture.md).
"""
import argparse
import collections
import random
import re
import signal
import subprocess
import sys
import time

from soak_instance import ROOT, SoakInstance

# Places that mail does not pass: service logs, content filters, other dialects of the log, old held messages.
ELSEWHERE = re.compile(r"^(service_log|multilog)\.|^server\.filter$|\.held_")


def kill_points():
    listed = subprocess.run([ROOT / "scripts/list-kill-points"], capture_output=True, text=True, check=True).stdout.split()
    return [point for point in listed if not ELSEWHERE.search(point)]


class Order:
    """All points in an order of chance, again and again."""

    def __init__(self, points, seed):
        self.points, self.chance, self.left = points, random.Random(seed), []

    def next(self):
        if not self.left:
            self.left = self.chance.sample(self.points, len(self.points))
        return self.left.pop(), self.chance.choice((1, 1, 2, 2, 3, 5, 8))


def run_batch(number, runs, order, by_point):
    """Counts of what happened, and what to say about it."""
    young, converted = number % 2 == 1, number % 4 in (1, 2)
    batch = SoakInstance(young, converted)
    lost, excess = {"?": 1}, {}
    count = collections.Counter()
    try:
        for run in range(runs):
            point, passes = order.next()
            killed = batch.run(f"{number}-{run}", point, passes, seconds=3.0)
            count["runs"] += 1
            count["kills"] += killed
            by_point[point] += killed
        allowed = batch.allowed_duplicates()
        lost, excess = batch.judge()
    finally:
        batch.close(keep=bool(lost))
    count.update(acknowledged=len(batch.acknowledged), lost=len(lost), duplicates=sum(excess.values()), allowed=allowed)
    count["too many"] = sum(excess.values()) > allowed
    kinds = collections.Counter()
    for name, copies in excess.items():
        kinds[name.partition(".")[0]] += copies
    return count, (f"batch {number}, {'segments' if young else 'files'}{', converted' if converted else ''}: "
                   f"{count['acknowledged']} acknowledged, {count['lost']} lost {sorted(lost)[:5] if lost else ''}, "
                   f"{count['duplicates']} copies too many {dict(kinds) or ''} of {allowed} allowed")


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
    order = Order(given.point or kill_points(), seed)
    # Whoever ends this ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    signal.signal(signal.SIGINT, lambda *_: sys.exit("ended by a signal"))
    begun = time.monotonic()
    total = collections.Counter()
    by_point = collections.Counter()
    print(f"seed {seed}, {len(order.points)} kill points", flush=True)
    number = 0
    while total["kills"] < given.runs and not (given.minutes and time.monotonic() - begun > given.minutes * 60):
        number += 1
        count, text = run_batch(number, given.batch, order, by_point)
        total.update(count)
        print(f"{text}; so far {total['runs']} runs, {total['kills']} with a kill, {time.monotonic() - begun:.0f} s", flush=True)
    missed = sorted(point for point in order.points if not by_point[point])
    print(f"total: {total['runs']} runs, {total['kills']} with a kill, {total['acknowledged']} acknowledged, {total['lost']} lost, "
          f"{total['duplicates']} copies too many of {total['allowed']} allowed; points without a kill: {', '.join(missed) or 'none'}")
    return 1 if total["lost"] or total["too many"] else 0


if __name__ == "__main__":
    sys.exit(main())
