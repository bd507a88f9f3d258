"""Mail of all kinds between us and the mail servers of others, both ways, with TLS and without: every octet must arrive.

For each peer an instance of ours and one of it pass messages on to each other; the messages come in where a user's would, and lie in
Maildirs at the end, where they are compared with what was sent. Peers that are missing (scripts/setup --tests --peers) are named and
passed over, unless --all demands them. A failed run is repeated with its --seed.
"""
import argparse
import collections
import contextlib
import pathlib
import queue
import shutil
import smtplib
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/integration"), str(ROOT / "tests/support")]
import certificates  # noqa: E402
import harness  # noqa: E402

import mixed_mail  # noqa: E402
import peers  # noqa: E402

SENDERS = 4
#: OpenSMTPD takes a hundred.
PER_CONNECTION = 50
#: Without one more message in this time, those that are missing are taken for lost.
PATIENCE = 60.0
SHOWN = 3

Certificate = collections.namedtuple("Certificate", "certificate authority")

LMTP_SERVICE = ("\n[SERVICE=LMTP]\nPORT=127.0.0.1:{port}\nIMAGE=IMTA_BIN:tcp_smtp_server\nLOGFILE=IMTA_LOG:tcp_lmtp_server.log\n"
                "PARAMETER=CHANNEL=tcp_lmtpss\n")
LMTP_CHANNEL = "\ntcp_lmtpss lmtp {tls} identnonenumeric\ntcp_lmtpss-daemon\n"
LMTP_CLIENT = "\ntcp_lmtpcs lmtp {client} single_sys\ntcp_lmtpcs-daemon\n"
LMTP_ACCESS = "  tcp_lmtpss|$[!-{}-~]*|l|$[!-{}-~]*  $Y\n  tcp_lmtpss|*|*|*  $NOnly$ mailboxes$ of$ this$ host\n"


class Ours:
    """Our instance, which relays everything that is not for example.com to one port."""

    def __init__(self, peer_port, protocol, certificate, client_tls):
        self.lmtp_port = harness.free_port()
        self.client = f"daemon [127.0.0.1] port {peer_port} {client_tls}"
        server = "maytlsserver" if certificate else "notlsserver"
        options = ""
        if certificate:
            options = f"\nTLS_CERTIFICATE_FILE={certificate.certificate}\nTLS_CA_FILE={certificate.authority}\n"
        self.mta = harness.Instance(
            local_users=("postmaster", "u*"), keywords={"tcp_local": f"{self.client} {server}", "tcp_intranet": server},
            files={"imta.cnf": lambda text: self.configured(text, protocol, server),
                   "dispatcher.cnf": lambda text: text + LMTP_SERVICE.format(port=self.lmtp_port),
                   "mappings": lambda text: text.replace("ORIG_SEND_ACCESS\n\n", "ORIG_SEND_ACCESS\n\n" + LMTP_ACCESS, 1),
                   "option.dat": lambda text: text + options})

    def configured(self, text, protocol, server):
        if protocol == "lmtp":
            text = f"{peers.DOMAIN}  $E$F$U%{peers.DOMAIN}@tcp_lmtpcs-daemon\n{text}" + LMTP_CLIENT.format(client=self.client)
        return text + LMTP_CHANNEL.format(tls=server)

    def __enter__(self):
        self.mta.start()
        return self

    def __exit__(self, *_):
        self.mta.destroy()

    def mailbox(self, user):
        return peers._maildir(self.mta.directory / "store" / user)


def offers_smtputf8(port, protocol, tls):
    with connect(port, protocol, tls) as client:
        return client.has_extn("smtputf8")


class Lmtp(smtplib.LMTP):
    """With an outcome for each recipient, all of which sendmail() has to know."""

    def mail(self, *arguments):
        self.accepted = 0
        return super().mail(*arguments)

    def rcpt(self, *arguments):
        reply = super().rcpt(*arguments)
        self.accepted += reply[0] // 100 == 2
        return reply

    def data(self, message):
        replies = [super().data(message)]
        replies += [self.getreply() for _ in range(self.accepted - 1)]
        return max(replies)


def connect(port, protocol, tls):
    kind = Lmtp if protocol == "lmtp" else smtplib.SMTP
    client = kind("127.0.0.1", port, local_hostname="origin.example", timeout=120)
    try:
        client.ehlo()
        if tls:
            client.starttls()
            client.ehlo()
    except BaseException:
        client.close()
        raise
    return client


def send_all(messages, port, protocol, domain, tls):
    """Through a few connections at a time. Returns what was refused: (number, answer)."""
    waiting = queue.SimpleQueue()
    refused = []
    for message in messages:
        waiting.put(message)

    def work():
        client, used = None, 0
        with contextlib.suppress(queue.Empty):
            while True:
                message = waiting.get_nowait()
                if used == PER_CONNECTION:
                    client.quit()
                    client = None
                if client is None:
                    client, used = connect(port, protocol, tls), 0
                used += 1
                try:
                    failures = client.sendmail(message.sender, [f"{user}@{domain}" for user in message.users], message.content,
                                               message.options)
                    refused.extend((message.number, answer) for answer in failures.values())
                except (smtplib.SMTPException, OSError) as error:
                    refused.append((message.number, error))
                    client.close()
                    client = None
        if client is not None:
            client.quit()

    threads = [threading.Thread(target=work) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def wait_until_there(count, mailbox):
    """Until `count` messages are in the mailboxes, or none has come for long."""
    last, since = -1, time.monotonic()
    while True:
        have = sum(len(mailbox(f"u{user}")) for user in range(mixed_mail.USERS))
        if have >= count:
            return
        if have != last:
            last, since = have, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            return
        time.sleep(0.1)


class Judgement:
    """What came to the mailboxes, against what was sent."""

    def __init__(self, messages, mailbox, encrypted):
        by_number = {message.number: message for message in messages}
        expected = collections.Counter((message.number, user) for message in messages for user in message.users)
        found = collections.Counter()
        self.different, self.unencrypted, self.strange = {}, 0, 0
        for user in (f"u{index}" for index in range(mixed_mail.USERS)):
            for path in mailbox(user):
                raw = pathlib.Path(path).read_bytes()
                number = mixed_mail.number_of(raw)
                if number not in by_number:
                    self.strange += 1
                    continue
                found[number, user] += 1
                if encrypted and not encrypted(raw):
                    self.unencrypted += 1
                if text := mixed_mail.difference(by_number[number], raw):
                    self.different[number] = (by_number[number].kind, text)
        self.missing = sorted((expected - found).elements())
        self.excess = sorted((found - expected).elements())
        self.copies = sum(found.values())

    def text(self):
        return (f"{self.copies} copies, {len(self.missing)} missing, {len(self.excess)} too many, {len(self.different)} messages differ, "
                f"{self.unencrypted} without TLS, {self.strange} strange")

    def is_good(self):
        return not (self.missing or self.excess or self.different or self.unencrypted or self.strange)


def came_encrypted(raw):
    """By the topmost Received field, that of the host with the mailbox, or the one below where that is of a local hand-over."""
    received = [field for field in raw.replace(b"\r\n", b"\n").replace(b"\n\t", b" ").replace(b"\n ", b" ").split(b"\n")
                if field.startswith(b"Received:")]
    return any(word in field for field in received[:2] for word in (b"SMTPS", b"LMTPS", b"TLSv1", b"TLS1", b"using TLS"))


def run_way(way, messages, inject, domain, mailbox, encrypted, explain):
    """One direction. True where everything arrived as it was sent."""
    begun = time.monotonic()
    refused = send_all(messages, domain=domain, **inject)
    gone = {number for number, _ in refused}
    wait_until_there(sum(len(message.users) for message in messages if message.number not in gone), mailbox)
    judgement = Judgement(messages, mailbox, encrypted)
    good = judgement.is_good() and not refused
    print(f"{way}: {len(messages)} messages, {len(refused)} refused, {judgement.text()}; {time.monotonic() - begun:.0f} s", flush=True)
    if not good:
        by_number = {message.number: message for message in messages}
        for number, answer in refused[:SHOWN]:
            print(f"  refused: {by_number[number].kind} {number}: {answer}")
        for number, (kind, text) in list(judgement.different.items())[:SHOWN]:
            print(f"  differs: {kind} {number}: {text}")
        print(f"  differing kinds: {dict(collections.Counter(kind for kind, _ in judgement.different.values()))}")
        for number, user in judgement.missing[:SHOWN]:
            print(f"  missing: {by_number[number].kind} {number} for {user}")
        print("  " + explain().replace("\n", "\n  "), flush=True)
    return good


def run_peer(kind, tls, certificate, count, seed, parent):
    used = certificate if tls else None
    peer_port = harness.free_port()
    good = True
    client_tls = "notlsclient" if not tls else "musttlsclient" if kind.serves_tls else "maytlsclient"
    peer_tls = tls and kind.serves_tls
    with Ours(peer_port, kind.protocol, used, client_tls) as ours:
        into_us = ours.lmtp_port if kind.protocol == "lmtp" else ours.mta.port
        with kind(parent / f"{kind.name}-{'tls' if tls else 'plain'}", peer_port, into_us, used) as peer:
            harness.wait_for(lambda: harness.port_answers(peer_port), lambda: f"{kind.name}; {peer.log()}")
            words = f"{kind.name}, {'TLS' if tls else 'plain'}"
            common = (offers_smtputf8(peer_port, kind.protocol, peer_tls) and offers_smtputf8(ours.mta.port, "smtp", False)
                      and offers_smtputf8(into_us, kind.protocol, False))
            print(f"{words}: {'with' if common else 'without'} SMTPUTF8", flush=True)
            messages = mixed_mail.make(count, seed, common)
            encrypted = came_encrypted if tls else None
            good &= run_way(f"{words}, from us", messages, {"port": ours.mta.port, "protocol": "smtp", "tls": tls}, peers.DOMAIN,
                            peer.mailbox, encrypted if peer_tls else None, lambda: tail(ours.mta) + peer.log())
            good &= run_way(f"{words}, to us", messages, {"port": peer_port, "protocol": kind.protocol, "tls": peer_tls}, peers.OURS,
                            ours.mailbox, encrypted, lambda: tail(ours.mta) + peer.log())
            if left := ours.mta.queue_files():
                good = False
                print(f"  {len(left)} messages are left in our queue")
    return good


def tail(mta):
    return "\n".join(mta.log_lines()[-12:]) + "\n"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="scripts/soak interop", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1000, help="messages each way, to each peer (1000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", action="append", choices=[kind.name for kind in peers.ALL], help="only these")
    parser.add_argument("--tls", choices=("yes", "no"), help="only with, or only without")
    parser.add_argument("--all", action="store_true", help="a peer that is missing is a failure")
    given = parser.parse_args(arguments)
    parent = pathlib.Path(tempfile.mkdtemp(prefix="sluice-interop-"))
    parent.chmod(0o755)
    bad, missing, runs = [], [], 0
    try:
        authority = certificates.Authority(parent)
        names = {"names": "DNS:mail.example.com,IP:127.0.0.1", "owner": harness.test_account()}
        certificate = Certificate(authority.issue("mail.example.com", file=parent / "server.pem", **names), authority.file)
        for kind in peers.ALL:
            if given.peer and kind.name not in given.peer:
                continue
            if not kind.is_usable():
                missing.append(kind.name)
                print(f"{kind.name} is not there: scripts/setup --tests --peers as root", flush=True)
                continue
            for tls in (False, True):
                if given.tls and tls != (given.tls == "yes"):
                    continue
                runs += 1
                if not run_peer(kind, tls, certificate, given.messages, given.seed, parent):
                    bad.append(f"{kind.name} {'with' if tls else 'without'} TLS")
    finally:
        shutil.rmtree(parent, ignore_errors=True)
    print(f"total: {runs} pairs of ways; failed: {', '.join(bad) or 'none'}; not there: {', '.join(missing) or 'none'}")
    return 1 if bad or (missing and given.all) else 0


if __name__ == "__main__":
    sys.exit(main())
