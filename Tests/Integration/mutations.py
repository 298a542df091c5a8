"""Recorded conversations, damaged on purpose. Everything follows from a seed."""

import json
import os
import struct

from harness import REPOSITORY

VECTORS = os.path.join(REPOSITORY, "Tests", "Vectors")
#: Lengths at the edges of what a 32-bit length field can say and of what servers accept.
LENGTHS = (0, 1, 3, 4, 7, 8, 0xFFFFE, 0xFFFFF, 0x100000, 0x200000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def recorded(folder, suffix, wanted):
    """Conversations of one direction: each a list of frames as sent. `wanted(line)` picks the lines."""
    conversations = []
    directory = os.path.join(VECTORS, folder)
    for name in sorted(os.listdir(directory)):
        if not name.endswith(suffix):
            continue
        frames = {}
        with open(os.path.join(directory, name)) as file:
            for text in file:
                line = json.loads(text)
                if "hex" in line and wanted(line):
                    frames.setdefault(line["conn"], []).append(bytes.fromhex(line["hex"]))
        conversations += list(frames.values())
    return conversations


def client_conversations():
    return recorded("client", ".jsonl", lambda line: line.get("dir") == "c2s" and line.get("op") != "EOF")


def learner_conversations():
    """What learners said to their leader."""
    said = {"FOLLOWERINFO", "OBSERVERINFO", "ACKEPOCH", "ACK", "REQUEST", "PING", "REVALIDATE"}
    return recorded("quorum", ".quorum.jsonl", lambda line: line.get("packet") in said)


def election_conversations():
    return recorded("quorum", ".election.jsonl", lambda line: line.get("packet") in ("INITIAL", "NOTIFICATION"))


def damaged(conversation, random):
    """The bytes of a conversation with one to three things wrong."""
    frames = list(conversation[:random.randrange(1, 12)])
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(frames))
        frames[place] = random.choice(DAMAGES)(frames[place], random)
        if random.random() < 0.1:
            frames.insert(place, random.choice(frames))
    return b"".join(frames)


def flip(frame, random):
    data = bytearray(frame or b"\0")
    for _ in range(random.randrange(1, 4)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(data)


def cut(frame, random):
    return frame[:random.randrange(len(frame) + 1)]


def stretch(frame, random):
    place = random.randrange(len(frame) + 1)
    return frame[:place] + random.randbytes(random.randrange(1, 64)) + frame[place:]


def relength(frame, random):
    """Another frame length, or another length somewhere inside."""
    if len(frame) < 4:
        return frame
    place = random.choice((0, random.randrange(len(frame) - 3)))
    return frame[:place] + struct.pack(">I", random.choice(LENGTHS)) + frame[place + 4:]


def overwrite(frame, random):
    place = random.randrange(len(frame) + 1)
    noise = random.randbytes(random.randrange(1, 16))
    return frame[:place] + noise + frame[place + len(noise):]


def noise(frame, random):
    return random.randbytes(random.randrange(1, 400))


DAMAGES = (flip, flip, cut, stretch, relength, relength, overwrite, noise)
