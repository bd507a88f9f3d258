"""An SMTP server that says what a test wants, word by word, for the examples and for hostile peers."""
import contextlib
import socket
import threading


class SmtpPeer:
    """Serves until close(). Replies are text without line end, or bytes that are sent as they are.

    `rcpt`: address -> reply. `ehlo`: the lines behind the host name. `messages`: what was accepted, as bytes.
    `tls`: an SSLContext for STARTTLS; `certificates`: what clients showed. `chunk`: the reply to a chunk that is not the last; `chunks`: the BDAT commands.
    """

    def __init__(self, address, port=25, banner="220 peer.test ESMTP", rcpt=None, mail="250 2.1.0 Ok", dot="250 2.0.0 Ok",
                 name="peer.test", ehlo=("ENHANCEDSTATUSCODES", "8BITMIME"), hang_up_after=None,
                 chunk="250 2.0.0 Ok, chunk received", tls=None):
        self.banner, self.mail, self.dot, self.name, self.ehlo = banner, mail, dot, name, ehlo
        self.rcpt = rcpt or (lambda recipient: f"250 2.1.5 {recipient} and options OK.")
        self.hang_up_after = hang_up_after  # a verb: the connection is closed instead of its reply
        self.tls = tls
        self.certificates = []
        self.chunk = chunk
        self.chunks = []
        self.messages = []
        self.sessions = 0
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.socket(family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(50)
        self.address, self.port = self._listener.getsockname()[:2]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(60)
            lines = connection.makefile("rb")
            self._say(connection, self.banner)
            content = b""
            while line := lines.readline():
                command = line.decode("latin-1").strip()
                verb = command.split(" ")[0].upper()
                if verb == self.hang_up_after:
                    return
                if verb == "QUIT":
                    self._say(connection, "221 2.0.0 Bye")
                    return
                if verb == "STARTTLS" and self.tls:
                    self._say(connection, "220 2.0.0 Go ahead")
                    connection = self.tls.wrap_socket(connection, server_side=True)
                    lines = connection.makefile("rb")
                    self.certificates.append(connection.getpeercert())
                    continue
                if verb == "BDAT":
                    self.chunks.append(command)
                    content += lines.read(int(command.split()[1]))
                    is_last = command.endswith(" LAST")
                    if is_last:
                        self.messages.append(content)
                        content = b""
                    self._say(connection, self.dot if is_last else self.chunk)
                    continue
                self._say(connection, self._reply(verb, command))
                if verb == "DATA":
                    self._take_message(connection, lines)

    def _reply(self, verb, command):
        if verb == "EHLO":
            lines = [self.name, *self.ehlo]
            return "\r\n".join(f"250{'-' if i + 1 < len(lines) else ' '}{text}" for i, text in enumerate(lines))
        if verb == "MAIL":
            return self.mail
        if verb == "RCPT":
            return self.rcpt(command.split("<", 1)[-1].split(">")[0])
        if verb == "DATA":
            return "354 Go ahead"
        return "250 2.0.0 Ok"

    def _take_message(self, connection, lines):
        content = []
        while (line := lines.readline()) and line != b".\r\n":
            content.append(line)
        if self.hang_up_after == ".":
            connection.close()
            return
        self.messages.append(b"".join(content))
        self._say(connection, self.dot)

    @staticmethod
    def _say(connection, reply):
        connection.sendall(reply if isinstance(reply, bytes) else reply.encode("utf-8") + b"\r\n")
