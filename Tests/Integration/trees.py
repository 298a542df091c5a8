"""Dumps and comparisons of whole trees: every path with its data, stat, access control list and children."""

import time
from collections import namedtuple

import wire
from clients import USER
from harness import PATIENCE, Failure

Node = namedtuple("Node", "data stat acl children")
BATCH = 200

#: Each server fills in its own idea of the configuration, outside the sequence of transactions.
LOCAL = ("/zookeeper/config",)


def dump(server, settle=True):
    """path → Node of the whole tree, read through one server (`sync` first)."""
    client = wire.Wire(server.client_port)
    try:
        client.auth(*USER)
        if settle:
            client.sync("/")
        tree, level = {}, ["/"]
        while level:
            below = []
            for start in range(0, len(level), BATCH):
                below += dump_paths(client, level[start:start + BATCH], tree)
            level = below
        client.close()
        return tree
    finally:
        client.drop()


def dump_paths(client, paths, tree):
    """Reads these paths in one pipeline; the paths of their children. A path that vanished meanwhile is left out."""
    for path in paths:
        client.send(wire.GET, wire.text(path) + b"\0")
        client.send(wire.GET_ACL, wire.text(path))
        client.send(wire.CHILDREN, wire.text(path) + b"\0")
    below = []
    for path in paths:
        replies = [client.receive() for _ in range(3)]
        errors = [reply.error for reply in replies]
        if -101 in errors:
            continue
        if any(errors):
            raise Failure(f"reading {path}: errors {errors}")
        data, stat = replies[0].body.buffer(), replies[0].body.stat()
        children = tuple(sorted(replies[2].body.list(replies[2].body.text)))
        tree[path] = Node(data, stat, replies[1].body.acls(), children)
        below += [path.rstrip("/") + "/" + child for child in children]
    return below


def differences(left, right, ignore=LOCAL, limit=12):
    """Human-readable lines, at most `limit`."""
    lines = []
    for path in sorted(set(left) | set(right)):
        if path in ignore or left.get(path) == right.get(path):
            continue
        if path not in left or path not in right:
            lines.append(f"{path}: only on the {'right' if path in right else 'left'}")
        else:
            for field, one, other in zip(Node._fields, left[path], right[path]):
                if one != other:
                    lines.append(f"{path} {field}: {short(one)} | {short(other)}")
        if len(lines) >= limit:
            lines.append("…")
            break
    return lines


def short(value):
    text = repr(value)
    return text if len(text) < 400 else text[:400] + "…"


def same(servers, seconds=6.0):
    """Fails unless all servers show one tree, and returns it.

    Tries again for a while: sessions may expire and containers be collected between two dumps.
    """
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        try:
            trees = [dump(server) for server in servers]
            problem = first_difference(servers, trees)
        except OSError as unreachable:  # a server may just be looking for its leader
            problem = f"no tree from one of {', '.join(map(str, servers))}: {unreachable}"
        if not problem:
            return trees[0]
        if time.monotonic() > deadline:
            raise Failure(problem)
        time.sleep(0.3)


def first_difference(servers, trees, ignore=LOCAL):
    for server, tree in zip(servers[1:], trees[1:]):
        lines = differences(trees[0], tree, ignore)
        if lines:
            return f"trees differ, {servers[0]} | {server}:\n  " + "\n  ".join(lines)
    return None


def unchanged(before, server):
    lines = differences(before, dump(server))
    if lines:
        raise Failure(f"{server} shows another tree than before:\n  " + "\n  ".join(lines))


def ephemerals(tree):
    return {path: node.stat.owner for path, node in tree.items() if node.stat.owner}
