"""A Postfix of one's own, for tests with a mail system of others: takes and relays mail on a loopback port."""
import os
import pathlib
import shutil
import subprocess
import tempfile

DAEMONS = pathlib.Path("/usr/lib/postfix/sbin")


def is_usable():
    return os.geteuid() == 0 and shutil.which("postfix") is not None and (DAEMONS / "master").exists()


class Postfix:
    """`settings`: lines of main.cf over the usual ones. Mail for others goes to `transport`."""

    def __init__(self, port, transport="hold", **settings):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-postfix-"))
        self.directory.chmod(0o755)
        self.config = self.directory / "etc"
        for name in ("etc", "spool", "data", "log"):
            (self.directory / name).mkdir()
        shutil.chown(self.directory / "data", "postfix")
        for path in pathlib.Path("/etc/postfix").glob("postfix-files*"):
            (shutil.copytree if path.is_dir() else shutil.copy)(path, self.config / path.name)
        if pathlib.Path("/etc/postfix/dynamicmaps.cf").exists():
            shutil.copy("/etc/postfix/dynamicmaps.cf", self.config)
        self.write_master(port)
        lines = {**self.usual(transport), **settings}
        (self.config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
        self.process = subprocess.Popen(["postfix", "-c", self.config, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}, start_new_session=True)

    def write_master(self, port):
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
        (self.config / "master.cf").write_text("\n".join(rows) + "\n")

    def usual(self, transport):
        restriction = {"smtpd_recipient_restrictions": "check_client_access static:HOLD, permit_mynetworks, reject"}
        return {
            "compatibility_level": "3.6", "queue_directory": self.directory / "spool", "data_directory": self.directory / "data",
            "command_directory": "/usr/sbin", "daemon_directory": DAEMONS, "maillog_file_prefixes": self.directory,
            "maillog_file": self.directory / "log/mail.log", "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4",
            "myhostname": "postfix.test", "mydestination": "", "mynetworks": "127.0.0.0/8",
            "smtpd_relay_restrictions": "permit_mynetworks, reject", "local_transport": "error:no local mail", "alias_maps": "",
            "alias_database": "", "biff": "no", "disable_dns_lookups": "yes", "smtp_host_lookup": "native", "smtpd_peername_lookup": "no",
            **(restriction if transport == "hold" else {"relayhost": transport})}

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
