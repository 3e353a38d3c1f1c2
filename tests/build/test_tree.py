# SPDX-License-Identifier: GPL-2.0
"""What was built: ./linux stands alone, the layers keep to themselves, and the
kernel's source is as it was shipped, also when it is the user's own."""

import os
import re
import shutil
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
TREE = f"{TOP}/build/tree"
TARBALL = "/usr/src/linux-source-6.12.tar.xz"


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, check=False, **options)
    return done.returncode, done.stdout


def test_layers_keep_to_themselves():
    status, out = run(f"{TOP}/scripts/check-layering")
    assert status == 0, out


def test_style():
    status, out = run(f"{TOP}/scripts/check-style", TREE)
    assert status == 0, out


def test_tree_is_what_the_tarball_holds():
    status, out = run(f"{TOP}/scripts/check-pristine", "tree", TARBALL, TREE)
    assert status == 0, out


def test_repository_holds_no_kernel_source():
    status, out = run(f"{TOP}/scripts/check-pristine", "repo", TREE)
    assert status == 0, out


def test_make_again_does_nothing():
    status, out = run("make", "-C", TOP, "kernel")
    assert status == 0, out
    assert not re.search(r"^  (CC|AS|LD|UNPACK|CONFIG|LINUX) ", out, re.M), out


@pytest.fixture(name="ksrc", scope="module")
def fixture_ksrc():
    """A tree of the user's own. Hard links: what a build changed in place
    would show in the unpacked tree too."""
    ksrc = f"{TOP}/build/test-ksrc"
    shutil.rmtree(ksrc, ignore_errors=True)
    subprocess.run(["cp", "-al", TREE, ksrc], check=True)
    yield ksrc
    subprocess.run(["make", "-C", TOP, f"KSRC={ksrc}", "ksrc-clean"], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(ksrc)


def make_ksrc(ksrc):
    # Beside ./linux, which other tests are running.
    return run("make", "-C", TOP, f"KSRC={ksrc}", "LINUX=build/test-ksrc-linux", "kernel")


@pytest.mark.slow
@pytest.mark.limit(2400)
def test_own_tree_is_built_from_and_not_written_to(ksrc, tmp_path):
    note = tmp_path / "note"
    run(f"{TOP}/scripts/check-pristine", "record", note, ksrc)
    status, out = make_ksrc(ksrc)
    assert status == 0, out
    assert run(f"{TOP}/scripts/check-pristine", "against", note, ksrc) == (0, "")

    # An edit is followed, and nothing else is compiled again.
    path = f"{ksrc}/init/main.c"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    os.unlink(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("Run %s as init process", "Rum %s as init process"))
    status, out = make_ksrc(ksrc)
    assert status == 0, out
    compiled = re.findall(r"^  CC +(\S+)", out, re.M)
    assert "init/main.o" in compiled
    assert set(compiled) <= {"init/main.o", "init/version-timestamp.o"}
    with open(f"{TOP}/build/test-ksrc-linux", "rb") as file:
        assert b"Rum %s as init process" in file.read()
    os.unlink(f"{TOP}/build/test-ksrc-linux")
    os.unlink(f"{TOP}/build/test-ksrc-linux-gdb.py")
