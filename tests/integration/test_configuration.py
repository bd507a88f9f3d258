"""Mistakes in the configuration: all named in one run, each at its place, and nothing changes for the running MTA."""
import json
import os
import unittest

import harness

MISTAKES = {
    "imta.cnf": [
        ("bad1.example    $U", "E202"),
        ("bad2.example    $U%$J@tcp_local-daemon", "E203"),
        ("bad3.example    $U%${MAP,$U@tcp_local-daemon", "E204"),
        ("lonely.example", "E201"),
    ],
}


class Configuration(harness.MtaTest):
    def test_ten_mistakes_ten_diagnostics_and_the_old_configuration_stays(self):
        mta = self.instance()
        mta.imsimta("cnbuild")
        mta.start()
        config = mta.directory / "config"
        rules = (config / "imta.cnf").read_text()
        bad_rules = "".join(line + "\n" for line, _ in MISTAKES["imta.cnf"])
        # four in the rules, two in the channel table
        broken = bad_rules + rules.replace("bitbucket nologging\nbitbucket-daemon", "bitbucket nologging\nprocess-daemon\n\nBad!Name smtp\nbad-daemon")
        (config / "imta.cnf").write_text(broken)
        # one each in mappings, options, job controller, dispatcher
        (config / "mappings").write_text((config / "mappings").read_text() + "\nBROKEN\n\n  $[a  $Y\n")
        (config / "option.dat").write_text((config / "option.dat").read_text() + "LOG_CONNECTION=lots\n")
        (config / "job_controller.cnf").write_text((config / "job_controller.cnf").read_text() + "\n[POOL=X]\nJOB_LIMIT=many\n")
        (config / "dispatcher.cnf").write_text((config / "dispatcher.cnf").read_text() + "\n[SERVICE=X]\nPORT=99999\nIMAGE=IMTA_BIN:x\n")
        done = mta.imsimta("cnbuild", check=False)
        self.assertEqual(done.returncode, 7)
        found = [line for line in done.stderr.splitlines() if ": error: " in line]
        print("\n".join(found))
        self.assertEqual(len(found), 10, done.stderr)
        for line in found:
            self.assertRegex(line, r"^\S+/config/[\w.]+:\d+:\d+: error: .+ \[\w+\]$")
        for text, code in MISTAKES["imta.cnf"]:
            self.assertTrue(any(f"[{code}]" in line for line in found), code)
            self.assertIn(text.split()[0], done.stderr)
        self.assertIn("^", done.stderr)
        self.assertRegex(done.stderr, "hint: ")

        self.assertEqual(mta.imsimta("restart", check=False).returncode, 0)
        with mta.smtp() as client:
            client.sendmail("a@b.example", ["adam@example.com"], "Subject: still here\r\n\r\nhi\r\n")
        mta.wait_for_mail("adam")

    def test_checking_publishes_nothing(self):
        mta = self.instance()
        done = mta.imsimta("cnbuild", "-noimage_file")
        self.assertIn("%CNBUILD-S-CHECKED", done.stdout)
        self.assertFalse((mta.directory / "lib" / "config_data").exists())
        first = mta.imsimta("cnbuild")
        self.assertRegex(first.stdout, r"%CNBUILD-S-WRITTEN, generation 00000001")
        self.assertRegex(mta.imsimta("cnbuild").stdout, r"generation 00000002")

    def test_publishes_with_the_options_of_another_file(self):
        mta = self.instance()
        other = mta.directory / "other.dat"
        other.write_text("BLOCK_LIMIT=1\n")
        self.assertIn("options are those of " + str(other), mta.imsimta("cnbuild", f"-option_file={other}").stdout)
        mta.start()
        with mta.smtp() as client:
            client.mail("adam@example.com")
            client.rcpt("adam@example.com")
            self.assertEqual(client.data("Subject: large\r\n\r\n" + 1000 * ("x" * 70 + "\r\n"))[0] // 100, 5)
        mta.stop()
        mta.imsimta("cnbuild", "-nooption_file")
        mta.start()
        with mta.smtp() as client:
            client.sendmail("adam@example.com", ["adam@example.com"], "Subject: large\r\n\r\n" + 1000 * ("x" * 70 + "\r\n"))
        mta.wait_for_mail("adam")
        self.assertEqual(mta.imsimta("cnbuild", "-option_file=/nowhere", check=False).returncode, 4)
        other.write_text("BLOCK_SIZE=none\n")
        self.assertEqual(mta.imsimta("cnbuild", f"-option_file={other}", check=False).returncode, 7)

    def test_shipped_configuration_has_no_findings(self):
        done = self.instance().imsimta("cnbuild", "-noimage_file")
        self.assertEqual(done.stderr, "")

    def test_an_open_relay_is_shown_and_not_published(self):
        mta = self.instance()
        mappings = mta.directory / "config" / "mappings"
        mappings.write_text(mappings.read_text().replace("  tcp_local|*|tcp_*|*  ", "  tcp_local|*|tcp_intranet|*  "))
        done = mta.imsimta("cnbuild", check=False)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("[L014]", done.stderr)
        self.assertIn("C: RCPT TO:<stranger@elsewhere.invalid>", done.stderr)
        self.assertFalse((mta.directory / "lib" / "config_data").exists())
        [finding] = [json.loads(line) for line in mta.imsimta("cnbuild", "-json", check=False).stdout.splitlines()]
        self.assertEqual((finding["code"], finding["severity"]), ("L014", "error"))
        self.assertIn("source channel tcp_local", finding["example"])
        self.assertIn("WRITTEN", mta.imsimta("cnbuild", "-silence=L014").stdout)

    def test_findings_are_silenced_by_comments(self):
        mta = self.instance()
        mappings = mta.directory / "config" / "mappings"
        good = mappings.read_text()
        mappings.write_text(good + "\nX-OLD\n\n  *  $Y\n")
        self.assertIn("[L007]", mta.imsimta("cnbuild").stderr)
        mappings.write_text(good + "\n! lint: L007 ok: for a while\nX-OLD\n\n  *  $Y\n")
        self.assertEqual(mta.imsimta("cnbuild").stderr, "")
        mappings.write_text(good + "\n! lint: L007 ok: for a while\n")
        self.assertIn("[L090]", mta.imsimta("cnbuild").stderr)

    def test_what_does_not_pass_its_cases_is_not_published(self):
        mta = self.instance()
        cases = mta.directory / "config" / "cases"
        cases.mkdir()
        rows = ["id\tclient\tsender\trecipient\texpect",
                "relay\t203.0.113.7\ta@b.example\tx@far.example\t550 5.7.1",
                "here\t203.0.113.7\ta@b.example\tadam@example.com\taccept l"]
        (cases / "mail.tsv").write_text("\n".join(rows) + "\n")
        self.assertIn("2 passed, 0 failed", mta.imsimta("cnbuild").stdout)
        (cases / "mail.tsv").write_text("\n".join(rows).replace("adam@", "nobody@") + "\n")
        done = mta.imsimta("cnbuild", check=False)
        self.assertEqual(done.returncode, 7)
        self.assertIn("FAILED", done.stdout)
        self.assertIn("nobody has no mailbox here", done.stdout)
        self.assertIn("1 passed, 1 failed", done.stderr)
        self.assertIn("generation 00000002", mta.imsimta("cnbuild", "-nocases").stdout)

    def test_files_are_brought_into_form_and_mean_the_same(self):
        mta = self.instance()
        config = mta.directory / "config" / "imta.cnf"
        os.chmod(config, 0o600)
        config.write_text("a.example $U%$D@tcp_local-daemon  \nlonger.example\t$U%$D@tcp_local-daemon\n" + config.read_text())
        self.assertEqual(mta.imsimta("cnbuild", "-format", "-check", check=False).returncode, 1)
        mta.imsimta("cnbuild", "-format")
        self.assertEqual(mta.imsimta("cnbuild", "-format", "-check", check=False).returncode, 0)
        first, second = config.read_text().splitlines()[:2]
        self.assertEqual(first.index("$U"), second.index("$U"))
        self.assertEqual(config.stat().st_mode & 0o777, 0o600)
        self.assertEqual(mta.imsimta("cnbuild").stderr, "")

    def test_new_configuration_reaches_new_sessions_after_a_restart(self):
        mta = self.instance()
        mta.imsimta("cnbuild")
        mta.start()
        users = mta.directory / "config" / "local_users"
        users.write_text(users.read_text() + "newcomer\n")
        mta.imsimta("cnbuild")
        mta.imsimta("restart")

        def accepted():
            with mta.smtp() as client:
                client.mail("a@b.example")
                return client.rcpt("newcomer@example.com")[0] == 250

        harness.wait_for(accepted, "the new user to be known")


if __name__ == "__main__":
    unittest.main()
