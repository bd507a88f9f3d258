"""Counters and metrics: they are what mail.log says, to the last recipient."""
import collections
import json
import os
import re
import signal
import unittest
import urllib.error
import urllib.request

import harness

OPTIONS = "\nLOG_FORMAT=5\nLOG_FILENAME=1\nLOG_CONNECTION=3\nMETRICS_PORT={}\nMETRICS_HOSTS=3\n"

# Code in mail.log: which channel it counts for, and which metrics of recipients.
CODES = {
    "E": [("dc", "received"), ("sc", "submitted")],
    "D": [("sc", "delivered")],
    "R": [("sc", "delivered"), ("sc", "failed")],
    "K": [("sc", "delivered")],
    "Q": [("sc", "attempted")],
    "Z": [("sc", "attempted")],
    "J": [("sc", "rejected")],
}


class Counters(harness.MtaTest):
    def start(self, **settings):
        self.metrics_port = harness.free_port()
        self.mta = self.instance(files={"option.dat": lambda text: text + OPTIONS.format(self.metrics_port)}, **settings)
        self.mta.start()
        harness.wait_for(lambda: harness.port_answers(self.metrics_port), "the metrics' port")

    def fetch(self, path="/metrics"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}{path}", timeout=20) as reply:
            return reply.read().decode()

    def metrics(self):
        """{(name, label text): number}"""
        found = {}
        for line in self.fetch().splitlines():
            if line.startswith("#"):
                continue
            match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            self.assertTrue(match, line)
            found[match[1], match[2] or ""] = float(match[3])
        return found

    def logged(self):
        """{(metric, channel): recipients} of mail.log."""
        sums = collections.Counter()
        for line in self.mta.log_lines():
            entry = json.loads(line)
            for key, metric in CODES.get(entry["ac"][0], []):
                if entry["el"] == "en":
                    sums[metric, entry[key]] += 1
        return sums

    def counted(self):
        sums = collections.Counter()
        for (name, labels), number in self.metrics().items():
            match = re.fullmatch(r"mta_channel_(\w+)_recipients_total", name)
            if match and number:
                sums[match[1], re.search(r'channel="([^"]*)"', labels)[1]] += int(number)
        return sums

    def agree(self):
        """The log is written first, the counters right behind it."""
        harness.wait_for(lambda: self.logged() == self.counted(),
                         lambda: f"counters that agree with the log:\n{self.logged()}\n{self.counted()}")

    def test_page_of_the_dispatcher(self):
        table = "\nHTTP_ACCESS\n\n  127.0.0.1|*|127.0.0.1|*|GET|/dispatcher/*  $Y\n"
        self.start_with({"mappings": lambda text: text + table, "dispatcher.cnf": lambda text: "HISTORICAL_TIME=60\n" + text})
        with self.mta.smtp():
            pass
        harness.wait_for(lambda: "<td>closed</td>" in self.fetch("/dispatcher/"), "the connection on the page")
        page = self.fetch("/dispatcher/")
        self.assertIn(f"<td>127.0.0.1:{self.mta.port}</td>", page)
        self.assert_status(404, "/dispatcher/workers")
        self.mta.imsimta("stop", "dispatcher")
        harness.wait_for(lambda: not harness.port_answers(self.mta.port), "the end of the dispatcher")
        self.assert_status(503, "/dispatcher/")

    def test_page_of_the_dispatcher_is_for_nobody_without_the_table(self):
        self.start_with({})
        self.assert_status(403, "/dispatcher/")
        self.assertIn("mta_", self.fetch())

    def assert_status(self, status, path):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.fetch(path)
        self.assertEqual(refused.exception.code, status)

    def start_with(self, files):
        self.metrics_port = harness.free_port()
        self.mta = self.instance(files={"option.dat": lambda text: text + OPTIONS.format(self.metrics_port), **files})
        self.mta.start()
        harness.wait_for(lambda: harness.port_answers(self.metrics_port), "the metrics' port")

    def test_the_counters_are_the_sums_of_the_log(self):
        sink = self.sink()
        records = ["dest.example. IN A 127.0.0.1", "down.example. IN A 127.0.0.9"]
        self.start(dns=self.dns(*records).address, relay_port=sink.port,
                   keywords={"tcp_local": 'backoff "pt1s" "pt1s"'})
        text = "Subject: x\r\n\r\n" + "word " * 400
        with self.mta.smtp() as client:
            for recipients in (["eve@example.com"], ["eve@example.com", "adam@example.com", "bob@dest.example"],
                               ["bob@dest.example", "carl@down.example"], ["carl@down.example"]):
                client.sendmail("adam@example.com", recipients, text)
            with self.assertRaises(harness.smtplib.SMTPRecipientsRefused):
                client.sendmail("adam@example.com", ["nobody@example.com"], text)
        self.mta.wait_for_mail("eve", 2)
        harness.wait_for(lambda: len(sink.messages()) >= 2, "the relayed messages")
        # Attempts of the host that is down, then the operator's word about its two messages.
        harness.wait_for(lambda: self.logged()["attempted", "tcp_local"] >= 2, "two attempts")
        self.mta.imsimta("qm", "stop", "tcp_local")
        waiting = harness.wait_for(lambda: [name for name in self.mta.queue_files() if name.startswith("tcp_local/")
                                            ], "messages that wait")
        self.assertEqual(len(waiting), 2)
        metrics = self.metrics()
        self.assertEqual(metrics["mta_host_messages", 'channel="tcp_local",host="down.example"'], 2)
        self.assertEqual(sum(number for (name, _), number in metrics.items() if name == "mta_hosts"), 1)
        self.assertIn('host="down.example"} 2', self.mta.imsimta("counters", "-prometheus").stdout)
        self.mta.imsimta("qm", "return", "-wait", f"-id={waiting[0].split('/')[-1][2:-3]}")
        self.mta.imsimta("qm", "delete", "-wait", f"-id={waiting[1].split('/')[-1][2:-3]}")
        self.mta.wait_for_mail("adam", 2)
        harness.wait_for(lambda: self.logged()["failed", "tcp_local"] == 1, "R")
        self.agree()
        counted = self.counted()
        for metric, channel in (("received", "tcp_local"), ("delivered", "tcp_local"), ("attempted", "tcp_local"),
                                ("failed", "tcp_local"), ("delivered", "l"), ("submitted", "process")):
            self.assertGreater(counted[metric, channel], 0, (metric, channel))
        self.assertEqual(sum(number for (metric, _), number in counted.items() if metric == "rejected"), 1)

        metrics = self.metrics()
        self.assertEqual(metrics["mta_channel_stored_messages", 'channel="tcp_local"'], 0)
        self.assertEqual(metrics["mta_channel_stopped", 'channel="tcp_local"'], 1)
        self.assertGreater(metrics["mta_queue_filesystem_free_bytes", ""], 0)
        self.assertEqual(metrics["mta_channel_associations_failed_total", 'channel="tcp_local"'] > 0, True)
        # The other views of the same numbers.
        shown = {row["channel"]: row for row in self.mta.json("counters", "show")}
        self.assertEqual(shown["tcp_local"]["delivered"]["recipients"], counted["delivered", "tcp_local"])
        self.assertIn("tcp_local\n    Received ", self.mta.imsimta("counters").stdout)
        self.assertIn("mta_channel_received_messages_total", self.mta.imsimta("counters", "-prometheus").stdout)

    def test_channels_without_logging_are_counted(self):
        self.start(keywords={"tcp_intranet": "nologging", "tcp_local": "nologging", "l": "nologging", "process": "nologging"})
        with self.mta.smtp() as client:
            client.sendmail("adam@example.com", ["eve@example.com"], "Subject: x\r\n\r\ny\r\n")
        self.mta.wait_for_mail("eve")
        harness.wait_for(lambda: self.counted()["delivered", "l"] == 1, "the delivery")
        self.assertEqual(self.logged(), collections.Counter())

    def test_connections_of_a_killed_server_are_not_open(self):
        self.start()
        name = "mta_channel_associations"
        def open_now():
            return sum(number for (metric, labels), number in self.metrics().items()
                       if metric == name and 'direction="in"' in labels)
        first, second = self.mta.smtp(), self.mta.smtp()
        self.addCleanup(first.close)
        harness.wait_for(lambda: open_now() == 2, lambda: f"two connections, not {open_now()}")
        second.quit()
        harness.wait_for(lambda: open_now() == 1, lambda: f"one connection, not {open_now()}")
        for pid in self.mta.pids("tcp_smtp_server"):
            os.kill(pid, signal.SIGKILL)
        harness.wait_for(lambda: open_now() == 0, lambda: f"no connection, not {open_now()}")

    def test_a_file_that_is_cut_short_ends_nobody(self):
        self.start()
        name = "mta_channel_associations"
        client = self.mta.smtp()
        self.addCleanup(client.close)
        open_now = lambda: sum(number for (metric, labels), number in self.metrics().items()  # noqa: E731
                               if metric == name and 'direction="in"' in labels)
        harness.wait_for(lambda: open_now() == 1, lambda: f"one connection, not {open_now()}")
        servers = self.mta.pids("tcp_smtp_server")
        [path] = self.mta.directory.rglob("counters")
        os.truncate(path, 0)
        client.sendmail("adam@example.com", ["eve@example.com"], "Subject: x\r\n\r\ny\r\n")
        self.mta.wait_for_mail("eve")
        # A new file is there with the next entry that comes seconds later, and knows of the connection.
        def counted_again():
            with self.mta.smtp() as other:
                other.sendmail("adam@example.com", ["eve@example.com"], "Subject: x\r\n\r\ny\r\n")
            return path.stat().st_size > 0 and open_now() >= 1
        harness.wait_for(counted_again, "new counters")
        self.assertEqual(self.mta.pids("tcp_smtp_server"), servers)

    def test_the_generation_is_that_of_the_published_configuration(self):
        self.start()
        before = self.metrics()["mta_config_generation", ""]
        self.mta.imsimta("cnbuild")
        self.assertEqual(self.metrics()["mta_config_generation", ""], before + 1)

    def test_the_server_answers_what_it_knows(self):
        self.start()
        self.assertEqual(self.fetch("/healthz"), "ok\n")
        self.assertEqual(self.fetch("/readyz"), "ready\n")
        for path, status in (("/", 404), ("/metrics/../etc", 404)):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.fetch(path)
            self.assertEqual(refused.exception.code, status)
        request = urllib.request.Request(f"http://127.0.0.1:{self.metrics_port}/metrics", data=b"x" * 10)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        self.assertEqual(refused.exception.code, 405)
        # Whoever deletes the counters gets new ones, and mail is not held up.
        self.mta.imsimta("counters", "delete")
        with self.mta.smtp() as client:
            client.sendmail("adam@example.com", ["eve@example.com"], "Subject: x\r\n\r\ny\r\n")
        self.mta.wait_for_mail("eve")
        self.assertIn("mta_build_info", self.fetch())
        # Nobody is hurt when it is killed, and it comes back.
        for pid in self.mta.pids("metrics_server"):
            os.kill(pid, signal.SIGKILL)
        harness.wait_for(lambda: harness.port_answers(self.metrics_port), "the metrics' return")

    def test_off_unless_wanted(self):
        self.mta = self.instance()
        self.mta.start()
        self.assertEqual(self.mta.pids("metrics_server"), [])


if __name__ == "__main__":
    unittest.main()
