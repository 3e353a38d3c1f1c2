# SPDX-License-Identifier: GPL-2.0
"""Static C programs, run on the host first and then in guests: the verdicts
must agree. One boot in each mode runs them all, as the user that they are run
as on the host; see harness.h."""
import pathlib
import re
import shutil
import subprocess

import pytest

import guest
from guest import TROUBLE, unprivileged

HERE = pathlib.Path(__file__).resolve().parent
BUILT = guest.IMAGES / "tests"
PROGRAMS = sorted(path.stem for path in HERE.glob("*.c"))
SECONDS = 500       # a program's limit, in a guest and on the host
RESULT = re.compile(r"^(ok|not ok) \d+ - (\w+)(?: # (.*))?$")


def verdicts(text):
    """TAP lines as {name: ("ok", "skip" or "not ok", reason)}."""
    found = {}
    for line in text.splitlines():
        match = RESULT.match(line.strip())
        if match:
            verdict, name, reason = match.groups()
            if reason and reason.startswith("SKIP"):
                verdict = "skip"
            found[name] = (verdict, reason or "")
    return found


def complete(text):
    """As many verdicts as the plan says."""
    plan = re.search(r"^1\.\.(\d+)", text, re.M)
    return plan is not None and len(verdicts(text)) == int(plan.group(1))


@pytest.fixture(scope="session", name="native")
def fixture_native(linux):
    """native(program): its output on the host, run once."""
    where = linux.parent
    outputs = {}

    def run(program):
        if program not in outputs:
            assert (BUILT / program).exists(), f"{BUILT / program} is missing: make test.img"
            copy = where / program
            shutil.copy(BUILT / program, copy)
            done = subprocess.run([*unprivileged(), copy], cwd="/", text=True, check=False,
                                  errors="replace", stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=SECONDS * guest.SCALE)
            outputs[program] = done.stdout
        return outputs[program]
    return run


# As on the host, nobody runs them.
GUEST_SCRIPT = """
cd /
# dmesg must not drown what the programs say
dmesg -n 1
for path in /tests/*; do
    program=${path##*/}
    echo "==== begin $program"
    # tmpfs of 6.12 keeps what a mapping wrote behind the end of its file
    [ $program != filesystem ] || {
        mkdir -p -m 1777 /disk; chmod 1777 /disk; mount --bind /disk /tmp; }
    [ $program != hugetlb ] || echo 14 > /proc/sys/vm/nr_hugepages
    timeout -s KILL %(seconds)d su -s /bin/sh nobody -c "exec $path" < /dev/null 2>&1
    echo "==== end $program $?"
    [ $program != filesystem ] || umount /tmp
    [ $program != hugetlb ] || echo 0 > /proc/sys/vm/nr_hugepages
done
echo "==== kernel"
dmesg
"""


# One boot for each mode, whatever order the tests are run in.
RESULTS = {}


@pytest.fixture(name="in_guest")
def fixture_in_guest(linux, mode):
    """{program: output} of one boot, and "kernel": its log."""
    key = tuple(mode)
    if key not in RESULTS:
        RESULTS[key] = boot_and_run(linux, mode)
    return RESULTS[key]


def boot_and_run(linux, mode):
    """All programs in one guest."""
    directory = linux.parent / ("syscalls-" + "-".join(mode).replace("=", "-"))
    directory.mkdir()
    shop = guest.Shop(linux, directory)
    script = GUEST_SCRIPT % {"seconds": SECONDS}
    outputs = {}
    try:
        one = shop.start(
            f"ubd0={shop.image('test.img')}", f"ubd1r={shop.script(script)}", *mode,
            "mem=2G", "init=/sbin/run-test", "quiet", console="pipes")
        while True:
            match = one.expect(r"^==== (?:begin (\w+)|(kernel))\r?\n", timeout=SECONDS + 60)
            if match.group(2):
                break
            program = match.group(1)
            start = one.console.at
            try:
                end = one.expect(rf"^==== end {program} (\d+)\r?\n", timeout=SECONDS + 60)
            except guest.ConsoleError as error:
                outputs[program] = f"{one.console.seen[start:]}\nthe guest did not go on: {error}"
                break
            outputs[program] = one.console.seen[start:end.start()].replace("\r\n", "\n")
        one.expect("run-test: status", timeout=60)
        outputs["kernel"] = one.console.seen.rpartition("==== kernel")[2]
        one.wait()
    except guest.ConsoleError as error:
        outputs["error"] = str(error)
    finally:
        shop.close()
    return outputs


@pytest.mark.limit(SECONDS + 60)
@pytest.mark.parametrize("program", PROGRAMS)
def test_on_the_host(native, program):
    """The program itself: whatever fails here is wrong in the test."""
    output = native(program)
    assert complete(output), output
    failed = [line for line in output.splitlines() if line.startswith("not ok")]
    assert not failed, "\n".join(failed)


# What a mode does not promise, as the boot says and docs/tt.md explains.
NOT_PROMISED = {"mode=tt": {"fault_of_kernel_addresses", "kernel_range_is_not_for_guests"}}


@pytest.mark.limit(3000)
@pytest.mark.parametrize("program", PROGRAMS)
def test_in_a_guest(native, in_guest, mode, program):
    """The same verdicts."""
    want = verdicts(native(program))
    for name in NOT_PROMISED.get(mode[0], ()):
        want.pop(name, None)
    output = in_guest.get(program)
    assert output is not None, f"it did not run: {in_guest.get('error')}"
    got = verdicts(output)
    differ = []
    for name, (verdict, _) in want.items():
        if name not in got:
            differ.append(f"{name}: no verdict")
        elif got[name][0] == "not ok" or verdict == "ok" and got[name][0] == "skip":
            differ.append(f"{name}: {' # '.join(got[name])}")
    assert not differ, "\n".join([*differ, "", output[-3000:]])


@pytest.mark.limit(3000)
def test_kernel_has_no_complaint(in_guest):
    """About anything that the programs did."""
    assert "kernel" in in_guest, in_guest.get("error")
    found = [line for line in in_guest["kernel"].splitlines() if TROUBLE.search(line)]
    assert not found, "\n".join(found)
