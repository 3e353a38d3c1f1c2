# SPDX-License-Identifier: GPL-2.0
"""Guests at the ports of a switch, Debian's or ours; devices that come and go."""
import contextlib
import os
import shutil
import socket
import subprocess
import time

import pytest

from guest import IMAGES, unprivileged, wait_until
from netns import (  # pylint: disable=unused-import
    HOST, UP, fixture_size, losses, transfer)
from wire import Peer

OURS = IMAGES / "tools/switch/usermode-switch"


class Switch:
    """uml_switch, as an unprivileged user; or vde_switch, or ours."""

    def __init__(self, shop, program="uml_switch"):
        if program == OURS.name:
            program = OURS
        self.socket = shop.home / "switch.ctl"
        shop.expected |= {"switch.ctl"}
        words = ["-unix", str(self.socket)]
        if program == "vde_switch":
            words = ["-s", str(self.socket)]
            self.socket = self.socket / "ctl"
        self.command = [*unprivileged(), program, *words]
        self.word = f"daemon,,unix,{self.socket}"
        if program == "vde_switch":
            self.word = f"vde,{self.socket.parent}"
        self.process = None
        self.start()

    def start(self):
        """Run it, and wait until it listens."""
        # It ends when its input does.
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL)
        assert wait_until(self.listens, 10)

    def listens(self):
        """Is somebody there?"""
        with socket.socket(socket.AF_UNIX) as sock:
            return not sock.connect_ex(str(self.socket))

    def kill(self):
        """It has no time to say goodbye."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        if self.socket.name == "ctl":
            shutil.rmtree(self.socket.parent)


@pytest.fixture(name="switch", params=["uml_switch", "vde_switch", OURS.name])
def fixture_switch(shop, request):
    """A switch of Debian's, or ours."""
    if request.param != OURS.name and not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    switch = Switch(shop, request.param)
    yield switch
    switch.kill()
    with contextlib.suppress(FileNotFoundError):
        switch.socket.unlink()


def plug(path):
    """A port of a switch: the stream that keeps it, and the socket for frames."""
    control = socket.socket(socket.AF_UNIX)
    control.connect(str(path))
    data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    name = (f"\0test-{os.getpid()}-{time.monotonic_ns()}").encode().ljust(108, b"\0")
    data.bind(name)
    address = (1).to_bytes(2, "little") + name
    control.sendall(b"".join(n.to_bytes(4, "little") for n in (0xfeedface, 3, 0)) +
                    address + b"\0\0")
    reply = control.recv(110)
    assert len(reply) == 110
    path = reply[2:] if reply[2] == 0 else reply[2:].split(b"\0")[0]
    data.connect(path)
    return control, data


@pytest.mark.parametrize("options", ["", ",mtu=9000"], ids=["", "jumbo"])
@pytest.mark.parametrize("ring", ["", ",ring=0"], ids=["ring", "datagrams"])
def test_through_switch(shop, mode, switch, size, options, ring):
    """Two guests on one switch. Where it is ours, frames are in shared memory."""
    ours = OURS in switch.command
    if options and not ours:
        pytest.skip("Debian's switches have frames of 1500 bytes")
    if ring and not ours:
        pytest.skip("it has no rings to do without")
    transfer(shop, mode, [f"eth0={switch.word}{options}{ring}"] * 2, size)


def test_switch(boot, switch):
    """eth0=daemon: a port of a switch. When the switch dies the carrier goes; when
    it comes back, so does the carrier."""
    control, data = plug(switch.socket)
    peer = Peer(data, HOST)
    guest = boot(f"eth0={switch.word}")
    guest.login()
    guest.run(UP)
    assert losses(guest.run(f"ping -c 3 {HOST}")) == [0]
    peer.close()
    control.close()

    switch.kill()
    guest.expect("far side has gone")
    assert guest.run("cat /sys/class/net/eth0/carrier").strip() == "0"
    switch.start()
    guest.expect("connected again")
    control, data = plug(switch.socket)
    peer = Peer(data, HOST)
    assert wait_until(lambda: losses(guest.run(f"ping -c 1 {HOST}", check=False)[0]) == [0], 10)
    assert guest.poweroff() == 0
    peer.close()
    control.close()


# ---- hot plug ------------------------------------------------------------------

def ask(shop, *words):
    """Status and answer of the management console."""
    done = subprocess.run(
        [*unprivileged(), IMAGES / "tools/mconsole/umlctl", *words], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=shop.environment, timeout=60)
    return done.returncode, done.stdout.strip()


def test_hot_plug(boot, shop, switch):
    """Devices come, tell how they are connected, and go, while frames flow."""
    control, data = plug(switch.socket)
    peer = Peer(data, HOST)
    guest = boot("umid=hot", image="test.img")
    guest.login()
    for _ in range(3):
        status, text = ask(shop, "config", "hot", f"eth3={switch.word},mtu=1400")
        assert status == 0, text
        assert switch.word in ask(shop, "config", "hot", "eth3")[1]
        assert ask(shop, "config", "hot", f"eth3={switch.word}")[0] != 0, "it is there already"
        guest.run(UP.replace("eth0", "eth3"))
        assert losses(guest.run(f"ping -c 2 {HOST}")) == [0]
        assert guest.run("cat /sys/class/net/eth3/mtu").strip() == "1400"
        guest.run("/tests/frames flood eth3 60 1400 1 99 > /dev/null 2>&1 & true")
        status, text = ask(shop, "remove", "hot", "eth3")
        assert status == 0, text
        assert guest.run("ls -d /sys/class/net/eth3; true").startswith("ls: ")
    for wrong, reason in (("eth3=fd,99", "not open"), ("eth3=pigeon", "unknown transport"),
                          ("eth99=fd,3", "number")):
        status, text = ask(shop, "config", "hot", wrong)
        assert status != 0 and reason in text, text
    assert ask(shop, "remove", "hot", "eth3")[0] != 0
    assert guest.poweroff() == 0
    peer.close()
    control.close()
