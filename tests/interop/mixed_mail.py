"""Messages of all kinds that are legal in SMTP, each with a number, and the comparison of what arrived with what was sent."""
import base64
import collections
import random

USERS = 50
NUMBER = "X-Interop-Number"
LINE_LIMIT = 998  # RFC 5322 section 2.1.1, without CRLF

Message = collections.namedtuple("Message", "number kind sender users content options")

PRINTABLE = bytes(range(33, 127)) + b" " * 12


def _text(chance, octets, alphabet=PRINTABLE):
    return bytes(chance.choice(alphabet) for _ in range(octets))


def _lines(chance, count, longest=76, alphabet=PRINTABLE):
    return [_text(chance, chance.randrange(longest + 1), alphabet).rstrip() for _ in range(count)]


def plain(chance):
    return _lines(chance, chance.randrange(1, 60)), []


def utf8(chance):
    words = ["grüße", "čaj", "東京", "naïve", "пример", "😀", "plain"]
    return [" ".join(chance.choices(words, k=8)).encode() for _ in range(chance.randrange(1, 40))], \
        [b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: 8bit"]


def latin1(chance):
    high = bytes(range(0xa0, 0x100)) + PRINTABLE
    return _lines(chance, chance.randrange(1, 40), alphabet=high), \
        [b"Content-Type: text/plain; charset=iso-8859-1", b"Content-Transfer-Encoding: 8bit"]


def long_lines(chance):
    lengths = [LINE_LIMIT, LINE_LIMIT - 1, 512, 511, 510, 80]
    return [_text(chance, length - 1) + b"x" for length in chance.choices(lengths, k=chance.randrange(1, 20))], []


def dots(chance):
    starts = [b".", b"..", b"...", b". ", b".a", b" .", b".\t.", b"." * LINE_LIMIT, b"a", b""]
    return [b".", *chance.choices(starts, k=chance.randrange(1, 40)), b"."], []


def empty_lines(chance):
    return [b""] * chance.randrange(1, 30) + plain(chance)[0] + [b""] * chance.randrange(1, 30), []


def trailing_blanks(chance):
    ends = [b" ", b"\t", b" \t ", b"x  ", b"  "]
    return [_text(chance, 20) + end for end in chance.choices(ends, k=chance.randrange(1, 30))], []


def controls(chance):
    # Without NUL, CR and LF, which no peer has to take (RFC 5321 section 2.3.8, RFC 5322 section 4).
    return _lines(chance, chance.randrange(1, 30), alphabet=bytes(set(range(1, 128)) - {10, 13})), []


def mailbox_marks(chance):
    return [b"From amy@example.org Thu Jan  1 00:00:00 1970", b"", b"From here on", b">From there", *plain(chance)[0]], []


def nothing(_):
    return None, []


def _encoded(chance, octets):
    return base64.encodebytes(chance.randbytes(octets)).splitlines()


def binary(chance):
    return _encoded(chance, chance.randrange(1, 20000)), \
        [b"Content-Type: application/octet-stream", b"Content-Transfer-Encoding: base64"]


def large(chance):
    return _encoded(chance, chance.randrange(1 << 20, 3 << 20)), \
        [b"Content-Type: application/octet-stream", b"Content-Transfer-Encoding: base64"]


def parts(chance):
    mark = b"=_%032x" % chance.getrandbits(128)
    inner = [b"Subject: the one inside", b"To: somebody@elsewhere.example", b"Received: from nobody by no one; Thu, 1 Jan 1970 00:00:00 +0000",
             b"", *utf8(chance)[0]]
    body = [b"", b"before the first part", b"--" + mark, b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: 8bit", b"",
            *utf8(chance)[0], b"--" + mark, b"Content-Type: message/rfc822", b"", *inner, b"--" + mark,
            b"Content-Type: image/png", b"Content-Transfer-Encoding: base64", b"", *_encoded(chance, 3000), b"--" + mark + b"--", b"after the last"]
    return body, [b"Content-Type: multipart/mixed;\r\n\tboundary=\"" + mark + b"\""]


def headers(chance):
    folded = [b"X-Folded: begin" + b"".join(b"\r\n" + chance.choice((b" ", b"\t", b"    ")) + _text(chance, 30).strip() + b"x" for _ in range(n))
              for n in range(1, 12)]
    odd = [b"X-Empty:", b"x-lower: case", b"X-Wide:" + b" " * 5 + b"space", b"Comments: (a comment) \"a string\" <not@an.address>",
           b"Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?= =?utf-8?b?8J+YgA==?=", b"X-Long: " + _text(chance, 900).strip() + b"x"]
    return plain(chance)[0], chance.sample(folded + odd, 9)


def many_recipients(chance):
    return plain(chance)[0], []


def utf8_addresses(chance):
    return utf8(chance)[0], ["X-Wer: Jörg Grün <jörg@beispiel.example>".encode()] + utf8(chance)[1]


#: kind: how many of a hundred messages
KINDS = {plain: 12, utf8: 12, latin1: 8, long_lines: 10, dots: 12, empty_lines: 8, trailing_blanks: 6, controls: 4, mailbox_marks: 5,
         nothing: 3, binary: 8, large: 1, parts: 5, headers: 5, many_recipients: 1}
#: Only where both sides offer SMTPUTF8.
UTF8_KINDS = {utf8_addresses: 5}
EIGHT_BIT = {utf8, latin1, parts, utf8_addresses}


def make(count, seed, with_utf8):
    """`count` messages; the same for the same seed."""
    chance = random.Random(seed)
    weights = {**KINDS, **(UTF8_KINDS if with_utf8 else {})}
    kinds = list(weights)  # at least one of each, where there is room for all
    kinds = (kinds + chance.choices(list(weights), list(weights.values()), k=max(0, count - len(kinds))))[:count]
    chance.shuffle(kinds)
    return [_message(number, kind, chance) for number, kind in enumerate(kinds)]


def _message(number, kind, chance):
    users = chance.sample(range(USERS), USERS if kind is many_recipients else chance.choice((1, 1, 1, 1, 2, 3)))
    body, extra = kind(chance)
    sender = "jörg@beispiel.example" if kind is utf8_addresses else f"s{number % 7}@origin.example"
    lines = [b"Received: from before.example by origin.example; Thu, 1 Jan 2026 00:00:00 +0000",
             b"Date: Thu, 1 Jan 2026 00:00:00 +0000", b"From: Amy Origin <s%d@origin.example>" % (number % 7),
             b"To: undisclosed-recipients:;", b"Message-ID: <%d.%s@origin.example>" % (number, kind.__name__.encode()),
             b"Subject: number %d, %s" % (number, kind.__name__.replace("_", " ").encode()), b"MIME-Version: 1.0",
             *extra, NUMBER.encode() + b": %d" % number]
    if body is not None:
        lines += [b"", *body]
    options = ["BODY=8BITMIME"] if kind in EIGHT_BIT else []
    if kind is utf8_addresses:
        options.append("SMTPUTF8")
    return Message(number, kind.__name__, sender, [f"u{user}" for user in users], b"\r\n".join(lines) + b"\r\n", options)


def number_of(raw):
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    for line in head.split(b"\n"):
        if line.startswith(NUMBER.encode() + b": "):
            return int(line.rpartition(b" ")[2])
    return None


def _halves(raw):
    head, mark, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return head.rstrip(b"\n") + b"\n", body if mark else b""


def difference(message, raw):
    """Nothing, or where the arrived octets are others than those that were sent. Trace fields may stand in front; line ends are the store's."""
    wanted_head, wanted_body = _halves(message.content)
    head, body = _halves(raw)
    if not head.endswith(b"\n" + wanted_head):
        return "header: " + _first_difference(head[-len(wanted_head):], wanted_head)
    if body != wanted_body:
        return "body: " + _first_difference(body, wanted_body)
    return None


def _first_difference(got, wanted):
    at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
    return f"octet {at} of {len(wanted)} ({len(got)} came): {got[max(0, at - 30):at + 30]!r}, sent {wanted[max(0, at - 30):at + 30]!r}"
