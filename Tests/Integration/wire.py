"""The client protocol by hand, for what kazoo cannot do: exact frames, pipelines, all operations, abandoned sessions."""

import socket
import struct
from collections import namedtuple

from harness import HOST

OPEN = ((31, "world", "anyone"),)
CREATE, DELETE, EXISTS, GET, SET, GET_ACL, SET_ACL, CHILDREN, SYNC, PING = 1, 2, 3, 4, 5, 6, 7, 8, 9, 11
CHILDREN2, CHECK, MULTI, CREATE2, RECONFIG, CONTAINER, CREATE_TTL, CLOSE, AUTH = 12, 13, 14, 15, 16, 19, 21, -11, 100
ADD_WATCH = 106

Stat = namedtuple("Stat", "czxid mzxid ctime mtime version cversion aversion owner length children pzxid")
Reply = namedtuple("Reply", "xid zxid error body")


def number(value):
    return struct.pack(">i", value)


def long(value):
    return struct.pack(">q", value)


def buffer(value):
    return number(-1) if value is None else number(len(value)) + value


def text(value):
    return buffer(value.encode())


def acls(entries):
    return number(len(entries)) + b"".join(number(p) + text(scheme) + text(who) for p, scheme, who in entries)


class Reader:
    """Reads one jute record."""

    def __init__(self, data):
        self.data, self.offset = data, 0

    def take(self, form):
        values = struct.unpack_from(form, self.data, self.offset)
        self.offset += struct.calcsize(form)
        return values if len(values) > 1 else values[0]

    def number(self):
        return self.take(">i")

    def long(self):
        return self.take(">q")

    def buffer(self):
        count = self.number()
        if count < 0:
            return None
        value = self.data[self.offset:self.offset + count]
        self.offset += count
        return value

    def text(self):
        return self.buffer().decode()

    def list(self, element):
        return tuple(element() for _ in range(self.number()))

    def acls(self):
        return self.list(lambda: (self.number(), self.text(), self.text()))

    def stat(self):
        return Stat(*self.take(">qqqqiiiqiiq"))


class Wire:
    """One connection with a session. Replies come in the order of the requests; events are kept aside."""

    def __init__(self, port, timeout=20000, session=0, password=b"\0" * 16, last_zxid=0, patience=15.0):
        self.socket = socket.create_connection((HOST, port), 5)
        self.socket.settimeout(patience)
        self.events = []
        self.xid = 0
        self.frame(number(0) + long(last_zxid) + number(timeout) + long(session) + buffer(password) + b"\0")
        answer = Reader(self.read_frame())
        answer.number()
        self.timeout, self.session, self.password = answer.number(), answer.long(), answer.buffer()

    def frame(self, body):
        self.socket.sendall(number(len(body)) + body)

    def read_exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("closed by the server")
            data += part
        return data

    def read_frame(self):
        return self.read_exactly(struct.unpack(">i", self.read_exactly(4))[0])

    def send(self, code, body, xid=None):
        if xid is None:
            self.xid += 1
            xid = self.xid
        self.frame(number(xid) + number(code) + body)
        return xid

    def receive(self):
        """The next reply; watch events met on the way are appended to `events` as (type, state, path, zxid)."""
        while True:
            reader = Reader(self.read_frame())
            xid, zxid, error = reader.number(), reader.long(), reader.number()
            if xid != -1:
                return Reply(xid, zxid, error, reader)
            self.events.append((reader.number(), reader.number(), reader.text(), zxid))

    def call(self, code, body, xid=None):
        sent = self.send(code, body, xid)
        reply = self.receive()
        if reply.xid != sent:
            raise AssertionError(f"reply to {reply.xid} where {sent} was due")
        return reply

    # Operations: each returns the Reply -----------------------------------------------------------------------------

    def auth(self, scheme, credential):
        return self.call(AUTH, number(0) + text(scheme) + buffer(credential.encode()), -4)

    def create(self, path, data=b"", flags=0, acl=OPEN, code=CREATE):
        return self.call(code, text(path) + buffer(data) + acls(acl) + number(flags))

    def create_ttl(self, path, data, ttl, flags=5):
        return self.call(CREATE_TTL, text(path) + buffer(data) + acls(OPEN) + number(flags) + long(ttl))

    def container(self, path, data=b""):
        return self.create(path, data, 4, code=CONTAINER)

    def set(self, path, data, version=-1):
        return self.call(SET, text(path) + buffer(data) + number(version))

    def delete(self, path, version=-1):
        return self.call(DELETE, text(path) + number(version))

    def set_acl(self, path, acl, version=-1):
        return self.call(SET_ACL, text(path) + acls(acl) + number(version))

    def sync(self, path="/"):
        return self.call(SYNC, text(path))

    def ping(self):
        return self.call(PING, b"", -2)

    def get(self, path, watch=False):
        """(error, data, stat)"""
        reply = self.call(GET, text(path) + bytes([watch]))
        return (reply.error, None, None) if reply.error else (0, reply.body.buffer(), reply.body.stat())

    def multi(self, *operations):
        """Operations are (code, body) as `create_part` and friends make them."""
        body = b"".join(number(code) + b"\0" + number(-1) + part for code, part in operations)
        return self.call(MULTI, body + number(-1) + b"\1" + number(-1))

    def reconfig(self, joining=None, leaving=None, members=None, version=-1):
        parts = [None if part is None else part.encode() for part in (joining, leaving, members)]
        return self.call(RECONFIG, b"".join(buffer(part) for part in parts) + long(version))

    def close(self):
        """Ends the session."""
        self.call(CLOSE, b"")
        self.drop()

    def drop(self):
        """Closes the connection; the session lives on."""
        self.socket.close()


def create_part(path, data=b"", flags=0, acl=OPEN, code=CREATE):
    return code, text(path) + buffer(data) + acls(acl) + number(flags)


def set_part(path, data, version=-1):
    return SET, text(path) + buffer(data) + number(version)


def delete_part(path, version=-1):
    return DELETE, text(path) + number(version)


def check_part(path, version=-1):
    return CHECK, text(path) + number(version)


def multi_errors(reply):
    """The error of each operation of a multi that failed."""
    errors = []
    while True:
        kind, done, _ = reply.body.number(), reply.body.take(">?"), reply.body.number()
        if done:
            return errors
        if kind != -1:
            raise AssertionError("the multi succeeded")
        errors.append(reply.body.number())
