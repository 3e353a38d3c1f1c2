# SPDX-License-Identifier: GPL-2.0
"""Disks come and go while the guest runs, through its management console."""
import contextlib
import os
import pathlib
import random
import sys

import pytest

from guest import wait_until
from mconsole import Mconsole

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

import cowfile  # noqa: E402  pylint: disable=wrong-import-position

MIB = 1 << 20


@pytest.fixture(name="machine")
def fixture_machine(boot, shop):
    """A guest that was logged in to, and a client."""
    guest = boot("umid=plug")
    guest.login()
    guest.run("dmesg -n 1")
    path = shop.uml_dir / "plug/mconsole"
    assert wait_until(path.exists, 30)
    with contextlib.closing(Mconsole(path, 30)) as client:
        yield guest, client


def refused(client, command, *words):
    """An error whose one line has all of @words."""
    err, text = client.ask(command)
    assert err and text.count("\n") <= 1, text
    for word in words:
        assert str(word) in text, f"{word!r} is not in {text!r}"


def test_plug_and_unplug(machine, shop):
    """A disk is there at once, with its serial number; in use it stays; removed,
    its file is anybody's again."""
    guest, client = machine
    data = random.Random(5).randbytes(MIB)
    path = shop.file("disk", data)
    client.ok(f"config ubd3={path},,S3RIAL")
    assert client.ok("config ubd3").strip() == f"{path},,S3RIAL"
    assert guest.run("cat /sys/block/ubdd/serial").strip() == "S3RIAL"
    assert guest.run("blockdev --getsize64 /dev/ubdd").strip() == str(MIB)
    guest.run("mke2fs /dev/ubdd > /dev/null && mkdir -p /tmp/m && mount /dev/ubdd /tmp/m")
    refused(client, "remove ubd3", "in use")
    guest.run("echo hello > /tmp/m/hello && umount /tmp/m")
    client.ok("remove ubd3")
    assert guest.run("ls /dev/ubdd", check=False)[1] != 0
    refused(client, "remove ubd3", "no such device")
    refused(client, "config ubd3", "no such device")
    other = shop.outcome(f"ubd0={path}", "panic=0")
    assert "in use" not in other.stderr
    client.ok(f"config ubdd={path}")
    assert guest.run("mount /dev/ubdd /tmp/m && cat /tmp/m/hello && umount /tmp/m") == "hello\n"
    client.ok("remove ubdd")
    assert guest.poweroff() == 0


def test_plug_and_unplug_at_once(machine, shop):
    """What opens a new disk for a moment - the kernel, for its partitions - is no
    reason to refuse."""
    _, client = machine
    path = shop.file("disk", size=MIB)
    for _ in range(50):
        client.ok(f"config ubd3={path}")
        client.ok("remove ubd3")


def test_flags_and_formats(machine, shop):
    """r, and a COW file that is made by plugging it in."""
    guest, client = machine
    path = shop.file("disk", b"x" * MIB)
    client.ok(f"config ubd4r={path}")
    assert guest.run("blockdev --getro /dev/ubde").strip() == "1"
    client.ok("remove ubd4")
    shop.expected.add("cow")
    client.ok(f"config ubd4={shop.home}/cow,{path}")
    guest.run("dd if=/bin/busybox of=/dev/ubde bs=4k count=2 conv=notrunc 2>/dev/null")
    client.ok("remove ubd4")
    assert set(cowfile.read(shop.home / "cow")[1]) == set(range(16))
    assert path.read_bytes() == b"x" * MIB
    assert guest.poweroff() == 0


def test_refused(machine, shop):
    """One line each; and nothing has changed."""
    guest, client = machine
    path = shop.file("disk", b"x" * MIB)
    empty = shop.file("empty")
    refused(client, f"config ubd2={shop.home}/none", "no such file")
    refused(client, f"config ubd2={empty}", "empty")
    refused(client, f"config ubd2={path},{path}", "no copy-on-write")
    refused(client, f"config ubd0={path}", "remove it first")
    refused(client, "remove ubd0", "in use")
    refused(client, f"config ubd2={shop.image()}", "in use")
    refused(client, f"config ubd2x={path}", "number")
    refused(client, f"config ubd16={path}", "number")
    refused(client, "config ubd2=", "no file")
    assert guest.run("ls /dev/ubd*").split() == ["/dev/ubda"]
    assert guest.poweroff() == 0


def test_size(machine, shop):
    """A file that has grown under a disk in use: config of the same file."""
    guest, client = machine
    path = shop.file("disk", size=MIB)
    client.ok(f"config ubd2={path}")
    guest.run("exec 3< /dev/ubdc")
    os.truncate(path, 3 * MIB)
    assert guest.run("cat /sys/block/ubdc/size").strip() == "2048"
    client.ok(f"config ubd2={path}")
    assert guest.run("cat /sys/block/ubdc/size").strip() == "6144"
    guest.run("exec 3<&-")
    client.ok("remove ubd2")
    assert guest.poweroff() == 0


def test_often(machine, shop):
    """Nothing is lost by it: descriptors, interrupt lines, memory."""
    guest, client = machine
    path = shop.file("disk", size=MIB)
    base = shop.file("base", size=MIB)
    shop.expected.add("cow")

    def once():
        client.ok(f"config ubd2={path}")
        client.ok(f"config ubd3={shop.home}/cow,{base}")
        guest.run("dd if=/dev/ubdc of=/dev/ubdd bs=64k count=2 2>/dev/null")
        client.ok("remove ubd2")
        client.ok("remove ubd3")

    once()
    before = sorted(os.listdir(f"/proc/{guest.pid}/fd"), key=int)
    threads = len(os.listdir(f"/proc/{guest.pid}/task"))
    for _ in range(15):
        once()
    assert sorted(os.listdir(f"/proc/{guest.pid}/fd"), key=int) == before
    assert len(os.listdir(f"/proc/{guest.pid}/task")) == threads
    assert guest.poweroff() == 0
