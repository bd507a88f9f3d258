"""Numbered messages from several connections, and who of them arrived."""
import re
import smtplib
import threading
import time


class Load(threading.Thread):
    """Sends numbered messages on one connection after another; remembers which were acknowledged, and every refusal."""

    def __init__(self, mta, name, recipient, stop, size=50):
        """`recipient`: of the n-th message; `size`: lines of its body."""
        super().__init__(daemon=True)
        self.mta, self.tag, self.recipient, self.stop = mta, name, recipient, stop
        self.body = "body line\r\n" * size
        self.acknowledged = set()
        self.refusals = []

    def run(self):
        number = 0
        while not self.stop.is_set():
            try:
                with self.mta.smtp() as client:
                    while not self.stop.is_set():
                        number += 1
                        name = f"{self.tag}.{number}"
                        client.sendmail("adam@example.com", [self.recipient(number)],
                                        f"Subject: load\r\nX-Number: {name}\r\n\r\n" + self.body)
                        self.acknowledged.add(name)
            except (OSError, smtplib.SMTPException) as error:
                self.refusals.append(str(error))
                time.sleep(0.1)


def number_of(raw):
    return re.search(rb"^X-Number: (\S+)", raw, re.MULTILINE).group(1).decode()


def mailboxes(mta):
    return [raw for user in range(20) for raw in mta.mailbox(f"u{user}").values()]
