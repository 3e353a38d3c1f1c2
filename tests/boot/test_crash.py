# SPDX-License-Identifier: GPL-2.0
"""Root file systems whose guest is killed under load, again and again: what was
synced is there, and the file system's own checker finds nothing."""
import pathlib
import random
import re
import shutil
import subprocess

import pytest

from guest import LINUX

MIB = 1 << 20
MKFS = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"],
        "btrfs": ["mkfs.btrfs", "-q", "-f"]}
CHECK = {"ext4": ["e2fsck", "-fn"], "xfs": ["xfs_repair", "-n"],
         "btrfs": ["btrfs", "check"]}
COW = pathlib.Path(__file__).resolve().parents[2] / "build/tools/cow/cow"
SBIN = "/usr/sbin:/sbin:/usr/bin:/bin"

# Copies the root that runs to the new one.
POPULATE = """
mkdir /tmp/new && mount /dev/ubdc /tmp/new || exit 1
for name in /*; do
    case $name in /proc|/sys|/dev|/tmp|/lost+found|/run) mkdir /tmp/new$name ;;
    *) cp -a $name /tmp/new/ ;; esac
done
mkdir /tmp/new/load && umount /tmp/new && echo populated
"""

# $1: how far it got the last time. Unsynced load goes on beside it.
LOAD = ("mount -t proc p /proc; last=$1; for n in 1 $((last / 2)) $((last - 1)) $last; do "
        "[ $n -lt 1 -o $n -gt $last ] || seq 1 $n | cmp - /load/$n || echo LO''ST $n; done; echo VERI''FIED; "
        "(while :; do cat /bin/busybox > /load/junk; mv /load/junk /load/trunk; "
        "dd if=/load/trunk of=/load/big bs=4k conv=notrunc 2> /dev/null; done) & "
        "n=$last; while :; do n=$((n+1)); seq 1 $n > /load/$n; sync; echo synced $n; done")


def tool(command, path):
    """Of the host; its status and output."""
    program = shutil.which(command[0], path=SBIN)
    if not program:
        pytest.skip(f"the host lacks {command[0]}")
    done = subprocess.run([program, *command[1:], path], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    return done.returncode, done.stdout


def kill_loop(shop, mode, fs, storage, rounds):
    """@rounds lives on a root file system of a kind, on a disk of a kind."""
    option = f"CONFIG_{fs.upper()}_FS"
    if f"{option}=y" not in subprocess.check_output([LINUX, "--showconfig"], text=True):
        pytest.skip(f"the kernel was built without {fs} ({option})")
    disk = shop.file("new", size=320 * MIB)
    status, text = tool(MKFS[fs], disk)
    assert status == 0, text
    outcome = shop.run_script(POPULATE, f"ubd2={disk}", *mode)
    assert "populated" in outcome.stdout, outcome.text
    switch = f"ubd0={disk}"
    if storage == "cow":
        shop.expected.add("cow")
        switch = f"ubd0={shop.home}/cow,{disk}"
    last = 0
    for _ in range(rounds):
        guest = shop.start(switch, *mode, "rw", "init=/bin/sh", "--", "-c", LOAD, "sh", str(last))
        guest.expect("VERIFIED", timeout=120)
        guest.expect(f"synced {last + random.randint(3, 12)}\\b", timeout=120)
        guest.kill()
        guest.wait()
        shop.settle()
        assert "LOST" not in guest.console.seen, guest.console.seen[-3000:]
        last = max([last] + [int(n) for n in re.findall(r"synced (\d+)\r", guest.console.seen)])
    guest = shop.start(switch, *mode, "rw", "init=/bin/sh", "--", "-c",
                       "mount -t proc p /proc; sync; mount -o remount,ro /; poweroff -f")
    assert guest.wait(120) == 0
    if storage == "cow":
        shop.expected.add("flat")
        subprocess.run([COW, "merge", shop.home / "cow", shop.home / "flat"],
                       check=True)
        disk = shop.home / "flat"
    status, text = tool(CHECK[fs], disk)
    assert status == 0, text


@pytest.mark.parametrize("fs", MKFS)
def test_killed(shop, mode, fs):
    """A few rounds, on a copy-on-write disk."""
    kill_loop(shop, mode, fs, "cow", 2)


@pytest.mark.slow
@pytest.mark.limit(3600)
@pytest.mark.parametrize("storage", ["raw", "cow"])
@pytest.mark.parametrize("fs", MKFS)
def test_killed_often(shop, mode, fs, storage):
    """Fifty rounds."""
    kill_loop(shop, mode, fs, storage, 50)
