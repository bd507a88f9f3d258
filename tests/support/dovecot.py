"""Dovecot's LMTP server over Maildirs in a directory of its own."""
import pathlib
import os
import shutil
import subprocess
import tempfile
import time


def is_usable():
    return os.geteuid() == 0 and shutil.which("dovecot") is not None


class Dovecot:
    """`users`: {address: quota in octets, or None}. Mail lies in mailbox(address). Mail for the addresses `proxied` is passed on by
    LMTP to the port `onward` of this host. `certificate`: with its key; then STARTTLS is offered, and demanded of the next host."""

    def __init__(self, port, users, proxied=(), onward=None, certificate=None):
        self.port = port
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-dovecot-"))
        self.directory.chmod(0o755)
        (self.directory / "mail").mkdir()
        shutil.chown(self.directory / "mail", "nobody")
        lines = []
        for address, quota in users.items():
            rule = f"userdb_quota_rule=*:bytes={quota}" if quota else ""
            lines.append(f"{address}:{{PLAIN}}secret:65534:65534::{self.directory}/mail/{address}::{rule}\n")
        way = f"proxy=y host=127.0.0.1 port={onward} nopassword=y" + (" starttls=any-cert" if certificate else "")
        lines += [f"{address}:::::::{way}\n" for address in proxied]
        (self.directory / "users").write_text("".join(lines))
        (self.directory / "dovecot.conf").write_text(f"""
base_dir = {self.directory}/run
state_dir = {self.directory}/state
log_path = {self.directory}/log
protocols = lmtp
listen = 127.0.0.1
{f"ssl = yes{chr(10)}ssl_cert = <{certificate}{chr(10)}ssl_key = <{certificate}" if certificate else "ssl = no"}
lmtp_proxy = yes
first_valid_uid = 1
last_valid_uid = 0
first_valid_gid = 1
last_valid_gid = 0
mail_location = maildir:~/Maildir
mail_plugins = quota
plugin {{
  quota = maildir:User quota
}}
passdb {{
  driver = passwd-file
  args = {self.directory}/users
}}
userdb {{
  driver = passwd-file
  args = {self.directory}/users
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
""")
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.directory / "dovecot.conf"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def log(self):
        path = self.directory / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def mailbox(self, address):
        folder = self.directory / "mail" / address / "Maildir/new"
        return [path.read_bytes() for path in folder.iterdir()] if folder.is_dir() else []

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        for _ in range(20):  # its children may still be leaving
            shutil.rmtree(self.directory, ignore_errors=True)
            if not self.directory.exists():
                return
            time.sleep(0.1)
