# SPDX-License-Identifier: GPL-2.0
"""The management console's wire format, as a client of its own."""
import os
import socket
import struct

MAGIC, VERSION, MAX_DATA = 0xcafebabe, 2, 512
SOCKET, PANIC, HANG, USER = range(4)


def request(text, magic=MAGIC, version=VERSION, length=None):
    """A datagram as clients send it, padded to its full size."""
    data = text.encode() if isinstance(text, str) else text
    length = len(data) if length is None else length
    return struct.pack("=III", magic, version, length) + data.ljust(MAX_DATA, b"\0")


def free_ports(count):
    """UDP ports that nobody has, most probably still not when they are used."""
    socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for sock in socks:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports


def devices(shop):
    """One of each kind that can be plugged in and removed: name, setting, and what
    the answer to the question for it begins with."""
    disk = shop.file("plugged", size=1 << 20)
    a, b, c, d = free_ports(4)
    vec = f"transport=ucast,dst=127.0.0.1,dstport={c},srcport={d}"
    return [("ubd3", disk, disk), ("con5", "null", "null"), ("ssl7", "pts", "pts:/dev/pts/"),
            ("eth3", f"ucast,,127.0.0.1,{a},{b}", "ucast,"), ("vec3", vec, vec)]


class Mconsole:
    """A client of one machine."""

    def __init__(self, path, timeout=20):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind("")          # the kernel chooses an address
        self.sock.settimeout(timeout)
        self.path = str(path)

    def send(self, datagram):
        """Anything."""
        self.sock.sendto(datagram, self.path)

    def receive(self):
        """One datagram."""
        return self.sock.recv(65536)

    def answer(self):
        """All packets of an answer: (err, text, number of packets)."""
        first, text, count, more = None, b"", 0, 1
        while more:
            packet = self.receive()
            err, more, length = struct.unpack_from("=III", packet)
            assert len(packet) == 12 + length, "only what counts is sent"
            assert 1 <= length <= MAX_DATA and packet[-1] == 0
            first = err if first is None else first
            text += packet[12:-1]
            count += 1
        return first, text.decode("utf-8", "replace"), count

    def ask(self, text):
        """A command: (err, text)."""
        self.send(request(text))
        return self.answer()[:2]

    def ok(self, text):
        """The text of an answer that must be a good one."""
        err, answer = self.ask(text)
        assert err == 0, f"{text}: error {err}: {answer}"
        return answer

    def close(self):
        """Give the socket back."""
        self.sock.close()


class Listener:
    """The socket of mconsole=notify:."""

    def __init__(self, path, owner=None):
        self.path = str(path)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.sock.settimeout(30)
        if owner is not None:
            os.chown(self.path, owner, owner)

    def message(self):
        """The next one: (type, text)."""
        packet = self.sock.recv(65536)
        magic, version, kind, length = struct.unpack_from("=IIII", packet)
        assert (magic, version) == (MAGIC, VERSION)
        assert len(packet) == 16 + MAX_DATA
        return kind, packet[16:16 + length].decode()

    def close(self):
        """Stop listening."""
        self.sock.close()
        os.unlink(self.path)
