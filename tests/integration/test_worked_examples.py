"""The worked examples of the family's manual, through the real programs: the same hosts, addresses and answers, and the
log lines that the manual shows. Patterns: TS is a time stamp, TR transport information, QF(channel,prefix) a queue
file; a blank is a run of blanks; \\1 is the first captured text."""
import re
import socket
import unittest

import harness
import network
from smtp_peer import SmtpPeer

OURS = "206.184.139.12"
THOR = "192.160.253.66"
GATEWAY = "192.160.253.67"
MAILHUB = "206.184.139.66"
HOSTA = "206.184.139.70"
SOME = "192.1.1.1"

RULES = """\
sesta.com                     $U%$D@sesta.com
process                       $U%process.sesta.com@process-daemon
process.sesta.com             $U%$D@process-daemon
conversion                    $U%conversion.sesta.com@conversion-daemon
conversion.sesta.com          $U%$D@conversion-daemon
[]                            $E$R${INTERNAL_IP,$L}$U%[$L]@sesta.com
[]                            $E$R${HOSTA_IP,$L}$U%[$L]@tcp_internal-daemon
[]                            $U%[$L]@tcp_local-daemon
.                             $U%$H@tcp_local-daemon
"""
CHANNELS = """
defaults logging notices 1 2 4 7 noswitchchannel immnonurgent maxjobs 7

l allowswitchchannel subdirs 20 pool LOCAL_POOL
sesta.com

tcp_local smtp mx single_sys switchchannel copysendpost nocache nameservers {dns} pool SMTP_POOL
tcp_local-daemon

tcp_internal smtp mx single_sys allowswitchchannel nameservers {dns} pool SMTP_POOL
tcp_internal-daemon

process
process-daemon

conversion
conversion-daemon
"""
MAPPINGS = """

HOSTA_IP

  $(206.184.139.70/32)    $Y
  *                       $N

CONVERSIONS

  IN-CHAN=tcp_local;OUT-CHAN=l;CONVERT  Yes
"""
RECORDS = (
    "siroe.com. MX 10 thor.siroe.com.", f"thor.siroe.com. A {THOR}", f"66.253.160.192.in-addr.arpa. PTR THOR.SIROE.COM.",
    "varrius.com. MX 10 gw.varrius.com.", f"gw.varrius.com. A {GATEWAY}",
    f"hosta.sesta.com. A {HOSTA}", "hostb.sesta.com. MX 10 mailhub.sesta.com.", f"mailhub.sesta.com. A {MAILHUB}",
    "some.org. MX 10 host.some.org.", f"host.some.org. A {SOME}",
)
SUN_BANNER = "220 THOR.SIROE.COM -- Server ESMTP [iMS V5.0 #8694]"
TIME = r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d\d"
TRANSPORT = r"TCP\|[\d.]+\|\d+\|[\d.]+\|\d+"


def expanded(pattern, captures):
    pattern = re.sub(r"QF\((\w+),(Z.?(?:\[A-X\])?)\)", lambda m: rf"\S*/{m[1]}/(?:\d{{3}}/)?{m[2]}[0-9A-Za-z]+\.\d\d", pattern)
    pattern = pattern.replace("TS ", TIME + " ").replace("TR", TRANSPORT).replace("…", ".*")
    for number, text in enumerate(captures, 1):
        pattern = pattern.replace(f"\\{number}", re.escape(text))
    return "^" + re.sub(" +", " +", pattern) + "$"


def match_in_order(lines, patterns):
    """Captured texts; None and the pattern that has no line."""
    captures, at = [], 0
    for pattern in patterns:
        compiled = re.compile(expanded(pattern, captures))
        while at < len(lines) and not compiled.match(lines[at]):
            at += 1
        if at == len(lines):
            return None, pattern
        captures += compiled.match(lines[at]).groups()
        at += 1
    return captures, None


@unittest.skipUnless(network.is_private(), "needs a network name space of its own (root, iproute2)")
class WorkedExamples(harness.MtaTest):
    @classmethod
    def setUpClass(cls):
        network.begin(OURS, THOR, GATEWAY, MAILHUB, HOSTA)

    def start(self, options="", conversions=False, ident="", **settings):
        dns = self.dns(*RECORDS)
        mappings = MAPPINGS if conversions else MAPPINGS.split("CONVERSIONS")[0]
        rules = RULES + CHANNELS.format(dns=dns.address).replace("switchchannel copy", f"switchchannel {ident} copy")
        self.mta = self.instance(local_users=("adam", "bert", "bob", "postmaster"), files={
            "imta.cnf": rules,
            "mappings": lambda text: text + mappings,
            "aliases": "test-list: bob, carol@varrius.com, david@varrius.com\n",
            "option.dat": options,
            "tcp_local_option": "LOG_BANNER=1\nLOG_TRANSPORTINFO=1\n",
            "dispatcher.cnf": lambda text: re.sub(r"(?m)^PORT=127.0.0.1:(\d+)$", rf"PORT=127.0.0.1:\1,{OURS}:25", text),
            **settings})
        self.mta.start()

    def peer(self, *arguments, **options):
        made = SmtpPeer(*arguments, **options)
        self.addCleanup(made.close)
        return made

    def thor(self, **options):
        return self.peer(THOR, banner=SUN_BANNER, name="thor.siroe.com", **options)

    def submit(self, sender, recipients, source="127.0.0.1", hello="client", message_id="<01ISKLSKC2QC90N15M@sesta.com>",
               mail_options=(), rcpt_options=()):
        """By 127.0.0.1 a local user, by HOSTA the internal network, else a stranger."""
        target = ("127.0.0.1", self.mta.port) if source == "127.0.0.1" else (OURS, 25)
        with self.mta.smtp_to(target, source, hello) as client:
            client.sendmail(sender, recipients, f"From: {sender}\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\nHello\r\n",
                            list(mail_options), list(rcpt_options))

    def expect(self, *patterns, limit=60.0):
        missing = [None]

        def found():
            captures, missing[0] = match_in_order(self.mta.log_lines(), patterns)
            return None if captures is None else (captures,)
        return harness.wait_for(found, lambda: f"a line like {missing[0]}; the log has:\n" + "\n".join(self.mta.log_lines()),
                                limit)[0]

    def test_outgoing_message(self):
        self.thor()
        self.start()
        self.submit("adam@sesta.com", ["marlowe@siroe.com"])
        self.expect(
            r"TS l tcp_local E \d+ adam@sesta\.com rfc822;marlowe@siroe\.com marlowe@siroe\.com",
            r"TS tcp_local D \d+ adam@sesta\.com rfc822;marlowe@siroe\.com marlowe@siroe\.com dns;thor\.siroe\.com \(TR\)"
            r" \(THOR\.SIROE\.COM -- Server ESMTP .*\) smtp;250 2\.1\.5 marlowe@siroe\.com and options OK\.")
        self.assertTrue(any(f"|{THOR}|25)" in line for line in self.mta.log_lines()))
        # The columns of the first example, to the octet.
        enqueued = next(line for line in self.mta.log_lines() if " E " in line)
        self.assertRegex(enqueued, "^.{23} l            tcp_local    E 1 adam@sesta.com rfc822;marlowe@siroe.com marlowe@siroe.com$")
        self.refused_relay()

    def refused_relay(self):
        """A stranger wants to send through us to other strangers."""
        with self.mta.smtp_to((OURS, 25), THOR, "thor.siroe.com") as client:
            client.mail("harold@varrius.com")
            self.assertEqual(client.rcpt("alan@very.bogus.com"), (550, b"5.7.1 Relaying not permitted: alan@very.bogus.com"))
        self.expect(r"TS tcp_local J 0 harold@varrius\.com rfc822; alan@very\.bogus\.com"
                    r" 550 5\.7\.1 Relaying not permitted: alan@very\.bogus\.com")

    def test_optional_fields_and_bounces(self):
        """Queue file and message id; a domain that does not exist; a user who does not; retries; conversion."""
        self.start("LOG_FILENAME=1\nLOG_MESSAGE_ID=1\n", conversions=True)
        self.optional_fields()
        self.nonexistent_domain()
        self.nonexistent_user()
        self.conversion()
        self.retries()

    def optional_fields(self):
        thor = self.thor()
        self.submit("adam@sesta.com", ["marlowe@siroe.com"])
        name = self.expect(
            r"TS l tcp_local E \d+ adam@sesta\.com rfc822;marlowe@siroe\.com marlowe@siroe\.com (QF(tcp_local,ZZ)) (<\S+@sesta\.com>)",
            r"TS tcp_local D \d+ … marlowe@siroe\.com (QF(tcp_local,Z.)) \2 dns;thor… smtp;250 .*")
        self.assertEqual(name[0], name[2])
        thor.close()

    def nonexistent_domain(self):
        self.submit("adam@sesta.com", ["user@very.bogus.com"], message_id="<01ISKP0RYMAS94DU0K@sesta.com>")
        self.bounce(r"user@very\.bogus\.com", "<01ISKP0RYMAS94DU0K@sesta.com>", r"Illegal host/domain name found", "ZZ")

    def nonexistent_user(self):
        thor = self.thor(rcpt=lambda recipient: f"553 unknown or illegal user: {recipient}")
        self.submit("adam@sesta.com", ["nonesuch@siroe.com"], message_id="<01ISLNBAWV3094DUWH@sesta.com>")
        self.bounce(r"nonesuch@siroe\.com", "<01ISLNBAWV3094DUWH@sesta.com>",
                    r"dns;thor\.siroe\.com \(TR\) \(THOR\.SIROE\.COM -- .*\) smtp;553 unknown or illegal user: nonesuch@siroe\.com",
                    "Z.")
        thor.close()

    def bounce(self, recipient, message_id, diagnostic, prefix):
        """The sender's report and the postmaster's copy share one file in each queue; E of the report precedes R."""
        found = self.expect(
            rf"TS l tcp_local E \d+ adam@sesta\.com rfc822;{recipient} {recipient} QF(tcp_local,ZZ) ({re.escape(message_id)})",
            r"TS tcp_local process E \d+ rfc822;adam@sesta\.com adam@sesta\.com (QF(process,ZZ)) (<\S+>),\1",
            r"TS tcp_local process E \d+ rfc822;postmaster@sesta\.com postmaster@sesta\.com (QF(process,ZZ)) \3,\1",
            rf"TS tcp_local R \d+ adam@sesta\.com rfc822;{recipient} {recipient} QF(tcp_local,{prefix}) \1 {diagnostic}",
            r"TS process l E \d+ rfc822;adam@sesta\.com adam (QF(l,ZZ)) \3",
            r"TS process l E \d+ rfc822;postmaster@sesta\.com postmaster (QF(l,ZZ)) \3",
            r"TS l D \d+ rfc822;adam@sesta\.com adam QF(l,Z.) \3",
            r"TS l D \d+ rfc822;postmaster@sesta\.com postmaster QF(l,Z.) \3")
        self.assertEqual(found[1], found[3], "the two copies share a file")
        self.assertEqual(found[4], found[5])
        reports = [line for line in self.mta.log_lines() if found[2] in line]
        self.assertTrue(all(re.search(r"\d  rfc822;", line) for line in reports), "an empty sender is two blanks")

    def conversion(self):
        self.submit("amy@siroe.edu", ["bert@sesta.com"], source=THOR, message_id="<01IT5UALL14498518O@siroe.edu>")
        self.expect(
            r"TS tcp_local conversion E \d+ amy@siroe\.edu rfc822;bert@sesta\.com bert@sesta\.com QF(conversion,ZZ) (<\S+>)",
            r"TS conversion l E \d+ amy@siroe\.edu rfc822;bert@sesta\.com bert QF(l,ZZ) \1",
            r"TS conversion D \d+ amy@siroe\.edu rfc822;bert@sesta\.com bert QF(conversion,Z.) \1",
        )
        self.expect(r"TS l D \d+ amy@siroe\.edu rfc822;bert@\S+ bert QF(l,Z.) <01IT5UALL14498518O@siroe\.edu>")

    def retries(self):
        """No route, connection refused, at last accepted; the file's name shows the attempts."""
        def failed(prefix, end):
            self.expect(rf"TS tcp_local Q \d+ adam@hosta\.sesta\.com rfc822;user@some\.org user@some\.org QF(tcp_local,{prefix})"
                        rf" <01IRUD7SVA3Q9UN2D4@sesta\.com> TCP active open: Failed connect\(\) Error: {end}")

        def try_again():
            """When the attempt before is over: what is being delivered is not made ready."""
            def is_delayed():
                return any(row["delayed"] == 1 for row in self.mta.json("qm", "messages", "tcp_local"))
            harness.wait_for(is_delayed, "the delayed message")
            self.mta.imsimta("run", "tcp_local")

        network.take_route_away(SOME)
        self.submit("adam@hosta.sesta.com", ["user@some.org"], source=HOSTA, message_id="<01IRUD7SVA3Q9UN2D4@sesta.com>")
        failed("ZZ", "no route to host")
        try_again()
        failed("ZY", "no route to host")
        network.give_route_back(SOME)
        network.add_address(SOME)
        try_again()
        failed("ZX", "connection refused")
        self.peer(SOME, banner="220 All set, fire away", rcpt=lambda _: "250 Ok")
        try_again()
        self.expect(
            r"TS tcp_internal tcp_local E \d+ adam@hosta\.sesta\.com rfc822;user@some\.org user@some\.org QF(tcp_local,ZZ) (<\S+>)",
            r"TS tcp_local Q \d+ … QF(tcp_local,ZZ) \1 TCP active open: Failed connect\(\) Error: no route to host",
            r"TS tcp_local Q \d+ … QF(tcp_local,ZY) \1 TCP active open: Failed connect\(\) Error: no route to host",
            r"TS tcp_local Q \d+ … QF(tcp_local,ZX) \1 TCP active open: Failed connect\(\) Error: connection refused",
            r"TS tcp_local D \d+ … QF(tcp_local,Z[A-X]) \1 dns;host\.some\.org \(TR\) \(All set, fire away\) smtp;250 Ok")

    def test_list(self):
        self.peer(GATEWAY, banner="220 gw.varrius.com -- SMTP Sendmail", rcpt=lambda _: "250 OK.")
        self.start("LOG_FILENAME=1\nLOG_MESSAGE_ID=1\nLOG_CONNECTION=1\n")
        self.submit("adam@sesta.com", ["test-list@sesta.com"], message_id="<01ISKND2H8MS90N15M@sesta.com>")
        files = self.expect(
            r"TS l l E \d+ adam@sesta\.com rfc822;test-list@sesta\.com bob QF(l,ZZ) (<\S+>)",
            r"TS l tcp_local E \d+ adam@sesta\.com rfc822;test-list@sesta\.com carol@varrius\.com (QF(tcp_local,ZZ)) \1",
            r"TS l tcp_local E \d+ adam@sesta\.com rfc822;test-list@sesta\.com david@varrius\.com (QF(tcp_local,ZZ)) \1")
        self.assertEqual(files[1], files[2])
        self.expect(r"TS l D \d+ adam@sesta\.com rfc822;test-list@sesta\.com bob QF(l,Z.) <01ISKND2H8MS90N15M@sesta\.com>")
        accepted = r"(<\S+>) dns;gw\.varrius\.com \(TR\) \(gw\.varrius\.com -- SMTP Sendmail\) smtp;250 OK\."
        self.expect(
            rf"TS tcp_local D \d+ … rfc822;test-list@sesta\.com carol@varrius\.com QF(tcp_local,Z.) {accepted}",
            rf"TS tcp_local D \d+ … rfc822;test-list@sesta\.com david@varrius\.com QF(tcp_local,Z.) {accepted}")

    def test_outbound_connections(self):
        self.peer(HOSTA, banner="220 hosta.sesta.com -- Server ESMTP [iMS V5.0 #8790]")
        self.peer(MAILHUB, banner="220 MAILHUB.SESTA.COM -- Server ESMTP [iMS V5.0 #8694]")
        self.start("LOG_CONNECTION=3\nLOG_PROCESS=1\nLOG_MESSAGE_ID=1\nLOG_FILENAME=1\n")
        self.submit("adam@sesta.com", ["bobby@hosta.sesta.com", "carl@hosta.sesta.com", "dave@hostb.sesta.com"])
        enqueued = self.expect(*(
            rf"TS ([0-9a-f]+(?:\.[0-9a-f]+)?)\.(\d+) l tcp_local E \d+ … {user}@{host}\.sesta\.com (QF(tcp_local,ZZ)) <\S+>"
            for user, host in (("bobby", "hosta"), ("carl", "hosta"), ("dave", "hostb"))))
        process, counts, files = enqueued[0::3], [int(count) for count in enqueued[1::3]], enqueued[2::3]
        self.assertEqual(len(set(process)), 1)
        self.assertEqual([count - counts[0] for count in counts], [0, 0, 1], "one operation for each file")
        self.assertEqual(files[0], files[1])
        self.assertNotEqual(files[0], files[2])
        hosta = self.thread("hosta", "hosta", ("bobby", "carl"), r"hosta\.sesta\.com -- Server ESMTP \[iMS V5\.0 #8790\]")
        hostb = self.thread("hostb", "mailhub", ("dave",), r"MAILHUB\.SESTA\.COM -- Server ESMTP \[iMS V5\.0 #8694\]")
        self.assertEqual(hosta[0], hostb[0], "one process")
        self.assertNotEqual(hosta[1], hostb[1], "two threads")

    def thread(self, host, dns_host, users, banner):
        """Open, messages, close of one connection: process and thread. Each is one step of the thread's counter."""
        head = r"TS ([0-9a-f]+)\.([0-9a-f]+)\.(\d+) tcp_local"
        application = rf"SMTP/{host}\.sesta\.com/{dns_host}\.sesta\.com"
        messages = [
            rf"{head} D \d+ … rfc822;{user}@\S+ {user}@{host}\.sesta\.com QF(tcp_local,Z.) <\S+> {dns_host}\.sesta\.com"
            rf" dns;{dns_host}\.sesta\.com \(TR\) \({banner}\)(?: \(TR\))? smtp;250 .*" for user in users]
        found = self.expect(rf"{head} - O TR {application}", *messages, rf"{head} - C TR {application}")
        self.assertEqual(len(set(zip(found[0::3], found[1::3]))), 1)
        counts = [int(count) for count in found[2::3]]
        self.assertEqual([count - counts[0] for count in counts], [0, *[1] * len(users), 2])
        return found[0], found[1]

    def test_inbound_connection(self):
        self.start("LOG_CONNECTION=3\n")
        self.submit("service@siroe.com", ["adam@sesta.com"], source=THOR, hello="THOR.SIROE.COM")
        transport = rf"TCP\|{re.escape(OURS)}\|25\|{re.escape(THOR)}\|(\d+)"
        self.expect(
            rf"TS tcp_local \+ O {transport} SMTP",
            r"TS tcp_local l E \d+ service@siroe\.com rfc822;adam@sesta\.com adam"
            r" THOR\.SIROE\.COM \(THOR\.SIROE\.COM \[192\.160\.253\.66\]\)",
            rf"TS tcp_local \+ C {transport.replace('(', '').replace(')', '')} SMTP")
        self.expect(r"TS l D \d+ service@siroe\.com rfc822;adam@sesta\.com adam")

    def test_all_options(self):
        self.start("LOG_NODE=1\nLOG_PROCESS=1\nLOG_NOTARY=1\nLOG_FILENAME=1\nLOG_MESSAGE_ID=1\nLOG_USERNAME=1\nLOG_CONNECTION=1\n")
        self.submit("service@siroe.com", ["adam@sesta.com"], source=THOR, hello="siroe.com",
                    message_id="<01IWFVYLGTS499EC9Y@siroe.com>", rcpt_options=["NOTIFY=FAILURE,DELAY"])
        account = harness.test_account() or r"\S+"
        self.expect(
            rf"TS {re.escape(socket.gethostname())} [0-9a-f]+\.[0-9a-f]+\.\d+ tcp_local l E 1 service@siroe\.com"
            rf" rfc822;adam@sesta\.com adam 276 QF(l,ZZ) <01IWFVYLGTS499EC9Y@siroe\.com> {account}"
            r" siroe\.com \(THOR\.SIROE\.COM \[192\.160\.253\.66\]\)")


if __name__ == "__main__":
    network.enter()
    unittest.main()
