"""kazoo clients, and the small C program."""

import logging
import os
import subprocess

from kazoo.client import KazooClient
from kazoo.retry import KazooRetry

from harness import HERE, Failure

logging.getLogger("kazoo").setLevel(logging.CRITICAL)

#: The user whose access-controlled nodes `trees.dump` can read.
USER = ("digest", "bob:secret")


def kazoo_client(servers, timeout=6.0, auth=None, keep_order=True):
    """Not started. `servers` in the order in which they are tried; reconnects quickly and for ever."""
    retry = KazooRetry(max_tries=-1, delay=0.05, backoff=1, max_delay=0.2)
    return KazooClient(
        hosts=",".join(server.address for server in servers), timeout=timeout, randomize_hosts=not keep_order,
        connection_retry=retry, auth_data=[auth] if auth else None)


def connected_port(client):
    """The client port of the server a kazoo client talks to right now."""
    return client._connection._socket.getpeername()[1]


def compile_c_client(directory):
    """Builds client.c against Debian's multi-threaded client library; the path of the program."""
    program = os.path.join(directory, "client")
    made = subprocess.run(
        ["gcc", "-Wall", "-DTHREADED", "-I/usr/include/zookeeper", os.path.join(HERE, "client.c"), "-o", program,
         "-lzookeeper_mt"], capture_output=True, text=True)
    if made.returncode:
        raise Failure(f"client.c does not compile: {made.stderr}")
    return program
