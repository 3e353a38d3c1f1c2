# SPDX-License-Identifier: GPL-2.0
"""qcow2 images: what qemu-img made just works, and qemu-img finds nothing wrong
with what the guest left."""
import hashlib
import json
import os
import random
import re
import shutil
import subprocess

import pytest

from guest import IO_URING_SETUP, forbid

MIB = 1 << 20
QEMU_IMG = shutil.which("qemu-img")
pytestmark = pytest.mark.skipif(not QEMU_IMG, reason="the host lacks the package qemu-utils")


def noise(size, seed=1):
    """Bytes that repeat nowhere."""
    return random.Random(seed).randbytes(size)


def qemu(*arguments, status=0):
    """qemu-img; what it said."""
    done = subprocess.run([QEMU_IMG, *map(str, arguments)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    assert done.returncode == status, f"qemu-img {arguments}: {done.returncode} {done.stdout}"
    return done.stdout


def image(shop, name, *how, source=None, size=None):
    """A new image."""
    path = shop.home / name
    if source:
        qemu("convert", "-O", "qcow2", *how, source, path)
    else:
        qemu("create", "-q", "-f", "qcow2", *how, path, *([str(size)] if size else []))
    shop.own(path)
    shop.expected.add(name)
    return path


def content(shop, path):
    """The disk's bytes, as qemu-img sees them."""
    flat = shop.home / "flat"
    qemu("convert", "-O", "raw", path, flat)
    data = flat.read_bytes()
    flat.unlink()
    return data


def sound(path, leaks=False):
    """qemu-img check finds nothing; after a kill, clusters may be lost."""
    done = subprocess.run([QEMU_IMG, "check", "--output=json", path], check=False, text=True,
                          capture_output=True, timeout=120)
    found = json.loads(done.stdout)
    assert not found.get("corruptions") and not found.get("check-errors"), done.stdout
    assert leaks or (done.returncode == 0 and not found.get("leaks")), done.stdout


WRITES = """
sha256sum < /dev/ubdc
for n in 0 3 17 100 511 1000 2047; do
    yes "block $n" | head -c 4096 |
        dd of=/dev/ubdc bs=4k seek=$n conv=notrunc oflag=direct 2>/dev/null || echo failed
done
dd if=/dev/zero of=/dev/ubdc bs=64k seek=40 count=5 conv=notrunc,fsync 2>/dev/null
yes odd | head -c 512 | dd of=/dev/ubdc bs=512 seek=4001 conv=notrunc,fsync 2>/dev/null
sha256sum < /dev/ubdc
"""


def written(data):
    """@data after WRITES."""
    data = bytearray(data)
    for n in (0, 3, 17, 100, 511, 1000, 2047):
        data[n * 4096:n * 4096 + 4096] = (f"block {n}\n".encode() * 4096)[:4096]
    data[40 * 65536:45 * 65536] = bytes(5 * 65536)
    data[4001 * 512:4002 * 512] = (b"odd\n" * 128)
    return bytes(data)


def check_writes(shop, script, path, before, **options):
    """A guest reads and writes @path as it should."""
    outcome = script(WRITES, f"ubd2={path}", **options)
    sums = [line.split()[0] for line in outcome.stdout.splitlines()]
    assert sums == [hashlib.sha256(d).hexdigest() for d in (before, written(before))], \
        outcome.text
    sound(path)
    assert content(shop, path) == written(before)


@pytest.mark.parametrize("how", [
    ["-o", "compat=0.10"], ["-o", "compat=1.1"], ["-o", "cluster_size=512"],
    ["-o", "cluster_size=2M"], ["-o", "preallocation=metadata"], ["-o", "lazy_refcounts=on"]],
    ids=lambda how: how[1])
def test_empty(script, shop, how):
    """As qemu-img created it."""
    check_writes(shop, script, image(shop, "disk", *how, size=8 * MIB), bytes(8 * MIB))


@pytest.mark.parametrize("how", [[], ["-c"], ["-c", "-o", "compat=0.10,cluster_size=4k"]],
                         ids=["plain", "compressed", "compressed-4k"])
def test_full(script, shop, how):
    """Converted from something, compressed or not."""
    data = noise(4 * MIB) + b"compressible\n" * (4 * MIB // 13)
    data = data.ljust(8 * MIB, b"\0")
    source = shop.file("source", data)
    check_writes(shop, script, image(shop, "disk", *how, source=source), data)


@pytest.mark.parametrize("kind", ["raw", "qcow2"])
def test_backing_file(script, shop, kind):
    """Shorter than the image, in either format; it stays as it is."""
    data = noise(6 * MIB)
    base = shop.file("base.raw", data)
    if kind == "qcow2":
        base = image(shop, "base", "-c", source=base)
    before = base.read_bytes()
    path = image(shop, "disk", "-b", base, "-F", kind, size=8 * MIB)
    check_writes(shop, script, path, data + bytes(2 * MIB))
    assert base.read_bytes() == before


def test_snapshot(script, shop):
    """What a snapshot holds is not written to."""
    data = noise(8 * MIB)
    path = image(shop, "disk", source=shop.file("source", data))
    qemu("snapshot", "-c", "before", path)
    check_writes(shop, script, path, data)
    qemu("snapshot", "-a", "before", path)
    sound(path)
    assert content(shop, path) == data


def test_discard(script, shop):
    """Gives space back, and reads as zeros."""
    data = noise(8 * MIB)
    path = image(shop, "disk", source=shop.file("source", data))
    outcome = script("blkdiscard -o 1048576 -l 4194304 /dev/ubdc && sync && sha256sum < /dev/ubdc",
                     f"ubd2={path}")
    want = data[:MIB] + bytes(4 * MIB) + data[5 * MIB:]
    assert hashlib.sha256(want).hexdigest() in outcome.stdout, outcome.text
    sound(path)
    assert content(shop, path) == want
    assert path.stat().st_blocks * 512 < 5 * MIB


def test_small_clusters_grow(script, shop):
    """The table of reference counts is moved when it is full."""
    path = image(shop, "disk", "-o", "cluster_size=512", size=64 * MIB)
    outcome = script("dd if=/dev/ubdd of=/dev/ubdc bs=1M count=24 conv=fsync 2>&1;"
                     "sha256sum < /dev/ubdd", f"ubd2={path}",
                     f"ubd3r={shop.file('source', noise(24 * MIB))}")
    assert hashlib.sha256(noise(24 * MIB)).hexdigest() in outcome.stdout, outcome.text
    sound(path)
    assert content(shop, path)[:24 * MIB] == noise(24 * MIB)


def test_threads(script, shop):
    """Where the host forbids io_uring."""
    check_writes(shop, script, image(shop, "disk", size=8 * MIB), bytes(8 * MIB),
                 prepare=lambda: forbid(IO_URING_SETUP))


def test_root(shop, mode):
    """A root file system, killed again and again: no corruption, and what was
    synced is there."""
    path = image(shop, "disk", source=shop.image())
    for _ in range(3):
        guest = shop.start(f"ubd0={path}", *mode, "init=/bin/sh", "--", "-c",
                           "mount -t proc p /proc; mount -o remount,rw /; rm -rf /root/d; "
                           "mkdir /root/d; n=0; while :; do n=$((n+1)); seq 1 $n > /root/d/$n; "
                           "sync; echo synced $n; done")
        guest.expect("synced [23][0-9]", timeout=120)
        guest.kill()
        guest.wait()
        shop.settle()
        last = int(re.findall(r"synced (\d+)", guest.console.seen)[-1])
        sound(path, leaks=True)
        flat = shop.file("flat")
        qemu("convert", "-O", "raw", path, flat)
        for flags in ("-p", "-fn"):
            done = subprocess.run(["/usr/sbin/e2fsck", flags, flat], check=False, text=True,
                                  capture_output=True)
            assert done.returncode in ((0, 1) if flags == "-p" else (0,)), done.stdout
        got = subprocess.run(["/usr/sbin/debugfs", "-R", f"cat /root/d/{last}", flat], text=True,
                             check=True, capture_output=True).stdout
        assert got == "".join(f"{i}\n" for i in range(1, last + 1))


def refused(shop, switch, path, *words):
    """One line that has all of @words; the file is left alone."""
    before = path.read_bytes()
    outcome = shop.outcome(switch)
    lines = outcome.stderr.strip().splitlines()
    assert outcome.status == 1 and len(lines) == 1, outcome.text
    for word in words:
        assert str(word) in lines[0], f"{word!r} is not in {lines[0]!r}"
    assert path.read_bytes() == before


def test_refused(shop):
    """What cannot be used is not touched."""
    good = image(shop, "good", size=MIB).read_bytes()

    def patch(name, at, data):
        return shop.file(name, good[:at] + data + good[at + len(data):])
    for name, at, data, words in [
            ("version", 4, b"\0\0\0\x09", ["version is 9"]),
            ("bits", 20, b"\0\0\0\x40", ["size of clusters"]),
            ("size", 24, b"\xff" * 8, ["size of the disk"]),
            ("crypt", 32, b"\0\0\0\x01", ["encrypted"]),
            ("l1", 40, b"\0\0\x01" + bytes(5), ["first table"]),
            ("l1size", 36, b"\xff" * 4, ["first table"]),
            ("refs", 48, b"\0\x01" + bytes(6), ["reference counts"]),
            ("dirty", 72, bytes(7) + b"\x01", ["not closed"]),
            ("corrupt", 72, bytes(7) + b"\x02", ["corrupt"]),
            ("unknown", 72, b"\x80" + bytes(7), ["not known"])]:
        path = patch(name, at, data)
        refused(shop, f"ubd0={path}", path, *words)
    path = shop.file("cut", good[:50])
    refused(shop, f"ubd0={path}", path, "cut off")
    path = image(shop, "based", "-u", "-b", "/nowhere/base", "-F", "raw", size=MIB)
    refused(shop, f"ubd0={path}", path, "/nowhere/base", "no such file")
    path = image(shop, "zstd", "-o", "compression_type=zstd", size=MIB)
    refused(shop, f"ubd0={path}", path, "zstd")
    path = image(shop, "again", size=MIB)
    refused(shop, f"ubd0={path},{path}", path, "knows its backing file")
    cow_base = shop.home / "new"
    outcome = shop.outcome(f"ubd0={cow_base},{path}")
    assert outcome.status == 1 and "qcow2" in outcome.stderr and not cow_base.exists()
    assert os.access(path, os.R_OK)
