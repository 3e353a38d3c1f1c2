# SPDX-License-Identifier: GPL-2.0
"""A guest with one line that somebody is at the other end of."""
import os
import random
import select
import time

import pytest

import farside
from guest import PROMPT, SCALE

MEGABYTE = 1 << 20
SECTOR = 512
LINE = "ttyS1"


def noise(size, seed=1):
    """Bytes of every value, the same each time."""
    return random.Random(seed).randbytes(size)


class Bench:
    """A guest with one far side of a kind on ssl1, controlled from con0."""

    def __init__(self, shop, kind, *switches, disk=None, console="terminal"):
        self.far = kind(shop, "ssl1")
        disks = [f"ubd0={shop.image()}"]
        if disk is not None:
            disks.append(f"ubd1r={shop.file('disk', disk)}")
        self.guest = shop.start(*disks, *self.far.switches(), *switches, console=console,
                                **self.far.options())
        self.guest.login()
        self.far.learn(self.guest)
        self.run = self.guest.run

    def getty(self, options=""):
        """As init does it, without waiting between two."""
        self.run(f"(while :; do setsid getty {options} 115200 {LINE} linux; done) & true")

    def raw(self, *flags):
        """No terminal in between: nothing but the channel is to be seen."""
        # The settings of a terminal that nobody has open are kept.
        self.run(f"stty raw -echo {' '.join(flags)} < /dev/{LINE}")

    def end(self):
        """The status of a guest that is told to end."""
        status = self.guest.poweroff()
        self.far.close()
        return status


def login(console):
    """Somebody who has come logs in."""
    console.expect("login: ", 30)
    console.send("root\r")
    console.expect(PROMPT)
    console.send("tty\r")
    console.expect(rf"^/dev/{LINE}\r?\n")
    console.expect(PROMPT)


def parts(console, size, idle):
    """Up to @size bytes as they come, until no more do for @idle seconds."""
    while size and select.select([console.read_fd], [], [], idle * SCALE)[0]:
        try:
            part = os.read(console.read_fd, min(65536, size))
        except OSError:
            return
        if not part:
            return
        size -= len(part)
        yield part


def receive(console, size, idle=10):
    """Bytes as they are; what there was of them when no more came."""
    return b"".join(parts(console, size, idle))


def receive_up_to(console, end, limit=1 << 30):
    """Bytes as they are, up to those that are the end."""
    data = bytearray()
    for part in parts(console, limit, 10):
        data += part
        if data.endswith(end):
            return bytes(data)
    raise AssertionError(f"{len(data)} bytes came, and not the end of them")


def send(console, data, timeout=60):
    """All of it, or up to where the far side goes."""
    deadline = time.monotonic() + timeout * SCALE
    left = memoryview(data)
    os.set_blocking(console.write_fd, False)
    while left and time.monotonic() < deadline:
        if select.select([], [console.write_fd], [], 1)[1]:
            left = left[os.write(console.write_fd, left[:16384]):]
    assert not left, f"{len(left)} bytes were not taken"


each_kind = pytest.mark.parametrize("kind", [
    pytest.param(kind, id=kind.name,
                 marks=[pytest.mark.skip(reason=kind.missing())] if kind.missing() else [])
    for kind in farside.KINDS])
