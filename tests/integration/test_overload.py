"""Too much at a time: clients that take all places, and more mail than can be delivered."""
import re
import socket
import unittest

import harness

SENDER = "amy@siroe.example"
MESSAGE = "Subject: hello\r\n\r\nhello\r\n"


class Stress(harness.MtaTest):
    def begin(self, dispatcher, options):
        self.mta = self.instance(files={
            "dispatcher.cnf": lambda text: dispatcher + re.sub(r"(?m)^(MIN_PROCS|MAX_PROCS|MIN_CONNS|MAX_CONNS)=.*\n", "", text),
            "tcp_local_option": options,
        })
        self.mta.start()

    def connect(self, source):
        connection = socket.create_connection(("127.0.0.1", self.mta.port), timeout=60, source_address=(source, 0))
        self.addCleanup(connection.close)
        return connection

    def greeted(self, source):
        connection = self.connect(source)
        self.assertTrue(connection.recv(512).startswith(b"220 "))
        return connection

    def wait_for_line(self, text):
        harness.wait_for(lambda: text in self.mta.component_log("dispatcher.log"),
                         lambda: f"{text!r} in:\n" + self.mta.component_log("dispatcher.log"), 60)

    def test_silent_clients_make_room(self):
        # Ten minutes for a command; a sixtieth of that under stress.
        self.begin("MAX_PROCS=1\nMAX_CONNS=10\nSTRESS_SOURCE_PERCENT=0\n", "STRESS_TIME_DIVISOR=60\n")
        silent = [self.greeted("127.0.0.2") for _ in range(9)]
        self.wait_for_line("under stress, ")
        harness.wait_for(lambda: self.mta.read("run/stress_state").startswith("on "), "the state for others")
        for connection in silent:
            self.assertRegex(connection.recv(512), rb"^421 ")
            self.assertEqual(connection.recv(512), b"")
        self.wait_for_line("no longer under stress")
        harness.wait_for(lambda: self.mta.read("run/stress_state").startswith("off "), "the state for others")
        with self.mta.smtp() as client:
            client.sendmail(SENDER, ["adam@example.com"], MESSAGE)
        hits = {row["limit"]: row["hits"] for row in self.mta.json("counters", "show", "-limits") if "limit" in row}
        self.assertEqual(hits["stress"], 1)
        self.assertEqual(hits["command_receive_time"], 9)
        told = self.mta.component_log("tcp_smtp_server.log")
        self.assertEqual(len(re.findall("limit command_receive_time: ", told)), 1, told)

    def test_one_address_does_not_get_the_last_places(self):
        self.begin("MAX_PROCS=1\nMAX_CONNS=10\nSTRESS_SOURCE_PERCENT=50\n", "")
        kept = [self.greeted("127.0.0.2") for _ in range(8)]
        self.wait_for_line("under stress, ")
        self.assertRegex(self.connect("127.0.0.2").recv(512), rb"^421 4\.7\.0 too many connections from your address")
        self.wait_for_line("STRESS_SOURCE_PERCENT")
        other = self.greeted("127.0.0.3")
        other.sendall(b"QUIT\r\n")
        self.assertRegex(other.recv(512), rb"^221 ")
        # What it has it keeps.
        kept[0].sendall(b"NOOP\r\n")
        self.assertRegex(kept[0].recv(512), rb"^250 ")


class Inflow(harness.MtaTest):
    def hits(self):
        rows = self.mta.json("counters", "show", "-limits")
        return sum(row["hits"] for row in rows if row.get("limit") == "inflow_brake")

    def send(self, recipient, count):
        with self.mta.smtp() as client:
            for _ in range(count):
                self.assertEqual(client.sendmail(SENDER, [recipient], MESSAGE), {})

    def wait_for_line(self, text):
        harness.wait_for(lambda: text in self.mta.component_log("job_controller.log"),
                         lambda: f"{text!r} in:\n" + self.mta.component_log("job_controller.log"), 60)

    def test_who_brings_much_for_a_channel_that_is_behind_waits(self):
        brake = "INFLOW_BRAKE_MESSAGES=20\nINFLOW_BRAKE_TIME=1\n"
        self.mta = self.instance(files={
            "job_controller.cnf": lambda text: brake + text.replace("IMTA_BIN:l_master", "/bin/false"),
            "tcp_local_option": "INFLOW_RATE=1\n",
        })
        self.mta.start()
        self.send("adam@example.com", 25)
        self.assertEqual(self.hits(), 0)
        self.wait_for_line("channel l has fallen behind: 25 messages are ready")
        self.assertRegex(self.mta.read("run/inflow_state"), r"^\d+ \d+\nl\n$")
        def waits():
            self.send("adam@example.com", 3)
            return self.hits() > 0
        harness.wait_for(waits, "somebody who waits")
        # Mail for others does not, and none was refused.
        before = self.hits()
        self.send("eve@bitbucket.mail.example.com", 10)
        self.assertEqual(self.hits(), before)
        self.assertEqual(self.mta.find_log(r" J "), [])
        # An operator mends it.
        path = self.mta.directory / "config" / "job_controller.cnf"
        path.write_text(path.read_text().replace("/bin/false", "IMTA_BIN:l_master"))
        self.mta.imsimta("cnbuild")
        self.mta.imsimta("reload")
        self.mta.imsimta("qm", "start", "l")
        self.wait_for_line("channel l has caught up")
        self.assertRegex(self.mta.read("run/inflow_state"), r"^\d+ \d+\n$")
        self.mta.wait_for_empty_queue()

    def test_a_channel_that_was_stopped_slows_nobody_down(self):
        brake = "INFLOW_BRAKE_MESSAGES=5\nINFLOW_BRAKE_TIME=1\n"
        self.mta = self.instance(files={
            "job_controller.cnf": lambda text: brake + text.replace("IMTA_BIN:bitbucket_master", "/bin/false"),
            "tcp_local_option": "INFLOW_RATE=1\n",
        })
        self.mta.start()
        self.mta.imsimta("qm", "stop", "l")
        self.send("adam@example.com", 20)
        # Ten seconds later it would have been said of both.
        self.send("eve@bitbucket.mail.example.com", 20)
        self.wait_for_line("channel bitbucket has fallen behind")
        self.assertNotIn("channel l has fallen behind", self.mta.component_log("job_controller.log"))
        self.send("adam@example.com", 10)
        self.assertEqual(self.hits(), 0)


if __name__ == "__main__":
    unittest.main()
