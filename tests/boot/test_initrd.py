# SPDX-License-Identifier: GPL-2.0
"""initrd=: a RAM disk that is a file of the host."""
import gzip
import lzma
import pathlib

import pytest

BUSYBOX = next((p for p in (pathlib.Path("/usr/bin/busybox"), pathlib.Path("/bin/busybox"))
                if p.exists()), None)

HELLO = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc
/bin/busybox mount -t proc proc /proc
echo "initrd: hello from $$"
/bin/busybox sha256sum /big
echo 21 > /proc/exitcode
/bin/busybox poweroff -f
"""

SWITCH = """#!/bin/busybox sh
/bin/busybox mkdir -p /dev /new
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t ext4 /dev/ubda /new || echo "initrd: mount failed"
exec /bin/busybox switch_root /new /sbin/init
"""


def cpio(*files):
    """An archive in the format that the kernel unpacks; (name, mode, content)."""
    out = bytearray()
    for number, (name, mode, content) in enumerate([*files, ("TRAILER!!!", 0, b"")], 1):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08x" % field for field in fields)
        out += name.encode() + b"\0"
        out += bytes(-len(out) % 4) + content
        out += bytes(-len(out) % 4)
    return bytes(out)


def archive(init, *more):
    """With busybox, and init."""
    if BUSYBOX is None:
        pytest.skip("the host has no busybox (package busybox-static)")
    return cpio(("bin", 0o40755, b""), ("bin/busybox", 0o100755, BUSYBOX.read_bytes()),
                ("dev", 0o40755, b""), ("init", 0o100755, init.encode()), *more)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: lzma.compress(
    data, format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32)], ids=["plain", "gzip", "xz"])
def test_initrd_is_the_root(shop, mode, pack):
    """Packed in any way that Debian's tools pack one."""
    import hashlib      # pylint: disable=import-outside-toplevel
    big = bytes(range(256)) * 20000
    path = shop.file("initrd", pack(archive(HELLO, ("big", 0o100644, big))))
    outcome = shop.outcome(f"initrd={path}", *mode, timeout=60)
    assert "initrd: hello from 1" in outcome.stdout, outcome.text
    assert hashlib.sha256(big).hexdigest() in outcome.stdout
    assert outcome.status == 21


def test_initrd_then_disk(boot, shop):
    """It mounts the disk and hands over."""
    path = shop.file("initrd", archive(SWITCH))
    guest = boot(f"initrd={path}")
    guest.login()
    assert "/dev/ubda on / type ext4" in guest.run("mount")
    assert guest.poweroff() == 0


def test_initrd_survives_a_reboot(shop, mode):
    """The file is read again."""
    path = shop.file("initrd", archive(SWITCH))
    guest = shop.start(f"ubd0={shop.image()}", f"initrd={path}", *mode)
    guest.login()
    guest.send("reboot\n")
    guest.login()
    assert guest.poweroff() == 0


def test_initrd_of_garbage(shop, mode):
    """The kernel says so and goes on to the disk, or panics without one."""
    path = shop.file("initrd", b"garbage!" * 1000)
    guest = shop.start(f"ubd0={shop.image()}", f"initrd={path}", *mode)
    guest.login()
    assert "nitramfs" in guest.run("dmesg | grep -i initramfs")
    assert guest.poweroff() == 0


