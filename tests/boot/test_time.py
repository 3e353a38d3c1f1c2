# SPDX-License-Identifier: GPL-2.0
"""Time in a guest that somebody interferes with: a host that stops it, a root
that sets its clock, a command line that takes the fast clock away."""
import os
import signal
import time

from guest import processes

WATCH = r"""
read up idle < /proc/uptime
irqs() { awk '/timer/ {print $2}' /proc/interrupts; }
echo "ready $up"
read answer
read up idle < /proc/uptime
before=$(irqs)
sleep 1
after=$(irqs)
read later idle < /proc/uptime
echo "went on at $up, $((after - before)) interrupts, $later."
"""


def signal_all(guest, number):
    """To every host process of a guest."""
    for pid, session, _, _ in processes():
        if session == guest.pid:
            os.kill(pid, number)


def stopped_for(shop, mode, seconds):
    """A guest that is stopped so long: by how much its clock went on, timer
    interrupts in the second after, and how long that second was."""
    guest = shop.start(f"ubd0={shop.image()}", f"ubd1r={shop.script(WATCH)}", *mode,
                       "init=/sbin/run-test", "quiet")
    before = float(guest.expect(r"ready ([\d.]+)")[1])
    signal_all(guest, signal.SIGSTOP)
    time.sleep(seconds)
    signal_all(guest, signal.SIGCONT)
    guest.send("go\n")
    match = guest.expect(r"went on at ([\d.]+), (\d+) interrupts, ([\d.]+)\.", timeout=30)
    assert guest.wait() == 0
    return (float(match[1]) - before, int(match[2]), float(match[3]) - float(match[1]))


def test_stopped_and_continued(shop, mode):
    """It neither stalls nor storms, and it knows that time has passed."""
    passed, interrupts, second = stopped_for(shop, mode, 5)
    assert 4.9 < passed < 30
    assert interrupts < 1500
    assert 0.9 < second < 10


def test_fast_clock(script):
    """Where the host vouches for the counter, programs read it; and need not."""
    with open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
              encoding="ascii") as file:
        vouched = file.read().strip() == "tsc"
    where = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
    assert script(f"cat {where}").stdout.split() == ["tsc" if vouched else "host"]
    assert script(f"cat {where}", "clocksource=host").stdout.split() == ["host"]


def test_no_vdso(script):
    """vdso=0: none is mapped, and programs live without."""
    assert "[vdso]" in script("cat /proc/self/maps").stdout
    assert "[vdso]" not in script("cat /proc/self/maps; date", "vdso=0").stdout


def test_set_clock(script):
    """date -s changes the wall clock at once, and nothing else."""
    outcome = script("read a rest < /proc/uptime\ndate -u -s 2031-02-03T04:05:06\n"
                     "date -u +%Y-%m-%d\nread b rest < /proc/uptime\n"
                     "[ $((${b%.*} - ${a%.*})) -lt 60 ] && echo kept\n")
    assert "2031-02-03" in outcome.stdout and "kept" in outcome.stdout
