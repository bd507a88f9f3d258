"""A network of the test's own, where every address and port is free to use: a network name space with a loopback
interface. Peers then have the addresses of the examples, DNS servers answer with them, and routes can be missing.

`enter()` starts the test file again inside such a name space. Where the system does not allow that, tests see
`is_private()` false and must skip, or be content with 127.0.0.0/8.
"""
import os
import shutil
import subprocess
import sys

_MARK = "SLUICE_TEST_NETWORK"


def enter():
    """Call first in the main program of a test file. Returns where there is no private network to be had, too."""
    if is_private() or not can_be_private():
        return
    os.environ[_MARK] = "private"
    os.execvp("unshare", ["unshare", "--net", "--", sys.executable, "-B", *sys.argv])


def can_be_private():
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        return False
    tried = subprocess.run(["unshare", "--net", "--", "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    return tried.returncode == 0


def is_private():
    return os.environ.get(_MARK) == "private"


def _ip(*words):
    subprocess.run(["ip", *words], check=True)


def begin(*addresses):
    """The loopback interface with these addresses besides 127.0.0.0/8. Call once."""
    _ip("link", "set", "lo", "up")
    for address in addresses:
        add_address(address)


def add_address(address):
    _ip("address", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo")


def take_route_away(address):
    """Connections to the address fail: no route to host."""
    _ip("route", "add", "unreachable", f"{address}/32")


def give_route_back(address):
    _ip("route", "delete", "unreachable", f"{address}/32")
