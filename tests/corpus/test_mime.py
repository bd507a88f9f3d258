#!/usr/bin/env python3
"""Messages through our MIME scanner, Python's email package and GMime: test_mime.py MIME_WALK [GMIME_WALK]

Real messages are taken from where the packages put them that scripts/setup installs; the others are generated. What we
find is what the message was made from; where the libraries find something else it must be for one of the reasons in
docs/mime.md.
"""
import collections
import email.parser
import email.policy
import pathlib
import random
import re
import subprocess
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import mime_generator

SEED = 20231104
GENERATED = 1200
DAMAGED = 1200
REAL = ["/usr/lib/python3*/test/test_email/data/msg_*.txt", "/usr/lib/python3*/test/test_email/data/*.eml"]


def real_messages():
    for pattern in REAL:
        for path in sorted(pathlib.Path("/").glob(pattern.lstrip("/"))):
            yield path.name, path.read_bytes()


def walk(program, messages):
    frames = b"".join(b"%d\n%s" % (len(text), text) for text in messages)
    done = subprocess.run([program], input=frames, stdout=subprocess.PIPE, check=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    assert done.returncode == 0, f"{program}: {lines[-1] if lines else done.returncode}"
    assert len(lines) == len(messages), f"{program}: {len(lines)} answers for {len(messages)} messages"
    for line in lines:
        outline, _, troubles = line.partition("|")
        rows = []
        for row in outline.split(";")[:-1]:
            words = row.split(" ")
            content = (int(words[-2]), int(words[-1], 16)) if words[1] == "leaf" else ()
            rows.append((int(words[0]), words[1], words[2], *content))
        yield rows, set(troubles.split())


def python_outline(text):
    def rows(part, depth):
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            yield depth, "multipart", kind
        elif isinstance(part.get_payload(), list):
            yield depth, "message", kind
        else:
            content = part.get_payload(decode=True) or b""
            yield depth, "leaf", kind, len(content), zlib.crc32(content)
            return
        for child in part.get_payload():
            yield from rows(child, depth + 1)
    return list(rows(email.parser.BytesParser(policy=email.policy.compat32).parsebytes(text), 0))


def same_shape(ours, theirs):
    return [row[:3] for row in ours] == [row[:3] for row in theirs]


def near(ours, theirs):
    """The same parts; contents that differ by one octet."""
    return same_shape(ours, theirs) and all(a == b or len(a) > 3 and abs(a[3] - b[3]) <= 1 for a, b in zip(ours, theirs))


FOLDED_LABEL = re.compile(rb"(?im)^content-[a-z-]+:(?:[^\r\n]|\r?\n[ \t])*[^;\r\n]\r?\n[ \t]")

# Why a library finds something else, as docs/mime.md tells: name, and whether it is so. What none of them covers is a failure.
PYTHON_REASONS = [
    ("multipart without parts", lambda case: "no_parts" in case.troubles),
    ("embedded message in an encoding", lambda case: "encoded_message" in case.troubles),
    ("damaged base64", lambda case: "damaged_content" in case.troubles),
    ("message/* without a message", lambda case: re.search(rb"(?i)message/(delivery-status|external-body|partial|;|\s)", case.text)
     or "no_type" in case.troubles),
    ("label folded where no semicolon is", lambda case: FOLDED_LABEL.search(case.text)),
    ("header begins with a blank", lambda case: "blank_first" in case.troubles or case.text[:1] in (b" ", b"\t")),
    ("closed right behind an opening boundary", lambda case: re.search(rb"(?m)^--(.+?)[ \t]*\r?\n--\1--", case.text)),
    ("line end behind what has no end", lambda case: ("not_closed" in case.troubles or "no_boundary" in case.troubles)
     and same_shape(case.ours, case.theirs)),
]
GMIME_REASONS = [
    ("line that is no field", lambda case: "no_blank_line" in case.troubles),
    ("label twice", lambda case: "label_twice" in case.troubles),
    ("type that is none", lambda case: "no_type" in case.troubles),
    ("multipart without a boundary", lambda case: "no_boundary" in case.troubles),
    ("embedded message in an encoding", lambda case: "encoded_message" in case.troubles),
    ("encoding nobody knows", lambda case: "no_encoding" in case.troubles),
    ("damaged base64", lambda case: "damaged_content" in case.troubles),
    ("octet of the line end of quoted-printable", lambda case: near(case.ours, case.theirs)),
    ("mixed line ends", lambda case: re.search(rb"[^\r]\n", case.text) and b"\r\n" in case.text and same_shape(case.ours, case.theirs)),
]


class Case:
    def __init__(self, name, text, ours, troubles):
        self.name, self.text, self.ours, self.troubles = name, text, ours, troubles
        self.theirs = None


def all_messages():
    """Name, octets, and what the message was made from (None where nobody knows)."""
    generator = mime_generator.Generator(SEED)
    made = [generator.message() for _ in range(GENERATED)]
    for number, (text, outline) in enumerate(made):
        yield f"made {number}", text, outline
    random_ = random.Random(SEED)
    for number in range(DAMAGED):
        kind, text = mime_generator.damage(made[number % GENERATED][0], random_)
        yield f"damaged {number} ({kind})", text, None
    for name, text in real_messages():
        yield name, text, None


def compare(library, outlines, cases, reasons):
    """Failures; prints how often each reason holds."""
    counts = collections.Counter()
    failures = []
    for case, theirs in zip(cases, outlines):
        case.theirs = theirs
        if case.ours == theirs:
            continue
        reason = next((name for name, holds in reasons if holds(case)), None)
        counts[reason or "no reason"] += 1
        if reason is None:
            failures.append(f"{library}, {case.name}: {case.troubles or 'no trouble'}\n  ours   {case.ours}\n  theirs {theirs}")
    print(f"{library}: {len(cases) - counts.total()} of {len(cases)} the same")
    for name, count in counts.most_common():
        print(f"  {count:5} {name}")
    return failures


def main():
    mime_walk, *gmime_walk = sys.argv[1:]
    messages = list(all_messages())
    texts = [text for _, text, _ in messages]
    walked = list(walk(mime_walk, texts))
    cases = [Case(name, text, *found) for (name, text, _), found in zip(messages, walked)]
    failures = [f"{case.name}: found {case.ours}\n  made of {outline}" for case, (_, _, outline) in zip(cases, messages)
                if outline is not None and outline != case.ours]
    print(f"seed {SEED}: {len(cases)} messages, {sum(len(case.ours) for case in cases)} parts; scanner and writer kept every octet")
    failures += compare("Python", [python_outline(text) for text in texts], cases, PYTHON_REASONS)
    if gmime_walk:
        failures += compare("GMime", [rows for rows, _ in walk(gmime_walk[0], texts)], cases, GMIME_REASONS)
    for failure in failures[:10]:
        print(failure)
    print(f"{len(failures)} differences nobody can explain")
    return 1 if failures or not any(outline is None for _, _, outline in messages) else 0


if __name__ == "__main__":
    sys.exit(main())
