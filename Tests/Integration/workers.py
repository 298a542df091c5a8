#!/usr/bin/env python3
"""What two client workers carry beside one, where the load leaves the processors to them.

    swift build -c release --product meerkat && swift build -c release --product loadtest
    Tests/Integration/workers.py [--rounds 3] [--seconds 2] [--znodes 20000]

Reads that cost the server thousands of times what they cost whoever asks: getAllChildrenNumber over many znodes. Four
connections with sixteen under way, replies dropped by the kernel and counted by their bytes.
"""

import argparse
import os
import select
import socket
import statistics
import struct
import subprocess
import time

from ensemble import Ensemble
from harness import REPOSITORY, Lab

CONNECTIONS, OUTSTANDING = 4, 16
GET_ALL_CHILDREN_NUMBER = 104


def connect(address):
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    body = struct.pack(">iqiqi16sb", 0, 0, 40_000, 0, 16, bytes(16), 0)
    connection.sendall(struct.pack(">i", len(body)) + body)
    frame(connection)
    return connection


def frame(connection):
    """Takes one frame; its bytes with the length in front."""
    length = struct.unpack(">i", connection.recv(4, socket.MSG_WAITALL))[0]
    connection.recv(length, socket.MSG_WAITALL)
    return length + 4


def request(xid, path):
    body = struct.pack(f">iii{len(path)}s", xid, GET_ALL_CHILDREN_NUMBER, len(path), path)
    return struct.pack(">i", len(body)) + body


def carried(server, seconds):
    """Replies per second, and how many processors the server kept busy."""
    connections = {}
    for _ in range(CONNECTIONS):
        connection = connect(server.address)
        connections[connection.fileno()] = connection
    connection.sendall(request(1, b"/loadtest"))
    expected = frame(connection) * OUTSTANDING
    batch = b"".join(request(xid, b"/loadtest") for xid in range(2, 2 + OUTSTANDING))
    missing = dict.fromkeys(connections, expected)
    poll = select.epoll()
    for descriptor, connection in connections.items():
        poll.register(descriptor, select.EPOLLIN)
        connection.sendall(batch)
    room, replies = bytearray(1 << 16), 0
    began, used = time.monotonic(), processor_seconds(server)
    while time.monotonic() - began < seconds:
        for descriptor, _ in poll.poll(1):
            taken = connections[descriptor].recv_into(room, min(len(room), missing[descriptor]), socket.MSG_TRUNC)
            if taken == 0:
                raise ConnectionError("closed by the server")
            missing[descriptor] -= taken
            if missing[descriptor] == 0:
                replies += OUTSTANDING
                missing[descriptor] = expected
                connections[descriptor].sendall(batch)
    took = time.monotonic() - began
    busy = (processor_seconds(server) - used) / took
    for connection in connections.values():
        connection.close()
    return replies / took, busy


def processor_seconds(server):
    with open(f"/proc/{server.process.pid}/stat") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--znodes", type=int, default=20_000)
    options = parser.parse_args()
    ratios = []
    for _ in range(options.rounds):
        rates = []
        for workers in (1, 2):
            with Lab("workers") as lab:
                ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"], [f"clientWorkers={workers}", "maxClientCnxns=0"])
                ensemble.start()
                ensemble.serving()
                observer = ensemble.observers[0]
                subprocess.run(
                    [f"{REPOSITORY}/.build/release/loadtest", "prepare", "--servers", observer.address, "--znodes",
                     str(options.znodes)], check=True, capture_output=True)
                rate, busy = carried(observer, options.seconds)
                rates.append(rate)
                print(f"{workers} workers: {rate:,.0f} a second, {busy:.2f} processors busy", flush=True)
        ratios.append(rates[1] / rates[0])
    print(f"two carry {statistics.median(ratios):.2f} times as much ({min(ratios):.2f}–{max(ratios):.2f})")


if __name__ == "__main__":
    main()
