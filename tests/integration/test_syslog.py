"""Entries in the machine's own log: LOG_MESSAGES_SYSLOG and LOG_CONNECTIONS_SYSLOG, read back from rsyslogd."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

CONFIGURATION = """\
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{directory}/log" RateLimit.Interval="0")
template(name="plain" type="string" string="%syslogfacility-text%.%syslogseverity-text% %programname%:%msg%\\n")
*.* action(type="omfile" file="{directory}/out" template="plain")
"""


class Rsyslogd:
    """A daemon with a socket and an output of its own."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-syslog-"))
        self.directory.chmod(0o755)
        (self.directory / "conf").write_text(CONFIGURATION.format(directory=self.directory))
        self.process = None

    @property
    def socket(self):
        return self.directory / "log"

    def start(self):
        self.process = subprocess.Popen(["rsyslogd", "-n", "-f", self.directory / "conf", "-i", self.directory / "pid"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        harness.wait_for(self.socket.exists, "the socket of rsyslogd")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
        self.process = None

    def destroy(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def lines(self):
        out = self.directory / "out"
        return out.read_text().splitlines() if out.exists() else []


@unittest.skipUnless(shutil.which("rsyslogd"), "needs rsyslogd")
class Syslog(harness.MtaTest):
    def start(self, options, mappings=""):
        self.daemon = Rsyslogd()
        self.addCleanup(self.daemon.destroy)
        self.mta = self.instance(files={
            "option.dat": options,
            "mappings": lambda text: text + mappings,
            "imta_tailor": lambda text: text + f"IMTA_SYSLOG_SOCKET={self.daemon.socket}\n"})

    def send(self, recipient="eve@example.com"):
        with self.mta.smtp() as client:
            client.sendmail("amy@siroe.edu", [recipient], "Subject: x\r\n\r\nHello\r\n")

    def wait_for_records(self, *parts, count=1):
        return harness.wait_for(
            lambda: (found := [line for line in self.daemon.lines() if all(part in line for part in parts)])
            and len(found) >= count and found,
            lambda: f"{parts}; the system log has:\n" + "\n".join(self.daemon.lines()))

    def test_operators_of_the_machine_hear_of_held_messages(self):
        self.start("HELD_SNDOPR=1\nSNDOPR_PRIORITY=4\n")
        self.daemon.start()
        self.mta.start()
        self.mta.imsimta("qm", "stop", "l")
        self.send()
        self.mta.imsimta("qm", "hold", "-all", "-channel=l", "-noconfirm")
        self.wait_for_records("warning imta: message ", "/queue/l/", ".00 held: operator")
        self.mta.imsimta("qm", "release", "-all", "-held", "-channel=l", "-noconfirm", check=False)
        self.assertEqual(len([line for line in self.daemon.lines() if " imta: message " in line]), 1)

    def test_records_are_the_lines_of_the_file(self):
        self.start("LOG_MESSAGES_SYSLOG=20\nLOG_CONNECTIONS_SYSLOG=-6\nLOG_CONNECTION=3\nSYSLOG_FACILITY=local3\n")
        self.daemon.start()
        self.mta.start()
        self.send()
        self.mta.wait_for_log(r" l D ")
        self.wait_for_records("mail.warning imta:", " D 1 ")
        records = [line for line in self.daemon.lines() if line.startswith("mail.warning imta: ")]
        texts = [line.removeprefix("mail.warning imta: ") for line in records]
        self.assertEqual(sorted(texts), sorted(self.mta.log_lines()))
        self.wait_for_records("local3.info imta:", " + ", " O ")
        self.wait_for_records("local3.info imta:", " + ", " C ")
        self.assertFalse(self.mta.find_log(r" \+ [OC] "), "a negative value keeps entries out of the file")

    def test_a_daemon_that_is_away_loses_nothing(self):
        self.start("LOG_MESSAGES_SYSLOG=22\nSYSLOG_TAG=mta7\n")
        self.mta.start()
        self.send("adam@example.com")
        self.mta.wait_for_log(r" tcp_intranet l E ")
        self.daemon.start()
        self.wait_for_records("mail.info mta7:", " E 1 ", "rfc822;adam@example.com")
        self.daemon.stop()
        self.send("eve@example.com")
        self.mta.wait_for_log(r"rfc822;eve@example\.com")
        self.daemon.start()
        self.wait_for_records("mail.info mta7:", " E 1 ", "rfc822;eve@example.com")

    def test_table_makes_records_of_entries(self):
        self.start("LOG_DIAGNOSTICS=3\n", mappings="\n\nLOG_ACTION\n\n  *||J|*|*|*|550*   $<refused:$ $1$ wrote$ to$ $2\n")
        self.daemon.start()
        self.mta.start()
        with self.mta.smtp() as client:
            client.mail("amy@siroe.edu")
            client.rcpt("nobody@example.com")
        self.wait_for_records("user.notice tcp_smtp_server", "refused: amy@siroe.edu wrote to nobody@example.com")

    def test_trouble_with_the_file_is_told(self):
        self.start("LOG_SNDOPR=1\nSNDOPR_PRIORITY=3\n")
        self.daemon.start()
        self.mta.start()
        (self.mta.directory / "log" / "mail.log_current").unlink(missing_ok=True)
        (self.mta.directory / "log" / "mail.log_current").mkdir()
        self.send()
        self.wait_for_records("mail.err imta:", "mail.log_current", "kept in memory")


if __name__ == "__main__":
    unittest.main()
