#!/usr/bin/env python3
"""Writes a mail.log of a given size: messages by the hundred thousand, interleaved as a busy day has them.

    generate_log.py FILE MEGABYTES      prints how many lines and messages, and some message-ids to look for
"""
import heapq
import random
import sys
import time

REFUSED = "dns;mx{0}.far{0}.example (TCP|10.0.0.1|{1}|192.0.2.{2}|25) (mx{0}.far{0}.example ESMTP) smtp;450 4.2.1 try again later"
ACCEPTED = "dns;mx{0}.far{0}.example (TCP|10.0.0.1|{1}|192.0.2.{2}|25) (mx{0}.far{0}.example ESMTP) smtp;250 2.1.5 recipient ok"


def stamp(seconds):
    whole = int(seconds)
    return time.strftime("%d-%b-%Y %H:%M:%S", time.gmtime(whole)) + f".{int((seconds - whole) * 100):02d}"


def entries(number, begin, pick):
    """(time, text behind the stamp) of one message."""
    unique = f"01J{number:013X}"
    ident = f"<m{number}.{pick(10**9):x}@host{number % 977}.sender.example>"
    sender = f"person{number % 50021}@host{number % 977}.sender.example"
    if number % 3:
        user = f"user{pick(200000)}"
        head = f"{sender} rfc822;{user}@example.com {user}"
        yield begin, f"tcp_local    l            E {1 + number % 40} {head} /mta/queue/l/{number % 20:03d}/ZZ{unique}.00 {ident} helo{number % 977}.example (rdns{number % 977}.example [198.51.100.{number % 250}])"
        yield begin + 0.3, f"l                         D {1 + number % 40} {head} /mta/queue/l/{number % 20:03d}/ZZ{unique}.00 {ident}"
        return
    far = pick(3000)
    to = f"friend{pick(10**6)}@far{far}.example"
    head = f"{sender} rfc822;{to} {to}"
    yield begin, f"tcp_internal tcp_local    E {1 + number % 40} {head} /mta/queue/tcp_local/{number % 20:03d}/ZZ{unique}.00 {ident} helo{number % 977}.example (rdns{number % 977}.example [198.51.100.{number % 250}])"
    prefix = "ZZ"
    at = begin + 1
    if number % 7 == 0:
        yield at, f"tcp_local                 Q {1 + number % 40} {head} /mta/queue/tcp_local/{number % 20:03d}/ZZ{unique}.00 {ident} " + REFUSED.format(far, 1024 + pick(60000), far % 250)
        prefix = "ZY"
        at += 900
    yield at, f"tcp_local                 D {1 + number % 40} {head} /mta/queue/tcp_local/{number % 20:03d}/{prefix}{unique}.00 {ident} " + ACCEPTED.format(far, 1024 + pick(60000), far % 250)


def main():
    path, megabytes = sys.argv[1], int(sys.argv[2])
    chance = random.Random(1)
    pick = lambda below: int(chance.random() * below)
    waiting, written, lines, number, samples = [], 0, 0, 0, []
    now = 1767225600.0  # 2026-01-01
    with open(path, "w", buffering=1 << 20) as out:
        while written < megabytes << 20:
            number += 1
            now += 0.01
            for at, text in entries(number, now, pick):
                heapq.heappush(waiting, (at, number, text))
            if number % 100000 == 7:
                samples.append(next(word for word in waiting[-1][2].split() if word.startswith("<m")))
            while waiting and waiting[0][0] <= now:
                at, _, text = heapq.heappop(waiting)
                line = f"{stamp(at)} {text}\n"
                out.write(line)
                written += len(line)
                lines += 1
    print(f"{lines} lines, {number} messages, {written} octets")
    print("\n".join(samples))


if __name__ == "__main__":
    main()
