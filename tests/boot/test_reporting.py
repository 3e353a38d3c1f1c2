# SPDX-License-Identifier: GPL-2.0
"""Guest memory as the host sees it: what is freed goes back."""
import os
import pathlib
import time

import pytest

from guest import processes


def host_megabytes(guest):
    """Of the guest's physical memory, what the host has to hold."""
    for pid, session, _, _ in processes():
        if session != guest.pid:
            continue
        for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            try:
                if "memfd:usermode-memory" in os.readlink(fd):
                    return os.stat(fd).st_blocks * 512 / 1e6
            except OSError:
                continue
    raise AssertionError("no host process of the guest holds its memory")


USE_2G = """
mkdir -p /m; mount -t tmpfs -o size=2500m none /m
dd if=/dev/zero of=/m/file bs=1M count=2048 2> /dev/null
echo "used."
read answer
rm /m/file
echo "freed."
read answer
"""


@pytest.mark.limit(200)
def test_free_memory_goes_back(shop, mode):
    """A guest that used 2 GB and freed it is below 300 MB within 10 s."""
    guest = shop.start(f"ubd0={shop.image()}", f"ubd1r={shop.script(USE_2G)}", *mode,
                       "mem=3G", "init=/sbin/run-test", "quiet")
    guest.expect(r"used\.", timeout=120)
    assert host_megabytes(guest) > 2048
    guest.send("go\n")
    guest.expect(r"freed\.")
    end = time.monotonic() + 10
    while time.monotonic() < end and host_megabytes(guest) >= 300:
        time.sleep(0.2)
    assert host_megabytes(guest) < 300
    # and what was given back can be used again
    guest.send("go\n")
    assert guest.wait() == 0
