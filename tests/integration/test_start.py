"""Starting in the background: a start that fails leaves nothing running, restarts cost no time."""
import os
import signal
import socket
import time
import unittest

import harness


class Start(harness.MtaTest):
    def test_failed_start_leaves_nothing_behind(self):
        mta = self.instance()
        with socket.socket() as occupied:
            occupied.bind(("127.0.0.1", mta.port))
            occupied.listen()
            failed = mta.imsimta("start", check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("NOTSTARTED", failed.stderr)
        self.assertEqual(mta.json("process"), [])
        for program in ("dispatcher", "job_controller", "tcp_smtp_server"):
            self.assertEqual(mta.pids(program), [])
        mta.imsimta("start")
        self.addCleanup(mta.imsimta, "stop")
        self.assertTrue(mta.greets())

    def test_components_stop_and_start_apart(self):
        mta = self.instance().start()
        self.assertIn("STOPPED", mta.imsimta("stop", "job_controller").stdout)
        self.assertEqual(mta.pids("job_controller"), [])
        with mta.smtp() as client:
            client.sendmail("adam@example.com", ["eve@example.com"], "Subject: x\r\n\r\nwaits\r\n")
        self.assertEqual(len(mta.queue_files()), 1)
        # Its death is none: the watcher leaves it alone, and so does a restart of all.
        self.assertEqual(mta.imsimta("restart").returncode, 0)
        self.assertEqual(mta.imsimta("kill", "job_controller", check=False).returncode, 6)
        self.assertEqual(mta.imsimta("restart", "job_controller", check=False).returncode, 6)
        self.assertEqual(mta.pids("job_controller"), [])
        self.assertIn("STARTED", mta.imsimta("start", "job_controller").stdout)
        mta.wait_for_mail("eve")
        self.assertIn("RUNNING", mta.imsimta("start", "job_controller").stdout)
        mta.imsimta("stop", "dispatcher")
        self.assertFalse(harness.port_answers(mta.port))
        mta.imsimta("start")
        self.assertTrue(mta.greets())
        self.assertEqual(mta.imsimta("stop", "smtpd", check=False).returncode, 2)

    def test_one_component_alone(self):
        mta = self.instance()
        mta.imsimta("start", "job_controller")
        self.addCleanup(mta.imsimta, "stop")
        harness.wait_for(lambda: mta.pids("job_controller"), "the job controller")
        self.assertEqual(mta.pids("dispatcher"), [])
        mta.imsimta("start")
        self.assertTrue(mta.greets())

    def test_killed_component_comes_back(self):
        mta = self.instance().start()
        old, = harness.wait_for(lambda: mta.pids("job_controller"), "the job controller")
        self.assertIn("KILLED", mta.imsimta("kill", "job_controller").stdout)
        harness.wait_for(lambda: set(mta.pids("job_controller")) - {old}, "another job controller")

    def test_refresh_builds_and_restarts(self):
        mta = self.instance().start()
        old, = harness.wait_for(lambda: mta.pids("job_controller"), "the job controller")
        done = mta.imsimta("refresh")
        self.assertIn("CNBUILD-S-WRITTEN", done.stdout)
        self.assertIn("RESTARTED", done.stdout)
        harness.wait_for(lambda: set(mta.pids("job_controller")) - {old}, "another job controller")
        (mta.directory / "config/imta.cnf").write_text("l nonsense here\n")
        self.assertEqual(mta.imsimta("refresh", check=False).returncode, 7)

    def test_being_asked_to_end_is_no_death(self):
        mta = self.instance().start()
        begun = time.monotonic()
        for _ in range(6):
            old = harness.wait_for(lambda: mta.pids("job_controller"), "the job controller")
            time.sleep(0.7)
            os.kill(old[0], signal.SIGTERM)
            harness.wait_for(lambda: set(mta.pids("job_controller")) - set(old), "the job controller to come back", 10)
        # Pauses that double would be 16 seconds by now.
        self.assertLess(time.monotonic() - begun, 14)


if __name__ == "__main__":
    unittest.main()
