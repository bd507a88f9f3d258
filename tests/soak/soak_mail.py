"""What a soak sends: messages of all kinds, each with a number by which it is looked for afterwards."""
import contextlib
import re
import smtplib
import threading
import time

USERS = 5
DESTINATIONS = 3
#: Nobody answers there: its mail stays until the return job gives it back.
SILENT = "silent.example"

SAVE = "#!/bin/sh\nd={kept}/new.$$.$(date +%N)\ncat > $d && sync $d && mv $d {kept}/mail.${d##*/new.}\n"
MOODY = "#!/bin/sh\n[ $(( $(date +%N | sed 's/^0*//') / 1000 % 2 )) = 0 ] && exit 75\n" + SAVE.partition("\n")[2]
REFUSE = "#!/bin/sh\ncat > /dev/null\necho no thanks\nexit 69\n"
PROGRAMS = {"save": SAVE, "moody": MOODY, "refuse": REFUSE}

KINDS = {
    "local": lambda n: [f"u{n % USERS}@example.com"],
    "two": lambda n: [f"u{n % USERS}@example.com", f"u{(n + 1) % USERS}@example.com"],
    "later": lambda n: [f"u{n % USERS}@later.example.com"],
    "relay": lambda n: [f"bob@d{n % DESTINATIONS}.example"],
    "both": lambda n: [f"u{n % USERS}@example.com", f"bob@d{n % DESTINATIONS}.example", "moody@pipe"],
    "large": lambda n: [f"u{n % USERS}@example.com", "save@pipe"],
    "pipe": lambda n: ["save@pipe"],
    "refused": lambda n: ["refuse@pipe"],
    "pieces": lambda n: [f"u{n % USERS}@example.com"],
    "old": lambda n: [f"bob@{SILENT}"],
}

PIECE = ("Subject: soak\r\nMIME-Version: 1.0\r\nContent-Type: message/partial; number={number}; total=2; id=\"{name}@soak\"\r\n\r\n")


def contents(kind, name, number):
    """The messages that are sent for one number."""
    body = "body line\r\n" * (30000 if kind == "large" and number % 5 == 0 else 50)
    if kind == "pieces":
        # Other fields of the enclosed header than these are dropped: RFC 2046 section 5.2.2.1.
        return [PIECE.format(number=2, name=name) + body,
                PIECE.format(number=1, name=name) + f"Subject: whole\r\n\r\nX-Number: {name}\r\n" + body]
    return [f"Subject: soak\r\nX-Number: {name}\r\n\r\n{body}"]


def number_in(raw):
    """The number of a message that arrived; None of a piece, which is no message."""
    if b"message/partial" in raw:
        return None
    found = re.search(rb"X-Number: (\S+)", raw)
    return found and found.group(1).decode()


class Sender(threading.Thread):
    """Messages of all kinds from one client, who does not repeat what got no answer."""

    def __init__(self, mta, tag, stop, acknowledged):
        super().__init__(daemon=True)
        self.mta, self.tag, self.stop, self.acknowledged = mta, tag, stop, acknowledged

    def run(self):
        number = 0
        while not self.stop.is_set():
            with contextlib.suppress(OSError, smtplib.SMTPException), self.mta.smtp() as client:
                while not self.stop.is_set():
                    number += 1
                    kind = list(KINDS)[number % len(KINDS)]
                    name = f"{kind}.{self.tag}.{number}"
                    recipients = KINDS[kind](number)
                    for content in contents(kind, name, number):
                        # No warning, which would show the message, too.
                        client.sendmail("adam@example.com", recipients, content, rcpt_options=["NOTIFY=FAILURE"])
                    self.acknowledged[name] = len(recipients)
                    time.sleep(0.03)
            time.sleep(0.05)
