# SPDX-License-Identifier: GPL-2.0
"""Guest programs that attack: whatever they do, the kernel and their neighbours
go on, and the attacker gets the signal that it deserves. Each program runs on the
host first, where nothing that it attacks is there."""
import pathlib
import shutil
import subprocess

import pytest

import guest
from guest import TROUBLE, unprivileged

HERE = pathlib.Path(__file__).resolve().parent
BUILT = HERE.parents[1] / "build" / "tests-hostile"
PROGRAMS = ["stub", "machine", "memory"]

SCRIPT = """
dmesg -n 1
cat /dev/ubdc > /tmp/attack
chmod 755 /tmp/attack
cd /
su -s /bin/sh nobody -c /tmp/attack < /dev/null 2>&1
echo "status $?"
# the kernel still works
for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; done | sort -n | tail -n 1
echo ==== kernel
dmesg
"""


@pytest.fixture(scope="session", name="built")
def fixture_built():
    """All programs, up to date."""
    subprocess.run(["make", "-C", str(HERE), "-s"], check=True)
    return BUILT


def failed(text):
    """Lines of tests that did not pass."""
    return [line for line in text.splitlines() if line.startswith("not ok")]


@pytest.mark.limit(900)
@pytest.mark.parametrize("program", PROGRAMS)
def test_on_the_host(linux, built, program):
    """What fails here is wrong in the test."""
    copy = linux.parent / f"hostile-{program}"
    shutil.copy(built / program, copy)
    done = subprocess.run([*unprivileged(), copy], cwd="/", text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=600 * guest.SCALE)
    assert done.returncode == 0 and not failed(done.stdout), done.stdout


@pytest.mark.limit(1200)
@pytest.mark.parametrize("program", PROGRAMS)
def test_in_a_guest(shop, mode, built, program):
    """The attacks, by a plain user."""
    if mode[0] == "mode=tt":
        pytest.skip("this mode trusts guests, as its boot says: docs/tt.md")
    data = (built / program).read_bytes()
    disk = shop.file("attack", data + b"\0" * (-len(data) % 512))
    outcome = shop.run_script(SCRIPT, *mode, f"ubd2r={disk}", "mem=1G", timeout=1000)
    said, _, log = outcome.stdout.partition("==== kernel")
    assert "status 0\n10\n" in said and not failed(said), outcome.stdout[-6000:]
    trouble = [line for line in log.splitlines() if TROUBLE.search(line)]
    assert not trouble, "\n".join(trouble)


def test_frame_fuzz(built):
    """What reads frames that guest code wrote believes nothing."""
    done = subprocess.run([built / "frame_fuzz", "400000"], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300 * guest.SCALE)
    assert done.returncode == 0, done.stdout[-4000:]
