# SPDX-License-Identifier: GPL-2.0
"""slip and slirp, lines that carry IP packets and nothing else; and tap devices
with several queues."""
import os
import pathlib
import re
import shutil
import socket
import subprocess

import pytest

from guest import IMAGES, PROMPT, wait_until
from netns import fixture_netns, fixture_size, ip, within  # pylint: disable=unused-import

HOST, GUEST = "192.168.9.1", "192.168.9.2"
LINE = f"ip link set eth0 up; ip addr add {GUEST} peer {HOST} dev eth0"
SLIRP = "ip link set eth0 up; ip addr add 10.0.2.15 peer 10.0.2.2 dev eth0"


def run_at(netns, *words):
    """The host's end of a transfer."""
    return subprocess.Popen(["ip", "netns", "exec", netns, IMAGES / "tests/transfer", *words],
                            stdout=subprocess.PIPE, text=True)


def exchange(script, netns, setup, word, addresses, size, **options):
    """Data both ways between a guest with the device @word, which @setup makes known
    to it, and its host: what the guest said. @addresses: the host's, the guest's."""
    host, guest = addresses
    server = run_at(netns, "serve", "7")
    client = run_at(netns, "send", guest, "7", str(size))
    outcome = script(f"""
        {setup}; ping -c 2 {host}
        /tests/transfer serve 7
        /tests/transfer send {host} 7 {size}
        ip link show eth0; ls /sys/class/net/eth0/queues
        """, word, image="test.img", **within(netns), **options)
    said = server.communicate(timeout=30)[0] + client.communicate(timeout=30)[0]
    for text in (said, outcome.stdout):
        assert f"sent {size} bytes" in text and f"received {size}" in text, said + outcome.text
    assert " 0% packet loss" in outcome.stdout
    return outcome.stdout


# ---- slip ----------------------------------------------------------------------

def test_slip(script, netns, size):
    """eth0=slip,IP: root gets a line to the host, whose end has the address."""
    said = exchange(script, netns, LINE, f"eth0=slip,{HOST}", (HOST, GUEST), size, root=True)
    assert "POINTOPOINT" in said and "link/slip" in said


def test_slip_device(script, netns, size):
    """An ordinary user has a line that was made for him."""
    ip("-n", netns, "tuntap", "add", "line7", "mode", "tun", "user", "65534")
    ip("-n", netns, "addr", "add", HOST, "peer", GUEST, "dev", "line7")
    ip("-n", netns, "link", "set", "line7", "up")
    exchange(script, netns, LINE, "eth0=slip,,ifname=line7", (HOST, GUEST), size)


def test_slip_privilege(shop, netns):
    """An ordinary user learns what must be done for him."""
    outcome = shop.outcome(f"eth0=slip,{HOST}", **within(netns))
    assert outcome.status == 1 and "ip tuntap add dev sl" in outcome.stderr, outcome.text


# ---- slirp ---------------------------------------------------------------------

def slirps():
    """All that run."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if pathlib.Path("/proc", pid, "comm").read_text(encoding="ascii").strip() \
                    == "slirp-fullbolt":
                found.add(int(pid))
        except OSError:
            continue
    return found


@pytest.fixture(name="slirp")
def fixture_slirp():
    """Debian's slirp."""
    if not shutil.which("slirp-fullbolt"):
        pytest.skip("slirp is not installed")


@pytest.mark.usefixtures("slirp")
def test_slirp(script, size):
    """eth0=slirp: out, to a server of the host's, without privilege."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    if size < 1 << 30:
        size //= 4      # it moves some 20 MB a second
    server = subprocess.Popen([IMAGES / "tests/transfer", "serve", port],
                              stdout=subprocess.PIPE, text=True)
    outcome = script(f"{SLIRP}; ping -c 2 10.0.2.2; /tests/transfer send 10.0.2.2 {port} {size}",
                     "eth0=slirp", image="test.img", timeout=160)
    assert f"received {size}" in server.communicate(timeout=30)[0]
    assert f"sent {size} bytes" in outcome.stdout and " 0% packet loss" in outcome.stdout


@pytest.mark.usefixtures("slirp")
def test_slirp_dies(boot):
    """It is started again, and it does not outlive the machine."""
    before = slirps()
    guest = boot("eth0=slirp,,slirp-fullbolt nozeros")
    guest.login()
    guest.run(SLIRP)
    assert " 0% packet loss" in guest.run("ping -c 2 10.0.2.2")
    for pid in slirps() - before:
        os.kill(pid, 9)
    guest.expect("connected again", 20)
    guest.send("\n")
    guest.expect(PROMPT)
    assert wait_until(lambda: "1 packets received" in guest.run("ping -c 1 10.0.2.2; true"), 20)
    guest.kill()
    guest.wait()
    assert wait_until(lambda: slirps() <= before, 10)


@pytest.mark.parametrize("word, reason", [
    ("eth0=slip", "write for example slip,"),
    ("eth0=slip,here", "not an IPv4 address"),
    ("eth0=slip,10.0.0.1/40", "not an IPv4 address"),
    ("eth0=slirp,,/nonexistent/slirp", "is not there"),
    ("eth0=slirp,,false", "ends without a word"),
    ("eth0=tuntap,tap0,queues=9", "queues=9"),
])
def test_bad_lines(shop, word, reason):
    """One line, no boot."""
    shop.refuses(word, reason)


# ---- queues --------------------------------------------------------------------

@pytest.mark.parametrize("option, queues", [("", 1), (",queues=4", 4)])
def test_tap_queues(script, netns, size, option, queues):
    """A tap device of several queues has as many in the guest."""
    ip("-n", netns, "tuntap", "add", "tap0", "mode", "tap", "user", "65534", "multi_queue")
    ip("-n", netns, "addr", "add", f"{HOST}/24", "dev", "tap0")
    ip("-n", netns, "link", "set", "tap0", "up")
    said = exchange(script, netns, f"ip link set eth0 up; ip addr add {GUEST}/24 dev eth0",
                    f"eth0=tuntap,tap0{option}", (HOST, GUEST), size)
    assert sorted(re.findall(r"tx-\d", said)) == [f"tx-{n}" for n in range(queues)], said


def test_single_queue(shop, netns):
    """What has one queue is not taken for more."""
    ip("-n", netns, "tuntap", "add", "tap0", "mode", "tap", "user", "65534")
    outcome = shop.outcome("eth0=tuntap,tap0,queues=2", **within(netns))
    assert outcome.status == 1 and "not one of multi_queue" in outcome.stderr, outcome.text
