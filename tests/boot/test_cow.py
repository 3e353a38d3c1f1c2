# SPDX-License-Identifier: GPL-2.0
"""Copy-on-write disks: the base stays as it is, and nothing that was flushed is
lost, whatever ends the guest."""
import hashlib
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

import pytest

from guest import FDATASYNC, IO_URING_SETUP, ROOT, forbid, wait_until

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/tools"))

import cowfile  # noqa: E402  pylint: disable=wrong-import-position

MIB = 1 << 20
COW = REPO / "build/tools/cow/cow"
LAYOUTS = [(1, {"little": True}), (1, {}), (2, {}), (3, {}), (3, {"wide": True})]


def noise(size, seed=1):
    """Bytes that repeat nowhere."""
    return random.Random(seed).randbytes(size)


def sha(path):
    """Of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cow(*arguments):
    """The program cow; what it said."""
    return subprocess.run([COW, *map(str, arguments)], check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def flat(shop, path):
    """The disk that a COW file holds, as a file."""
    name = path.name + ".flat"
    shop.expected.add(name)
    cow("merge", "-f", path, shop.home / name)
    return shop.home / name


def fsck(image, *flags):
    """Status and output of e2fsck."""
    done = subprocess.run(["/usr/sbin/e2fsck", *flags, str(image)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=120)
    return done.returncode, done.stdout


def make(shop, name, version, back, content, **how):
    """A COW file for guests."""
    path = shop.home / name
    cowfile.write(path, version, back, content, **how)
    shop.own(path)
    shop.expected.add(name)
    return path


# ---- what it is for ------------------------------------------------------------

@pytest.mark.limit(600)
@pytest.mark.parametrize("image, memory", [
    ("root.img", 64), pytest.param("debian.img", 512, marks=pytest.mark.slow)])
def test_two_guests_on_one_base(shop, mode, image, memory):
    """At once, each with its own changes; deleting the COW file is a reset."""
    base = shop.image(image)
    before = sha(base)

    def start(n, *back):
        shop.expected.add(f"cow{n}")
        return shop.start("ubd0=" + ",".join(map(str, [shop.home / f"cow{n}", *back])),
                          f"mem={memory}M", *mode)
    guests = [start(n, base) for n in (1, 2)]
    for n, guest in enumerate(guests, 1):
        guest.login()
        guest.run(f"echo guest {n} > /root/who; sync")
    for guest in guests:
        assert guest.poweroff(politely=True) == 0
    for n in (1, 2):
        guest = start(n)
        guest.login()
        assert guest.run("cat /root/who").endswith(f"guest {n}\n")
        assert guest.poweroff(politely=True) == 0
    assert sha(base) == before
    (shop.home / "cow1").unlink()
    guest = start(1, base)
    guest.login()
    assert guest.run("cat /root/who", check=False)[1] != 0
    assert guest.poweroff(politely=True) == 0
    assert sha(base) == before
    assert (shop.home / "cow2").stat().st_blocks * 512 < memory * MIB // 4


@pytest.mark.parametrize("version,how", LAYOUTS)
def test_layouts(script, shop, version, how):
    """Each is read and written in place; what the guest sees and leaves there is
    what a reader that shares no code with it sees."""
    back = shop.file("back", noise(4 * MIB))
    content = {n: noise(512, n) for n in (0, 1, 2, 9, 4000, 8191)}
    path = make(shop, "c", version, back, content, **how)
    want = bytearray(back.read_bytes())
    for number, block in content.items():
        want[number * 512:number * 512 + 512] = block
    outcome = script("""
        sha256sum < /dev/ubdc
        for n in 0 3 4 100 101 8190; do
            yes "sector $n" | head -c 512 |
                dd of=/dev/ubdc bs=512 seek=$n conv=notrunc oflag=direct 2>/dev/null
        done
        dd if=/dev/zero of=/dev/ubdc bs=64k seek=20 count=3 conv=notrunc,fsync 2>/dev/null
        """, f"ubd2={path}")
    assert outcome.stdout.split()[0] == hashlib.sha256(want).hexdigest(), outcome.text
    for n in (0, 3, 4, 100, 101, 8190):
        content[n] = (f"sector {n}\n".encode() * 512)[:512]
    content |= {n: bytes(512) for n in range(2560, 2944)}
    assert cowfile.read(path, **how) == (version, content)
    assert back.read_bytes() == noise(4 * MIB)


def test_nested(script, shop):
    """A COW file over a COW file over a file, created on first use."""
    back = shop.file("back", noise(2 * MIB))
    first = make(shop, "first", 3, back, {5: b"a" * 512, 6: b"b" * 512})
    shop.expected.add("second")
    outcome = script("""
        dd if=/dev/ubdc bs=512 skip=5 count=2 2>/dev/null | cut -c 1-3
        echo | tr '\\n' c | dd of=/dev/ubdc bs=512 seek=6 conv=notrunc,sync,fsync 2>/dev/null
        sha256sum < /dev/ubdc
        """, f"ubd2={shop.home}/second,{first}")
    assert outcome.stdout.startswith("aaa"), outcome.text
    want = bytearray(noise(2 * MIB))
    want[2560:3584] = b"a" * 512 + b"c".ljust(512, b"\0")
    assert hashlib.sha256(want).hexdigest() in outcome.stdout
    assert set(cowfile.read(shop.home / "second")[1]) >= {6}
    assert flat(shop, shop.home / "second").read_bytes() == want
    assert cowfile.read(first)[1] == {5: b"a" * 512, 6: b"b" * 512}


def zeroout(shop):
    """A static program FILE POS LEN, for an ioctl that busybox does not know."""
    (shop.tmp / "z.c").write_text("""
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/ioctl.h>
        #include <linux/fs.h>
        int main(int argc, char **argv)
        {
            unsigned long long range[2] = { atoll(argv[2]), atoll(argv[3]) };
            return argc != 4 || ioctl(open(argv[1], O_RDWR), BLKZEROOUT, range);
        }""")
    program = shop.file("zeroout")
    subprocess.run(["gcc", "-static", "-O2", "-o", program, shop.tmp / "z.c"], check=True)
    (shop.tmp / "z.c").unlink()
    return program


def test_clearing(script, shop):
    """Discard and write-zeroes: zeros hide what the base has."""
    back = shop.file("back", noise(8 * MIB))
    shop.expected.add("c")
    outcome = script("""
        cat /dev/ubdd > /tmp/zeroout; chmod +x /tmp/zeroout
        /tmp/zeroout /dev/ubdc 1048576 1048576 && echo cleared
        blkdiscard -o 4194304 -l 1048576 /dev/ubdc && echo discarded
        head -c 2097152 /dev/ubdc | tail -c 1048576 | tr -d '\\000' | wc -c
        """, f"ubd2={shop.home}/c,{back}", f"ubd3r={zeroout(shop)}")
    assert "cleared" in outcome.stdout and outcome.stdout.split()[-1] == "0", outcome.text
    want = bytearray(noise(8 * MIB))
    want[MIB:2 * MIB] = bytes(MIB)
    got = flat(shop, shop.home / "c").read_bytes()
    assert got[:4 * MIB] == want[:4 * MIB] and got[5 * MIB:] == want[5 * MIB:]
    assert (shop.home / "c").stat().st_blocks * 512 < 2 * MIB


def test_threads(script, shop):
    """Where the host forbids io_uring."""
    back = shop.file("back", noise(8 * MIB))
    shop.expected.add("c")
    outcome = script("""
        for n in 0 1 2 3; do
            dd if=/dev/ubdc of=/dev/ubdc bs=4k skip=$((n * 100)) seek=$((n * 100 + 1024)) \\
               count=100 conv=notrunc oflag=direct 2>/dev/null &
        done
        wait
        sync
        """, f"ubd2={shop.home}/c,{back}", prepare=lambda: forbid(IO_URING_SETUP))
    assert outcome.status == 0, outcome.text
    want = bytearray(noise(8 * MIB))
    want[4 * MIB:4 * MIB + 400 * 4096] = want[:400 * 4096]
    assert flat(shop, shop.home / "c").read_bytes() == want


@pytest.mark.parametrize("flag", ["r", "s", "o", "so"])
def test_flags(script, shop, flag):
    """Read-only, synchronous, O_DIRECT."""
    back = shop.file("back", noise(4 * MIB))
    path = make(shop, "c", 3, back, {8: bytes(512)})
    before = path.read_bytes()
    outcome = script("""
        dd if=/bin/busybox of=/dev/ubdc bs=64k count=10 conv=notrunc,fsync 2>/dev/null && echo ok
        dd if=/dev/ubdc bs=4k iflag=direct 2>/dev/null | sha256sum
        dmesg | grep ubdc:
        """, f"ubd2{flag}={path}")
    if flag == "r":
        assert "ok" not in outcome.stdout and path.read_bytes() == before
        return
    assert outcome.stdout.startswith("ok\n"), outcome.text
    assert ("O_DIRECT" in outcome.stdout) == ("o" in flag)
    assert hashlib.sha256(flat(shop, path).read_bytes()).hexdigest() in outcome.stdout


def test_data_flag(script, shop):
    """d: the bytes of the file, as they are."""
    back = shop.file("back", bytes(MIB))
    path = make(shop, "c", 3, back, {})
    outcome = script("head -c 4 /dev/ubdc; blockdev --getsize64 /dev/ubdc", f"ubd2d={path}")
    assert outcome.stdout == f"OOOM{path.stat().st_size}\n", outcome.text


def test_swap_and_loop(script, shop):
    """A COW disk is a disk: swap space, and a file system in a file on it."""
    back = shop.file("back", size=32 * MIB)
    shop.expected.add("c")
    outcome = script("""
        mkswap /dev/ubdc > /dev/null && swapon /dev/ubdc && grep -c ubdc /proc/swaps
        swapoff /dev/ubdc
        mke2fs /dev/ubdc > /tmp/log && mkdir -p /tmp/m && mount /dev/ubdc /tmp/m && echo mounted
        cp /bin/busybox /tmp/m && cmp /bin/busybox /tmp/m/busybox && umount /tmp/m && echo same
        """, f"ubd2={shop.home}/c,{back}")
    assert outcome.stdout.split() == ["1", "mounted", "same"], outcome.text


def test_tar(script, shop):
    """A disk may be a tar archive."""
    (shop.tmp / "hello").write_text("hello from the host\n")
    subprocess.run(["tar", "cf", shop.home / "archive", "-C", shop.tmp, "hello"], check=True)
    (shop.tmp / "hello").unlink()
    shop.expected.add("archive")
    outcome = script("cd /root && tar xf /dev/ubdc && cat hello", f"ubd2r={shop.home}/archive")
    assert outcome.stdout == "hello from the host\n", outcome.text


# ---- what is lost --------------------------------------------------------------

@pytest.mark.parametrize("rounds", [4])
def test_killed_while_writing(shop, mode, rounds):
    """kill -9 under load: the file system is consistent, what was synced is
    there, and the base is what it was."""
    base = shop.image()
    before = sha(base)
    shop.expected.add("cow")
    path = shop.home / "cow"
    for _ in range(rounds):
        guest = shop.start(f"ubd0={path},{base}", *mode, "init=/bin/sh", "--", "-c",
                           "mount -t proc p /proc; mount -o remount,rw /; rm -rf /root/d; "
                           "mkdir /root/d; n=0; while :; do n=$((n+1)); seq 1 $n > /root/d/$n; "
                           "sync; echo synced $n; done")
        guest.expect("synced [345][0-9]", timeout=120)
        guest.kill()
        guest.wait()
        shop.settle()
        last = int(re.findall(r"synced (\d+)", guest.console.seen)[-1])
        image = flat(shop, path)
        status, text = fsck(image, "-p")
        assert status in (0, 1), text
        status, text = fsck(image, "-fn")
        assert status == 0, text
        for n in (1, last // 2, last):
            want = "".join(f"{i}\n" for i in range(1, n + 1))
            got = subprocess.run(["/usr/sbin/debugfs", "-R", f"cat /root/d/{n}", image], text=True,
                                 check=True, capture_output=True, timeout=60).stdout
            assert got == want, f"/root/d/{n}"
    assert sha(base) == before


def test_unflushed_writes_settle(shop, mode):
    """What was written and never flushed is there some seconds later, even if
    the guest is killed then."""
    back = shop.file("back", bytes(MIB))
    path = make(shop, "c", 3, back, {})
    guest = shop.start(f"ubd0={shop.image()}", f"ubd1={path}", *mode)
    guest.login()
    guest.run("dd if=/bin/busybox of=/dev/ubdb bs=4k count=1 oflag=direct 2>/dev/null")
    assert wait_until(lambda: set(cowfile.read(path)[1]) == set(range(8)), 10)
    guest.kill()
    guest.wait()
    shop.settle()


def test_failing_flush_sets_no_bit(script, shop):
    """If the host loses data on the way to the disk, the bitmap never says that
    they are there."""
    back = shop.file("back", noise(MIB))
    path = make(shop, "c", 3, back, {})
    outcome = script("""
        dd if=/dev/zero of=/dev/ubdc bs=4k count=4 conv=fsync,notrunc || echo not synced
        dd if=/dev/zero of=/dev/ubdc bs=4k count=4 conv=fsync,notrunc || echo not synced
        """, f"ubd2={path}",
        prepare=lambda: (forbid(IO_URING_SETUP), forbid(FDATASYNC, error=5)))
    assert outcome.stdout.count("not synced") == 2, outcome.text
    assert cowfile.read(path)[1] == {}


def test_host_disk_full(boot, shop):
    """Writes fail while the host has no space, and work when it has again."""
    if not ROOT:
        pytest.skip("mounting a small file system for the image needs root")
    small = shop.home / "small"
    small.mkdir()
    shop.expected.add("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", small], check=True)
    try:
        shop.own(small)
        back = shop.file("back", size=64 * MIB)
        guest = boot(f"ubd1={small}/c,{back}")
        guest.login()
        write = "dd if=/dev/urandom of=/dev/ubdb bs=1M count={} conv=fsync 2>/dev/null"
        assert guest.run(write.format(32), check=False, timeout=120)[1] != 0
        subprocess.run(["mount", "-o", "remount,size=80m", small], check=True)
        guest.run(write.format(32), timeout=120)
        want = guest.run("sha256sum < /dev/ubdb").split()[0]
        assert guest.poweroff() == 0
        shop.expected.add("flat")
        cow("merge", small / "c", shop.home / "flat")
        assert sha(shop.home / "flat") == want
    finally:
        subprocess.run(["umount", "-l", small], check=True)
        small.rmdir()


# ---- what is refused -----------------------------------------------------------

def refused(shop, switch, *words, path=None):
    """One line that says all of @words; the file is left alone."""
    before = path.read_bytes() if path else None
    outcome = shop.outcome(switch)
    lines = outcome.stderr.strip().splitlines()
    assert outcome.status == 1 and len(lines) == 1, outcome.text
    for word in words:
        assert str(word) in lines[0], f"{word!r} is not in {lines[0]!r}"
    assert not path or path.read_bytes() == before


def test_changed_backing_file(shop):
    """Both values are named."""
    back = shop.file("back", noise(MIB))
    os.utime(back, (1000000000, 1000000000))
    path = make(shop, "c", 3, back, {})
    os.utime(back, (1000000001, 1000000001))
    refused(shop, f"ubd0={path}", "1000000001", "1000000000", back, path=path)
    os.truncate(back, MIB // 2)
    refused(shop, f"ubd0={path}", "524288", "1048576", back, path=path)
    back.unlink()
    refused(shop, f"ubd0={path}", back, "no such file", path=path)


def test_moved_backing_file(script, shop):
    """Accepted, and the header says where it is."""
    back = shop.file("back", noise(MIB))
    path = make(shop, "c", 3, back, {})
    moved = shop.home / "moved"
    shop.expected.add("moved")
    back.rename(moved)
    refused(shop, f"ubd0={path}", back, "no such file", path=path)
    outcome = script("sha256sum < /dev/ubdc", f"ubd2={path},{moved}")
    assert sha(moved) in outcome.stdout, outcome.text
    assert str(moved) in cow("info", path)
    outcome = script("sha256sum < /dev/ubdc", f"ubd2={path}")
    assert sha(moved) in outcome.stdout, outcome.text


def test_relative_backing_file(script, shop):
    """Counts from where the COW file is."""
    back = shop.file("back", noise(MIB))
    path = make(shop, "c", 3, back, {})
    with open(path, "r+b") as file:
        file.write(cowfile.header(3, "back", MIB, int(back.stat().st_mtime)))
    outcome = script("sha256sum < /dev/ubdc", f"ubd2={path}", cwd="/")
    assert sha(back) in outcome.stdout, outcome.text


def test_bad_files(shop):
    """A header cut off, absurd sizes, another magic, no bytes at all, loops, a
    bitmap past the end: one line each, and nothing is written."""
    back = shop.file("back", noise(MIB))
    mtime = int(back.stat().st_mtime)
    good = cowfile.header(3, back, MIB, mtime).ljust(12288, b"\0")
    for name, data, words in [
            ("cut", good[:1000], ["cut off"]),
            ("absurd", good[:12] + b"\xff" * 8 + good[20:], ["impossible"]),
            ("bitmap", cowfile.header(3, back, 1 << 45, mtime).ljust(12288, b"\0"),
             ["bitmap", "12288"]),
            ("version", good[:7] + b"\x09" + good[8:], ["version is 9"]),
            ("sector", good[:20] + bytes(4) + good[24:], ["sectors have 0"]),
            ("align", good[:24] + b"\0\0\0\x03" + good[28:], ["alignment is 3"])]:
        path = shop.file(name, data)
        refused(shop, f"ubd0={path}", *words, path=path)
        refused(shop, f"ubd0={path},{back}", *words, path=path)
    path = shop.file("other", noise(MIB))
    refused(shop, f"ubd0={path},{back}", "no copy-on-write", path=path)
    path = shop.file("empty")
    refused(shop, f"ubd0={path},{back}", "empty", path=path)
    path = shop.file("loop", good)
    with open(path, "r+b") as file:
        file.write(cowfile.header(3, path, MIB, 5))
    os.utime(path, (5, 5))
    refused(shop, f"ubd0={path}", "based on itself", path=path)
    refused(shop, f"ubd0={shop.home}/new,{shop.home}/gone", "gone", "no such file")
    refused(shop, f"ubd0r={shop.home}/new,{back}", "no such file")
    refused(shop, f"ubd0={shop.home}/gone/new,{back}", "cannot be created")
    assert not (shop.home / "new").exists()


def test_locks(shop, boot):
    """One writer for a COW file; its base is nobody's to write to."""
    back = shop.file("back", noise(MIB))
    path = make(shop, "c", 3, back, {})
    guest = boot(f"ubd1={path}")
    guest.login()
    refused(shop, f"ubd0={path}", "in use")
    refused(shop, f"ubd0r={path}", "in use")
    refused(shop, f"ubd0={back}", "in use")
    reader = shop.outcome(f"ubd0r={back}", "panic=0")
    assert "in use" not in reader.stderr
    assert guest.poweroff() == 0


def test_interrupted_merge(shop, script):
    """A guest refuses a file whose merge is not finished; then it is."""
    back = shop.file("back", noise(MIB))
    path = make(shop, "c", 3, back, {n: noise(512, n) for n in range(100)})
    want = sha(flat(shop, path))
    subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e",
                    "inject=pwrite64:signal=KILL:when=9", COW, "merge", path], check=False)
    refused(shop, f"ubd0={path}", "merge", path=path)
    cow("merge", path)
    outcome = script("sha256sum < /dev/ubdc", f"ubd2={path}")
    assert want in outcome.stdout and sha(back) == want, outcome.text


def test_debian_tools(script, shop):
    """What uml_mkcow made is written to; uml_moo merges what the guest wrote."""
    if not shutil.which("uml_moo"):
        pytest.skip("the host lacks Debian's package uml-utilities")
    back = shop.file("back", noise(4 * MIB))
    path = shop.home / "c"
    shop.expected |= {"c", "new"}
    subprocess.run(["uml_mkcow", path, back], check=True)
    shop.own(path)
    outcome = script("dd if=/bin/busybox of=/dev/ubdc bs=4k seek=100 count=200 conv=fsync,notrunc "
                     "2>/dev/null; sha256sum < /dev/ubdc", f"ubd2={path}")
    subprocess.run(["uml_moo", path, shop.home / "new"], check=True)
    assert sha(shop.home / "new") in outcome.stdout, outcome.text
