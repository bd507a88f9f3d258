"""What call-outs count and remember for all processes of an instance: throttles, greylists, values."""
import contextlib
import json
import os
import signal
import smtplib
import socket
import threading
import unittest

import harness

STRANGER = "127.0.0.9"  # INTERNAL_IP knows 127.0.0.1 only
OPTIONS = """
metermaid.table.conns.quota = 3
metermaid.table.conns.quota_time = 3600
metermaid.local_table:senders.data_type = string
metermaid.local_table:senders.options = nocase
metermaid.local_table:senders.quota = 10
metermaid.local_table:senders.quota_time = 3600
metermaid.table.soon.type = greylisting
metermaid.table.soon.block_time = 1
metermaid.table.late.type = greylisting
metermaid.table.late.block_time = PT1H
metermaid.table.notes.type = simple
metermaid.table.seen.type = simple
metermaid.table.seen.value_type = integer
metermaid.table.seen.data_type = string
"""
# As published: a quota of connections that the dispatcher's probe alone counts.
THROTTLE = ("  *|*|*|*|*  $C$:A$[IMTA_LIB:check_metermaid.so,throttle,conns,$3]"
            "$N421$ Connection$ declined$ at$ this$ time$E\n")
SENDERS = ("\n\nFROM_ACCESS\n\n"
           "  TCP|*|*|*|*|SMTP*|MAIL|*|*|*  $C$[IMTA_LIB:check_metermaid.so,throttle,senders,$6]"
           "$N$X4.7.1|Too$ much$ mail$E\n")
# Field numbers: 2 the client, 6 the sender, 7 the destination channel, 8 the domain of the recipient.
PROBE = "  TCP|*|*|*|*|SMTP*|MAIL|tcp_*|*|*|"
TEMPORARY = "$N$X4.4.3|Temporary$ error$E\n"


def greylist(table, recipient):
    return f"{PROBE}{recipient}@*  $C$[IMTA_LIB:check_metermaid.so,greylisting,{table},$2|$6|{recipient}]{TEMPORARY}"


ORIGINAL = ("\n\nORIG_MAIL_ACCESS\n\n" + greylist("soon", "adam") + greylist("late", "eve") +
            f"{PROBE}unote@*  $C$[check_metermaid,store,notes,k,$6$ and,$ commas]$N$E\n"
            f"{PROBE}utell@*  $[check_metermaid,fetch,notes,k]$N$E\n"
            f"{PROBE}uthird@*  $C$[check_metermaid,adjust_and_test,seen,$6,+1,>2]$NThat$ is$ enough$E\n")


def servers(count):
    wanted = {"MIN_PROCS": count, "MAX_PROCS": count, "MIN_CONNS": 1}

    def change(text):
        lines = text.splitlines()
        return "".join(f"{name}={wanted[name]}\n" if (name := line.partition("=")[0]) in wanted else line + "\n" for line in lines)
    return change


class Meter(harness.MtaTest):
    def begin(self, port_access="", tables=ORIGINAL, options=OPTIONS):
        self.mta = self.instance(files={
            "mappings": lambda text: text.replace("$Y$E\n", "$Y$E\n" + port_access, 1) + tables,
            "option.dat": lambda text: text + options,
            "dispatcher.cnf": servers(3),
        })
        self.mta.start()
        harness.wait_for(lambda: len(self.mta.pids("tcp_smtp_server")) == 3, "three servers")

    def greeting(self, source=STRANGER):
        with socket.create_connection(("127.0.0.1", self.mta.port), timeout=30, source_address=(source, 0)) as connection:
            return connection.recv(512).decode()

    def rcpt(self, sender, recipient, source=STRANGER):
        with contextlib.closing(smtplib.SMTP("127.0.0.1", self.mta.port, "client.test", 30, (source, 0))) as client:
            client.ehlo()
            code, text = client.mail(sender)
            if code == 250:
                code, text = client.rcpt(recipient)
            return code, text.decode()

    def comes_again(self):
        return self.rcpt("a@far.example", "adam@example.com")[0] == 250

    def test_mail_to_a_honeypot_blocks_the_host(self):
        self.begin(
            port_access="  *|*|*|*|*  $C$:A$[abuse,local_block,$3]$N$E\n",
            tables="\n\nHONEYPOT\n\n  known@example.com  $N\n  trap*@example.com  $Y\n", options="\nHONEYPOT_TTL=2d\n")
        self.rcpt("a@far.example", "known@example.com", STRANGER)
        self.assertTrue(self.greeting().startswith("220 "))
        self.assertEqual(self.mta.imsimta("block").stdout, "")
        self.rcpt("a@far.example", "trap1@example.com", STRANGER)
        self.assertRegex(self.greeting(), r"^553 5\.7\.1 Sent mail to honeypot trap1@example\.com on \d{4}-\d\d-\d\d\r\n$")
        self.assertTrue(self.greeting("127.0.0.12").startswith("220 "))
        self.mta.wait_for_log(r" X TCP\|127\.0\.0\.1\|\d+\|127\.0\.0\.9\|.*honeypot trap1@example\.com")
        entry = json.loads(self.mta.imsimta("block", "list", "-json").stdout)
        self.assertEqual((entry["host"], entry["reason"][:29]), (STRANGER, "Sent mail to honeypot trap1@e"))
        self.assertIn("REMOVED", self.mta.imsimta("block", "remove", STRANGER).stdout)
        self.assertTrue(self.greeting().startswith("220 "))
        self.mta.imsimta("block", "add", "-for=pt1h", STRANGER, "No", "viruses", "please")
        self.assertEqual(self.greeting(), "553 5.7.1 No viruses please\r\n")
        self.assertEqual(self.mta.imsimta("block", "add", "nobody", check=False).returncode, 2)
        self.assertEqual(self.mta.imsimta("block", "remove", "127.0.0.99", check=False).returncode, 1)

    def test_connections_beyond_the_quota_are_declined(self):
        self.begin(THROTTLE, "")
        greetings = [self.greeting() for _ in range(5)]
        self.assertEqual([line[:3] for line in greetings], ["220"] * 3 + ["421"] * 2)
        self.assertEqual(greetings[4], "421 Connection declined at this time\r\n")
        self.assertEqual(self.greeting("127.0.0.1")[:3], "220")
        self.assertEqual(self.greeting("127.0.0.10")[:3], "220")
        # It is not the dispatcher who remembers.
        os.kill(self.mta.pids("dispatcher")[0], signal.SIGKILL)
        harness.wait_for(self.mta.greets, "another dispatcher")
        self.assertEqual(self.greeting()[:3], "421")

    def test_processes_count_together(self):
        self.begin(tables=SENDERS)
        answers = []
        ready = threading.Barrier(24)

        def send(number):
            with self.mta.smtp() as client:
                ready.wait(60)
                answers.append(client.mail("Bulk@client.test" if number % 2 else "bulk@CLIENT.test"))

        threads = [threading.Thread(target=send, args=(number,)) for number in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(sorted(code for code, _ in answers), [250] * 10 + [451] * 14)
        self.assertIn((451, b"4.7.1 Too much mail: bulk@client.test"), [(code, text.lower().replace(b"too", b"Too")) for code, text in answers])
        self.assertEqual(self.rcpt("other@client.test", "adam@example.com")[0], 250)

    def test_greylisted_until_they_come_again(self):
        self.begin()
        self.assertEqual(self.rcpt("a@far.example", "adam@example.com"), (450, "4.4.3 Temporary error: adam@example.com"))
        harness.wait_for(self.comes_again, "who comes again")
        for _ in range(3):
            self.assertTrue(self.comes_again())
        self.assertEqual(self.rcpt("a@far.example", "adam@example.com", "127.0.0.10")[0], 450)
        for _ in range(3):
            self.assertEqual(self.rcpt("a@far.example", "eve@example.com")[0], 450)

    def test_what_is_known_outlives_its_file_and_servers_outlive_damage(self):
        self.begin()
        self.rcpt("a@far.example", "adam@example.com")
        harness.wait_for(self.comes_again, "who comes again")
        self.mta.stop()  # whoever ends writes down what is worth it
        run = self.mta.directory / "run"
        self.assertTrue((run / "meter.mdb-saved").exists())
        (run / "meter.mdb").unlink()
        (run / "meter.mdb-gate").unlink()
        self.mta.start()
        self.assertTrue(self.comes_again())
        before = self.mta.pids("tcp_smtp_server")
        (run / "meter.mdb").unlink()
        self.assertTrue(self.comes_again())
        (run / "meter.mdb-saved").write_bytes(b"nonsense")
        with open(run / "meter.mdb", "r+b") as file:
            file.truncate(0)
        self.assertEqual(self.rcpt("a@far.example", "adam@example.com")[0], 450)
        harness.wait_for(self.comes_again, "who comes again")
        self.assertEqual(self.mta.pids("tcp_smtp_server"), before)

    def test_values(self):
        self.begin()
        self.assertEqual(self.rcpt("a@far.example", "utell@example.com")[0], 250)
        self.rcpt("a@far.example", "unote@example.com")
        self.assertEqual(self.rcpt("a@far.example", "utell@example.com"), (550, "5.7.1 a@far.example and, commas: utell@example.com"))
        codes = [self.rcpt("a@far.example", "uthird@example.com")[0] for _ in range(4)]
        self.assertEqual(codes, [250, 250, 550, 550])

    def test_wrong_options_are_findings(self):
        self.mta = self.instance(files={"option.dat": lambda text: text + "metermaid.table.x.type = remote\nmetermaid.table.x.quotas = 1\n"})
        done = self.mta.imsimta("cnbuild", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout + done.stderr, r"option\.dat:\d+:\d+: error: METERMAID\.TABLE\.X\.TYPE: expected throttle")
        self.assertRegex(done.stdout + done.stderr, r"did you mean QUOTA")


if __name__ == "__main__":
    unittest.main()
