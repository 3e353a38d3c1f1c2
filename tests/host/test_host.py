# SPDX-License-Identifier: GPL-2.0
"""The host layer as plain programs, run as an unprivileged user.

Each program is one test: status 0 passes, 77 is a skip whose reason the program
prints, anything else fails with its output.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "tests" / "host"
NOBODY = 65534

PROGRAMS = [
    ["memory"],
    ["file"],
    ["thread"],
    ["timer"],
    ["vdso"],
    ["event"],
    ["sigwait"],
    ["tty"],
    ["ptrace"],
    ["queue"],
    ["program"],
    ["pty"],
    ["stream"],
    ["aio", "io_uring"],
    ["aio", "threads"],
    ["aio", "best"],
    ["fault"],
]


@pytest.fixture(scope="session")
def programs():
    """Builds them, and copies them to where an unprivileged user can run them."""
    subprocess.run(["make", "-C", str(HERE), "-s"], check=True)
    with tempfile.TemporaryDirectory(prefix="usermode-host-") as name:
        where = pathlib.Path(name)
        where.chmod(0o755)
        for built in [BUILD / p for p in {p[0] for p in PROGRAMS}] + [*BUILD.glob("*.so")]:
            shutil.copy(built, where)
        yield where


@pytest.fixture
def scratch(programs):
    """A directory of the test's own, which must be empty afterwards."""
    where = pathlib.Path(tempfile.mkdtemp(dir=programs))
    if os.geteuid() == 0:
        os.chown(where, NOBODY, NOBODY)
    yield where
    left = os.listdir(where)
    shutil.rmtree(where)
    assert not left, f"files left behind: {left}"


def unprivileged():
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
            "--no-new-privs"]


@pytest.mark.parametrize("command", PROGRAMS, ids=" ".join)
def test_host(command, programs, scratch):
    run = subprocess.run([*unprivileged(), str(programs / command[0]), *command[1:]],
                         cwd=scratch, text=True, timeout=120, check=False,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    print(run.stdout)
    reasons = re.findall(r"^SKIP: (.*)$", run.stdout, re.MULTILINE)
    if run.returncode == 77:
        pytest.skip("; ".join(reasons))
    assert run.returncode == 0, run.stdout
    if reasons:
        pytest.skip("passed but for: " + "; ".join(reasons))
