"""Certificates for tests, made by openssl when the test runs."""
import datetime
import pathlib
import shutil
import subprocess

CA_CONFIGURATION = """
[ca]
default_ca = test
[test]
new_certs_dir = {directory}
database = {directory}/index
serial = {directory}/serial
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


class Authority:
    """A trust anchor (`file`) and what it signs. Files stand in a directory of its own below `directory`."""

    def __init__(self, directory, name="Test CA"):
        self.directory = pathlib.Path(directory) / name.replace(" ", "-").lower()
        self.directory.mkdir(mode=0o755)
        self.file, self.key = self.directory / "ca.pem", self.directory / "ca.key"
        openssl("req", "-x509", *self.new_key(self.key), "-out", self.file, "-subj", f"/CN={name}", "-days", "10")
        self.configuration = self.directory / "configuration"
        self.configuration.write_text(CA_CONFIGURATION.format(directory=self.directory))
        (self.directory / "index").write_text("")
        (self.directory / "serial").write_text("1000\n")

    @staticmethod
    def new_key(path, rsa=False):
        kind = ("rsa:2048",) if rsa else ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
        return "-newkey", *kind, "-nodes", "-keyout", path

    def issue(self, name, names=None, file=None, begins=-1, ends=10, owner=None, rsa=False):
        """A file with certificate and key for `names` ("DNS:a.example,IP:192.0.2.1"), valid between days from now."""
        path = pathlib.Path(file or self.directory / f"{name}.pem")
        request, key, certificate = (self.directory / f"work.{kind}" for kind in ("csr", "key", "crt"))
        extension = ["-addext", "subjectAltName=" + (names or f"DNS:{name}")]
        openssl("req", "-new", *self.new_key(key, rsa), "-out", request, "-subj", f"/CN={name}", *extension)
        now = datetime.datetime.now(datetime.timezone.utc)
        dates = [(now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ") for days in (begins, ends)]
        openssl("ca", "-batch", "-notext", "-config", self.configuration, "-cert", self.file, "-keyfile", self.key, "-in", request,
                "-out", certificate, "-startdate", dates[0], "-enddate", dates[1])
        scratch = path.with_suffix(".new")
        scratch.write_text(key.read_text() + certificate.read_text())  # in the order that Postfix wants
        scratch.chmod(0o600)
        if owner:
            shutil.chown(scratch, owner)
        scratch.rename(path)
        return path
