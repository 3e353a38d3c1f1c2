# SPDX-License-Identifier: GPL-2.0
"""The kernel tree's own selftests, built statically from build/tree, in a guest.

docs/kselftest.md has the tests that are not here, and why."""
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
TREE = TOP / "build" / "tree"
TESTS = TREE / "tools/testing/selftests"

# directory, program, its arguments in the guest, more sources
PROGRAMS = [
    ("seccomp", "seccomp_bpf", "", []),
    ("sigaltstack", "sas", "", []),
    ("ptrace", "get_syscall_info", "", []),
    ("ptrace", "peeksiginfo", "", []),
    ("clone3", "clone3_clear_sighand", "", []),
    ("clone3", "clone3_set_tid", "", []),
    ("rseq", "basic_test", "", ["rseq.c"]),
    ("rseq", "param_test", "-T s -r 200 -t 4", ["rseq.c"]),
    ("futex/functional", "futex_wait", "", []),
    ("futex/functional", "futex_waitv", "", []),
    ("futex/functional", "futex_requeue", "", []),
    ("futex/functional", "futex_wait_wouldblock", "", []),
    ("x86", "syscall_numbering", "", []),
    ("vDSO", "vdso_test_abi", "", ["parse_vdso.c"]),
    ("vDSO", "vdso_test_clock_getres", "", []),
    ("vDSO", "vdso_test_getcpu", "", ["parse_vdso.c"]),
    ("vDSO", "vdso_test_getrandom", "", ["parse_vdso.c"]),
    ("vDSO", "vdso_test_gettimeofday", "", ["parse_vdso.c"]),
    ("timens", "timens", "", []),
    ("timens", "clock_nanosleep", "", []),
    ("timens", "exec", "", []),
    ("timens", "futex", "", []),
    ("timens", "procfs", "", []),
    ("timens", "timer", "", []),
    ("timens", "timerfd", "", []),
    ("timens", "vfork_exec", "", []),
    ("timers", "inconsistency-check", "-t 2", []),
    ("timers", "set-tai", "", []),
]


def build(headers, directory, name, sources):
    """One static program, beside the others in @headers's directory."""
    source = TESTS / directory
    subprocess.run(
        ["gcc", "-std=gnu11", "-static", "-O2", "-w", "-pthread", "-D_GNU_SOURCE=",
         "-isystem", headers / "include", "-I", TESTS, "-I", source,
         "-I", source.parent / "include", "-idirafter", TREE / "tools/include",
         "-o", headers.parent / "files" / name, source / f"{name}.c",
         *(source / extra for extra in sources), "-lcap"], check=True)


@pytest.fixture(name="disk", scope="session")
def fixture_disk(tmp_path_factory):
    """An ext4 image with the programs."""
    if not TESTS.exists():
        pytest.skip("there is no build/tree")
    base = tmp_path_factory.mktemp("kselftest")
    (base / "files").mkdir()
    subprocess.run(["make", "-s", "-C", TOP / "build/src", "ARCH=usermode", f"O={base}/obj",
                    f"INSTALL_HDR_PATH={base}/usr", "headers_install"], check=True)
    for directory, name, _, sources in PROGRAMS:
        build(base / "usr", directory, name, sources)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", base / "files",
                    base / "disk", "64M"], check=True)
    return (base / "disk").read_bytes()


@pytest.mark.slow
def test_kselftest(shop, script, disk, mode):
    """None of the programs fails or is skipped, but for what docs/kselftest.md explains."""
    image = shop.file("kselftest.img", disk)
    lines = "".join(f"./{name} {arguments} >/tmp/out 2>&1 </dev/null; s=$?\n"
                    f"echo {name}: $s; [ $s = 0 ] || grep '^not ok' /tmp/out\n"
                    for _, name, arguments, _ in PROGRAMS)
    outcome = script("mkdir -p /tmp /tmp/k; mount -t tmpfs tmp /tmp; mkdir /tmp/k\n"
                     "mount -t ext4 /dev/ubdc /tmp/k; cd /tmp/k\n" + lines,
                     f"ubd2={image}", timeout=170)
    failed = [name for _, name, _, _ in PROGRAMS if f"{name}: 0" not in outcome.stdout]
    known = ["syscall_numbering"] if "trap=seccomp" in mode else []
    assert failed == known, outcome.stdout
