# SPDX-License-Identifier: GPL-2.0
"""The program humfs: trees in and out of tar files and directories, checked and
repaired, and attacked by what is imported."""
import io
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tarfile
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parents[1]
HUMFS = REPO / "build/tools/humfs/humfs"
RECORD = "user.humfs"


def humfs(*words, data=None, status=0):
    """Run it; what it printed."""
    assert HUMFS.exists(), f"{HUMFS} is missing: make tools"
    done = subprocess.run([HUMFS, *map(str, words)], check=False, input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    assert done.returncode == status, done
    return done.stdout if status == 0 and data is None and "export" in words else \
        (done.stdout + done.stderr).decode()


def listed(tree):
    """Path -> mode, owner, group and the rest."""
    lines = [line.split(" ", 4) for line in humfs("list", tree).splitlines()]
    return {line[4]: tuple(line[:4]) for line in lines}


def archive(*members, **more):
    """A tar file of (name, type, fields)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=more.get("mode", "w"), format=tarfile.PAX_FORMAT) as tar:
        for name, kind, fields in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            info.size = len(fields.get("data", b""))
            for key, value in fields.items():
                if key != "data":
                    setattr(info, key, value)
            tar.addfile(info, io.BytesIO(fields.get("data", b"")))
    return out.getvalue()


EVERYTHING = (
    ("./", tarfile.DIRTYPE, {"mode": 0o750, "uid": 3}),
    ("./d", tarfile.DIRTYPE, {"mode": 0o1777, "mtime": 1000000000}),
    ("./d/file", tarfile.REGTYPE, {"mode": 0o6711, "uid": 4000000000, "gid": 7, "data": b"x" * 5000,
                                   "mtime": 1234567890.5,
                                   "pax_headers": {"SCHILY.xattr.user.a": "b",
                                                   "SCHILY.xattr.trusted.c": "d"}}),
    ("./hard", tarfile.LNKTYPE, {"linkname": "./d/file"}),
    ("./sym", tarfile.SYMTYPE, {"linkname": "../../etc/passwd", "gid": 9}),
    ("./c", tarfile.CHRTYPE, {"mode": 0o600, "devmajor": 4000, "devminor": 1000000}),
    ("./b", tarfile.BLKTYPE, {"mode": 0o660, "devmajor": 8, "devminor": 1}),
    ("./p", tarfile.FIFOTYPE, {"mode": 0o644}),
    ("./" + "long/" * 100 + "n" * 255, tarfile.REGTYPE, {"mode": 0o644, "data": b"deep"}),
)


@pytest.mark.parametrize("compression", ["w", "w:gz", "w:xz"])
def test_round_trip(tmp_path, compression):
    """What comes out is what went in."""
    tree = tmp_path / "tree"
    data = archive(*EVERYTHING, mode=compression)
    (tmp_path / "in.tar").write_bytes(data)
    humfs("import", tmp_path / "in.tar", tree)
    assert ", 0 wrong" in humfs("check", tree)
    out = humfs("export", tree, "-")
    with tarfile.open(fileobj=io.BytesIO(out)) as tar, \
            tarfile.open(fileobj=io.BytesIO(data)) as original:
        got = {os.path.normpath(m.name): m for m in tar}
        for want in original:
            m = got[os.path.normpath(want.name)]
            if want.islnk() or m.islnk():       # which of two names is first is open
                assert {os.path.normpath(want.name)} <= {"hard", "d/file"}
                continue
            assert (m.type, m.uid, m.gid, m.size) == (want.type, want.uid, want.gid, want.size)
            assert m.issym() or m.mode == want.mode
            assert (m.linkname, m.devmajor, m.devminor) == \
                (want.linkname, want.devmajor, want.devminor)
            assert want.name in (".", "./") or m.mtime == want.mtime or not want.mtime
        file = got["d/file"] if got["hard"].islnk() else got["hard"]
        assert file.pax_headers["SCHILY.xattr.user.a"] == "b"
        assert file.pax_headers["SCHILY.xattr.trusted.c"] == "d"
        assert (file.mode, file.uid, file.size, file.mtime) == (0o6711, 4000000000, 5000, 1234567890.5)
        assert tar.extractfile(file).read() == b"x" * 5000
    # once more, from there
    humfs("import", "-", tmp_path / "second", data=out)
    assert listed(tmp_path / "second") == listed(tree)
    # on top of what is there: the same again
    humfs("import", "-", tree, data=out)
    assert listed(tmp_path / "second") == listed(tree)


def test_directory(tmp_path):
    """From a directory of the host's, as far as it has what a guest has."""
    source = tmp_path / "source"
    (source / "a/b").mkdir(parents=True)
    (source / "a/file").write_text("text")
    (source / "a/file").chmod(0o4750)
    os.link(source / "a/file", source / "a/b/again")
    os.symlink("file", source / "a/link")
    os.mkfifo(source / "pipe")
    with open(source / "hole", "wb") as file:
        file.truncate(10 << 20)
    humfs("import", source, tmp_path / "tree")
    got = listed(tmp_path / "tree")
    uid, gid = str(os.getuid()), str(os.getgid())
    assert got["a/file"] == got["a/b/again"] == ("104750", uid, gid, "4")
    assert got["a/link -> file"] == ("120777", uid, gid, "4")
    assert got["pipe"][0] == "010" + oct(os.stat(source / "pipe").st_mode & 0o777)[2:]
    data = tmp_path / "tree/data"
    assert os.path.samefile(data / "a/file", data / "a/b/again")
    assert os.stat(data / "hole").st_blocks < 1000
    assert os.stat(data / "a").st_mtime == os.stat(source / "a").st_mtime


OLD = {
    "superblock": "version 2\nmetadata shadow_fs\nused 20480\ntotal 104857600\n",
    "dir_metadata/metadata": "493 0 0\n", "dir_metadata/sub/metadata": "1023 33 44\n",
    "file_metadata/f": "2541 12 0\n", "file_metadata/null": "438 0 0 c 1 3\n",
    "file_metadata/sub/a b": "384 1000 1000\n", "file_metadata/l": "511 5 6\n",
    "data/f": "text", "data/null": "", "data/sub/a b": "text", "data/dropped": "text",
}


def test_humfsify(tmp_path):
    """A tree of the old kind becomes one of ours; what has no record is root's."""
    old = tmp_path / "old"
    for name, text in OLD.items():
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_text(text)
    os.symlink("f", old / "data/l")
    (old / "data/dropped").chmod(0o644)
    humfs("import", old, tmp_path / "tree")
    got = listed(tmp_path / "tree")
    assert {name: got[name][:3] for name in got} == {
        ".": ("040755", "0", "0"), "sub": ("041777", "33", "44"), "f": ("104755", "12", "0"),
        "null": ("020666", "0", "0"), "sub/a b": ("100600", "1000", "1000"),
        "l -> f": ("120777", "5", "6"), "dropped": ("100644", "0", "0")}
    assert got["null"][3] == "1:3"
    (old / "file_metadata/f").write_text("493 0 0 x 1 3")
    assert "f: its old record is damaged" in humfs("import", old, tmp_path / "other", status=1)
    assert "f" not in listed(tmp_path / "other")


def test_made_by_humfsify(tmp_path):
    """The very program."""
    if not shutil.which("humfsify") or os.getuid():
        pytest.skip("humfsify (package uml-utilities) is not there, or there is no root to run it")
    (tmp_path / "data/sub").mkdir(parents=True)
    (tmp_path / "data/f").write_text("text")
    os.mknod(tmp_path / "data/null", 0o020666, os.makedev(1, 3))
    os.chown(tmp_path / "data/sub", 33, 44)
    subprocess.run(["humfsify", "nobody", "nogroup", "100M"], check=True, cwd=tmp_path)
    humfs("import", tmp_path, tmp_path / "tree")
    got = listed(tmp_path / "tree")
    assert got["sub"][1:3] == ("33", "44") and got["f"] == ("100644", "0", "0", "4")
    assert got["null"][0][:3] == "020" and got["null"][3] == "1:3"


@pytest.mark.parametrize("members", [
    [("../out", tarfile.REGTYPE, {})],
    [("a/../../out", tarfile.REGTYPE, {})],
    [("x", tarfile.LNKTYPE, {"linkname": "../secret"})],
    [("d", tarfile.SYMTYPE, {"linkname": "../.."}), ("d/out", tarfile.REGTYPE, {})],
    [("f", tarfile.REGTYPE, {}), ("f/out", tarfile.REGTYPE, {})],
    [("./", tarfile.REGTYPE, {"data": b"x"})],
    [("s", tarfile.SYMTYPE, {"linkname": ""})],
])
def test_hostile_archives(tmp_path, members):
    """Nothing is written beside the tree, and what cannot be is named."""
    (tmp_path / "secret").write_text("SECRET")
    inside = tmp_path / "inside"
    inside.mkdir()
    said = humfs("import", "-", inside / "tree", data=archive(*members), status=1)
    assert said.startswith("humfs: "), said
    assert sorted(os.listdir(tmp_path)) == ["inside", "secret"]
    assert sorted(os.listdir(inside)) == ["tree"]
    assert not os.listdir(inside / "tree/tmp")
    assert ", 0 wrong" in humfs("check", inside / "tree")


def test_absolute_names(tmp_path):
    """They are below the tree's root."""
    humfs("import", "-", tmp_path / "tree",
          data=archive(("/etc//x/./y", tarfile.REGTYPE, {"mode": 0o600})))
    assert {"etc", "etc/x", "etc/x/y"} <= set(listed(tmp_path / "tree"))


def test_replaced(tmp_path):
    """What is imported later takes the place of what was there, but fills directories."""
    tree = tmp_path / "tree"
    humfs("import", "-", tree, data=archive(("a", tarfile.REGTYPE, {"mode": 0o644}),
                                            ("d/x", tarfile.REGTYPE, {})))
    humfs("import", "-", tree, data=archive(("a", tarfile.SYMTYPE, {"linkname": "d"}),
                                            ("d", tarfile.DIRTYPE, {"mode": 0o700}),
                                            ("d/y", tarfile.FIFOTYPE, {})))
    got = listed(tree)
    assert got["a -> d"][0] == "120777" and {"d/x", "d/y"} <= set(got)
    assert got["d"][0] == "040700"


def test_repair(tmp_path):
    """Each thing that can be wrong is found, named and mended."""
    tree = tmp_path / "tree"
    names = ("damaged", "long", "dir", "link", "device", "closed", "typed")
    humfs("import", "-", tree, data=archive(*(
        (name, tarfile.REGTYPE, {"mode": 0o4755, "data": b"data"}) for name in names)))
    data = tree / "data"
    os.setxattr(data / "damaged", RECORD, b"0644 0 0")
    os.setxattr(data / "long", RECORD, b"1" * 100)
    os.setxattr(data / "dir", RECORD, b"40755 0 0")
    os.setxattr(data / "link", RECORD, b"120777 0 0")
    (data / "link").write_bytes(b"a\0b")
    os.setxattr(data / "device", RECORD, b"20666 0 0 1:3")
    (data / "closed").chmod(0)
    os.setxattr(data / "typed", RECORD, b"170000 0 0")
    os.symlink("/etc/passwd", data / "hostlink")
    (tree / "tmp/left").mkdir()
    (tree / "tmp/file").write_text("")
    said = humfs("check", tree, status=1)
    for name in (*names, "hostlink"):
        assert f"{name}: " in said, said
    assert "tmp: 2 unfinished objects" in said
    assert "all mended" in humfs("repair", tree)
    assert ", 0 wrong" in humfs("check", tree) and not os.listdir(tree / "tmp")
    got = listed(tree)
    assert got["closed"][0] == "104755" and "hostlink" not in got
    for name in set(names) - {"closed"}:
        assert got[name][:3] == ("100600", "0", "0"), name
    assert os.path.exists("/etc/passwd")


def test_killed(tmp_path):
    """An import that is killed leaves whole objects, and the next one ends it."""
    members = [(f"d{n % 7}/f{n}", tarfile.REGTYPE,
                {"mode": 0o4000 + n % 512, "uid": n, "data": b"x" * 3000}) for n in range(3000)]
    (tmp_path / "in.tar").write_bytes(archive(*members))
    tree = tmp_path / "tree"
    for turn in range(5):
        process = subprocess.Popen([HUMFS, "import", tmp_path / "in.tar", tree])
        time.sleep(0.02 + random.Random(turn).random() / 10)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if not (tree / "superblock").exists():
            continue
        assert ", 0 wrong" in humfs("check", tree)
        for path, what in listed(tree).items():
            if "/f" in path:
                n = int(path.rpartition("f")[2])
                assert what == (oct(0o104000 + n % 512)[2:], str(n), "0", "3000"), path
    humfs("import", tmp_path / "in.tar", tree)
    assert sum("/f" in path for path in listed(tree)) == 3000 and not os.listdir(tree / "tmp")


@pytest.mark.parametrize("words, status, text", [
    ([], 2, "usage:"),
    (["frobnicate"], 2, "usage:"),
    (["import", "x"], 2, "usage:"),
    (["check", "none"], 1, "none: No such file"),
    (["check", "empty"], 1, "empty: no humfs: superblock: No such file"),
    (["import", "none", "new"], 1, "none: "),
    (["import", "full", "full"], 1, "full: neither a humfs nor empty"),
    (["import", "file", "new"], 1, "file: Unrecognized archive format"),
    (["create", "file"], 1, "file: Not a directory"),
])
def test_mistakes(tmp_path, monkeypatch, words, status, text):
    """One line that names what is wrong."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("")
    (tmp_path / "file").write_text("no archive at all\n" * 100)
    said = humfs(*words, status=status)
    assert text in said, said
    assert status == 2 or said.count("\n") == 1


def test_damaged_records(tmp_path):
    """Each byte of each kind of text with each other value, cut off and lengthened."""
    program = tmp_path / "fuzz_record"
    fs = REPO / "fs/usermode_hostfs"
    subprocess.run(["gcc", "-g", "-O1", "-std=gnu11", "-D_GNU_SOURCE", "-DREPLAY", "-Wall",
                    "-Wextra", "-Werror", "-fsanitize=address,undefined",
                    "-fno-sanitize-recover=undefined", f"-I{REPO / 'tools/cow'}", f"-I{fs}",
                    "-o", program, HERE / "fuzz_record.c", fs / "humfs_record.c"], check=True)
    done = subprocess.run([program], check=False, text=True, capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr[-3000:]
