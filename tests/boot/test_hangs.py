# SPDX-License-Identifier: GPL-2.0
"""The kernel's own detectors of hangs: they see what hangs, and not a machine that
its host has paused."""
import shutil
import signal
import subprocess
import time

import pytest

from guest import PROMPT
from test_time import signal_all


@pytest.fixture(name="guest")
def fixture_guest(boot, shop):
    """A guest whose detectors are impatient, with a second disk."""
    guest = boot(f"ubd1={shop.file('disk', size=16 << 20)}")
    guest.login()
    guest.run("dmesg -n 8; echo 1 > /proc/sys/kernel/watchdog_thresh")
    guest.run("echo 3 > /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout")
    guest.run("echo 2 > /proc/sys/kernel/hung_task_timeout_secs")
    return guest


def test_hung_task(guest):
    """Somebody writes to a frozen file system."""
    guest.run("mke2fs -q /dev/ubdb && mkdir -p /tmp/m && mount -t ext4 /dev/ubdb /tmp/m")
    guest.run("fsfreeze --freeze /tmp/m; touch /tmp/m/file & true")
    guest.expect(r"INFO: task touch:\d+ blocked for more than 2 seconds", 30)
    guest.run("fsfreeze --unfreeze /tmp/m; wait; umount /tmp/m", timeout=30)
    assert guest.poweroff() == 0


@pytest.mark.skipif(not shutil.which("gdb"), reason="gdb is not installed")
def test_soft_lockup(guest, mode):
    """The CPU is in the kernel for long: a debugger has it wait there."""
    if "mode=tt" in mode:
        pytest.skip("in tt each task is a host process, and the debugger holds one of them")
    guest.send("while :; do sync; sleep 0.1; done\n")
    subprocess.run(["gdb", "-batch", "-nx", "-iex", "set auto-load no", "-p", str(guest.pid),
                    "-ex", "handle SIG36 SIG37 nostop noprint pass", "-ex", "break ksys_sync",
                    "-ex", "continue", "-ex", "call (void)__udelay(6000000)", "-ex", "detach"],
                   check=True, timeout=120, capture_output=True)
    guest.expect(r"BUG: soft lockup - CPU#0 stuck for \d+s! \[sync", 30)
    guest.send("\x03")
    guest.expect(PROMPT)
    assert guest.run("echo on") == "on\n"
    assert guest.poweroff() == 0


@pytest.mark.parametrize("busy", [True, False], ids=["busy", "idle"])
def test_paused(guest, busy):
    """Stopped for longer than any of them waits: none complains, each works on."""
    if busy:
        guest.run("(while :; do :; done) & true")
    for _ in range(2):
        signal_all(guest, signal.SIGSTOP)
        time.sleep(6)
        signal_all(guest, signal.SIGCONT)
        guest.run("sleep 2")
    assert guest.run("dmesg | grep -c -e lockup -e stall -e blocked", check=False)[0] == "0\n"
    assert guest.poweroff() == 0
