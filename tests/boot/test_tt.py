# SPDX-License-Identifier: GPL-2.0
"""What only the mode has in which the kernel runs in its guests' host processes."""
import pytest

import guest

# One byte at a time: as many calls of read, which stay with the signal, and of write
CALLS = 20000
SCRIPT = f"""
mount -t debugfs none /sys/kernel/debug 2>/dev/null
cd /sys/kernel/debug/usermode
traps=$(cat traps)
dd if=/dev/zero of=/dev/null bs=1 count={CALLS} 2>/dev/null
echo traps $(($(cat traps) - traps))
echo sites $(cat sites)
echo shadows $(cat shadows)
"""


@pytest.fixture(name="tt")
def fixture_tt(shop):
    """tt(script, switch...): what it said in a guest in that mode."""
    reason = guest.probe("tt", "dispatch")
    if reason:
        pytest.skip(reason)

    def run(text, *switches, **options):
        return shop.run_script(text, "mode=tt", *switches, **options)
    return run


def counters(outcome):
    """Lines of a name and a number."""
    return {line.split()[0]: int(line.split()[1])
            for line in outcome.stdout.splitlines() if len(line.split()) == 2}


def test_calls_become_jumps(tt):
    """Each place that writes traps a few times at most, and is counted."""
    got = counters(tt(SCRIPT))
    assert got["traps"] < CALLS * 1.2, got
    assert got["sites"] >= got["shadows"] > 0, got


def test_calls_stay_instructions(tt):
    """rewrite=0: each call traps, and nothing is rewritten."""
    got = counters(tt(SCRIPT, "rewrite=0"))
    assert got["traps"] >= CALLS * 2, got
    assert got["sites"] == got["shadows"] == 0, got


def test_many_processes(tt):
    """More than the pool keeps, one after the other and at once; none is left."""
    said = tt("""
        for i in $(seq 300); do /bin/true; done
        for i in $(seq 60); do sleep 2 & done
        wait
        echo done $(ls -d /proc/[0-9]* | wc -l)
    """)
    assert "done" in said.stdout, said.text
