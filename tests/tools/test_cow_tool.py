# SPDX-License-Identifier: GPL-2.0
"""tools/cow: files that the old tools, other kernels and this program share."""
import os
import pathlib
import random
import shutil
import struct
import subprocess

import pytest

import cowfile

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "build/tools/cow"
TOOLS_SOURCE = pathlib.Path(__file__).resolve().parents[2] / "tools/cow"
DEBIAN = pathlib.Path("/usr/bin")
MIB = 1 << 20
VERSIONS = [(1, {"little": True}), (1, {}), (2, {}), (3, {}), (3, {"wide": True}),
            (3, {"wide": True, "high": True})]


def noise(size, seed=1):
    """Bytes that repeat nowhere."""
    return random.Random(seed).randbytes(size)


def cow(*arguments, status=0, program="cow", where=TOOLS, **options):
    """Run one of the programs: what it said on both outputs."""
    done = subprocess.run([where / program, *map(str, arguments)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          **options)
    assert done.returncode == status, f"{program} {arguments}: {done.returncode} {done.stdout}"
    return done.stdout


def refused(*words, **options):
    """The program fails with one line that has all of @words in it."""
    *arguments, expected = words
    said = cow(*arguments, status=1, **options)
    assert said.count("\n") == 1 and said.endswith("\n"), said
    for word in expected:
        assert word in said, f"{word!r} is not in {said!r}"


@pytest.fixture(name="back")
def fixture_back(tmp_path):
    """A backing file with some zeros in it."""
    path = tmp_path / "back"
    path.write_bytes(noise(MIB // 2) + bytes(MIB // 4) + noise(MIB // 4, 2))
    os.utime(path, (1000000000, 1000000000))
    return path


def merged(back, content, sector=512):
    """What the disk holds."""
    data = bytearray(back.read_bytes())
    for number, block in content.items():
        data[number * sector:number * sector + len(block)] = block
    return bytes(data)


# ---- exchange with Debian's ----------------------------------------------------

def test_the_same_bytes(tmp_path, back):
    """uml_mkcow of both makes the same file."""
    for size in (MIB, MIB - 512, 512, 513, 700, 40 * MIB):
        os.truncate(back, size)
        cow(tmp_path / "ours", back, program="uml_mkcow")
        cow(tmp_path / "theirs", back, program="uml_mkcow", where=DEBIAN)
        assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes(), size
        assert (tmp_path / "ours").stat().st_blocks <= 16
        cow("create", "-f", tmp_path / "ours", back)
        assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes(), size
        (tmp_path / "ours").unlink()
        (tmp_path / "theirs").unlink()


def test_documented_places(tmp_path, back):
    """Of a file over 1 MiB."""
    cow("create", tmp_path / "c", back)
    said = cow("info", tmp_path / "c")
    assert "at 8192, 256 bytes" in said and "data:     at 12288" in said
    assert (tmp_path / "c").stat().st_size == 1060864


@pytest.mark.parametrize("version,how", VERSIONS)
def test_merge_as_debian_does(tmp_path, back, version, how):
    """uml_moo of both makes the same new file of any version, and so does an
    in-place merge of both."""
    content = {n: noise(512, n) for n in (0, 1, 7, 8, 9, 100, 1023, 1500, 2047)}
    content[1025] = bytes(512)
    path = tmp_path / "c"
    cowfile.write(path, version, back, content, **how)
    want = merged(back, content)
    before = path.read_bytes()
    cow(path, tmp_path / "ours", program="uml_moo")
    assert (tmp_path / "ours").read_bytes() == want
    assert path.read_bytes() == before
    # theirs mistakes the byte order of a big-endian machine's version 1, and a wide time
    if (version, how) not in ((1, {}), (3, {"wide": True})):
        cow(path, tmp_path / "theirs", program="uml_moo", where=DEBIAN)
        assert (tmp_path / "theirs").read_bytes() == want
        assert (tmp_path / "ours").stat().st_blocks <= (tmp_path / "theirs").stat().st_blocks
        copy = shutil.copy2(back, tmp_path / "copy")
        cow("-d", path, program="uml_moo", where=DEBIAN)
        assert back.read_bytes() == want
        shutil.copy2(copy, back)
    cow("-d", path, program="uml_moo")
    assert back.read_bytes() == want
    assert cowfile.read(path, **how) == (version, {})
    cow("verify", path)


def test_debian_reads_what_we_rebase(tmp_path, back):
    """A file of theirs that we have written to is theirs still."""
    path, other = tmp_path / "c", tmp_path / "other"
    cow(path, back, program="uml_mkcow", where=DEBIAN)
    other.write_bytes(noise(MIB, 9))
    cow("rebase", path, other)
    cow(path, tmp_path / "merged", program="uml_moo", where=DEBIAN)
    assert (tmp_path / "merged").read_bytes() == back.read_bytes()


@pytest.mark.parametrize("arguments,status", [
    ([], 2), (["x"], 2), (["there", "back"], 1), (["-f", "there", "back"], 0),
    (["new", "missing"], 1)])
def test_mkcow_status(tmp_path, back, arguments, status):
    """As Debian's."""
    (tmp_path / "there").write_bytes(b"")
    for where in (DEBIAN, TOOLS):
        assert back.name == "back"
        cow(*arguments, program="uml_mkcow", where=where, cwd=tmp_path, status=status)
        (tmp_path / "new").unlink(missing_ok=True)


@pytest.mark.parametrize("arguments,status", [
    ([], 1), (["c"], 1), (["c", "new"], 0), (["back", "new"], 1), (["gone", "new"], 1),
    (["-b", "gone", "c", "new"], 1), (["-b", "back", "c", "new"], 0), (["-x", "c", "new"], 1),
    (["-d", "c", "new"], 1), (["-d", "c"], 0)])
def test_moo_status(tmp_path, back, arguments, status):
    """As Debian's."""
    for where in (DEBIAN, TOOLS):
        cowfile.write(tmp_path / "c", 3, back, {5: noise(512)})
        cow(*arguments, program="uml_moo", where=where, cwd=tmp_path, status=status)


# ---- commands ------------------------------------------------------------------

def test_usage():
    """Status 2, and --help is no mistake."""
    for arguments in ([], ["nonsense"], ["create", "x"], ["merge"], ["rebase", "x"], ["verify"],
                      ["info"], ["create", "-z", "a", "b"]):
        assert "usage: cow" in cow(*arguments, status=2)
    assert "usage: cow" in cow("--help")


def test_info_needs_no_backing_file(tmp_path, back):
    """And tells how much is in use."""
    cowfile.write(tmp_path / "c", 2, back, {n: bytes(512) for n in range(20)})
    back.unlink()
    said = cow("info", tmp_path / "c")
    for word in ("version:  2", str(back), "1048576 bytes", "10240 bytes"):
        assert word in said, said
    refused("verify", tmp_path / "c", [str(back), "No such file"])


def test_nested(tmp_path, back):
    """A COW over a COW over a file; merged whole, and one down."""
    lower, upper = tmp_path / "lower", tmp_path / "upper"
    cowfile.write(lower, 3, back, {1: noise(512, 1), 2: noise(512, 2)})
    cow("create", upper, lower)
    cow("verify", upper)
    upper.unlink()
    size = os.stat(back).st_size
    want = merged(back, {1: noise(512, 1), 2: noise(512, 3), 3: noise(512, 4)})
    with open(upper, "wb") as file:
        file.write(cowfile.header(3, lower, size, int(lower.stat().st_mtime)))
        file.seek(8192)
        file.write(bytes([0x0c]))
        file.seek(12288 + 1024)
        file.write(noise(512, 3) + noise(512, 4))
    os.truncate(upper, 12288 + size)
    cow("merge", upper, tmp_path / "flat")
    assert (tmp_path / "flat").read_bytes() == want
    cow("merge", upper)
    assert cowfile.read(upper)[1] == {}
    assert set(cowfile.read(lower)[1]) == {1, 2, 3}
    cow("merge", upper, tmp_path / "flat2")
    assert (tmp_path / "flat2").read_bytes() == want
    cow("merge", lower, tmp_path / "flat3")
    assert (tmp_path / "flat3").read_bytes() == want


def test_rebase(tmp_path, back):
    """The content stays, the base is another; -u changes the header alone."""
    path, other = tmp_path / "c", tmp_path / "other"
    cowfile.write(path, 3, back, {3: noise(512, 3)})
    want = merged(back, {3: noise(512, 3)})
    data = bytearray(back.read_bytes())
    data[51200:52224] = noise(1024, 8)
    other.write_bytes(data)
    cow("rebase", path, other)
    assert set(cowfile.read(path)[1]) == {3, 100, 101}
    back.unlink()
    cow("merge", path, tmp_path / "flat")
    assert (tmp_path / "flat").read_bytes() == want
    os.utime(other, (5, 5))
    refused("verify", path, ["was changed", "its time is 5"])
    cow("rebase", "-u", path, other)
    cow("verify", path)
    os.truncate(other, MIB // 2)
    refused("rebase", "-u", path, other, ["1048576", "524288"])


def test_moved(tmp_path, back):
    """A backing file that moved: -b says where."""
    cowfile.write(tmp_path / "c", 3, back, {3: noise(512, 3)})
    want = merged(back, {3: noise(512, 3)})
    moved = tmp_path / "moved"
    back.rename(moved)
    refused("merge", tmp_path / "c", tmp_path / "new", [str(back), "No such file"])
    cow("merge", "-b", moved, tmp_path / "c", tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == want


def test_merge_overwrites_nothing(tmp_path, back):
    """Unless it is told to, and never its own input."""
    path = tmp_path / "c"
    cowfile.write(path, 3, back, {3: noise(512, 3)})
    (tmp_path / "there").write_bytes(b"precious")
    refused("merge", path, tmp_path / "there", ["exists"])
    assert (tmp_path / "there").read_bytes() == b"precious"
    refused("merge", "-f", path, back, ["to be merged"])
    refused("merge", "-f", path, path, ["to be merged"])
    cow("merge", "-f", path, tmp_path / "there")
    assert (tmp_path / "there").stat().st_size == MIB


def test_sparse(tmp_path):
    """100 GiB of nothing take no space and no time."""
    back = tmp_path / "back"
    back.write_bytes(b"x")
    os.truncate(back, 100 << 30)
    cow("create", tmp_path / "c", back)
    assert (tmp_path / "c").stat().st_blocks <= 16
    cow("verify", tmp_path / "c")
    cow("merge", tmp_path / "c")


# ---- what is refused -----------------------------------------------------------

BAD = {
    "truncated": (lambda h: h[:100], ["cut off"]),
    "truncated-path": (lambda h: h[:2000], ["cut off"]),
    "four-bytes": (lambda h: h[:4], ["version is 0"]),
    "version": (lambda h: h[:4] + struct.pack(">I", 7) + h[8:], ["version is 7"]),
    "huge": (lambda h: h[:12] + struct.pack(">Q", 1 << 63) + h[20:], ["impossible"]),
    "empty-disk": (lambda h: h[:12] + struct.pack(">Q", 0) + h[20:], ["impossible"]),
    "past-end": (lambda h: h[:12] + struct.pack(">Q", 1 << 50) + h[20:],
                 ["bitmap would end at"]),
    "sector-0": (lambda h: h[:20] + struct.pack(">I", 0) + h[24:], ["sectors have 0"]),
    "sector-odd": (lambda h: h[:20] + struct.pack(">I", 513) + h[24:], ["sectors have 513"]),
    "align-0": (lambda h: h[:24] + struct.pack(">I", 0) + h[28:], ["alignment is 0"]),
    "align-odd": (lambda h: h[:24] + struct.pack(">I", 4097) + h[28:], ["alignment is 4097"]),
    "format": (lambda h: h[:28] + struct.pack(">I", 1) + h[32:], ["format is 1"]),
    "no-name": (lambda h: h[:32] + bytes(4104), ["sectors have", "alignment", "impossible"]),
    "endless-name": (lambda h: h[:32] + b"x" * 4096, ["no end"]),
}


@pytest.mark.parametrize("kind", BAD)
def test_damaged(tmp_path, back, kind):
    """One line, and the file is left alone."""
    damage, words = BAD[kind]
    path = tmp_path / "c"
    data = damage(cowfile.header(3, back, MIB, int(back.stat().st_mtime)))
    if len(data) > 4000:
        data = data.ljust(12288, b"\0")
    path.write_bytes(data)
    before = path.stat()
    for command in (["verify"], ["info"], ["merge"]):
        said = cow(*command, path, status=1)
        assert said.count("\n") == 1 and any(w in said for w in words), said
    assert path.read_bytes() == data
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_other_files(tmp_path, back):
    """Neither COW files nor files at all."""
    (tmp_path / "empty").touch()
    refused("info", tmp_path / "empty", ["empty"])
    refused("info", tmp_path, ["directory"])
    refused("info", back, ["no copy-on-write"])
    refused("verify", back, ["no copy-on-write"])
    refused("merge", back, ["no copy-on-write"])
    refused("info", tmp_path / "gone", ["No such file"])


def test_loop_of_backing_files(tmp_path, back):
    """Each is the other's base."""
    one, two = tmp_path / "one", tmp_path / "two"
    cowfile.write(one, 3, back, {})
    shutil.copy(one, two)
    for path, other in ((one, two), (two, one)):
        with open(path, "r+b") as file:
            file.write(cowfile.header(3, other, MIB, 77))
        os.utime(path, (77, 77))
    for path, other in ((one, two), (two, one)):
        with open(path, "r+b") as file:
            file.write(cowfile.header(3, other, MIB, 77))
    os.utime(one, (77, 77))
    os.utime(two, (77, 77))
    refused("verify", one, ["based on itself"])


def test_too_many(tmp_path, back):
    """Seventeen on one another."""
    below = back
    for n in range(17):
        path = tmp_path / f"c{n}"
        if n < 15:
            cow("create", path, below)
            below = path
    refused("create", tmp_path / "c15", below, ["too many"])
    assert not (tmp_path / "c15").exists()


@pytest.mark.parametrize("change,words", [
    (lambda b: os.utime(b, (77, 77)), ["its time is 77", "1000000000"]),
    (lambda b: os.truncate(b, 4096), ["4096 bytes", "1048576"])])
def test_changed_backing(tmp_path, back, change, words):
    """Both values are named."""
    cowfile.write(tmp_path / "c", 3, back, {})
    change(back)
    refused("verify", tmp_path / "c", words)
    refused("merge", tmp_path / "c", words)


def test_locks(tmp_path, back):
    """Who uses it keeps it."""
    cowfile.write(tmp_path / "c", 3, back, {})
    holder = subprocess.Popen(["python3", "-c", """if True:
        import fcntl, struct, sys, time
        f = open(sys.argv[1], "r+b")
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
        fcntl.fcntl(f, 37, lock)
        print("locked", flush=True)
        time.sleep(60)
        """, tmp_path / "c"], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"locked\n"
        for command in (["merge"], ["verify"]):
            refused(*command, tmp_path / "c", ["in use"])
        refused("create", "-f", tmp_path / "c", back, ["in use"])
        cow("info", tmp_path / "c")
    finally:
        holder.kill()
        holder.wait()


# ---- interruption --------------------------------------------------------------

def calls_of(arguments, tmp_path):
    """How many calls that change a file a command makes."""
    log = tmp_path / "log"
    subprocess.run(["strace", "-qq", "-o", log, "-e", "trace=" + CHANGES, TOOLS / "cow",
                    *map(str, arguments)], check=True)
    return len(log.read_text().splitlines())


CHANGES = "pwrite64,fallocate,ftruncate,fdatasync,rename,linkat"


def cut(arguments, when):
    """Run a command and kill it at one of these calls."""
    subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e",
                    f"inject={CHANGES}:signal=KILL:when={when}", TOOLS / "cow",
                    *map(str, arguments)], check=False, stderr=subprocess.DEVNULL)


def test_merge_interrupted_anywhere(tmp_path, back):
    """Cut at each call that changes a file: nothing is lost, and done again it
    is done."""
    content = {n: noise(512, n) for n in (0, 8, 9, 100, 1024, 2040, 2047)}
    path, data = tmp_path / "c", back.read_bytes()
    want = merged(back, content)

    def fresh():
        back.write_bytes(data)
        os.utime(back, (1000000000, 1000000000))
        cowfile.write(path, 3, back, content)

    fresh()
    total = calls_of(["merge", path], tmp_path)
    assert total > 10
    for when in range(1, total + 1):
        fresh()
        cut(["merge", path], when)
        have = bytearray(back.read_bytes())
        for number, block in cowfile.read(path)[1].items():
            have[number * 512:number * 512 + 512] = block
        assert bytes(have) == want, f"cut at {when}"
        cow("merge", path)
        assert back.read_bytes() == want, f"cut at {when}"
        cow("verify", path)


def test_new_file_interrupted_anywhere(tmp_path, back):
    """A new file is whole or not there."""
    content = {n: noise(512, n) for n in (0, 8, 2047)}
    path, new = tmp_path / "c", tmp_path / "new"
    cowfile.write(path, 3, back, content)
    want = merged(back, content)
    total = calls_of(["merge", path, new], tmp_path)
    for when in range(1, total + 1, max(1, total // 40)):
        new.unlink(missing_ok=True)
        cut(["merge", path, new], when)
        assert not new.exists() or new.read_bytes() == want
        cow("merge", "-f", path, new)
        assert new.read_bytes() == want and not (tmp_path / "new.part").exists()


def test_create_interrupted_anywhere(tmp_path, back):
    """A COW file is whole or not there."""
    path = tmp_path / "c"
    total = calls_of(["create", path, back], tmp_path)
    for when in range(1, total + 1):
        path.unlink(missing_ok=True)
        cut(["create", path, back], when)
        if path.exists():
            cow("verify", path)


BLOCK = pathlib.Path(__file__).resolve().parents[2] / "drivers/usermode/block"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_power_cut(tmp_path, version):
    """The kernel's own code on a host whose cache forgets any part of what was
    not synced, cut at every operation."""
    program = tmp_path / "cow_crash"
    subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror",
                    f"-I{TOOLS_SOURCE}", f"-I{BLOCK}", "-idirafter",
                    BLOCK.parents[2] / "include/uapi", "-o", program,
                    pathlib.Path(__file__).parent / "cow_crash.c", BLOCK / "cow_header.c",
                    BLOCK / "cow_bitmap.c"], check=True)
    for seed in range(2):
        done = subprocess.run([program, str(version), str(seed)], text=True, check=False,
                              capture_output=True, timeout=120)
        assert done.returncode == 0, f"seed {seed}: {done.stderr}"
        assert int(done.stdout.split()[0]) > 500, done.stdout
