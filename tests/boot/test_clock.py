# SPDX-License-Identifier: GPL-2.0
"""The real-time clock, its alarm, suspend-to-idle, and random numbers."""
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

from guest import PROMPT


@pytest.fixture(name="guest")
def fixture_guest(boot):
    """A guest that was logged in to. Its kernel says nothing into the answers."""
    guest = boot()
    guest.login()
    guest.run("dmesg -n 1")
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


def in_the_kernel(guest, *commands):
    """A debugger has the kernel do something, in a task of the guest's."""
    guest.send("while :; do sync; sleep 0.1; done\n")
    words = [word for text in ("handle SIG36 SIG37 nostop noprint pass", "break ksys_sync",
                               "continue", *commands, "detach") for word in ("-ex", text)]
    subprocess.run(["gdb", "-batch", "-nx", "-iex", "set auto-load no", "-p", str(guest.pid),
                    *words], check=True, timeout=120, capture_output=True)
    guest.send("\x03")
    guest.expect(PROMPT)


def watches_for_jumps(guest):
    """Has the guest a timer that its host cancels when somebody sets the clock?"""
    for name in os.listdir(f"/proc/{guest.pid}/fdinfo"):
        text = pathlib.Path(f"/proc/{guest.pid}/fdinfo/{name}").read_text(encoding="ascii")
        if "clockid: 0\n" in text and re.search("settime flags: 0*3\n", text):
            return True
    return False


@pytest.mark.skipif(not shutil.which("gdb"), reason="gdb is not installed")
def test_jumps_of_the_host(guest, mode):
    """The host's clock cannot be set for a test: the guest is made to believe that it
    was an hour less before, or that the host has slept for a minute."""
    if "mode=tt" in mode:
        pytest.skip("in tt each task is a host process, and the debugger holds one of them")
    assert watches_for_jumps(guest)
    guest.run("date -s '2031-02-03 04:05:06'")
    before, up = int(guest.run("date +%s")), float(guest.run("cut -d ' ' -f 1 /proc/uptime"))
    in_the_kernel(guest, "set var ahead.wall -= 3600000000000", "call (void)catch_up(0)")
    assert 3600 <= int(guest.run("date +%s")) - before < 3630
    assert float(guest.run("cut -d ' ' -f 1 /proc/uptime")) - up < 30
    assert guest.run("dmesg | grep -c \"the host's clock was set by 3[0-9]* ms\"") == "1\n"
    before = int(guest.run("date +%s"))
    in_the_kernel(guest, "set var ahead.wall -= 60000000000",
                  "set var ahead.boot -= 60000000000", "call (void)catch_up(0)")
    assert 60 <= int(guest.run("date +%s")) - before < 90
    assert 60 < float(guest.run("cut -d ' ' -f 1 /proc/uptime")) - up < 120
    assert guest.run("dmesg | grep -c 'the host slept for [56][0-9]* ms'") == "1\n"
    assert guest.poweroff() == 0


def test_alarm(guest):
    """It rings when it is due, and not before."""
    guest.run("rung() { awk '/rtc/ {print $2}' /proc/interrupts; }; cd /sys/class/rtc/rtc0")
    before = int(guest.run("rung"))
    due, still = guest.run("echo +3 > wakealarm; cat wakealarm; rung").split()
    assert int(due) and int(still) == before
    guest.run("sleep 5")
    assert not guest.run("cat wakealarm").strip()
    assert int(guest.run("rung")) > before
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
