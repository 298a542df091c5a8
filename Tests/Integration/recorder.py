"""Writers that remember what the servers acknowledged, and the check that all of it survived."""

import threading
import time

from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError

from clients import kazoo_client
from harness import check, until


class Writer(threading.Thread):
    """Creates /load/wN/00000000, … with unique data and keeps a counter in /load/wN; one request at a time."""

    def __init__(self, number, servers, pause):
        super().__init__(daemon=True)
        self.path, self.pause = f"/load/w{number}", pause
        self.client = kazoo_client(servers, keep_order=False)
        self.created = []   # numbers acknowledged, in order
        self.counted = []   # (number, version) of acknowledged sets, in order
        self.unknown = 0    # requests whose outcome no answer told
        self.refused = []   # answers that no write of ours can deserve
        self.ending = threading.Event()

    def run(self):
        number = 0
        while not self.ending.is_set():
            self.attempt(lambda: self.create(number))
            self.attempt(lambda: self.count(number))
            number += 1
            time.sleep(self.pause)

    def attempt(self, write):
        try:
            write()
        except (NodeExistsError, NoNodeError) as problem:
            self.refused.append(repr(problem))
        except (KazooException, TimeoutError, OSError):
            self.unknown += 1
            time.sleep(0.05)
        except Exception as problem:  # kazoo raises its handler's own time-outs
            if "imeout" not in type(problem).__name__:
                self.refused.append(repr(problem))
            self.unknown += 1

    def create(self, number):
        self.client.create_async(f"{self.path}/{number:08d}", self.data(number)).get(timeout=20)
        self.created.append(number)

    def count(self, number):
        stat = self.client.set_async(self.path, b"%d" % number).get(timeout=20)
        self.counted.append((number, stat.version))

    def data(self, number):
        return f"{self.path} {number}".encode()


class Load:
    """Several writers over several servers."""

    def __init__(self, lab, servers, writers=3, pause=0.005):
        self.lab = lab
        self.writers = [Writer(number, servers, pause) for number in range(writers)]
        first = lab.client(servers[0])
        first.ensure_path("/load")
        for writer in self.writers:
            first.ensure_path(writer.path)
        for writer in self.writers:
            writer.client.start(timeout=20)
            lab.clean_ups.append(writer.client.close)
            lab.clean_ups.append(writer.client.stop)
            lab.clean_ups.append(writer.ending.set)
            writer.start()

    @property
    def acknowledged(self):
        return sum(len(writer.created) + len(writer.counted) for writer in self.writers)

    def progress(self, writes=60, seconds=30.0):
        """Waits until this many further writes were acknowledged."""
        goal = self.acknowledged + writes
        until(f"{writes} more writes acknowledged", lambda: self.acknowledged >= goal, seconds)

    def everyone_progresses(self, seconds=30.0):
        """Waits until every writer had a further write acknowledged."""
        marks = [len(writer.counted) for writer in self.writers]
        until("every writer writes", lambda: all(
            len(writer.counted) > mark for writer, mark in zip(self.writers, marks)), seconds)

    def end(self):
        for writer in self.writers:
            writer.ending.set()
        for writer in self.writers:
            writer.join(30)
            check(not writer.is_alive(), f"{writer.path}: a request is still unanswered")
            writer.client.stop()

    def verify(self, tree):
        """Every acknowledged write is in the tree, once, in the order of the acknowledgements."""
        for writer in self.writers:
            check(not writer.refused, f"{writer.path}: impossible answers {writer.refused[:3]}")
            last = 0
            for number in writer.created:
                path = f"{writer.path}/{number:08d}"
                check(path in tree, f"acknowledged {path} is lost")
                check(tree[path].data == writer.data(number), f"{path} holds {tree[path].data}")
                check(tree[path].stat.czxid > last, f"{path} was made before its predecessor")
                last = tree[path].stat.czxid
            self.verify_counter(writer, tree[writer.path])

    def verify_counter(self, writer, node):
        if not writer.counted:
            return
        versions = [version for _, version in writer.counted]
        check(versions == sorted(set(versions)), f"{writer.path}: versions went back")
        number, version = writer.counted[-1]
        check(int(node.data) >= number, f"{writer.path} holds {node.data}, acknowledged was {number}")
        check(version <= node.stat.version <= len(writer.counted) + writer.unknown,
              f"{writer.path} has version {node.stat.version}, last acknowledged {version}")
