"""Random faults under load for as long as asked: what the short scenarios do one at a time, in any order."""

import random
import time
import traceback

import trees
from ensemble import Ensemble
from harness import Lab, check, until
from recorder import Load


def run(options):
    """0 when everything acknowledged survived and all trees are equal."""
    print(f"seed {options.seed}")
    try:
        with Lab("soak", options.kind, options.keep) as lab:
            Soak(lab, random.Random(options.seed)).run(options.soak)
        print("1 passed, 0 failed")
        return 0
    except Exception:
        traceback.print_exc()
        print("0 passed, 1 failed")
        return 1


class Soak:
    def __init__(self, lab, random):
        self.lab, self.random = lab, random
        self.ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"] * 2, ["syncLimit=4", "snapCount=2000"]).start()
        self.load = Load(lab, self.ensemble.servers, writers=4)
        self.faults = [self.kill_one, self.kill_leader, self.stop_one, self.freeze_one, self.freeze_leader,
                       self.wipe_observer, self.kill_everything, self.expire_session]

    def run(self, seconds):
        deadline = time.monotonic() + seconds
        rounds = 0
        while time.monotonic() < deadline:
            fault = self.random.choice(self.faults)
            rounds += 1
            print(f"{rounds}: {fault.__name__}, {self.load.acknowledged} writes acknowledged", flush=True)
            fault()
            for server in self.ensemble.servers:
                if not server.runs():
                    check(server.process is None, f"{server} ended by itself")
                    server.start()
            self.ensemble.serving(60)
            self.load.everyone_progresses(60)
            if rounds % 5 == 0:
                self.pause()
        self.load.end()
        self.load.verify(trees.same(self.ensemble.servers, seconds=30))

    def pause(self):
        """Compares the trees at rest, then goes on with new writers on the old nodes' parent."""
        self.load.end()
        tree = trees.same(self.ensemble.servers, seconds=30)
        self.load.verify(tree)
        client = self.lab.client(*self.ensemble.servers)
        client.delete("/load", recursive=True)
        client.stop()
        self.load = Load(self.lab, self.ensemble.servers, writers=4)

    def some(self, minimum=0.1, maximum=3.0):
        time.sleep(self.random.uniform(minimum, maximum))

    def kill_one(self):
        self.random.choice(self.ensemble.servers).kill()
        self.some()

    def kill_leader(self):
        self.ensemble.leader().kill()
        self.some()

    def stop_one(self):
        self.random.choice(self.ensemble.servers).stop()
        self.some()

    def freeze_one(self):
        server = self.random.choice(self.ensemble.servers)
        server.freeze()
        self.some(0.5, 8)
        server.thaw()

    def freeze_leader(self):
        leader = self.ensemble.leader()
        leader.freeze()
        self.some(0.5, 8)
        leader.thaw()

    def wipe_observer(self):
        server = self.random.choice(self.ensemble.observers)
        server.kill()
        self.some()
        server.wipe()

    def kill_everything(self):
        for server in self.random.sample(self.ensemble.servers, len(self.ensemble.servers)):
            server.kill()
            self.some(0, 0.2)

    def expire_session(self):
        client = self.lab.wire(self.random.choice(self.ensemble.servers), timeout=2000)
        path = f"/soak-{client.session:x}"
        client.create(path, b"", 1)
        client.drop()
        watcher = self.lab.client(self.ensemble.leader())
        until("the abandoned session expires", lambda: watcher.exists(path) is None, 15)
        watcher.stop()
