# SPDX-License-Identifier: GPL-2.0
"""The kernel's source stays as it was shipped: scripts/unpack, overlay and
check-pristine, on a kernel tree of a few files."""

import os
import shutil
import subprocess
import tarfile

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
MAKEFILE = "VERSION = 6\nPATCHLEVEL = {}\nSUBLEVEL = 9\n"


def script(name, *args):
    done = subprocess.run([f"{TOP}/scripts/{name}", *map(str, args)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    tree = tmp_path / "linux-6.12.9"
    for name, text in {
            "Makefile": MAKEFILE.format(12), "Kbuild": "", "init/main.c": "int a;\n",
            "arch/x86/Kbuild": "x", "drivers/base/core.c": "int b;\n",
            "fs/open.c": "int c;\n", "include/uapi/linux/types.h": "int d;\n",
            "tools/testing/kunit/kunit.py": "# top\n", "scripts/run": "#!\n"}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tree / "scripts/run").chmod(0o755)
    (tree / "link").symlink_to("init/main.c")
    return tree


@pytest.fixture(name="tarball")
def fixture_tarball(tree, tmp_path):
    with tarfile.open(tmp_path / "linux.tar.xz", "w:xz", preset=0) as tar:
        tar.add(tree, tree.name)
    return tmp_path / "linux.tar.xz"


def links(farm):
    return {path: os.lstat(path).st_mtime_ns for path in farm.rglob("*")}


def test_overlay_joins_both_and_writes_to_neither(tree, tmp_path):
    farm, note = tmp_path / "farm", tmp_path / "note"
    assert script("check-pristine", "record", note, tree) == (0, "")
    assert script("overlay", "--user", tree, farm) == (0, "")
    assert os.path.samefile(farm / "arch/usermode", f"{TOP}/arch/usermode")
    assert os.path.samefile(farm / "arch/x86/Kbuild", tree / "arch/x86/Kbuild")
    assert os.path.samefile(farm / "drivers/base/core.c", tree / "drivers/base/core.c")
    kunit = farm / "tools/testing/kunit/kunit.py"
    assert os.path.realpath(kunit).startswith(str(farm))
    assert script("check-pristine", "against", note, tree) == (0, "")


def test_overlay_again_touches_nothing_but_what_changed(tree, tmp_path):
    farm = tmp_path / "farm"
    script("overlay", tree, farm)
    before = links(farm)
    assert script("overlay", tree, farm) == (0, "")
    assert links(farm) == before
    (tree / "new.c").write_text("")
    (tree / "link").unlink()
    script("overlay", tree, farm)
    assert (farm / "new.c").exists() and not os.path.lexists(farm / "link")


def test_overlay_replaces_nothing(tree, tmp_path):
    (tree / "arch/usermode").mkdir()
    (tree / "arch/usermode/Kconfig").write_text("")
    status, out = script("overlay", tree, tmp_path / "farm")
    assert status == 1
    assert out == "overlay: arch/usermode/Kconfig is in the kernel tree and in this repository\n"


def refused(tree, tmp_path):
    status, out = script("overlay", "--user", tree, tmp_path / "farm")
    assert status == 1 and out.count("\n") == 1 and str(tree) in out
    assert not (tmp_path / "farm").exists()
    return out


def test_other_version_is_refused(tree, tmp_path):
    (tree / "Makefile").write_text(MAKEFILE.format(11))
    assert "is Linux 6.11.9; this port is for 6.12" in refused(tree, tmp_path)


def test_no_kernel_tree_is_refused(tree, tmp_path):
    (tree / "Kbuild").unlink()
    assert "is no kernel tree" in refused(tree, tmp_path)
    assert "is no kernel tree" in refused(tmp_path / "absent", tmp_path)


def test_built_tree_is_refused(tree, tmp_path):
    (tree / ".config").write_text("")
    assert "make mrproper" in refused(tree, tmp_path)


def test_unpack_once_and_again_for_another_tarball(tree, tarball, tmp_path):
    out = tmp_path / "out"
    assert script("unpack", tarball, out)[0] == 0
    assert script("check-pristine", "tree", tarball, out) == (0, "")
    assert script("unpack", tarball, out) == (0, "")
    (tree / "init/main.c").write_text("int other;\n")
    with tarfile.open(tarball, "w:xz", preset=0) as tar:
        tar.add(tree, tree.name)
    status, text = script("unpack", tarball, out)
    assert status == 0 and "UNPACK" in text
    assert (out / "init/main.c").read_text() == "int other;\n"


def test_damaged_tarball_is_refused(tarball, tmp_path):
    data = bytearray(tarball.read_bytes())
    data[len(data) // 2] ^= 0xff
    tarball.write_bytes(data)
    status, text = script("unpack", tarball, tmp_path / "out")
    assert status == 1 and f"{tarball} is damaged" in text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change, message", [
    (lambda t: (t / "init/main.c").write_text("int A;\n"), "init/main.c: changed"),
    (lambda t: (t / "init/main.c").unlink(), "init/main.c: missing"),
    (lambda t: (t / "init/new.o").write_text(""), "init/new.o: not in the tarball"),
    (lambda t: (t / "scripts/run").chmod(0o644), "scripts/run: another mode"),
    (lambda t: shutil.rmtree(t / "fs"), "fs: missing"),
])
def test_changed_tree_is_caught(tree, tarball, change, message):
    assert script("check-pristine", "tree", tarball, tree) == (0, "")
    change(tree)
    status, out = script("check-pristine", "tree", tarball, tree)
    assert status == 1 and f"check-pristine: {message}\n" in out


def test_writing_is_caught(tree, tmp_path):
    note = tmp_path / "note"
    script("check-pristine", "record", note, tree)
    (tree / "fs/open.c").write_text("int c;\n")
    (tree / "init/x").write_text("")
    status, out = script("check-pristine", "against", note, tree)
    assert status == 1
    assert "fs/open.c: written to" in out and "init/x: new" in out


def test_kernel_source_in_the_repository_is_caught(tree):
    assert script("check-pristine", "repo", tree) == (0, "")
    shutil.copy(f"{TOP}/scripts/unpack", tree / "scripts/other")
    status, out = script("check-pristine", "repo", tree)
    assert status == 1
    assert out == "check-pristine: scripts/unpack: is the kernel's scripts/other\n"
