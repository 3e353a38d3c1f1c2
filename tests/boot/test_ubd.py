# SPDX-License-Identifier: GPL-2.0
"""Disks: what the guest wrote is in the file, and nothing else is."""
import errno
import hashlib
import os
import random
import re
import resource
import shutil
import stat
import struct
import subprocess

import pytest

from guest import FDATASYNC, IO_URING_SETUP, ROOT, forbid, wait_until

MIB = 1 << 20
KINDS = ["io_uring", "threads"]


@pytest.fixture(name="kind", params=KINDS)
def fixture_kind(request):
    """Who does the host's I/O: as chosen on this host, and with io_uring
    forbidden, as containers do. Options for a guest."""
    if request.param == "threads":
        return {"prepare": lambda: forbid(IO_URING_SETUP)}
    return {}


def sha(data):
    """What sha256sum prints."""
    return hashlib.sha256(data).hexdigest()


def noise(size, seed=1):
    """Bytes that no compression and no page of zeros can hide."""
    return random.Random(seed).randbytes(size)


def fsck(image, *flags):
    """Status and output of e2fsck."""
    done = subprocess.run(["/usr/sbin/e2fsck", *flags, str(image)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=120)
    return done.returncode, done.stdout


def allocated(path):
    """Bytes that the host spends on a file."""
    return os.stat(path).st_blocks * 512


# ---- data ----------------------------------------------------------------------

def test_persistence(boot, shop):
    """What was written in one life is there in the next, and for the host."""
    guest = boot()
    guest.login()
    guest.run("seq 1 100000 > /root/numbers; mkdir -p /root/a/b; ln -s x /root/a/link")
    assert guest.poweroff(politely=True) == 0
    status, text = fsck(shop.image(), "-fn")
    assert status == 0, text
    guest = boot()
    guest.login()
    want = sha("".join(f"{n}\n" for n in range(1, 100001)).encode())
    assert guest.run("sha256sum < /root/numbers").split()[0] == want
    assert guest.run("readlink /root/a/link").strip() == "x"
    assert guest.poweroff() == 0


def test_checksums(script, shop, kind):
    """Random data is read right and copied right, in blocks of several sizes,
    through the guest's page cache and around it."""
    data = noise(32 * MIB)
    source = shop.file("source", data)
    targets = [shop.file(f"target{n}", size=len(data)) for n in range(3)]
    outcome = script("""
        sha256sum < /dev/ubdc
        dd if=/dev/ubdc bs=4k iflag=direct 2>/dev/null | sha256sum
        dd if=/dev/ubdc of=/dev/ubdd bs=1M 2>/dev/null
        dd if=/dev/ubdc of=/dev/ubde bs=512 count=20000 2>/dev/null
        dd if=/dev/ubdc of=/dev/ubde bs=512 skip=20000 seek=20000 2>/dev/null
        dd if=/dev/ubdc of=/dev/ubdf bs=2M iflag=direct oflag=direct 2>/dev/null
        sync
        dmesg | grep ubdc:
        """, f"ubd2r={source}", *[f"ubd{n + 3}={t}" for n, t in enumerate(targets)], **kind)
    assert outcome.status == 0, outcome.text
    assert outcome.stdout.split()[0] == sha(data)
    assert outcome.stdout.count(sha(data)) == 2
    for target in targets:
        assert sha(target.read_bytes()) == sha(data), target
    assert sha(source.read_bytes()) == sha(data)
    if kind:
        assert "threads" in outcome.stdout


def test_random_writes_in_parallel(script, shop, kind):
    """Many small writes at once, each at its own place."""
    target = shop.file("target", size=8 * MIB)
    outcome = script("""
        for job in 0 1 2 3 4 5 6 7; do
            (for n in $(seq $job 8 255); do
                yes "block $n" | head -c 4096 |
                    dd of=/dev/ubdc bs=4k seek=$((n * 7 % 256)) oflag=direct 2>/dev/null ||
                    echo "write $n failed"
            done) &
        done
        wait
        """, f"ubd2={target}", **kind)
    assert outcome.status == 0 and "failed" not in outcome.stdout, outcome.text
    content = target.read_bytes()
    for n in range(256):
        at = n * 7 % 256 * 4096
        line = f"block {n}\n".encode()
        assert content[at:at + 4096] == (line * 4096)[:4096], f"block {n}"
    assert content[MIB:] == bytes(7 * MIB)


def test_file_system_torture(script, shop, kind):
    """ext4 under load, then checked by the host."""
    outcome = script("""
        tar c -C / bin etc sbin usr | tar x -C /root
        for n in 1 2 3; do cp -r /root/bin /root/bin$n & done; wait
        rm -r /root/bin2; sync; echo 3 > /proc/sys/vm/drop_caches
        cmp /bin/busybox /root/bin3/busybox && echo same
        """, image="test.img", **kind)
    assert outcome.status == 0 and "same" in outcome.stdout, outcome.text
    status, text = fsck(shop.image("test.img"), "-fn")
    assert status == 0, text


# ---- flags ---------------------------------------------------------------------

def test_read_only(script, shop):
    """r: the guest knows, its writes fail, the file is not even touched."""
    data = noise(MIB)
    path = shop.file("precious", data)
    path.chmod(0o444)
    before = path.stat().st_mtime_ns
    outcome = script("""
        blockdev --getro /dev/ubdc
        dd if=/dev/zero of=/dev/ubdc bs=4k count=1 conv=fsync 2>&1 && echo written
        blkdiscard /dev/ubdc && echo discarded
        sha256sum < /dev/ubdc
        """, f"ubd2r={path}")
    assert outcome.stdout.startswith("1\n"), outcome.text
    assert "written" not in outcome.stdout and "discarded" not in outcome.stdout
    assert sha(data) in outcome.stdout
    assert path.read_bytes() == data and path.stat().st_mtime_ns == before


def test_read_only_root(shop, mode):
    """ubd0r: the root file system is mounted read-only and all runs."""
    image = shop.image()
    before = sha(image.read_bytes())
    guest = shop.start(f"ubd0r={image}", *mode)
    guest.login()
    assert guest.run("touch /root/x", check=False)[1] != 0
    assert guest.poweroff() == 0
    assert sha(image.read_bytes()) == before


def test_locked_out(boot, shop):
    """Two guests cannot write to one disk, nor one read while another writes."""
    first = boot()
    first.login()
    for flags in ("", "r"):
        second = shop.outcome(f"ubd0{flags}={shop.image()}")
        assert second.status == 1 and "in use" in second.stderr, second.text
    assert first.poweroff() == 0


def test_readers_share(shop, mode):
    """Two guests may read one disk; a writer is then locked out."""
    image = shop.image()
    readers = [shop.start(f"ubd0r={image}", *mode) for _ in range(2)]
    for reader in readers:
        reader.login()
    writer = shop.outcome(f"ubd0={image}")
    assert writer.status == 1 and "in use" in writer.stderr, writer.text
    for reader in readers:
        assert reader.poweroff() == 0


def test_shared_flag_takes_no_lock(shop, boot):
    """c: as often as you like."""
    disk = shop.file("shared", b"s" * MIB)
    first = boot(f"ubd1c={disk}")
    first.login()
    second = shop.start(f"ubd0={shop.image(to='second.img')}", f"ubd1c={disk}")
    second.login()
    first.run("echo hello | dd of=/dev/ubdb conv=fsync,notrunc 2>/dev/null")
    assert second.run("head -n 1 /dev/ubdb").strip() == "hello"
    assert first.poweroff() == 0
    assert second.poweroff() == 0


def test_lock_dies_with_its_owner(boot, shop):
    """Nobody has to clean up after SIGKILL."""
    guest = boot()
    guest.login()
    guest.kill()
    guest.wait()
    shop.settle()
    guest = boot()
    guest.login()
    assert guest.poweroff() == 0


def test_serial_and_names(script, shop):
    """The third field is the serial number; letters and ":" work as well."""
    one, two = shop.file("one", size=MIB), shop.file("two", size=MIB)
    outcome = script("cat /sys/block/ubdc/device/serial /sys/block/ubdc/serial "
                     "/sys/block/ubdd/device/serial /sys/block/ubdd/serial 2>/dev/null",
                     f"ubdc={one},,S3RIAL", f"ubdd={two}::N0MBER")
    assert set(outcome.stdout.split()) == {"S3RIAL", "N0MBER"}, outcome.text


def test_synchronous(script, shop):
    """s and ubd=sync: dmesg says so, and the data is right."""
    data = noise(MIB)
    source, target = shop.file("source", data), shop.file("target", size=MIB)
    outcome = script("dd if=/dev/ubdc of=/dev/ubdd bs=64k 2>/dev/null; dmesg | grep ubdd:",
                     f"ubd2r={source}", f"ubd3s={target}")
    assert "synchronous" in outcome.stdout, outcome.text
    assert target.read_bytes() == data


# ---- many ----------------------------------------------------------------------

def test_sixteen_disks(shop, mode):
    """All sixteen at once, each with its own numbers and content."""
    disks = [f"ubd0={shop.image()}", f"ubd1r={shop.script(SIXTEEN)}"]
    for n in range(2, 16):
        disks.append(f"ubd{n}={shop.file(f'disk{n}', f'disk {n}'.encode().ljust(n * 4096))}")
    outcome = shop.outcome(*disks, *mode, "init=/sbin/run-test", "quiet", timeout=120)
    assert outcome.status == 0, outcome.text
    for n in range(2, 16):
        letter = chr(ord("a") + n)
        assert f"ubd{letter} {98}:{16 * n} {n * 4096} disk {n} " in outcome.stdout, n
    for n in range(2, 16):
        assert (shop.home / f"disk{n}").read_bytes().startswith(f"written {n}\n".encode())


SIXTEEN = r"""
for n in $(seq 2 15); do
    letter=$(echo abcdefghijklmnop | cut -c $((n + 1)))
    disk=/dev/ubd$letter
    echo "ubd$letter $(cat /sys/block/ubd$letter/dev) $(blockdev --getsize64 $disk)" \
         "$(head -c 8 $disk) "
    echo "written $n" | dd of=$disk conv=fsync,notrunc 2>/dev/null
done
"""


def partition_table(*parts):
    """A DOS partition table; (first sector, sectors) each."""
    table = bytearray(512)
    for n, (first, count) in enumerate(parts):
        table[446 + 16 * n:462 + 16 * n] = struct.pack("<B3xB3xII", 0, 0x83, first, count)
    table[510:512] = b"\x55\xaa"
    return bytes(table)


def test_partitions(script, shop):
    """Found at boot, with their numbers; and after the table was rewritten."""
    disk = bytearray(8 * MIB)
    disk[:512] = partition_table((2048, 2048), (4096, 8192))
    disk[MIB:MIB + 5] = b"first"
    disk[2 * MIB:2 * MIB + 6] = b"second"
    path = shop.file("parted", bytes(disk))
    outcome = script("""
        for n in 1 2; do
            echo "$(cat /sys/block/ubdc/ubdc$n/dev) $(blockdev --getsz /dev/ubdc$n)" \
                 "$(head -c 6 /dev/ubdc$n | tr -d '\\000')"
        done
        head -c 512 /dev/zero | dd of=/dev/ubdc conv=fsync,notrunc 2>/dev/null
        blockdev --rereadpt /dev/ubdc
        ls /dev/ubdc*
        """, f"ubd2={path}")
    assert outcome.stdout.splitlines() == [
        "98:33 2048 first", "98:34 8192 second", "/dev/ubdc"], outcome.text


def test_root_on_a_partition(shop, mode):
    """root=/dev/ubda1."""
    image = shop.image()
    path = shop.file("whole")
    with open(path, "wb") as file, open(image, "rb") as part:
        file.write(partition_table((2048, os.path.getsize(image) // 512)))
        file.seek(MIB)
        shutil.copyfileobj(part, file)
    guest = shop.start(f"ubd0={path}", *mode, "root=/dev/ubda1")
    guest.login()
    assert "/dev/root on / " in guest.run("mount") or "/dev/ubda1 on / " in guest.run("mount")
    assert guest.poweroff() == 0


def test_host_block_device(script, shop):
    """A loop device of the host as a disk."""
    if not ROOT:
        pytest.skip("making a loop device of the host needs root")
    path = shop.file("loop", noise(MIB))
    made = subprocess.run(["losetup", "--find", "--show", path], text=True, check=False,
                          capture_output=True)
    if made.returncode:
        pytest.skip(f"the host has no loop devices: {made.stderr.strip()}")
    loop = made.stdout.strip()
    node = shop.home / "node"
    shop.expected.add("node")
    try:
        os.mknod(node, stat.S_IFBLK | 0o600, os.stat(loop).st_rdev)
        shop.own(node)
        outcome = script("sha256sum < /dev/ubdc; echo changed | dd of=/dev/ubdc conv=fsync,notrunc",
                         f"ubd2={node}")
    finally:
        subprocess.run(["losetup", "--detach", loop], check=True)
    assert outcome.stdout.split()[0] == sha(noise(MIB)), outcome.text
    assert path.read_bytes().startswith(b"changed\n")


# ---- space ---------------------------------------------------------------------

def punches(directory):
    """Does the host's file system give space back?"""
    path = directory / "punch"
    path.write_bytes(b"x" * MIB)
    done = subprocess.run(["fallocate", "-p", "-l", str(MIB), path], check=False)
    sparse = done.returncode == 0 and allocated(path) == 0
    path.unlink()
    return sparse


def test_discard(script, shop, kind):
    """The space is the host's again, and reads as zeros."""
    if not punches(shop.home):
        pytest.skip("the host's file system cannot punch holes (fallocate -p)")
    data = noise(8 * MIB)
    path = shop.file("full", data)
    assert allocated(path) >= 8 * MIB
    outcome = script("""
        blkdiscard -o 1048576 -l 4194304 /dev/ubdc && echo discarded
        head -c 5242880 /dev/ubdc | tail -c 4194304 | tr -d '\\000' | wc -c
        """, f"ubd2={path}", **kind)
    assert outcome.stdout.split() == ["discarded", "0"], outcome.text
    assert allocated(path) <= 5 * MIB
    assert path.stat().st_size == 8 * MIB
    assert path.read_bytes() == data[:MIB] + bytes(4 * MIB) + data[5 * MIB:]


def test_no_trim(script, shop):
    """t: the space stays."""
    data = noise(MIB)
    path = shop.file("full", data)
    outcome = script("cat /sys/block/ubdc/queue/discard_max_bytes; blkdiscard /dev/ubdc",
                     f"ubd2t={path}")
    assert outcome.stdout.split()[0] == "0", outcome.text
    assert path.read_bytes() == data and allocated(path) >= MIB


def test_fstrim(script, shop):
    """Of a file system in use."""
    if not punches(shop.home):
        pytest.skip("the host's file system cannot punch holes (fallocate -p)")
    image = shop.image()
    outcome = script("dd if=/dev/urandom of=/root/big bs=1M count=20 2>/dev/null; sync;"
                     "rm /root/big; sync; fstrim -v / && echo trimmed")
    assert "trimmed" in outcome.stdout, outcome.text
    assert allocated(image) < 20 * MIB
    assert fsck(image, "-fn")[0] == 0


def test_write_zeroes(script, shop):
    """An ioctl that programs use to clear a range."""
    data = noise(4 * MIB)
    path = shop.file("full", data)
    outcome = script("dd if=/dev/zero of=/dev/ubdc bs=1M seek=1 count=2 conv=fsync,notrunc"
                     " 2>/dev/null; cat /sys/block/ubdc/queue/write_zeroes_max_bytes",
                     f"ubd2={path}")
    assert int(outcome.stdout.split()[0]) > 0, outcome.text
    assert path.read_bytes() == data[:MIB] + bytes(2 * MIB) + data[3 * MIB:]


# ---- trouble -------------------------------------------------------------------

def test_flush(script):
    """fsync reaches the host: the disk has a cache, and flushes are counted."""
    outcome = script("""
        cat /sys/block/ubda/queue/write_cache
        before=$(awk '{print $16}' /sys/block/ubda/stat)
        dd if=/dev/zero of=/root/f bs=4k count=10 conv=fsync 2>/dev/null
        after=$(awk '{print $16}' /sys/block/ubda/stat)
        [ $after -gt $before ] && echo flushed
        """)
    assert outcome.stdout.split() == ["write", "back", "flushed"], outcome.text


def test_flush_is_the_hosts_fdatasync(script, shop):
    """A host whose fdatasync fails: the guest's fsync fails, and says so."""
    path = shop.file("target", size=MIB)
    outcome = script("""
        dd if=/dev/zero of=/dev/ubdc bs=4k count=4 conv=notrunc && echo written
        dd if=/dev/zero of=/dev/ubdc bs=4k count=4 conv=fsync,notrunc || echo not synced
        """, f"ubd2={path}",
        prepare=lambda: (forbid(IO_URING_SETUP), forbid(FDATASYNC, error=errno.EIO)))
    assert "written" in outcome.stdout and "not synced" in outcome.stdout, outcome.text


@pytest.mark.parametrize("rounds", [3])
def test_killed_while_writing(boot, shop, rounds):
    """After kill -9 the journal brings the file system back, and what was synced
    is there."""
    image = shop.image()
    for _ in range(rounds):
        guest = boot("init=/bin/sh", "--", "-c",
                     "mount -t proc p /proc; mount -o remount,rw /; rm -rf /root/d; "
                     "mkdir /root/d; n=0; while :; do n=$((n+1)); seq 1 $n > /root/d/$n; "
                     "sync; echo synced $n; done")
        guest.expect("synced 5[0-9]", timeout=120)
        guest.kill()
        guest.wait()
        shop.settle()
        last = int(re.findall(r"synced (\d+)", guest.console.seen)[-1])
        status, text = fsck(image, "-p")
        assert status in (0, 1), text
        status, text = fsck(image, "-fn")
        assert status == 0, text
        for n in (1, last // 2, last):
            want = "".join(f"{i}\n" for i in range(1, n + 1))
            got = subprocess.run(["/usr/sbin/debugfs", "-R", f"cat /root/d/{n}", image], text=True,
                                 check=True, capture_output=True, timeout=60).stdout
            assert got == want, f"/root/d/{n}"


def test_size_changes(boot, shop, kind):
    """Somebody truncates the image under a running guest: an I/O error, for
    what is gone only. Whoever opens the disk anew sees its size; and it grows."""
    path = shop.file("changing", noise(4 * MIB))
    guest = boot(f"ubd1={path}", **kind)
    guest.login()
    guest.run("exec 3< /dev/ubdb; sleep 1000 <&3 & echo")
    os.truncate(path, 2 * MIB)
    guest.run("dd if=/dev/ubdb of=/dev/null bs=1M count=2 2>/dev/null")
    assert guest.run("dd if=/dev/ubdb bs=4k skip=600 count=1 of=/dev/null 2>/dev/null",
                     check=False)[1] != 0
    assert "I/O error" in guest.run("dmesg | grep 'I/O error'")
    guest.run("kill $!; wait; exec 3<&-", check=False)
    guest.run("dmesg -n 1")
    assert guest.run("blockdev --getsize64 /dev/ubdb").split()[0] == str(2 * MIB)
    os.truncate(path, 16 * MIB)
    assert guest.run("blockdev --getsize64 /dev/ubdb").split()[0] == str(16 * MIB)
    guest.run("dd if=/bin/busybox of=/dev/ubdb bs=1M seek=15 count=1 conv=fsync 2>/dev/null")
    assert path.read_bytes()[15 * MIB:] != bytes(MIB)
    assert guest.poweroff() == 0


def test_host_disk_full(script, shop, kind):
    """The host's file system is full: the guest's writes fail, the guest lives,
    and ends with its files closed."""
    if not ROOT:
        pytest.skip("mounting a small file system for the image needs root")
    small = shop.home / "small"
    small.mkdir()
    shop.expected.add("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", small], check=True)
    try:
        path = shop.file("small/disk", size=64 * MIB)
        outcome = script("""
            dd if=/dev/urandom of=/dev/ubdc bs=1M count=32 conv=fsync 2>&1 && echo all written
            dmesg | grep -m 1 -i "ubdc.*error\\|error.*ubdc"
            echo alive
            """, f"ubd2={path}", **kind)
    finally:
        subprocess.run(["umount", small], check=True)
        small.rmdir()
    assert "alive" in outcome.stdout and outcome.status == 0, outcome.text
    assert "all written" not in outcome.stdout
    assert "error" in outcome.stdout.lower()


def test_file_size_limit(script, shop):
    """ulimit -f: an I/O error for the guest, and no SIGXFSZ ends the program."""
    path = shop.file("limited", size=128 * MIB)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100 * MIB, 100 * MIB))
    outcome = script("""
        dd if=/dev/zero of=/dev/ubdc bs=1M seek=98 count=2 conv=fsync,notrunc && echo fits
        dd if=/dev/zero of=/dev/ubdc bs=1M seek=110 count=1 conv=fsync,notrunc || echo refused
        echo alive
        """, f"ubd2={path}", "mem=64M", prepare=limit)
    assert "fits" in outcome.stdout and "refused" in outcome.stdout, outcome.text
    assert "alive" in outcome.stdout


def test_busy_disk_does_not_stop_the_guest(boot, shop):
    """While the host's I/O takes its time, programs that do none go on."""
    path = shop.file("large", noise(64 * MIB))
    guest = boot(f"ubd1r={path}")
    guest.login()
    guest.run("(while :; do cat /dev/ubdb > /dev/null; echo 3 > /proc/sys/vm/drop_caches; done) & true")
    done = wait_until(lambda: guest.run("echo quick", timeout=5) == "quick\n", 5)
    assert done
    guest.run("kill $!", check=False)
    assert guest.poweroff() == 0
