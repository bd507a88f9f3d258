"""A Postfix of one's own on a loopback port: for tests with a mail system of others, and for measurements beside it."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

DAEMONS = pathlib.Path("/usr/lib/postfix/sbin")
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}


def is_usable():
    return os.geteuid() == 0 and shutil.which("postfix") is not None and (DAEMONS / "master").exists()


def lay_out(directory, port):
    """The folders, and Debian's master.cf without chroot. Returns the folder for main.cf."""
    config = directory / "etc"
    for name in ("etc", "spool", "data", "log", "mail"):
        (directory / name).mkdir()
    shutil.chown(directory / "data", "postfix")
    for path in pathlib.Path("/etc/postfix").glob("postfix-files*"):
        (shutil.copytree if path.is_dir() else shutil.copy)(path, config / path.name)
    with contextlib.suppress(FileNotFoundError):
        shutil.copy("/etc/postfix/dynamicmaps.cf", config)
    rows = []
    for line in pathlib.Path("/etc/postfix/master.cf.proto").read_text().splitlines():
        fields = line.split()
        if line[:1] in ("#", "", " ") or len(fields) < 8:
            rows.append(line)
            continue
        if fields[0:2] == ["smtp", "inet"]:
            fields[0] = f"127.0.0.1:{port}"
        fields[4] = "n"  # chroot
        rows.append(" ".join(fields))
    (config / "master.cf").write_text("\n".join(rows) + "\n")
    return config


def write_main(config, settings):
    (config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))


def usual(directory):
    """Settings of an instance that asks nobody and relays for this host."""
    return {
        "compatibility_level": "3.6",
        "queue_directory": directory / "spool",
        "data_directory": directory / "data",
        "command_directory": "/usr/sbin",
        "daemon_directory": DAEMONS,
        "maillog_file_prefixes": directory,
        "maillog_file": directory / "log/mail.log",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "myhostname": "mail.example.com",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "local_transport": "error:no local mail",
        "alias_maps": "",
        "alias_database": "",
        "biff": "no",
        "disable_dns_lookups": "yes",
        "smtp_host_lookup": "native",
        "smtpd_peername_lookup": "no",
    }


HOLD = {"smtpd_recipient_restrictions": "check_client_access static:HOLD, permit_mynetworks, reject"}


class Postfix:
    """Keeps what it gets, or passes everything on to `relayhost`. `settings`: lines of main.cf over the usual ones."""

    def __init__(self, port, relayhost=None, **settings):
        self.port = port
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-postfix-"))
        self.directory.chmod(0o755)
        self.config = lay_out(self.directory, port)
        way = {"relayhost": relayhost} if relayhost else HOLD
        write_main(self.config, {**usual(self.directory), "myhostname": "postfix.test", **way, **settings})
        self.process = subprocess.Popen(["postfix", "-c", self.config, "start-fg"], env=ENVIRONMENT, start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def log(self):
        path = self.directory / "log/mail.log"
        return path.read_text() if path.exists() else ""

    def send(self, sender, recipient, content):
        subprocess.run(["sendmail", "-C", self.config, "-f", sender, "-i", recipient], input=content, check=True, timeout=30)

    def held(self):
        """Messages that are kept, as postcat shows them."""
        return [subprocess.run(["postcat", "-c", self.config, "-h", "-b", path], capture_output=True, timeout=30).stdout
                for path in (self.directory / "spool/hold").rglob("*") if path.is_file()]

    def close(self):
        subprocess.run(["postfix", "-c", self.config, "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        self.process.wait(30)
        shutil.rmtree(self.directory, ignore_errors=True)
