"""Mail servers of others, each of which keeps mail for *@peer.test in Maildirs and passes mail for *@example.com on to us.

They are what Debian packages. Each lives in a directory of its own below `directory`; `tls` is None or a certificate with its key and
the file of who issued it, and then nobody accepts plain SMTP of the other.
"""
import contextlib
import pathlib
import os
import pwd
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/support")]
import dovecot  # noqa: E402
import postfix  # noqa: E402

from mixed_mail import USERS  # noqa: E402

DOMAIN = "peer.test"
OURS = "example.com"
NOBODY = 65534
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}
PEERS = ROOT / "build/peers"


def _maildir(path):
    found = []
    for part in ("new", "cur"):
        with contextlib.suppress(FileNotFoundError):
            found += [entry.path for entry in os.scandir(path / part)]
    return found


class Peer:
    """`with` starts it. `port`: where it takes mail; `our_port`: where we do."""

    protocol = "smtp"
    serves_tls = True

    def __init__(self, directory, port, our_port, tls):
        self.directory, self.port, self.our_port, self.tls = pathlib.Path(directory), port, our_port, tls
        self.process = None

    def __enter__(self):
        self.directory.mkdir(mode=0o755)
        self.start()
        return self

    def mailbox(self, user):
        """Paths of the messages of a user."""
        return _maildir(self.directory / "mail" / user)

    def make_store(self):
        store = self.directory / "mail"
        store.mkdir(mode=0o755)
        os.chown(store, NOBODY, NOBODY)

    def run(self, command):
        with open(self.directory / "output", "ab") as output:
            self.process = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            start_new_session=True)

    def log(self):
        texts = [path.read_text(errors="replace") for path in [self.directory / "output", *self.directory.glob("log/mainlog")]
                 if path.is_file()]
        return "\n".join("\n".join(text.splitlines()[-15:]) for text in texts)

    def __exit__(self, *_):
        if self.process is None:
            return
        # Children of these servers are sessions and groups of their own in part; the first process ends them.
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Postfix(Peer):
    name = "postfix"
    is_usable = staticmethod(postfix.is_usable)

    def start(self):
        self.make_store()
        boxes = ", ".join(f"{{u{i}@{DOMAIN} = u{i}/}}" for i in range(USERS))
        settings = {
            "virtual_mailbox_domains": DOMAIN, "virtual_mailbox_base": self.directory / "mail",
            "virtual_mailbox_maps": f"inline:{{ {boxes} }}", "virtual_uid_maps": f"static:{NOBODY}",
            "virtual_gid_maps": f"static:{NOBODY}", "virtual_minimum_uid": "100", "virtual_mailbox_limit": "0",
            "message_size_limit": "0", "local_header_rewrite_clients": "", "smtpd_client_connection_count_limit": "0",
            "smtpd_client_event_limit_exceptions": "static:all", "smtputf8_enable": "yes",
        }
        if self.tls:
            settings |= {"smtpd_tls_security_level": "encrypt", "smtpd_tls_chain_files": self.tls.certificate,
                         "smtp_tls_security_level": "encrypt"}
        self.server = postfix.Postfix(self.port, relayhost=f"[127.0.0.1]:{self.our_port}", **settings)

    def log(self):
        return "\n".join(self.server.log().splitlines()[-15:])

    def __exit__(self, *_):
        self.server.close()


class Exim(Peer):
    """Its configuration is looked for at one place only, so it is started where another directory lies over that place."""

    name = "exim"
    program = PEERS / "exim/usr/sbin/exim4"
    account = "Debian-exim"

    @classmethod
    def is_usable(cls):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(cls.account)
            return os.geteuid() == 0 and cls.program.exists() and pathlib.Path("/etc/exim4").is_dir()
        return False

    def start(self):
        self.make_store()
        for name in ("etc", "spool", "log"):
            (self.directory / name).mkdir()
        for name in ("spool", "log"):
            shutil.chown(self.directory / name, self.account, self.account)
        certificate = ""
        if self.tls:
            own = self.directory / "etc/certificate.pem"
            shutil.copy(self.tls.certificate, own)
            shutil.chown(own, self.account)
            certificate = f"tls_certificate = {own}\ntls_privatekey = {own}\n"
        # What comes from outside names no file; what is found in a table may.
        (self.directory / "etc/users").write_text("".join(f"u{i}: u{i}\n" for i in range(USERS)))
        (self.directory / "etc/exim4.conf").write_text(self.configuration(certificate))
        script = 'mount --bind "$1" /etc/exim4 && exec "$2" -bdf -q10s'
        self.run(["unshare", "--mount", "sh", "-c", script, "sh", self.directory / "etc", self.program])

    def configuration(self, certificate):
        users = ":".join(f"u{i}" for i in range(USERS))
        return f"""exim_path = {self.program}
spool_directory = {self.directory}/spool
log_file_path = {self.directory}/log/%slog
pid_file_path = {self.directory}/spool/exim.pid
primary_hostname = exim.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {self.port}
{"acl_smtp_mail = sender" if self.tls else ""}
acl_smtp_rcpt = recipient
tls_advertise_hosts = {"*" if self.tls else ""}
{certificate}host_lookup =
rfc1413_hosts =
dns_ipv4_lookup = *
never_users =
message_size_limit = 0
smtp_accept_max = 100
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
check_spool_space = 0
begin acl
sender:
  accept encrypted = *
  deny
recipient:
  accept
begin routers
here:
  driver = accept
  domains = {DOMAIN}
  local_parts = {users}
  transport = maildir
onward:
  driver = manualroute
  domains = {OURS}
  route_list = * 127.0.0.1
  self = send
  transport = smtp
begin transports
smtp:
  driver = smtp
  port = {self.our_port}
  allow_localhost
  hosts_try_dane =
  {"hosts_require_tls = *" if self.tls else "hosts_avoid_tls = *"}
  tls_verify_certificates =
maildir:
  driver = appendfile
  maildir_format
  directory = {self.directory}/mail/${{lookup{{$local_part}}lsearch{{{self.directory}/etc/users}}}}
  create_directory
  user = {NOBODY}
  group = {NOBODY}
begin retry
* * F,2h,5s
"""


class OpenSmtpd(Peer):
    """Spool, helpers and the control socket have places that are compiled in: directories of ours lie over them. As a server Debian's
    version offers STARTTLS and fails in every handshake, since OpenSSL 3 (OpenSMTPD issue 1171): we have to fall back."""

    name = "opensmtpd"
    serves_tls = False
    root = PEERS / "opensmtpd"
    places = {"/usr/libexec/opensmtpd": "libexec", "/var/spool/smtpd": "spool", "/var/lib/opensmtpd/empty": "empty", "/run": "run"}

    @classmethod
    def is_usable(cls):
        with contextlib.suppress(KeyError):
            pwd.getpwnam("opensmtpd"), pwd.getpwnam("opensmtpq")
            return (os.geteuid() == 0 and (cls.root / "usr/sbin/smtpd").exists()
                    and all(pathlib.Path(place).is_dir() for place in cls.places))
        return False

    def start(self):
        self.make_store()
        shutil.copytree(self.root / "usr/libexec/opensmtpd", self.directory / "libexec")
        for name, mode in (("spool", 0o711), ("empty", 0o755), ("run", 0o755)):
            (self.directory / name).mkdir(mode=mode)
        relay = f'action "onward" relay host "smtp+notls://127.0.0.1:{self.our_port}"\n'
        pki = listen = ""
        if self.tls:
            own = self.directory / "certificate.pem"
            shutil.copy(self.tls.certificate, own)
            own.chmod(0o600)
            os.chown(own, 0, 0)
            pki = f'pki own cert "{own}"\npki own key "{own}"\n'
            listen = " tls pki own"
            relay = f'action "onward" relay host "smtp+tls://127.0.0.1:{self.our_port}" tls no-verify\n'
        configuration = self.directory / "smtpd.conf"
        configuration.write_text(
            f'{pki}smtp max-message-size 100M\nlisten on 127.0.0.1 port {self.port}{listen} hostname opensmtpd.test\n'
            f'action "store" maildir "{self.directory}/mail/%{{dest.user}}" virtual {{ "@" = nobody }}\n{relay}'
            f'match from any for domain "{DOMAIN}" action "store"\nmatch from any for domain "{OURS}" action "onward"\n')
        configuration.chmod(0o600)
        mounts = " && ".join(f'mount --bind "{self.directory}/{name}" {place}' for place, name in self.places.items())
        self.run(["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$0" -d -f "$1"', self.root / "usr/sbin/smtpd", configuration])


class Dovecot(Peer):
    """LMTP in both directions: a store for *@peer.test, a proxy for *@example.com."""

    name = "dovecot"
    protocol = "lmtp"
    is_usable = staticmethod(dovecot.is_usable)

    def start(self):
        users = {f"u{i}@{DOMAIN}": None for i in range(USERS)}
        proxied = [f"u{i}@{OURS}" for i in range(USERS)]
        self.server = dovecot.Dovecot(self.port, users, proxied=proxied, onward=self.our_port,
                                      certificate=self.tls.certificate if self.tls else None)

    def mailbox(self, user):
        return _maildir(self.server.directory / "mail" / f"{user}@{DOMAIN}" / "Maildir")

    def log(self):
        return "\n".join(self.server.log().splitlines()[-15:])

    def __exit__(self, *_):
        self.server.close()


ALL = (Postfix, Exim, OpenSmtpd, Dovecot)
