# SPDX-License-Identifier: GPL-2.0
"""The user network: a guest's way to the internet, and back in, through a helper
program of the host's."""
import os
import pathlib
import re
import shutil
import socket

import pytest

from guest import PROMPT, ROOT, wait_until

HELPERS = ["passt", "slirp4netns"]


@pytest.fixture(name="helper", params=HELPERS)
def fixture_helper(request):
    """A program that is installed."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    return request.param


def helpers():
    """All processes that user networks run in. By their names: what they are an
    image of only root may ask, for passt confines itself."""
    pids = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            name = pathlib.Path("/proc", pid, "comm").read_text(encoding="ascii").strip()
        except OSError:
            continue
        if name.split(".")[0] in HELPERS:
            pids.add(int(pid))
    return pids


def free_port():
    """A TCP port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def fetch(port):
    """What a server sends. passt of Debian 12 waits for the client to speak first."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.sendall(b"hello\n")
            return sock.recv(100)
    except OSError:
        return b""


def test_user_network(boot, helper):
    """eth0=user: addresses by DHCP, a way out, a way in; the helper dies and comes
    again, and does not outlive the machine, not even by SIGKILL."""
    before = helpers()
    port = free_port()
    guest = boot(f"eth0=user,helper={helper},hostfwd=tcp:127.0.0.1:{port}-:7")
    guest.login()
    assert wait_until(lambda: "nameserver" in guest.run("cat /etc/resolv.conf; true"), 20)
    gateway = re.search(r"default via (\S+)", guest.run("ip route")).group(1)

    # out: to a server of the host, which the gateway stands for
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        guest.send(f"timeout 5 nc {gateway} {server.getsockname()[1]} < /dev/null\n")
        conn, _ = server.accept()
        conn.sendall(b"from the host\n")
        conn.close()
        guest.expect("from the host")
        guest.expect(PROMPT)
    # in
    # a process for each connection: one that never ends, because the helper was killed
    # in the middle of it, keeps nobody else waiting
    guest.run("nc -ll -p 7 -e sh -c 'read line; echo from the guest' > /dev/null 2>&1 & true")
    assert wait_until(lambda: fetch(port) == b"from the guest\n", 20)

    helper_pids = helpers() - before
    assert helper_pids
    for pid in helper_pids:
        os.kill(pid, 9)
    guest.expect("connected again", 20)
    assert wait_until(lambda: fetch(port) == b"from the guest\n", 20)
    assert helpers() - before
    guest.kill()
    guest.wait()
    assert wait_until(lambda: helpers() <= before, 10)


def test_root(script):
    """passt would give up root, and then could not say that it is up."""
    if not ROOT:
        pytest.skip("the tests do not run as root")
    if not shutil.which("passt"):
        pytest.skip("passt is not installed")
    outcome = script("ip link set eth0 up; udhcpc -n -q -i eth0 > /dev/null && ip route",
                     "eth0=user,helper=passt", root=True)
    assert "default via" in outcome.stdout, outcome.text


@pytest.mark.slow
def test_apt_update(shop, mode, helper):
    """Debian fetches its package lists through the user network."""
    try:
        socket.create_connection(("deb.debian.org", 80), 5).close()
    except OSError as error:
        pytest.skip(f"the host does not reach deb.debian.org: {error}")
    outcome = shop.outcome(
        f"ubd0={shop.image('debian.img')}", f"ubd1r={shop.script('apt-get -q update')}", *mode,
        f"eth0=user,helper={helper}", "mem=512M", "quiet", timeout=170)
    assert "Reading package lists" in outcome.stdout and outcome.status == 0, outcome.text


def test_no_helper(shop):
    """Without a helper the user learns what to install."""
    outcome = shop.outcome("eth0=user", command=["env", f"PATH={shop.home}", str(shop.linux)])
    assert outcome.status == 1 and "apt install passt" in outcome.stderr, outcome.text


@pytest.mark.parametrize("word, reason", [
    ("eth0=user,hostfwd=tcp", "write for example"),
    ("eth0=user,hostfwd=tcp::99999-:22", "write for example"),
    ("eth0=user,hostfwd=tcp:here:2222-:22", "write for example"),
    ("eth0=user,hostfwd=sctp::2222-:22", "write for example"),
    ("eth0=user,helper=magic", "passt and slirp4netns"),
])
def test_bad_user_words(shop, word, reason):
    """One line, no boot, no helper."""
    shop.refuses(word, reason)
