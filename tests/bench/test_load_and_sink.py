"""The load generator against the counting sink: nothing lost, nothing counted twice, no host but this machine."""
import json
import os
import pathlib
import subprocess
import unittest

BIN = pathlib.Path(os.environ["SLUICE_BIN"])


class LoadAndSink(unittest.TestCase):
    def start_sink(self, messages, *options):
        process = subprocess.Popen([BIN / "smtp_count_sink", "--messages", str(messages), "--limit", "30", *options],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        word, port = process.stdout.readline().split()
        self.assertEqual(word, "ready")
        return process, port

    def load(self, port, messages, *options):
        done = subprocess.run([BIN / "smtp_load", "--port", port, "--messages", str(messages), "--limit", "30", *options],
                              capture_output=True, text=True)
        return done.returncode, json.loads(done.stdout)

    def counted(self, process):
        return json.loads(process.stdout.readline())

    def test_every_message_is_counted_once(self):
        for options in ([], ["--pipelining", "1"], ["--per-connection", "1"], ["--size", "200000", "--connections", "3"]):
            with self.subTest(options=options):
                sink, port = self.start_sink(200)
                status, load = self.load(port, 200, *options)
                self.assertEqual((status, load["accepted"], load["refused"], load["broken"]), (0, 200, 0, 0))
                counted = self.counted(sink)
                self.assertEqual((counted["distinct"], counted["duplicates"], counted["foreign"]), (200, 0, 0))
                self.assertEqual(counted["connections"], load["connections"])
                self.assertEqual(sink.wait(), 0)

    def test_duplicates_and_foreign_messages_are_told_apart(self):
        sink, port = self.start_sink(50, "--first-id", "100", "--linger-ms", "20000")
        for first in ("100", "100", "9000"):
            self.load(port, 50, "--first-id", first)
        sink.terminate()
        counted = self.counted(sink)
        self.assertEqual((counted["distinct"], counted["duplicates"], counted["foreign"]), (50, 50, 50))

    def test_gives_up_when_nobody_answers(self):
        sink, port = self.start_sink(1)
        sink.terminate()
        sink.wait()
        status, load = self.load(port, 5, "--limit", "1")
        self.assertEqual((status, load["accepted"]), (3, 0))
        self.assertGreater(load["broken"], 0)

    def test_other_machines_are_refused(self):
        for host in ("192.0.2.1", "10.0.0.1", "localhost", "0.0.0.0", "::1"):
            for program in ("smtp_load", "smtp_count_sink"):
                done = subprocess.run([BIN / program, "--host", host], capture_output=True, text=True, timeout=10)
                self.assertEqual(done.returncode, 2, (program, host))
                self.assertIn("only addresses of 127/8", done.stderr)


if __name__ == "__main__":
    unittest.main()
