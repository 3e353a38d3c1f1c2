# SPDX-License-Identifier: GPL-2.0
"""Networks at speed: what iperf3 and ping see of a guest, against what two network
namespaces of the host see of each other over veth, in one run."""
import json
import shutil
import socket
import subprocess

import pytest

from netns import fixture_netns, ip, within  # pylint: disable=unused-import

pytestmark = pytest.mark.slow

HOST, GUEST = "10.0.0.1", "10.0.0.2"
SECONDS = 3
# the host's programs in the guest, root.img has none of these
CHROOT = f"""
mkdir -p /host; mount -t hostfs none /host -o /; mount -t proc none /host/proc
mount -t tmpfs none /host/tmp
ip link set lo up; ip link set eth0 up; ip addr add {GUEST}/24 dev eth0
in_host() {{ chroot /host "$@"; }}
"""
LEAST = {"tt": 0.5, "skas": 0.3}        # of veth's throughput
MOST = 3                                # times veth's round trip, in tt


@pytest.fixture(name="iperf", autouse=True)
def fixture_iperf():
    """iperf3 and ping of the host."""
    for program in ("iperf3", "ping"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


def start_server(netns):
    """iperf3 that serves twice."""
    return subprocess.Popen(["ip", "netns", "exec", netns, "sh", "-c",
                             "iperf3 -s -1 > /dev/null; iperf3 -s -1 > /dev/null"],
                            start_new_session=True)


def rate(text):
    """Gbit/s that arrived, of iperf3 -J."""
    return json.loads(text)["end"]["sum_received"]["bits_per_second"] / 1e9


def trip(text):
    """Average round trip in microseconds, of ping."""
    return float(text.split(" = ")[1].split("/")[1]) * 1000


IPERF = ["iperf3", "-J", "-t", str(SECONDS), "-c", HOST]
PING = ["ping", "-q", "-s", "56", "-i", "0.002", "-c", "500", HOST]


@pytest.fixture(name="veth")
def fixture_veth(netns):
    """(Gbit/s, us) between two namespaces."""
    other = f"{netns}-b"
    ip("netns", "add", other)
    try:
        ip("-n", netns, "link", "add", "va", "type", "veth", "peer", "vb", "netns", other)
        for name, device, address in ((netns, "va", HOST), (other, "vb", GUEST)):
            ip("-n", name, "addr", "add", f"{address}/24", "dev", device)
            ip("-n", name, "link", "set", device, "up")
        server = start_server(netns)
        subprocess.run(["sleep", "0.5"], check=True)

        def run(words):
            return subprocess.run(["ip", "netns", "exec", other, *words], check=True,
                                  capture_output=True, text=True).stdout

        forth, back = rate(run(IPERF)), rate(run([*IPERF, "-R"]))
        server.wait(10)
        yield forth, back, trip(run(PING))
    finally:
        ip("netns", "del", other)


def measure(script, word, *before, **options):
    """Gbit/s both ways and us of a guest."""
    outcome = script(f"""{CHROOT}
        {" ".join(before) or ":"}; sleep 0.5
        in_host {" ".join(IPERF)} > /tmp/a; sleep 0.5
        in_host {" ".join(IPERF)} -R > /tmp/b
        in_host {" ".join(PING)} > /tmp/c
        cat /tmp/a; echo =====; cat /tmp/b; echo =====; cat /tmp/c
        """, word, "mem=256M", **options)
    forth, back, ping = outcome.stdout.split("=====")
    return rate(forth), rate(back), trip(ping)


@pytest.mark.limit(300)
def test_tap(script, mode, netns, veth):
    """Between guest and host over tap."""
    ip("-n", netns, "link", "del", "va")
    ip("-n", netns, "tuntap", "add", "tap0", "mode", "tap", "user", "65534")
    ip("-n", netns, "addr", "add", f"{HOST}/24", "dev", "tap0")
    ip("-n", netns, "link", "set", "tap0", "up")
    server = start_server(netns)
    forth, back, ping = measure(script, "eth0=tuntap,tap0", **within(netns))
    server.wait(10)
    print(f"{mode}: tap {forth:.1f} and {back:.1f} Gbit/s, {ping:.0f} us; "
          f"veth {veth[0]:.1f} and {veth[1]:.1f} Gbit/s, {veth[2]:.0f} us")
    space = mode[0].partition("=")[2]
    assert min(forth / veth[0], back / veth[1]) >= LEAST[space]
    assert space != "tt" or ping <= MOST * veth[2]


@pytest.mark.limit(300)
def test_two_guests(shop, mode, veth):
    """Between two guests on a socket pair whose frames have 65000 bytes."""
    socks = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    setup = CHROOT.replace(GUEST, "$1")
    serve = setup.replace("$1", HOST) + "in_host sh -c 'iperf3 -s -1 > /dev/null; iperf3 -s -1 > /dev/null'\nsleep 4\n"
    server = shop.start(f"ubd0={shop.image(to='server.img')}", f"ubd1r={shop.script(serve, 'serve')}",
                        *mode, f"eth0=fd,{socks[0].fileno()},mtu=65000", "mem=256M",
                        "init=/sbin/run-test", "quiet", pass_fds=[socks[0].fileno()])

    def script(text, *words, **options):
        return shop.run_script(text, *mode, *words, **options)

    forth, back, ping = measure(script, f"eth0=fd,{socks[1].fileno()},mtu=65000",
                                pass_fds=[socks[1].fileno()])
    server.wait(30)
    print(f"{mode}: socket pair {forth:.1f} and {back:.1f} Gbit/s, {ping:.0f} us; "
          f"veth {veth[0]:.1f} and {veth[1]:.1f} Gbit/s, {veth[2]:.0f} us")
    for sock in socks:
        sock.close()
    if mode[0] == "mode=tt":
        assert min(forth / veth[0], back / veth[1]) >= 0.5
