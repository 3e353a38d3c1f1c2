# SPDX-License-Identifier: GPL-2.0
"""The guest's vDSO as a file: what it exports, and its cipher."""
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
SOURCE = TOP / "arch/usermode/isa/x86/vdso"
BUILT = TOP / "build/linux/arch/usermode/isa/x86/vdso/vdso.so"
SELFTESTS = TOP / "build/tree/tools/testing/selftests"

NAMES = {"clock_gettime", "clock_getres", "gettimeofday", "time", "getcpu", "getrandom"}


def test_symbols():
    """x86-64's names, each twice, of version LINUX_2.6; and nothing else."""
    if not BUILT.exists():
        pytest.skip("there is no build/linux")
    text = subprocess.run(["readelf", "--dyn-syms", "-W", BUILT], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    found = {line.split()[7] for line in text.splitlines() if " FUNC " in line}
    assert found == {f"{prefix}{name}@@LINUX_2.6" for name in NAMES for prefix in ("", "__vdso_")}


def test_needs_no_relocation():
    """One read-only segment, and unwind tables in it."""
    if not BUILT.exists():
        pytest.skip("there is no build/linux")
    text = subprocess.run(["readelf", "-lrW", BUILT], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    assert "There are no relocations in this file" in text
    loads = [line for line in text.splitlines() if line.split()[:1] == ["LOAD"]]
    assert len(loads) == 1 and " R E " in loads[0]
    assert "GNU_EH_FRAME" in text


def test_cipher(tmp_path):
    """The tree's own test of ChaCha20, on ours."""
    if not SELFTESTS.exists():
        pytest.skip("there is no build/tree")
    (tmp_path / "linux").mkdir()
    (tmp_path / "linux/linkage.h").write_text(
        "#define SYM_FUNC_START(x) .globl x; .type x, @function; x:\n"
        "#define SYM_FUNC_END(x) .size x, .-x\n", encoding="ascii")
    subprocess.run(
        ["gcc", "-O2", "-w", "-D_GNU_SOURCE", "-z", "noexecstack", "-I", tmp_path,
         "-I", SELFTESTS, "-idirafter", TOP / "build/tree/tools/include",
         "-o", tmp_path / "chacha", SELFTESTS / "vDSO/vdso_test_chacha.c",
         SOURCE / "chacha.S"], check=True)
    assert "ok 1 chacha: PASS" in subprocess.run([tmp_path / "chacha"], check=True, text=True,
                                                 stdout=subprocess.PIPE).stdout
