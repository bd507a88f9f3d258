"""The return job rolls the logs over while mail goes on, whatever happens to it."""
import collections
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import threading
import unittest

import harness

LOG_FILES = ("log/mail.log", "log/mail.log_yesterday", "log/mail.log_current")


class Rollover(harness.MtaTest):
    def instance_with_own_programs(self, **settings):
        """IMTA_BIN is a directory of this instance, for a daily_cleanup of its own."""
        mta = self.instance(**settings)
        folder = mta.directory / "lib"
        folder.mkdir()
        for program in harness.BIN.iterdir():
            if program.is_file():
                (folder / program.name).symlink_to(program)
        tailor = pathlib.Path(mta.tailor)
        tailor.write_text(re.sub(r"(?m)^IMTA_BIN=.*$", f"IMTA_BIN={folder}/", tailor.read_text()))
        return mta

    @staticmethod
    def send(mta, message_id, recipient="eve"):
        with mta.smtp() as client:
            client.sendmail("amy@siroe.edu", [f"{recipient}@example.com"], f"Message-ID: <{message_id}>\r\n\r\ntext\r\n")

    def test_each_run_moves_the_entries_one_file_further(self):
        mta = self.instance().start()
        for number in (1, 2, 3):
            self.send(mta, f"m{number}@siroe.edu")
            mta.wait_for_log(rf" D .*<m{number}@siroe\.edu>")
            done = mta.imsimta("return_job", "-rollover")
            self.assertIn("%RETURN-S-ROLLOVER, mail.log: ", done.stdout)
            self.assertNotIn(f"<m{number}@siroe.edu>", mta.read("log/mail.log_current"))
            self.assertIn(f"<m{number}@siroe.edu>", mta.read("log/mail.log_yesterday"))
        self.assertNotIn("<m3@siroe.edu>", mta.read("log/mail.log"))
        for number in (1, 2):
            self.assertIn(f"<m{number}@siroe.edu>", mta.read("log/mail.log"))

    def test_interrupted_rollover_is_finished_while_the_service_is_open(self):
        mta = self.instance_with_own_programs()
        log = mta.directory / "log"
        log.mkdir(exist_ok=True)
        for name, number in (("mail.log", 1), ("mail.log_yesterday", 2), ("mail.log_current", 3)):
            (log / name).write_text(f"line {number}\n")
        for path in (log, *log.iterdir()):
            if harness.test_account():
                shutil.chown(path, harness.test_account())
        killed = subprocess.run([harness.BIN / "imsimta", "return_job", "-rollover"], capture_output=True, timeout=60, check=False,
                                env={**mta.environment, "SLUICE_KILL_POINT": "rollover.append.part"})
        self.assertEqual(killed.returncode, -9, killed.stderr)
        self.assertTrue((log / "mail.log_rollover").exists())
        self.assertEqual(mta.read("log/mail.log") + mta.read("log/mail.log_yesterday"), "line 1\nline 2\nline 2\n")
        # It copies for as long as the test wants.
        program = mta.directory / "lib" / "return"
        program.unlink()
        program.write_text(f'#!/bin/sh\nuntil [ -e "{mta.directory}/go" ]; do sleep 0.1; done\nexec "{harness.BIN}/return" "$@"\n')
        program.chmod(0o755)
        mta.start()
        self.send(mta, "m1@siroe.edu")
        mta.wait_for_log(r" D .*<m1@siroe\.edu>")
        self.assertTrue((log / "mail.log_rollover").exists(), "mail goes on before it is finished")
        (mta.directory / "go").touch()
        harness.wait_for(lambda: not (log / "mail.log_rollover").exists(), "the end of the rollover")
        self.send(mta, "m2@siroe.edu")
        mta.wait_for_log(r" D .*<m2@siroe\.edu>")
        text = "".join(mta.read(name) for name in LOG_FILES)
        self.assertEqual([text.count(f"line {number}\n") for number in (1, 2, 3)], [1, 1, 1])
        for number in (1, 2):
            self.assertEqual(len(re.findall(rf" D .*<m{number}@siroe\.edu>", text)), 1)
        self.assertIn("an interrupted rollover was finished", mta.read("log/watcher.log") + mta.read("watcher.out"))

    def test_nightly_run_waits_for_its_turn_and_held_needs_none(self):
        mta = self.instance().start()
        self.send(mta, "m1@siroe.edu")
        mta.wait_for_log(r" D .*<m1@siroe\.edu>")
        with open(mta.directory / "log" / "mail.log_lock", "r+b") as other:
            fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
            subprocess.run([harness.BIN / "return", "held"], env=mta.environment, check=True, timeout=60)
            self.assertIn("another return job", mta.imsimta("return_job", "-purge", check=False).stderr)
            with subprocess.Popen([harness.BIN / "return"], env=mta.environment, stderr=subprocess.PIPE, text=True) as nightly:
                said = ""
                while "waiting" not in said:
                    line = nightly.stderr.readline()
                    self.assertTrue(line, said)
                    said += line
                second = subprocess.run([harness.BIN / "return"], env=mta.environment, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                self.assertEqual(second.returncode, 75, "two nights are not one after the other")
                self.assertNotIn("mail.log_yesterday", os.listdir(mta.directory / "log"))
                fcntl.lockf(other, fcntl.LOCK_UN, 1, 0)
                said += nightly.communicate(timeout=60)[1]
        self.assertEqual(nightly.returncode, 0, said)
        self.assertIn("rollover: mail.log: ", said)
        self.assertIn("<m1@siroe.edu>", mta.read("log/mail.log_yesterday"))

    def test_connection_log_of_its_own(self):
        mta = self.instance(files={"option.dat": lambda text: text + "\nSEPARATE_CONNECTION_LOG=1\n"}).start()
        self.send(mta, "m1@siroe.edu")
        harness.wait_for(lambda: " C " in mta.read("log/connection.log_current"), "the closing entry")
        done = mta.imsimta("return_job", "-rollover", "-json").stdout
        self.assertEqual(done.count('"outcome":"done"'), 2, done)
        self.assertIn(" C ", mta.read("log/connection.log_yesterday"))
        self.assertNotIn("\n", mta.read("log/connection.log_current")[:1])

    def test_killed_anywhere_under_load_every_entry_is_there_once(self):
        mta = self.instance().start()
        sent = collections.deque()
        ending = threading.Event()

        def writer(name):
            number = 0
            while not ending.is_set():
                with mta.smtp() as client:
                    for _ in range(5):
                        number += 1
                        message = f"w{name}.{number}@siroe.edu"
                        client.sendmail("amy@siroe.edu", ["eve@example.com"], f"Message-ID: <{message}>\r\n\r\ntext\r\n")
                        sent.append(message)

        writers = [threading.Thread(target=writer, args=(name,)) for name in range(4)]
        for thread in writers:
            thread.start()
        points = subprocess.run([harness.ROOT / "scripts/list-kill-points", "src/rollover"],
                                capture_output=True, text=True, check=True).stdout.split()
        self.assertGreaterEqual(len(points), 9)
        try:
            mta.imsimta("return_job", "-rollover")
            for point in [*points, "return_job.mail_log"]:
                killed = subprocess.run([harness.BIN / "imsimta", "return_job", "-rollover"], capture_output=True, timeout=60,
                                        env={**mta.environment, "SLUICE_KILL_POINT": point}, check=False)
                self.assertEqual(killed.returncode, -9, (point, killed.stdout, killed.stderr))
                mta.imsimta("return_job", "-rollover")
        finally:
            ending.set()
            for thread in writers:
                thread.join(60)
        self.assertGreater(len(sent), 20)

        def entries():
            found = collections.Counter()
            for name in LOG_FILES:
                for line in mta.read(name).splitlines():
                    match = re.search(r" (E|D) .*<(w[\d.]+@siroe\.edu)>", line)
                    if match:
                        found[match[1], match[2]] += 1
            return found

        harness.wait_for(lambda: len(entries()) == 2 * len(sent), lambda: f"{2 * len(sent)} entries, there are {len(entries())}", 60)
        self.assertEqual(set(entries().values()), {1})
        self.assertEqual({message for _, message in entries()}, set(sent))

    def test_daily_cleanup_runs_and_its_output_is_kept(self):
        mta = self.instance_with_own_programs()
        script = mta.directory / "lib" / "daily_cleanup"
        script.write_text('#!/bin/sh\necho "cleaning $IMTA_LOG"\necho "tailor $IMTA_TAILOR" >&2\n[ -z "$SECRET" ] || echo leaked\n'
                          'ls "$IMTA_QUEUE" >/dev/null && echo "$(id -un)"\nexit 3\n')
        script.chmod(0o755)
        mta.environment["SECRET"] = "1"
        done = mta.imsimta("return_job", "-cleanup", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("%RETURN-E-CLEANUP, ", done.stderr)
        self.assertIn("exit status 3", done.stderr)
        kept = mta.component_log("return.log")
        self.assertIn(f"daily_cleanup: cleaning {mta.directory}/log/\n", kept)
        self.assertIn(f"daily_cleanup: tailor {mta.tailor}\n", kept)
        self.assertNotIn("leaked", kept)
        if os.geteuid() == 0:
            self.assertIn("daily_cleanup: nobody\n", kept)

    def test_daily_cleanup_that_hangs_is_stopped(self):
        mta = self.instance_with_own_programs(files={"option.dat": lambda text: text + "\nDAILY_CLEANUP_LIMIT=1s\n"})
        script = mta.directory / "lib" / "daily_cleanup"
        script.write_text("#!/bin/sh\necho begun\nsleep 600\n")
        script.chmod(0o755)
        done = mta.imsimta("return_job", "-cleanup", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("stopped after 1 s", done.stderr)
        self.assertIn("daily_cleanup: begun\n", mta.component_log("return.log"))

    def test_daily_cleanup_that_others_may_write_is_not_run(self):
        mta = self.instance_with_own_programs()
        script = mta.directory / "lib" / "daily_cleanup"
        script.write_text("#!/bin/sh\necho run >\"$IMTA_LOG/mark\"\n")
        script.chmod(0o777)
        done = mta.imsimta("return_job", "-cleanup", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("others may write it", done.stderr)
        self.assertFalse((mta.directory / "log" / "mark").exists())

    def test_the_program_of_the_job_controller(self):
        """All steps; IMTA_RETURN_SPLIT_PERIOD leaves the split out of every other run."""
        mta = self.instance_with_own_programs(files={"option.dat": lambda text: text + "\nRETURN_DEBUG=1\n"})
        tailor = pathlib.Path(mta.tailor)
        tailor.write_text(tailor.read_text() + "IMTA_RETURN_SPLIT_PERIOD=2\n")
        mta.start()
        self.send(mta, "m1@siroe.edu")
        mta.wait_for_log(r" D .*<m1@siroe\.edu>")

        def run():
            return subprocess.run([mta.directory / "lib" / "return"], env=mta.environment, capture_output=True, text=True,
                                  timeout=60, check=True).stderr

        first = run()
        self.assertIn("rollover: not in run 1: IMTA_RETURN_SPLIT_PERIOD is 2", first)
        self.assertRegex(first, r"synchronise: the directories of \d+ channels are being read")
        self.assertIn("cleanup: there is no ", first)
        self.assertIn("<m1@siroe.edu>", mta.read("log/mail.log_current"))
        self.assertIn("rollover: mail.log: 0 bytes added, ", run())
        self.assertIn("<m1@siroe.edu>", mta.read("log/mail.log_yesterday"))


if __name__ == "__main__":
    unittest.main()
