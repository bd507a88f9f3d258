#!/usr/bin/env python3
"""Reads a delivery status notification with an independent parser; complains about every departure from RFC 5322,
2045, 6522 and 3464, then prints what it found, one fact a line."""
import email
import email.policy
import re
import sys

data = open(sys.argv[1], "rb").read()
problems = []


def check(condition, text):
    if not condition:
        problems.append(text)


check(not re.search(rb"\r(?!\n)|(?<!\r)\n", data), "bare CR or LF")
check(b"\0" not in data, "NUL")
check(max(len(line) for line in data.split(b"\r\n")) <= 998, "overlong line")
check(data.endswith(b"\r\n"), "no line end at the end")

message = email.message_from_bytes(data, policy=email.policy.SMTPUTF8)
for name in ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Auto-Submitted"):
    check(len(message.get_all(name, [])) == 1, f"{name} not exactly once")
check(message.get_content_type() == "multipart/report", "not a report")
check(message.get_param("report-type") == "delivery-status", "wrong report-type")
parts = message.get_payload()
check(2 <= len(parts) <= 3, f"{len(parts)} parts")
for field in message.values():
    check(not getattr(field, "defects", ()), f"defects in {field!r}: {getattr(field, 'defects', ())}")
for part in [message, *parts]:
    check(not part.defects, f"{part.get_content_type()}: {part.defects}")

# What is labelled 7bit is 7bit.
boundary = b"--" + message.get_boundary().encode()
chunks = data.split(b"\r\n" + boundary)
check(chunks[-1] == b"--\r\n", "closing boundary")
check(len(chunks) == len(parts) + 2, "the boundary occurs in a part")
for chunk in chunks[1:-1]:
    label = re.search(rb"Content-Transfer-Encoding: (\S+)", chunk).group(1)
    eight = any(byte >= 128 for byte in chunk)
    check(label == (b"8bit" if eight else b"7bit"), f"wrong encoding label {label!r}")
    check(not eight or message["Content-Transfer-Encoding"] == "8bit", "container claims 7bit")

print("from:", message["From"])
print("to:", message["To"])
print("subject:", message["Subject"])
print("in-reply-to:", message["In-Reply-To"])
print("types:", " ".join(part.get_content_type() for part in parts))
text = parts[0].get_payload(decode=True).decode(parts[0].get_content_charset())
check(all(len(line) <= 78 or len(line.split()) == 1 for line in text.splitlines()), "text wider than 78")
print("text:", " ".join(text.split()))
check(parts[1].get_content_type() == "message/delivery-status", "part 2")
groups = parts[1].get_payload()
check(len(groups) >= 2, "no recipient group")
check("Reporting-MTA" in groups[0], "no Reporting-MTA")
for group in groups[1:]:
    for name in ("Final-Recipient", "Action", "Status"):
        check(name in group, f"no {name}")
for number, group in enumerate(groups):
    check(not group.defects, f"group {number}: {group.defects}")
    for name, value in group.items():
        print(f"group {number}: {name}: {value}")
if len(parts) == 3:
    original = parts[2].get_payload()
    inner = original[0] if isinstance(original, list) else email.message_from_string(original)
    print("original subject:", inner["Subject"])
    body = inner.get_payload()
    print("original body lines:", len(body.splitlines()) if isinstance(body, str) else f"{len(body)} parts")
print("\n".join("PROBLEM " + text for text in problems))
sys.exit(1 if problems else 0)
