"""Servers as real processes: configuration, start, faults, clean-up.

A `Lab` owns everything one scenario starts. The same scenario runs against either software: a server's `kind` is
"meerkat" or "apache", and a lab asked for Apache only turns every "meerkat" into "apache".
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HOST = "127.0.0.1"
HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
JAVA_CLASS_PATH = os.environ.get(
    "ZOOKEEPER_CLASS_PATH", "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar")
#: digest of super:secret
SUPER = "super:lK75jTNcA+U9vtVEw5vB51mj/w4="
#: Multiplies every bound on waiting: slow machines need more.
PATIENCE = float(os.environ.get("PATIENCE", "1"))
SERVING = ("leader", "follower", "observer", "standalone")


class Failure(AssertionError):
    """A scenario's expectation did not hold."""


class Skip(Exception):
    """The machine cannot run this scenario."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def until(what, predicate, seconds=20.0, pause=0.05):
    """Polls `predicate` until it returns something true; raises Failure after `seconds`, times PATIENCE."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        result = predicate()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds * PATIENCE:g} s: {what}")
        time.sleep(pause)


def four_letter(port, word, timeout=2.0):
    """The answer to a four-letter word; empty when nobody answers."""
    try:
        with socket.create_connection((HOST, port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(word.encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer.decode()
    except OSError:
        return ""


_given_ports = set()


def free_port():
    """A loopback port nobody listens on, outside the range the kernel takes for outgoing connections."""
    for _ in range(1000):
        port = random.randrange(11000, 32000)
        if port in _given_ports:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        _given_ports.add(port)
        return port
    raise Failure("no free port")


def meerkat_binary():
    named = os.environ.get("MEERKAT")
    candidates = [named] if named else [f"{REPOSITORY}/.build/{mode}/meerkat" for mode in ("release", "debug")]
    for path in candidates:
        if os.access(path, os.X_OK):
            return path
    raise Failure(f"no server to test: {' and '.join(candidates)} missing (swift build -c release --product meerkat)")


class Server:
    """One server: its directory, ports, settings, and the process while it runs."""

    def __init__(self, lab, kind, sid, role="participant"):
        self.lab, self.kind, self.sid, self.role = lab, kind, sid, role
        self.directory = os.path.join(lab.directory, str(sid))
        self.data = os.path.join(self.directory, "data")
        self.configuration = os.path.join(self.directory, "zoo.cfg")
        self.log = os.path.join(self.directory, "log")
        self.client_port, self.quorum_port, self.election_port = free_port(), free_port(), free_port()
        self.process = None
        self.command = None
        self.lines = []
        os.makedirs(self.data)

    def __str__(self):
        return f"{self.kind}-{self.sid}"

    @property
    def address(self):
        return f"{HOST}:{self.client_port}"

    def configure(self, lines):
        """Writes zoo.cfg and myid; `lines` without the keys that belong to this server alone."""
        self.lines = lines
        with open(self.configuration, "w") as file:
            file.write("\n".join([f"dataDir={self.data}"] + lines) + "\n")
        with open(os.path.join(self.data, "myid"), "w") as file:
            file.write(f"{self.sid}\n")

    def become(self, kind):
        """Hands the same directory and configuration to the other software; the server must be down."""
        check(self.process is None, f"{self} still runs")
        self.kind = self.lab.kind_of(kind)

    def start(self):
        check(self.process is None, f"{self} runs already")
        command = self.command or self.server_command()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL"] + command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.directory)
        return self

    def server_command(self):
        if self.kind == "meerkat":
            return [meerkat_binary(), "server", self.configuration]
        return java_command("org.apache.zookeeper.server.quorum.QuorumPeerMain", self.configuration)

    # Faults -------------------------------------------------------------------------------------------------------

    def kill(self):
        """kill -9."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self, seconds=15.0):
        """SIGTERM; the exit status. A server that does not end in time is killed and fails the scenario."""
        process, self.process = self.process, None
        process.terminate()
        try:
            return process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure(f"{self} did not end within {seconds:g} s of SIGTERM") from None

    def freeze(self):
        """Returns when every thread stands still."""
        self.process.send_signal(signal.SIGSTOP)
        until(f"{self} stands still", lambda: set(self.thread_states()) == {"T"}, 10)

    def thread_states(self):
        """A letter for each thread (proc(5)); "gone" for one that ended meanwhile."""
        tasks = f"/proc/{self.process.pid}/task"
        for thread in os.listdir(tasks):
            try:
                with open(f"{tasks}/{thread}/stat") as file:
                    yield file.read().rsplit(")", 1)[1].split()[0]
            except FileNotFoundError:
                yield "gone"

    def has_logged(self, text):
        """Whether any file of the transaction log contains these bytes."""
        history = os.path.join(self.data, "version-2")
        for name in os.listdir(history):
            if name.startswith("log."):
                with open(os.path.join(history, name), "rb") as file:
                    if text in file.read():
                        return True
        return False

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def wipe(self):
        """Removes the history, keeps myid."""
        shutil.rmtree(os.path.join(self.data, "version-2"), ignore_errors=True)

    # Looking ------------------------------------------------------------------------------------------------------

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def words(self, word):
        return four_letter(self.client_port, word)

    def mode(self):
        """What `srvr` says after Mode:, or None while the server does not serve."""
        for line in self.words("srvr").splitlines():
            if line.startswith("Mode: "):
                return line.split()[1]
        return None

    def serving(self, seconds=40.0, modes=SERVING):
        def look():
            check(self.runs(), f"{self} ended with status {self.process.poll() if self.process else None}")
            return self.mode() in modes
        until(f"{self} serves", look, seconds, 0.1)
        return self

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def log_tail(self, lines=12):
        """The last lines, without the stack traces of Java."""
        if not os.path.exists(self.log):
            return []
        kept = [line[:240] for line in self.log_text().splitlines() if not line.startswith(("\tat ", "java."))]
        return kept[-lines:]


def java_command(main, *arguments):
    return ["java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            "-Djava.net.preferIPv4Stack=true", "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-cp", JAVA_CLASS_PATH, main] + list(arguments)


class Lab:
    """One scenario's directory, servers and clients; on leaving, all are gone whatever happened."""

    def __init__(self, name, kind="meerkat", keep=False):
        self.name, self.kind, self.keep = name, kind, keep
        self.directory = tempfile.mkdtemp(prefix=f"meerkat-{name}-")
        self.servers = []
        self.clean_ups = []

    def __enter__(self):
        return self

    def __exit__(self, failure, value, trace):
        if failure and not issubclass(failure, Skip):
            for server in self.servers:
                print(f"--- end of the log of {server}, {'running' if server.runs() else 'down'}")
                print("\n".join(server.log_tail()))
        for clean_up in reversed(self.clean_ups):
            try:
                clean_up()
            except Exception as problem:  # one clean-up must not hinder the next
                print(f"clean-up: {problem!r}")
        for server in self.servers:
            server.kill()
        if self.keep and failure:
            print(f"--- kept: {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def kind_of(self, kind):
        return "apache" if self.kind == "apache" else kind

    def ours(self, server):
        return server.kind == "meerkat"

    def server(self, kind, sid, role="participant"):
        server = Server(self, self.kind_of(kind), sid, role)
        self.servers.append(server)
        return server

    def client(self, *servers, **options):
        """A started kazoo client of these servers."""
        from clients import kazoo_client
        client = kazoo_client(servers, **options)
        self.clean_ups.append(lambda: close_quietly(client))
        client.start(timeout=20)
        return client

    def wire(self, server, **options):
        from wire import Wire
        client = Wire(server.client_port, **options)
        self.clean_ups.append(client.drop)
        return client


def close_quietly(client):
    client.stop()
    client.close()
