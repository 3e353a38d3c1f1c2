# SPDX-License-Identifier: GPL-2.0
"""fio in a Debian guest: what it wrote is what it reads, on every kind of disk;
and how fast that is beside the same fio on the host."""
import json
import os
import shutil
import subprocess

import pytest

from guest import IMAGES, unprivileged

MIB = 1 << 20
COMMON = "--direct=1 --output-format=json --group_reporting --name=job"
# name: options. The engine is the same on both sides.
PATTERNS = {
    "sequential": "--rw=write --bs=64k --iodepth=8 --verify=crc32c",
    "random": "--rw=randwrite --bs=4k --iodepth=32 --verify=sha1",
    "mixed": "--rw=randrw --bsrange=512-64k --blockalign=512 --iodepth=16 --verify=crc32c "
             "--verify_backlog=64",
    "trims": "--rw=randtrimwrite --bs=16k --iodepth=4",
    "zeros": "--rw=randwrite --bs=8k --verify=pattern --verify_pattern=0x00 --fsync=16",
}
SPEEDS = {
    "sequential read, 1 MiB": "--rw=read --bs=1m --iodepth=4",
    "sequential write, 1 MiB": "--rw=write --bs=1m --iodepth=4",
    "random read, 4 KiB, depth 32": "--rw=randread --bs=4k --iodepth=32",
    "random write, 4 KiB, depth 32": "--rw=randwrite --bs=4k --iodepth=32",
    "random read, 4 KiB, depth 1": "--rw=randread --bs=4k --iodepth=1",
    "random write, 4 KiB, depth 1": "--rw=randwrite --bs=4k --iodepth=1",
}
RUN = "#!/bin/sh\nmount -t proc p /proc; mount -t sysfs s /sys; mount -t tmpfs t /tmp; cd /tmp\n"


def debian(shop, mode, script, *disks, timeout=600):
    """Run a script in Debian's root as the only program; its output."""
    base = IMAGES / "debian.img"
    if not base.exists():
        pytest.skip(f"{base} is missing: make debian.img")
    shop.expected.add("root")
    text = (RUN + script + "\necho THE-END; echo o > /proc/sysrq-trigger; sleep 60\n").encode()
    file = shop.file("script", text + b"\n" * (-len(text) % 512))
    outcome = shop.outcome(f"ubd0={shop.home}/root,{base}", f"ubd1r={file}", *disks, *mode,
                           "mem=512M", "quiet", "init=/bin/sh", "--", "/dev/ubdb",
                           timeout=timeout)
    assert "THE-END" in outcome.stdout, outcome.text
    return outcome.stdout.replace("\r\n", "\n")


def disk(shop, kind, size):
    """The value of a switch for a disk of a kind."""
    path = shop.file("disk", size=size)
    if kind == "raw":
        return path
    name = f"disk.{kind}"
    shop.expected.add(name)
    if kind == "cow":
        return f"{shop.home}/{name},{path}"
    if not shutil.which("qemu-img"):
        pytest.skip("the host lacks the package qemu-utils")
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", shop.home / name, str(size)],
                   check=True)
    shop.own(shop.home / name)
    return shop.home / name


@pytest.mark.slow
@pytest.mark.limit(1200)
@pytest.mark.parametrize("kind", ["raw", "cow", "qcow2"])
def test_verify(shop, mode, kind):
    """Every pattern of writes reads back as it was written."""
    script = "\n".join(f"fio --filename=/dev/ubdc --ioengine=libaio --size=24m {COMMON} {options}"
                       f" > log && echo {name} OK || cat log" for name, options in PATTERNS.items())
    said = debian(shop, mode, script, f"ubd2={disk(shop, kind, 64 * MIB)}")
    for name in PATTERNS:
        assert f"{name} OK" in said, said[-5000:]


def rate(report):
    """Operations a second."""
    job = json.loads(report)["jobs"][0]
    return job["read"]["iops"] + job["write"]["iops"]


@pytest.mark.slow
@pytest.mark.limit(1200)
def test_speed(shop, mode, capsys):
    """Ratios, guest to host, with the file in the page cache; and of a COW file
    whose blocks are allocated to a plain one."""
    if not shutil.which("fio"):
        pytest.skip("the host lacks the package fio")
    path, cow_base = shop.file("disk", size=128 * MIB), shop.file("base", size=128 * MIB)
    path.write_bytes(os.urandom(MIB) * 128)
    shop.expected.add("cow")
    timed = f"--ioengine=libaio --invalidate=0 --runtime=3 --time_based --size=128m {COMMON}"
    fill = "dd if=/dev/urandom of=/dev/ubdd bs=1M conv=fsync 2>/dev/null\n"
    script = fill + "\n".join(
        f"fio --filename=/dev/{node} {timed} {options} > log; echo '=={name}'; cat log"
        for name, options in SPEEDS.items() for node in ("ubdc", "ubdd"))
    said = debian(shop, mode, script, f"ubd2={path}", f"ubd3={shop.home}/cow,{cow_base}")
    reports = [part.partition("\n")[2].partition("THE-END")[0]
               for part in said.split("==")[1:]]
    with capsys.disabled():
        print(f"\n{' '.join(mode)}")
        for n, (name, options) in enumerate(SPEEDS.items()):
            host = subprocess.run(
                [*unprivileged(), "fio", f"--filename={path}", *timed.split(), *options.split(),
                 "--direct=0"], check=True, text=True, capture_output=True, cwd=shop.tmp).stdout
            raw, cow = rate(reports[2 * n]), rate(reports[2 * n + 1])
            print(f"{name:32} host {rate(host):9.0f}/s  guest {raw / rate(host):5.2f}  "
                  f"cow to raw {cow / raw:5.2f}")
            assert raw > 0 and cow > 0
