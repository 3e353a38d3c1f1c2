# SPDX-License-Identifier: GPL-2.0
"""Memory that grows and shrinks while the guest runs; the host's follows."""
import errno
import os
import re

import pytest

from guest import wait_until
from test_mconsole import connected

MIB = 1 << 20


def held(guest):
    """MiB that the host has given to the guest's memory file."""
    where = f"/proc/{guest.pid}/fd"
    for name in os.listdir(where):
        if "usermode-memory" in os.readlink(f"{where}/{name}"):
            return os.stat(f"{where}/{name}").st_blocks * 512 // MIB
    raise AssertionError("the guest has no memory file")


def total(guest):
    """MiB that the guest thinks it has."""
    text = guest.run("grep MemTotal /proc/meminfo")
    return int(re.search(r"(\d+) kB", text).group(1)) // 1024


def fill(guest, mib):
    """A file of @mib in the guest's memory."""
    guest.run("mkdir -p /tmp/f && (mountpoint -q /tmp/f || mount -t tmpfs -o size=95% f /tmp/f)")
    guest.run(f"dd if=/dev/zero of=/tmp/f/x bs=1M count={mib} 2>/dev/null", timeout=120)


@pytest.fixture(name="small")
def fixture_small(boot, shop):
    """A guest of 256 MiB and its console."""
    guest = boot("umid=mem", "mem=256M")
    guest.login()
    with connected(shop, "mem", timeout=120) as client:
        yield guest, client


@pytest.mark.limit(300)
def test_grow_and_shrink(small):
    """256 MiB to 1 GiB and back; what was used is the host's again."""
    guest, client = small
    assert client.ok("config mem") == "256M"
    before, memory = held(guest), total(guest)
    client.ok("config mem=+768M")
    assert client.ok("config mem") == "1024M"
    assert abs(total(guest) - memory - 768) < 8
    assert held(guest) < before + 40, "what is not used costs the host nothing"

    fill(guest, 700)
    assert held(guest) > before + 650
    guest.run("md5sum < /tmp/f/x > /tmp/sum; rm /tmp/f/x")
    client.ok("config mem=-768M")
    assert client.ok("config mem") == "256M"
    assert abs(total(guest) - memory) < 8
    assert held(guest) < before + 64

    # what was lent comes back, with what was in it gone
    client.ok("config mem=1G")
    fill(guest, 700)
    assert guest.run("md5sum < /tmp/f/x") == guest.run("cat /tmp/sum")
    assert "BUG" not in guest.run("dmesg")
    assert guest.poweroff() == 0


@pytest.mark.limit(300)
def test_odd_sizes(small):
    """Any number of pages."""
    guest, client = small
    for step, size in (("+1M", "257M"), ("+33M", "290M"), ("-4K", "296956K"), ("+4K", "290M"),
                       ("-34M", "256M"), ("300M", "300M"), ("256M", "256M")):
        client.ok(f"config mem={step}")
        assert client.ok("config mem") == size
    assert guest.run("echo alive") == "alive\n"


@pytest.mark.limit(300)
def test_in_use(small):
    """The guest is not starved; the console says how far it got."""
    guest, client = small
    fill(guest, 150)
    err, text = client.ask("config mem=-200M")
    match = re.fullmatch(r"mem: the guest is using it: (\d+)M of 200M were taken, "
                         r"it has (\d+)M now", text)
    assert err == errno.EBUSY and match, text
    taken, left = map(int, match.groups())
    assert 0 < taken < 120 and 255 <= taken + left <= 256
    assert guest.run("md5sum < /tmp/f/x")
    assert "Out of memory" not in guest.run("dmesg")
    client.ok("config mem=256M")
    assert guest.poweroff() == 0


def test_bad_sizes(small):
    """Refused with a reason, and nothing changes."""
    guest, client = small
    for value in ("", "x", "+", "-", "+0", "1Q", "+1M,x", "--5M", "99999999T"):
        err, text = client.ask(f"config mem={value}")
        assert err and "write a size" in text, value
    assert "keeps 32M at least" in client.ask("config mem=-250M")[1]
    assert "on this host" in client.ask("config mem=7T")[1]
    assert client.ok("config mem=256M") == ""
    assert client.ask("remove mem")[0]
    assert guest.run("echo alive") == "alive\n"


def test_limited_addresses(shop, mode):
    """Where the host limits the program's addresses memory does not grow, but the guest runs."""
    import resource
    limit = 3 << 30

    def prepare():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    guest = shop.start(f"ubd0={shop.image()}", "umid=mem", "mem=256M", *mode, prepare=prepare)
    guest.login()
    with connected(shop, "mem") as client:
        err, text = client.ask("config mem=+1G")
        assert err and "256M are possible" in text
    assert guest.poweroff() == 0


def test_cpus(small):
    """How many are online."""
    guest, client = small
    assert client.ok("config cpu") == guest.run("nproc").strip()
    client.ok("config cpu=1")
    for value in ("0", "x", "-1", "4096"):
        assert "virtual CPUs" in client.ask(f"config cpu={value}")[1]


@pytest.mark.slow
@pytest.mark.limit(900)
def test_under_stress(shop, mode):
    """stress-ng's workers map, touch and unmap meanwhile, and none fails."""
    guest = shop.start(f"ubd0={shop.image('debian.img')}", "umid=mem", "mem=256M", *mode)
    guest.expect("login: ", 300)
    guest.send("root\n")
    guest.expect(r"[#$] ")
    guest.send("PS1='x@x:/# '\n")
    guest.expect("x@x:/# ")
    guest.run("which stress-ng")
    guest.run("stress-ng --vm 2 --vm-bytes 40M --vm-hang 0 --vm-keep -t 240 -q --verify "
              "> /tmp/o 2>&1 & true")
    with connected(shop, "mem", timeout=300) as client:
        client.ok("config mem=1G")
        guest.run("stress-ng --vm 2 --vm-bytes 400M --vm-keep -t 20 -q --verify & true")
        # not afterwards: what is free goes back to the host by itself
        assert wait_until(lambda: held(guest) > 350, 20)
        guest.run("wait %2", timeout=120)
        for _ in range(3):
            client.ask("config mem=256M")
        assert client.ok("config mem") == "256M"
        assert held(guest) < 300
    guest.run("pkill stress-ng; sleep 1")
    assert "Out of memory" not in guest.run("dmesg")
    assert wait_until(lambda: guest.alive, 1)
