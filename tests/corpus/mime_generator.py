"""Messages as mail programs write them, from a seed: each with the outline it was made from."""
import base64
import quopri
import random
import zlib

WORDS = ("Grüße aus Köln", "hello", "the quick brown fox", "-- ", "--", ".", "From here on", "=3D", "a\tb", "日本語", "x" * 70, "",
         "> quoted", "--not-a-boundary", "trailing ", "$100", "naïve café")
TYPES = ("text/plain", "text/html", "image/png", "application/pdf", "application/octet-stream", "text/calendar")


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.counter = 0

    def pick(self, choices):
        return self.random.choice(choices)

    def text(self):
        lines = [" ".join(self.pick(WORDS) for _ in range(self.random.randrange(4))) for _ in range(self.random.randrange(12))]
        return "\r\n".join(lines).encode()

    def boundary(self):
        self.counter += 1
        return self.pick(("=_{:04d}", "----=_NextPart_{:03d}_0000_01D9", "b{}", "Apple-Mail=_{:05d}-4F", "{:032x}", "a b{}", "'()+_,-./:=?{}")
                         ).format(self.counter)

    def value(self, text):
        needs_quotes = any(c in text for c in " ()<>@,;:\\\"/[]?=")
        return '"%s"' % text if needs_quotes or self.random.random() < .5 else text

    def field(self, name, value, *parameters):
        separator = self.pick((";\r\n\t", "; ", ";\r\n ", ";"))
        return self.pick((name, name, name.lower(), name.upper())) + self.pick((": ", ":", ":  ")) + separator.join((value, *parameters)) + "\r\n"

    def labels(self, kind, *parameters):
        header = self.field("Content-Type", self.pick((kind, kind, kind.title())), *parameters)
        if self.random.random() < .3:
            header += self.field("Content-Disposition", "attachment", 'filename="f%d.bin"' % self.counter)
        if self.random.random() < .2:
            header += self.field("Content-ID", "<%d@x.example>" % self.counter)
        return header

    def leaf(self, depth, header):
        kind = self.pick(TYPES)
        content = self.text() if kind.startswith("text/") else self.random.randbytes(self.random.randrange(200))
        encoding = self.pick(("base64", "quoted-printable", None)) if kind.startswith("text/") else "base64"
        if encoding is None and any(line in content for line in (b"\0", b"\r\n--")):
            encoding = "base64"
        if encoding == "base64":
            body = base64.encodebytes(content).replace(b"\n", b"\r\n")
            if self.random.random() < .5:
                body = body.removesuffix(b"\r\n")
        elif encoding == "quoted-printable":
            body = quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n").replace(b"\r\n--", b"\r\n=2D-")
            body = body.replace(b"--", b"=2D-", 1) if body.startswith(b"--") else body
        else:
            encoding, body = self.pick(("7bit", "8bit", None)), content
            if body.startswith(b"--"):
                body = b" " + body
                content = body
        if kind != "text/plain" or self.random.random() < .7 or depth > 0:
            header += self.labels(kind, *(["charset=" + self.value("utf-8")] if kind.startswith("text/") else []))
        if encoding:
            header += self.field("Content-Transfer-Encoding", encoding)
        self.outline.append((depth, "leaf", kind, len(content), zlib.crc32(content)))
        return header.encode() + b"\r\n" + body

    def multipart(self, depth, header):
        boundary = self.boundary()
        kind = "multipart/" + self.pick(("mixed", "alternative", "related", "report", "signed", "x-new"))
        header += self.labels(kind, "boundary=" + self.value(boundary))
        self.outline.append((depth, "multipart", kind))
        out = header.encode() + b"\r\n"
        if self.random.random() < .5:
            out += b"This is a multi-part message in MIME format.\r\n"
        for _ in range(self.random.randrange(1, 4)):
            out += b"\r\n--" + boundary.encode() + self.pick((b"", b"", b" \t")) + b"\r\n" + self.part(depth + 1, "")
        out += b"\r\n--" + boundary.encode() + b"--"
        return out + self.pick((b"\r\n", b"\r\n", b"", b"\r\n\r\nepilogue\r\n"))

    def message_part(self, depth, header):
        header += self.labels("message/rfc822")
        self.outline.append((depth, "message", "message/rfc822"))
        return header.encode() + b"\r\n" + self.part(depth + 1, self.head())

    def part(self, depth, header):
        weight = self.random.random() * (1 + depth / 3)
        if weight < .45 and depth < 6:
            return self.multipart(depth, header)
        if weight < .6 and depth < 6:
            return self.message_part(depth, header)
        return self.leaf(depth, header)

    def head(self):
        header = self.field("From", "=?utf-8?Q?J=C3=BCrgen?= <juergen@a.example>") + self.field("To", "b@b.example,\r\n c@c.example")
        header += self.field("Subject", self.pick(("hello", "=?iso-8859-1?Q?Gr=FC=DFe?=", "a\r\n folded one")))
        return header + self.pick(("MIME-Version: 1.0\r\n", "Mime-Version: 1.0 (Apple Message framework)\r\n"))

    def message(self):
        self.outline = []
        text = self.part(0, self.head())
        return text, self.outline


def damage(text, random_):
    """The same message as some program, or the way, left it."""
    lines = text.split(b"\r\n")
    kind = random_.choice(("cut", "line", "double", "lf", "mixed", "blank", "junk", "swap"))
    at = random_.randrange(len(lines))
    if kind == "cut":
        return kind, text[:random_.randrange(len(text) + 1)]
    if kind == "line":
        del lines[at]
    elif kind == "double":
        lines.insert(at, lines[at])
    elif kind == "lf":
        return kind, text.replace(b"\r\n", b"\n")
    elif kind == "mixed":
        return kind, b"".join(line + random_.choice((b"\n", b"\r\n")) for line in lines)
    elif kind == "blank":
        blanks = [i for i, line in enumerate(lines) if not line]
        if blanks:
            del lines[random_.choice(blanks)]
    elif kind == "junk":
        lines.insert(at, random_.choice((b"no field at all", b"--", b"--=_0001", b" ", b"X: y", b"Content-Type: multipart/mixed", b"\x80\xff")))
    elif kind == "swap":
        other = random_.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return kind, b"\r\n".join(lines)
