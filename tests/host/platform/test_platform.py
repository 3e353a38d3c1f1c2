# SPDX-License-Identifier: GPL-2.0
"""Guest code without a kernel: the platform layer as plain programs.

The programs run as an unprivileged user; status 0 passes, anything else fails
with their output.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[2] / "build" / "tests" / "host" / "platform"
NOBODY = "65534"

TESTS = ["choice", "syscall", "exceptions", "steps", "faults", "page_end", "orders",
         "budget", "limit", "fp", "interrupts", "moments", "lists",
         "killed", "scribbled", "hostile", "outside", "process", "many",
         "forbidden", "lacking", "survivors"]


@pytest.fixture(scope="session")
def programs():
    """Builds them, and copies them to where an unprivileged user can run them."""
    subprocess.run(["make", "-C", str(HERE), "-s"], check=True)
    with tempfile.TemporaryDirectory(prefix="usermode-platform-") as name:
        where = pathlib.Path(name)
        where.chmod(0o755)
        for program in ("platform_test", "insn_test", "queue_test"):
            shutil.copy(BUILD / program, where)
        yield where


def run(programs, *command, trap="ptrace"):
    argv = [str(programs / command[0]), *command[1:]]
    if os.geteuid() == 0:
        argv = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups",
                "--no-new-privs", *argv]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=180, check=False,
                          env=os.environ | {"TRAP": trap})
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("trap", ["ptrace", "seccomp"])
@pytest.mark.parametrize("name", TESTS)
def test_platform(programs, name, trap):
    """Each test of platform_test.c's table, in a process of its own."""
    run(programs, "platform_test", name, trap=trap)


def test_insn(programs):
    """What is taken for a store is one, as the processor itself says."""
    run(programs, "insn_test", "200000")


def test_queue(programs):
    """Merged orders do what the orders do."""
    run(programs, "queue_test")
