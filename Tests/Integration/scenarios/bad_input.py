"""Damaged, oversized, truncated and slow input at the three ports of a live ensemble: every server stays up, others are
served meanwhile, and what nobody was allowed to change is unchanged."""

import os
import random
import socket
import struct
import threading
import time

import mutations
import trees
import wire
from clients import USER
from ensemble import Ensemble
from harness import HOST, PATIENCE, Failure, check, until
from registry import scenario

SEED = int(os.environ.get("SEED", "1"))
STREAMS = 250


class Bystander(threading.Thread):
    """A client of one server that reads and writes all the time and notes the longest it had to wait."""

    def __init__(self, lab, server):
        super().__init__(daemon=True)
        self.client = lab.wire(server, timeout=20000, patience=20)
        self.path, self.ending, self.longest, self.problem = f"/by-{server.sid}", threading.Event(), 0.0, None
        self.client.create(self.path, b"")
        self.start()

    def run(self):
        try:
            while not self.ending.wait(0.01):
                began = time.monotonic()
                check(self.client.set(self.path, b"x").error == 0, "set")
                check(self.client.get(self.path)[1] == b"x", "get")
                self.longest = max(self.longest, time.monotonic() - began)
        except Exception as problem:
            self.problem = problem

    def end(self):
        self.ending.set()
        self.join(25)
        check(self.problem is None, f"{self.path}: {self.problem!r}")
        check(self.longest < 5 * PATIENCE, f"{self.path} waited {self.longest:.1f} s")
        self.client.close()


class Siege:
    """An ensemble with a guarded subtree and a bystander at each server; `lift` checks that all is as it was."""

    def __init__(self, lab, bystanders=True):
        self.lab, self.random = lab, random.Random(SEED)
        self.ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
        client = lab.wire(self.ensemble.leader())
        client.auth(*USER)
        for path in ("/guard", "/guard/a", "/guard/b", "/guard/a/c"):
            client.create(path, b"unchanged", acl=((31, "auth", ""),))
        client.close()
        self.before = self.guarded(trees.same(self.ensemble.servers))
        self.processes = [server.process.pid for server in self.ensemble.servers]
        self.bystanders = [Bystander(lab, server) for server in self.ensemble.servers] if bystanders else []

    def guarded(self, tree):
        return {path: node for path, node in tree.items() if path.startswith("/guard")}

    def throw(self, port, conversations, streams=STREAMS):
        for _ in range(streams):
            data = mutations.damaged(self.random.choice(conversations), self.random)
            throw(port, data, self.random)

    def lift(self):
        for server in self.ensemble.servers:
            check(server.runs(), f"{server} died")
        check([server.process.pid for server in self.ensemble.servers] == self.processes, "a server was restarted")
        for bystander in self.bystanders:
            bystander.end()
        self.ensemble.serving()
        after = self.guarded(trees.same(self.ensemble.servers, seconds=20))
        lines = trees.differences(self.before, after)
        check(not lines, "the guarded nodes changed:\n" + "\n".join(lines))
        client = self.lab.wire(self.ensemble.observers[0])
        check(client.create("/afterwards", b"").error == 0, "writing goes on")
        client.close()


def throw(port, data, random):
    """Sends and looks at the answer for a moment; ends the connection in one of the ways connections end."""
    with socket.create_connection((HOST, port), 5) as connection:
        connection.settimeout(random.choice((0.005, 0.01, 0.03)))
        try:
            connection.sendall(data)
            if random.random() < 0.3:
                connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass
        if random.random() < 0.3:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@scenario()
def bad_input_at_the_client_port(lab):
    siege = Siege(lab)
    ensemble = siege.ensemble
    # A learner of Apache 3.8.0 may lose its thread to such input and leave its other clients waiting for ever.
    learners = [] if lab.kind == "apache" else [ensemble.followers()[0], ensemble.observers[0]]
    for server in [ensemble.leader()] + learners:
        siege.throw(server.client_port, mutations.client_conversations())
    siege.lift()


@scenario()
def bad_input_at_the_quorum_port(lab):
    siege = Siege(lab, bystanders=False)  # a forged learner may take a real one's place: sessions may have to move
    for _ in range(STREAMS):
        # A forged learner that takes a real one's place may cost the leader its quorum: the next leader is attacked.
        siege.ensemble.serving()
        try:
            siege.throw(siege.ensemble.leader().quorum_port, mutations.learner_conversations(), streams=1)
        except ConnectionRefusedError:
            pass
    siege.lift()


@scenario()
def bad_input_at_the_election_port(lab):
    siege = Siege(lab)
    conversations = mutations.election_conversations()
    for server in siege.ensemble.voters:
        siege.throw(server.election_port, conversations, STREAMS // 2)
    siege.lift()


@scenario()
def oversized_input_is_refused(lab):
    """A length no frame may have closes the connection at once; the log names the sender."""
    siege = Siege(lab)
    leader = siege.ensemble.leader()
    connect = struct.pack(">iqiqi", 0, 0, 6000, 0, 16) + b"\0" * 17
    refused = [
        (leader.client_port, struct.pack(">I", 0x7FFFFFFF)),
        (leader.client_port, struct.pack(">I", 0x80000000)),
        (leader.client_port, struct.pack(">I", len(connect)) + connect + struct.pack(">I", 0x00200000) + b"x" * 1000),
        (leader.quorum_port, struct.pack(">iqI", 11, 0, 0x7FFFFFFF)),
        (leader.election_port, struct.pack(">qqI", -65536, 2, 0x7FFFFFFF)),
    ]
    nameless = []
    for port, data in refused:
        with socket.create_connection((HOST, port), 5) as connection:
            connection.settimeout(10 * PATIENCE)
            sender = "%s:%d" % connection.getsockname()
            connection.sendall(data)
            check(closed(connection), f"the connection to {port} stays open after {data[:24].hex()}")
        try:
            until("the log names the sender", lambda: sender in leader.log_text(), 2)
        except Failure:
            nameless.append((port, data[:24].hex()))
    siege.lift()
    if lab.ours(leader):
        names = {leader.client_port: "client", leader.quorum_port: "quorum", leader.election_port: "election"}
        check(not nameless, f"refused without a line that names the sender: {[(names[p], d) for p, d in nameless]}")


def closed(connection):
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


@scenario()
def slow_and_silent_input(lab):
    """Connections that say nothing or a byte now and then hinder nobody; a dribbled request is still answered."""
    siege = Siege(lab)
    leader, follower = siege.ensemble.leader(), siege.ensemble.followers()[0]
    silent = []
    for server in siege.ensemble.voters:
        for port in (server.client_port, server.election_port) + ((server.quorum_port,) if server is leader else ()):
            for beginning in (b"", b"\0", b"\0\0\0\x2d\0\0"):
                connection = socket.create_connection((HOST, port), 5)
                lab.clean_ups.append(connection.close)
                connection.sendall(beginning)
                silent.append(connection)
    for server in (leader, follower, siege.ensemble.observers[0]):
        dribble(server.client_port)
    siege.ensemble.followers()[0].kill()
    siege.ensemble.start(*[server for server in siege.ensemble.servers if not server.runs()])
    siege.processes = [server.process.pid for server in siege.ensemble.servers]
    siege.bystanders = [one for one in siege.bystanders if one.problem is None]
    siege.lift()


def dribble(port):
    """A whole handshake and request, a few bytes at a time."""
    with socket.create_connection((HOST, port), 5) as connection:
        connection.settimeout(20)
        body = struct.pack(">iqiqi", 0, 0, 6000, 0, 16) + b"\0" * 17
        frames = struct.pack(">i", len(body)) + body
        request = struct.pack(">ii", 7, wire.GET) + wire.text("/") + b"\0"
        frames += struct.pack(">i", len(request)) + request
        for start in range(0, len(frames), 3):
            connection.sendall(frames[start:start + 3])
            time.sleep(0.02)
        answer = b""
        while len(answer) < 41 + 20:
            part = connection.recv(4096)
            check(part, "closed instead of answered")
            answer += part
        check(struct.unpack_from(">i", answer, 41 + 4)[0] == 7, f"answer {answer[41:].hex()}")
