# SPDX-License-Identifier: GPL-2.0
"""What tests of network devices share: namespaces of the host, two guests that move
data, and how much. Import the fixtures to have them."""
import os
import re
import subprocess

import pytest

from guest import ROOT

GUEST, HOST = "10.0.0.2", "10.0.0.1"
UP = f"ip link set eth0 up; ip addr add {GUEST}/24 dev eth0"


def ip(*words):
    """Run ip(8)."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture(name="netns")
def fixture_netns():
    """A network namespace of this test's own, with a /dev/net/tun for everybody."""
    if not ROOT:
        pytest.skip("network namespaces take root")
    if not os.path.exists("/dev/net/tun"):
        pytest.skip("the host has no /dev/net/tun")
    name = f"usermode-{os.getpid()}"
    ip("netns", "add", name)
    ip("-n", name, "link", "set", "lo", "up")
    yield name
    ip("netns", "del", name)


@pytest.fixture(name="size")
def fixture_size(request):
    """Bytes that each transport must move: a gigabyte, a sixteenth where slow tests
    are left out."""
    return 1 << 26 if "not slow" in request.config.option.markexpr else 1 << 30


OPEN_TUN = ("mount -t tmpfs none /dev/net; mknod -m 666 /dev/net/tun c 10 200; exec \"$@\"")


def within(netns):
    """Options for a guest inside."""
    return {"wrapper": ["ip", "netns", "exec", netns, "unshare", "-m", "sh", "-c", OPEN_TUN, "sh"]}


def losses(text):
    """What ping says that it lost."""
    return [int(n) for n in re.findall(r"(\d+)% packet loss", text)]


def transfer(shop, mode, words, size, **options):
    """Two guests on the same wire, @words for each, send frames of every size that it
    has (of long ones each hundredth, if @size is small), and move @size bytes by TCP;
    they arrive bit for bit."""
    step = 1 if size >= 1 << 30 else 100
    commands = ["/tests/transfer serve 7", f"/tests/transfer send {HOST} 7 {size}"]
    guests = []
    for address, word, command in zip([HOST, GUEST], words, commands):
        device = re.match(r"\w+", word).group()
        text = f"""
            ip link set {device} up; ip addr add {address}/24 dev {device}
            longest=$(($(cat /sys/class/net/{device}/mtu) + 14))
            /tests/frames flood {device} 60 $((longest < 1514 ? longest : 1514)) 1
            [ $longest -le 1514 ] || /tests/frames flood {device} 1514 $longest {step}
            {command}"""
        guests.append(shop.start(
            f"ubd0={shop.image('test.img', f'{address}.img')}",
            f"ubd1r={shop.script(text, f'script-{address}')}", *mode, word,
            "init=/sbin/run-test", "quiet", **options))
    for guest, what in zip(guests, ["received", "sent"]):
        assert guest.wait(150) == 0
        assert re.search(rf"^{what} {size} bytes", guest.console.seen, re.M)
