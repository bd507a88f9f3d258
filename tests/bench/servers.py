"""The servers that are measured. Each lives in a fresh directory and can do three things:

accept   take mail into the queue and leave it there
relay    send everything on to one next hop at 127.0.0.1
local    put mail for u0 ... u99 into Maildirs

and, for the scenarios of many domains, send mail for d0.dest.example ... to next hops at 127.0.1.1 ...
"""
import contextlib
import importlib.machinery
import importlib.util
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/bench"), str(ROOT / "tests/support"), str(ROOT / "tests/integration")]
import accounting  # noqa: E402
import harness  # noqa: E402
import postfix  # noqa: E402
import segments  # noqa: E402

USERS = 100
DOMAINS = 100
START_LIMIT = 30.0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def greets(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.settimeout(5)
        return connection.recv(512).startswith(b"220 ")
    return False


def server_account():
    """Mail servers do not serve as root: as root, the servers get the account of Debian's packages."""
    return "nobody" if os.geteuid() == 0 else None


def next_hops():
    """(domain, address) of the scenarios with many domains."""
    return [(f"d{i}.dest.example", f"127.0.1.{i + 1}") for i in range(DOMAINS)]


class Server:
    """One server for one measurement: `with` starts it and, whatever happens, ends it."""

    before_exec = None  # called in the new process

    @property
    def domain(self):
        return "example.com" if self.scenario == "local" else "dest.example"

    @property
    def has_many_domains(self):
        return self.scenario not in ("accept", "relay", "local", "idle")

    def __init__(self, directory, scenario, sink_port):
        self.directory = pathlib.Path(directory)
        self.scenario = scenario
        self.sink_port = sink_port
        self.port = free_port()
        self.process = None
        self.directory.mkdir(mode=0o755)

    def __enter__(self):
        command, environment = self.prepare()
        self.output = open(self.directory / "output", "ab")
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=self.output, start_new_session=True, preexec_fn=self.before_exec)
        end = time.monotonic() + START_LIMIT
        while not greets(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError(f"{self.name} does not serve:\n" + (self.directory / "output").read_text()[-4000:])
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.stop()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()

    def roots(self):
        return [self.process.pid]

    def queue_files(self):
        """Messages in the queue, counted on the disk."""
        raise NotImplementedError

    def mail_directories(self):
        raise NotImplementedError


class Sluice(Server):
    """The shipped configuration; what the scenario needs is added."""

    name = "sluice"
    bin = ROOT / "build/release/bin"

    @staticmethod
    def version():
        done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
        return done.stdout.strip() or "unknown"

    def prepare(self):
        loader = importlib.machinery.SourceFileLoader("make_instance", str(ROOT / "scripts/make-instance"))
        module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(module)
        settings = {"user": server_account(), "local_users": ("postmaster", "u*")}
        if self.scenario == "accept":
            settings["files"] = {"job_controller.cnf": lambda text: re.sub(r"(?m)^MASTER_COMMAND=.*\n", "", text)}
        if self.scenario == "relay":
            settings["keywords"] = {"tcp_local": f"daemon [127.0.0.1] port {self.sink_port}"}
        if self.has_many_domains:
            self.dns = harness.DnsServer([f"{domain}. A {address}" for domain, address in next_hops()])
            settings.update(dns=self.dns.address, relay_port=self.sink_port)
        tailor = module.make_instance(self.directory, self.bin, self.port, **settings)
        return [self.bin / "imsimta", "start", "-foreground"], {"IMTA_TAILOR": str(tailor), "PATH": os.environ["PATH"], "TZ": "UTC"}

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        if self.has_many_domains:
            self.dns.close()

    def queue_files(self):
        files = sum(1 for path in (self.directory / "queue").glob("*/[0-9]*/*") if path.suffix)
        return files + segments.count_young(self.directory / "queue")

    def mail_directories(self):
        return [self.directory / "store" / f"u{i}" / "new" for i in range(USERS)]


class SluiceFiltered(Sluice):
    """The same with a filter on the channel of the load: noop_milter, which sees every stage and says nothing."""

    name = "sluice+milter"

    def prepare(self):
        command, environment = super().prepare()
        self.milter_port = free_port()
        self.milter = subprocess.Popen([self.bin / "noop_milter", f"inet:{self.milter_port}@127.0.0.1"], stdin=subprocess.DEVNULL)
        config = self.directory / "config"
        with open(config / "option.dat", "a") as options:
            options.write("\nSPAMFILTER1_LIBRARY=milter\nSPAMFILTER1_CONFIG_FILE=IMTA_TABLE:noop.opt\n")
        (config / "noop.opt").write_text(f"HOST=127.0.0.1\nPORT={self.milter_port}\n")
        imta_cnf = config / "imta.cnf"
        imta_cnf.write_text(re.sub(r"(?m)^(tcp_intranet .*)\\$", r"\1 sourcespamfilter1 \\\\", imta_cnf.read_text()))
        if "sourcespamfilter1" not in imta_cnf.read_text():
            raise RuntimeError("no channel tcp_intranet to put the filter on")
        return command, environment

    def stop(self):
        super().stop()
        self.milter.kill()
        self.milter.wait()


class SluiceConverting(Sluice):
    """The same with all mail through the conversion channel, whose one entry changes nothing."""

    name = "sluice+conversion"

    def prepare(self):
        command, environment = super().prepare()
        config = self.directory / "config"
        with open(config / "mappings", "a") as mappings:
            mappings.write("\nCONVERSIONS\n\n  IN-CHAN=tcp_intranet;OUT-CHAN=*;CONVERT  Yes\n")
        (config / "conversions").write_text("in-type=image; in-subtype=never; delete=1\n")
        return command, environment


class SluiceUnlogged(Sluice):
    """The same with logging off on every channel."""

    name = "sluice, no log"

    def prepare(self):
        command, environment = super().prepare()
        imta_cnf = self.directory / "config" / "imta.cnf"
        imta_cnf.write_text(imta_cnf.read_text().replace("defaults logging", "defaults nologging", 1))
        if "defaults nologging" not in imta_cnf.read_text():
            raise RuntimeError("no defaults line to put nologging on")
        return command, environment


class SluiceAllLogged(Sluice):
    """The same with every LOG_* option that adds to the log, header lines included."""

    name = "sluice, all logged"
    options = ("ENVELOPE_ID", "FILENAME", "FILTER", "HEADER", "HOLD", "INTERMEDIATE", "LOCAL", "MESSAGE_ID", "MODIFIERS", "NODE",
               "NOTARY", "PRIORITY", "PROCESS", "QUEUE_TIME", "REASON", "REMOTE_MTA", "SENSITIVITY", "SESSION", "TIMING", "USERNAME")

    def prepare(self):
        command, environment = super().prepare()
        config = self.directory / "config"
        (config / "option.dat").write_text("".join(f"LOG_{name}=1\n" for name in self.options) + "LOG_CONNECTION=255\n")
        (config / "log_header.opt").write_text("Defaults: MAXIMUM=-1\nSubject: MAXIMUM=1\nFrom: MAXIMUM=1\n")
        return command, environment


class Postfix(Server):
    """Debian's master.cf without chroot, and main.cf as for bulk mail: no brake on input, wide concurrency, cached
    connections to the next hop, no lookups of client names."""

    name = "postfix"

    @classmethod
    def is_usable(cls):
        return postfix.is_usable()

    @staticmethod
    def version():
        return subprocess.run(["postconf", "-dh", "mail_version"], capture_output=True, text=True, check=True).stdout.strip()

    def prepare(self):
        self.config = postfix.lay_out(self.directory, self.port)
        postfix.write_main(self.config, {**self.common(), **self.of_scenario()})
        return ["postfix", "-c", self.config, "start-fg"], postfix.ENVIRONMENT

    def common(self):
        return {
            **postfix.usual(self.directory),
            "relayhost": f"[127.0.0.1]:{self.sink_port}",
            # beyond the stock configuration
            "in_flow_delay": "0",
            "default_process_limit": "300",
            "smtpd_client_connection_count_limit": "0",
            "smtpd_client_event_limit_exceptions": "static:all",
            "local_header_rewrite_clients": "",
            "qmgr_message_active_limit": "100000",
            "qmgr_message_recipient_limit": "100000",
            "enable_long_queue_ids": "yes",
        }

    def of_scenario(self):
        return self.many_domains() if self.has_many_domains else getattr(self, self.scenario)()

    def idle(self):
        return {}

    def many_domains(self):
        routes = "".join(f"{domain} smtp:[{address}]:{self.sink_port}\n" for domain, address in next_hops())
        (self.config / "transport").write_text(routes)
        return {"transport_maps": f"texthash:{self.config}/transport",
                "initial_destination_concurrency": "20",
                "smtp_destination_concurrency_limit": "50",
                "smtp_connection_cache_on_demand": "yes"}

    def accept(self):
        return postfix.HOLD

    def relay(self):
        return {"initial_destination_concurrency": "20",
                "smtp_destination_concurrency_limit": "50",
                "smtp_connection_cache_destinations": f"[127.0.0.1]:{self.sink_port}"}

    def local(self):
        account = pwd.getpwnam(server_account())
        os.chown(self.directory / "mail", account.pw_uid, account.pw_gid)
        (self.config / "mailboxes").write_text("".join(f"u{i}@example.com u{i}/\n" for i in range(USERS)))
        return {"virtual_mailbox_domains": "example.com",
                "virtual_mailbox_base": self.directory / "mail",
                "virtual_mailbox_maps": f"texthash:{self.config}/mailboxes",
                "virtual_mailbox_limit": "0",
                "virtual_minimum_uid": "100",
                "virtual_uid_maps": f"static:{account.pw_uid}",
                "virtual_gid_maps": f"static:{account.pw_gid}",
                "virtual_destination_concurrency_limit": "20"}

    def stop(self):
        subprocess.run(["postfix", "-c", self.config, "stop"], stdout=self.output, stderr=self.output, check=False, timeout=60)

    def queue_files(self):
        return sum(len(files) for _, _, files in os.walk(self.directory / "spool/hold"))

    def mail_directories(self):
        return [self.directory / "mail" / f"u{i}" / "new" for i in range(USERS)]


class Exim(Server):
    """Tuned as for bulk mail: no limits on input, every message tried at once. Its configuration is looked for at one
    place only, so it is started where another directory lies over that place."""

    name = "exim"
    program = ROOT / "build/peers/exim/usr/sbin/exim4"
    account = "Debian-exim"
    before_exec = staticmethod(accounting.adopt_orphans)  # deliveries leave their parents

    @classmethod
    def is_usable(cls):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(cls.account)
            return os.geteuid() == 0 and cls.program.exists() and pathlib.Path("/etc/exim4").is_dir()
        return False

    @classmethod
    def version(cls):
        return subprocess.run([cls.program, "-bV"], capture_output=True, text=True, check=False).stdout.split()[2]

    def prepare(self):
        for name in ("etc", "spool", "log", "mail"):
            (self.directory / name).mkdir()
        for name in ("spool", "log"):
            shutil.chown(self.directory / name, self.account, self.account)
        shutil.chown(self.directory / "mail", server_account())
        (self.directory / "etc/users").write_text("".join(f"u{i}: u{i}\n" for i in range(USERS)))
        (self.directory / "etc/routes").write_text("".join(f"{domain}: {address}\n" for domain, address in next_hops()))
        (self.directory / "etc/exim4.conf").write_text(self.configuration())
        script = 'mount --bind "$1" /etc/exim4 && exec "$2" -bdf -q5m'
        return (["unshare", "--mount", "sh", "-c", script, "sh", self.directory / "etc", self.program],
                {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"})

    def router(self):
        if self.scenario == "local":
            return "here:\n  driver = accept\n  transport = maildir\n"
        route = "route_list = * 127.0.0.1"
        if self.has_many_domains:
            route = "route_data = ${lookup{$domain}lsearch{" + str(self.directory / "etc/routes") + "}}"
        return f"onward:\n  driver = manualroute\n  {route}\n  self = send\n  transport = smtp\n"

    def configuration(self):
        return f"""exim_path = {self.program}
spool_directory = {self.directory}/spool
log_file_path = {self.directory}/log/%slog
pid_file_path = {self.directory}/spool/exim.pid
primary_hostname = mail.example.com
local_interfaces = 127.0.0.1
daemon_smtp_ports = {self.port}
acl_smtp_rcpt = recipient
tls_advertise_hosts =
host_lookup =
rfc1413_hosts =
dns_ipv4_lookup = *
never_users =
queue_only = {"true" if self.scenario in ("accept", "idle") else "false"}
smtp_accept_max = 300
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
smtp_connect_backlog = 1024
split_spool_directory = true
queue_run_max = 20
remote_max_parallel = 20
message_logs = false
check_spool_space = 0
begin acl
recipient:
  accept
begin routers
{self.router()}
begin transports
smtp:
  driver = smtp
  port = {self.sink_port}
  allow_localhost
  hosts_try_dane =
  hosts_avoid_tls = *
maildir:
  driver = appendfile
  maildir_format
  directory = {self.directory}/mail/${{lookup{{$local_part}}lsearch{{{self.directory}/etc/users}}}}
  create_directory
  user = {server_account()}
begin retry
* * F,2h,15m; G,16h,1h,1.5; F,4d,6h
"""

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()

    def queue_files(self):
        return sum(name.endswith("-H") for _, _, files in os.walk(self.directory / "spool/input") for name in files)

    def mail_directories(self):
        return [self.directory / "mail" / f"u{i}" / "new" for i in range(USERS)]
