"""A small file system of the test's own, to be filled: a loop device with ext4, else tmpfs."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile


def _run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


class SmallDisk:
    """`kind`: ext4 or tmpfs. mount() says why it cannot be had, or None."""

    def __init__(self, mebibytes, kind="ext4", inodes=None):
        self.size, self.kind, self.inodes = mebibytes, kind, inodes
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="sluice-disk-"))
        self.place.chmod(0o755)
        self.root = self.place / "mnt"
        self.root.mkdir()
        self.mounted = False

    def mount(self):
        if os.geteuid() != 0:
            return "only root mounts file systems"
        if self.kind == "ext4":
            image = self.place / "image"
            with open(image, "wb") as file:
                file.truncate(self.size << 20)
            words = ["-N", str(self.inodes)] if self.inodes else []
            made = _run("mke2fs", "-q", "-t", "ext4", "-m", "0", *words, str(image))
            if made.returncode != 0:
                return "mke2fs: " + made.stderr
            done = _run("mount", "-o", "loop", str(image), str(self.root))
        else:
            options = f"size={self.size}m" + (f",nr_inodes={self.inodes}" if self.inodes else "")
            done = _run("mount", "-t", "tmpfs", "-o", options, "none", str(self.root))
        self.mounted = done.returncode == 0
        return None if self.mounted else "mount: " + done.stderr

    def free(self):
        found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize

    def fill(self, leave=0):
        """Takes all room but `leave` octets away."""
        with contextlib.suppress(OSError), open(self.root / "ballast", "ab") as ballast:
            block = b"\0" * 65536
            while self.free() > leave:
                ballast.write(block[:max(512, min(len(block), self.free() - leave))])
                ballast.flush()
                os.fsync(ballast.fileno())

    def clear(self):
        (self.root / "ballast").unlink(missing_ok=True)

    def close(self):
        if self.mounted and _run("umount", str(self.root)).returncode != 0:
            _run("umount", "-l", str(self.root))
        shutil.rmtree(self.place, ignore_errors=True)
