# SPDX-License-Identifier: GPL-2.0
"""The watchdog: a host process acts when the guest does not ping it."""
import os
import signal
import time

import pytest

from guest import NOBODY, ROOT, wait_until
from mconsole import HANG, SOCKET, Listener
from test_mconsole import connected, stuck

KILLED = 128 + signal.SIGKILL


def guard_of(shop):
    """The host process that waits for pings."""
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if any(word.startswith(b"--watchdog-guard=") for word in words):
            if os.readlink(f"/proc/{name}/exe").startswith(str(shop.linux.parent)):
                return int(name)
    return None


@pytest.fixture(name="listener")
def fixture_listener(shop):
    """A socket that guests may tell things."""
    listener = Listener(shop.tmp / "notify", NOBODY if ROOT else None)
    yield listener
    listener.close()


def watched(boot, *switches):
    """A guest that pings each second, and may be three late."""
    guest = boot("umid=dog", *switches)
    guest.login()
    guest.run("watchdog -T 4 -t 1 /dev/watchdog; sleep 1")
    return guest


def test_hang_kills(boot, shop):
    """A guest that hangs is killed, one that pings is not."""
    guest = watched(boot)
    guest.run("sleep 6")
    assert guard_of(shop)
    with stuck(guest):
        assert wait_until(lambda: not guest.alive, 15)
    assert guest.wait() == KILLED
    assert wait_until(lambda: not guard_of(shop), 5)


def test_hang_notifies(boot, shop, listener):
    """watchdog=notify: the listener is told, the guest goes on."""
    guest = watched(boot, "watchdog=notify", f"mconsole=notify:{listener.path}")
    assert listener.message()[0] == SOCKET
    with stuck(guest):
        assert listener.message()[0] == HANG
    assert guest.run("echo on") == "on\n"
    assert guest.poweroff() == 0


def test_who_stands_still_on_purpose(boot, shop):
    """Stopped by its console or by SIGSTOP it does not hang."""
    guest = watched(boot)
    with connected(shop, "dog") as client:
        client.ok("stop")
        time.sleep(6)
        client.ok("go")
    guest.kill(signal.SIGSTOP)
    time.sleep(6)
    guest.kill(signal.SIGCONT)
    assert guest.run("echo on") == "on\n"
    guest.run("killall watchdog; sleep 6")      # says that it stops
    assert guest.run("echo on") == "on\n"
    assert guest.poweroff() == 0


@pytest.mark.parametrize("end", ["poweroff", "reboot", "kill"])
def test_guard_ends_with_the_guest(boot, shop, end):
    """Whatever the end."""
    guest = watched(boot)
    guard = guard_of(shop)
    assert guard
    if end == "poweroff":
        assert guest.poweroff() == 0
    elif end == "reboot":
        guest.send("reboot -f\n")
        guest.login()
    else:
        guest.kill()
        guest.wait()
    assert wait_until(lambda: guard_of(shop) is None, 10)


def test_bad_switch(shop):
    """One line, status 1."""
    outcome = shop.outcome("watchdog=bite")
    assert outcome.status == 1 and outcome.stderr.count("\n") == 1
