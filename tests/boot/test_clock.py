# SPDX-License-Identifier: GPL-2.0
"""The real-time clock, its alarm, suspend-to-idle, and random numbers."""
import time

import pytest


@pytest.fixture(name="guest")
def fixture_guest(boot):
    """A guest that was logged in to."""
    guest = boot()
    guest.login()
    return guest


def test_random(guest):
    """The kernel's generator is ready before init, and refreshed by the host's."""
    ready = guest.run("dmesg | grep -n 'crng init done'")
    init = guest.run("dmesg | grep -n 'Run /sbin/init'")
    assert int(ready.split(":")[0]) < int(init.split(":")[0])
    assert guest.run("cat /sys/class/misc/hw_random/rng_current") == "host\n"
    samples = {guest.run("head -c 32 /dev/hwrng | od -An -tx1") for _ in range(3)}
    assert len(samples) == 3
    assert guest.poweroff() == 0


def test_clock(guest):
    """It is the host's; the guest may set its own."""
    assert abs(int(guest.run("cat /sys/class/rtc/rtc0/since_epoch")) - time.time()) < 5
    guest.run("date -s '2031-02-03 04:05:06' && hwclock -u -w")
    assert guest.run("cat /sys/class/rtc/rtc0/date") == "2031-02-03\n"
    assert guest.poweroff() == 0


def test_alarm(guest):
    """It rings when it is due, and not before."""
    before = guest.run("grep rtc /proc/interrupts | awk '{print $2}'")
    guest.run("echo +2 > /sys/class/rtc/rtc0/wakealarm")
    assert guest.run("cat /sys/class/rtc/rtc0/wakealarm").strip()
    assert guest.run("grep rtc /proc/interrupts | awk '{print $2}'") == before
    guest.run("sleep 4")
    assert not guest.run("cat /sys/class/rtc/rtc0/wakealarm").strip()
    assert int(guest.run("grep rtc /proc/interrupts | awk '{print $2}'")) > int(before)
    assert guest.poweroff() == 0


def test_suspend_to_idle(guest):
    """rtcwake: the guest stands still until the alarm, several times."""
    assert "freeze" in guest.run("cat /sys/power/state")
    for _ in range(2):
        begin = time.monotonic()
        guest.run("echo 0 > /sys/class/rtc/rtc0/wakealarm; echo +3 > /sys/class/rtc/rtc0/wakealarm; "
                  "echo freeze > /sys/power/state", timeout=60)
        assert 1.5 < time.monotonic() - begin < 30
    assert guest.run("dmesg | grep -c 'PM: suspend exit'") == "2\n"
    assert guest.run("echo alive") == "alive\n"
    assert guest.poweroff() == 0
