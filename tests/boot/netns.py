# SPDX-License-Identifier: GPL-2.0
"""Network namespaces for tests of network devices, and how much these must move.
Import the fixtures to have them."""
import os
import subprocess

import pytest

from guest import ROOT


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
