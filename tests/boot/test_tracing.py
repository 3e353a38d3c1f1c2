# SPDX-License-Identifier: GPL-2.0
"""Trace events, in kernels that have them (configs/debug.config)."""
import re

import pytest

from guest import TROUBLE

CALLS = """
mount -t tracefs none /sys/kernel/tracing && cd /sys/kernel/tracing || exit
echo $$ > set_event_pid
for call in getppid newuname chdir; do
    echo 1 > events/syscalls/sys_enter_$call/enable
    echo 1 > events/syscalls/sys_exit_$call/enable
done
cd /proc; cd /nowhere; cd /sys/kernel/tracing
echo 0 > events/enable
cat trace
echo 1 > events/raw_syscalls/sys_enter/enable
cd /proc; cd /sys/kernel/tracing
echo 0 > events/enable
echo "raw: $(grep -c 'sys_enter: NR 80 ' trace)"
dmesg
"""


def test_system_calls(script):
    """A call is seen with its name, arguments and result; raw events have its number."""
    said = script(CALLS).stdout
    if "raw: " not in said:
        pytest.skip("this kernel has no trace events (CONFIG_FTRACE)")
    calls = re.findall(r"(sys_chdir)\(filename: \w+\)|sys_chdir -> (\w+)", said)
    assert [name or result for name, result in calls] == \
        ["sys_chdir", "0x0", "sys_chdir", "0xfffffffffffffffe", "sys_chdir", "0x0"], said
    assert int(re.search(r"raw: (\d+)", said).group(1)) == 2, said
    assert not TROUBLE.search(said), said
