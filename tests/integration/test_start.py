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
