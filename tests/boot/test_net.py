# SPDX-License-Identifier: GPL-2.0
"""Network devices: frames arrive at the far end as they left, and the link tells
the truth about it."""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

from guest import IMAGES, IO_URING_SETUP, forbid, unprivileged, wait_until
from netns import fixture_netns, fixture_size, ip, within  # pylint: disable=unused-import
from wire import ETH_P_TEST, Peer, frame

GUEST, HOST = "10.0.0.2", "10.0.0.1"
UP = f"ip link set eth0 up; ip addr add {GUEST}/24 dev eth0"
KINDS = {"dgram": socket.SOCK_DGRAM, "seqpacket": socket.SOCK_SEQPACKET}


@contextlib.contextmanager
def wire(kind="dgram"):
    """Two ends of a wire; the second is for a guest to inherit."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, KINDS[kind])
    with ours, theirs:
        yield ours, theirs


def inherit(*socks):
    """Options for a guest that has these sockets, by their own numbers."""
    return {"pass_fds": [sock.fileno() for sock in socks]}


def losses(text):
    """What ping says that it lost."""
    return [int(n) for n in re.findall(r"(\d+)% packet loss", text)]


class Echo(Peer):
    """Sends a frame of each size once the guest has sent its longest one."""

    def __init__(self, sock, sizes):
        self.sizes = sizes
        super().__init__(sock, HOST)

    def answer(self, data):
        if data[12:14] == b"\x88\xb5" and len(data) > 65535 - 251 and self.sizes:
            threading.Thread(target=self.send_all, args=[self.sizes]).start()
            self.sizes = []
        return super().answer(data)

    def send_all(self, sizes):
        """One of each."""
        time.sleep(1)       # the guest starts its echo
        for size in sizes:
            body = size.to_bytes(3, "big") + bytes((size + i) & 255 for i in range(17, size))
            self.send(frame(b"\2\0\0\0\0\7", self.mac, ETH_P_TEST, body))


def good_sizes(frames):
    """The sizes of the frames that tests/net/frames sent, as far as they are what
    was sent."""
    return [len(data) for data in frames if data[12:14] == b"\x88\xb5" and
            int.from_bytes(data[14:17], "big") == len(data) and
            data[17:] == bytes((len(data) + i) & 255 for i in range(17, len(data)))]


# ---- fd ------------------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
def test_ping_over_descriptor(script, kind):
    """eth0=fd: a guest pings through an inherited socket."""
    with wire(kind) as (ours, theirs):
        peer = Peer(ours, HOST)
        outcome = script(f"""
            {UP}; ping -c 3 {HOST}; ping -c 1 -s 1400 {HOST}
            cat /sys/class/net/eth0/carrier /sys/class/net/eth0/speed
            """, f"eth0=fd,{theirs.fileno()},02:00:00:00:00:07", **inherit(theirs))
        mac = peer.guest_mac
        peer.close()
    assert losses(outcome.stdout) == [0, 0], outcome.text
    assert outcome.stdout.endswith("\n1\n10000\n"), outcome.text
    assert mac == bytes.fromhex("020000000007")


def test_every_size(script):
    """Frames from the shortest ping to 65 KB come back whole, also after the MTU
    was changed; the spelling is vec0 here."""
    sizes = [0, 1, 17, 1400, 1472, 1473, 1558, 1559, 4054, 4096, 9000, 32768, 65000, 65507]
    with wire() as (ours, theirs):
        peer = Peer(ours, HOST)
        outcome = script(f"""
            {UP.replace("eth0", "vec0")}
            one() {{ ping -c 1 -W 5 -s $1 {HOST} > /tmp/out || {{ echo "size $1"; cat /tmp/out; }}; }}
            for size in {" ".join(map(str, sizes))}; do one $size; done
            ip link set vec0 mtu 1500; one 1400
            ip link set vec0 mtu 9000; one 8000
            ip link set vec0 down; ip link set vec0 up; one 1
            """, f"vec0:transport=fd,fd={theirs.fileno()},mtu=65535", **inherit(theirs))
        peer.close()
    assert outcome.stdout == "", outcome.text
    assert peer.pings >= len(sizes)


def test_flood(script):
    """Frames of sizes from 60 to 65535 bytes, out and in again as they were."""
    sizes = [*range(60, 2000, 7), *range(2000, 65535, 509), 65534, 65535]
    with wire() as (ours, theirs):
        sender = Echo(ours, sizes)
        outcome = script(f"""
            ip link set eth0 up
            /tests/frames flood eth0 60 65535 251
            /tests/frames echo eth0 {len(sizes)} && echo done
            """, f"eth0=fd,{theirs.fileno()},mtu=65535", image="test.img", **inherit(theirs))
        sender.close()
    assert outcome.stdout == "done\n", outcome.text
    assert good_sizes(sender.others) == [*range(60, 65536, 251)] + sizes


def test_far_side_dies(boot):
    """The end of the connection is the end of the carrier, said once; the guest
    lives on."""
    with wire("seqpacket") as (ours, theirs):
        peer = Peer(ours, HOST)
        guest = boot(f"eth0=fd,{theirs.fileno()}", **inherit(theirs))
        theirs.close()
        guest.login()
        guest.run(f"{UP}; ping -c 1 {HOST}")
        assert guest.run("cat /sys/class/net/eth0/carrier").strip() == "1"
        peer.close()
        assert wait_until(lambda: guest.run("cat /sys/class/net/eth0/carrier").strip() == "0", 10)
        assert guest.run("dmesg | grep -c 'far side has gone'").strip() == "1"
        assert guest.run(f"ping -c 1 -W 1 {HOST}", check=False)[1] != 0
        assert guest.poweroff() == 0


def test_deaf_peer_blocks_nobody(boot):
    """A far end that reads nothing stops the device's queue, not the machine;
    when it reads again, all goes on."""
    with wire() as (ours, theirs):
        guest = boot(f"eth0=fd,{theirs.fileno()}", image="test.img", **inherit(theirs))
        guest.login()
        guest.run(UP)
        guest.run("/tests/frames flood eth0 60 1514 1 2 & true")
        guest.run("sleep 1")
        begin = time.monotonic()
        guest.run("echo alive")
        assert time.monotonic() - begin < 2
        peer = Peer(ours, HOST)
        guest.run(f"ping -c 2 {HOST}")
        assert guest.poweroff() == 0
        assert good_sizes(peer.others) == [*range(60, 1515)] * 2
        peer.close()


# ---- guest to guest ------------------------------------------------------------

def transfer(shop, mode, words, size, **options):
    """Two guests on the same wire, @words for each, move @size bytes by TCP; they
    arrive bit for bit."""
    commands = ["/tests/transfer serve 7", f"/tests/transfer send {HOST} 7 {size}"]
    guests = []
    for address, word, command in zip([HOST, GUEST], words, commands):
        device = re.match(r"\w+", word).group()
        text = f"ip link set {device} up; ip addr add {address}/24 dev {device}\n{command}\n"
        guests.append(shop.start(
            f"ubd0={shop.image('test.img', f'{address}.img')}",
            f"ubd1r={shop.script(text, f'script-{address}')}", *mode, word,
            "init=/sbin/run-test", "quiet", **options))
    for guest, what in zip(guests, ["received", "sent"]):
        assert guest.wait(150) == 0
        assert re.search(rf"^{what} {size} bytes", guest.console.seen, re.M)


@pytest.mark.parametrize("kind, options", [("dgram", ""), ("seqpacket", ",mtu=65000"),
                                           ("seqpacket", ",vnet=1")],
                         ids=["dgram", "jumbo", "vnet"])
def test_guest_to_guest(shop, mode, kind, options, size):
    """Over a socket pair."""
    with wire(kind) as socks:
        transfer(shop, mode, [f"eth0=fd,{sock.fileno()}{options}" for sock in socks], size,
                 **inherit(*socks))


WITHOUT_PRIVILEGE = {
    "mcast": ["eth0=mcast,,239.192.168.77,{a},0"] * 2,
    "ucast": ["eth0=ucast,,127.0.0.1,{a},{b}", "eth0=ucast,,127.0.0.1,{b},{a},mtu=9000"],
    "l2tpv3-udp": [
        "vec0:transport=l2tpv3,udp=1,src=127.0.0.1,dst=127.0.0.1,srcport={a},dstport={b},"
        "rx_session=1,tx_session=2,rx_cookie=0x1234,tx_cookie=7,counter=1",
        "vec0:transport=l2tpv3,udp=1,src=127.0.0.1,dst=127.0.0.1,srcport={b},dstport={a},"
        "rx_session=2,tx_session=1,rx_cookie=7,tx_cookie=0x1234,counter=1"],
    "l2tpv3-udp6": [
        "vec0:transport=l2tpv3,udp=1,v6=1,src=::1,dst=::1,srcport={a},dstport={b},"
        "rx_session=1,tx_session=2,cookie64=1,rx_cookie=0x123456789abcdef0,tx_cookie=7",
        "vec0:transport=l2tpv3,udp=1,v6=1,src=::1,dst=::1,srcport={b},dstport={a},"
        "rx_session=2,tx_session=1,cookie64=1,rx_cookie=7,tx_cookie=0x123456789abcdef0"],
}


@pytest.mark.parametrize("name", WITHOUT_PRIVILEGE)
def test_datagrams(shop, mode, name, size):
    """Over UDP of the host's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, \
         socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        ports = {"a": one.getsockname()[1], "b": two.getsockname()[1]}
    transfer(shop, mode, [word.format(**ports) for word in WITHOUT_PRIVILEGE[name]],
             size)


WITH_PRIVILEGE = {
    "gre": ["vec0:transport=gre,src=10.9.0.1,dst=10.9.0.2,rx_key=1,tx_key=2",
            "vec0:transport=gre,src=10.9.0.2,dst=10.9.0.1,rx_key=2,tx_key=1"],
    "gre6": ["vec0:transport=gre,v6=1,src=fd00::1,dst=fd00::2",
             "vec0:transport=gre,v6=1,src=fd00::2,dst=fd00::1"],
    "l2tpv3": [
        "vec0:transport=l2tpv3,src=10.9.0.1,dst=10.9.0.2,rx_session=1,tx_session=2",
        "vec0:transport=l2tpv3,src=10.9.0.2,dst=10.9.0.1,rx_session=2,tx_session=1"],
    "raw": ["vec0:transport=raw,ifname=va", "eth0=raw,vb"],
    "tap": ["eth0=tuntap,ta", "vec0:transport=hybrid,ifname=tb,depth=128,gro=1"],
}


@pytest.mark.parametrize("name", WITH_PRIVILEGE)
def test_privileged(shop, mode, netns, name, size):
    """Through sockets and devices that take root: tunnels, packet sockets, taps
    that are created and bridged."""
    for words in ("link add va type veth peer vb", "link set va up", "link set vb up",
                  "addr add 10.9.0.1/24 dev lo", "addr add 10.9.0.2/24 dev lo",
                  "addr add fd00::1/128 dev lo", "addr add fd00::2/128 dev lo"):
        ip("-n", netns, *words.split())
    if name == "tap":
        ip("-n", netns, "link", "add", "br0", "type", "bridge")
        ip("-n", netns, "link", "set", "br0", "up")
        for tap in ("ta", "tb"):
            ip("-n", netns, "tuntap", "add", tap, "mode", "tap")
            ip("-n", netns, "link", "set", tap, "master", "br0", "up")
    transfer(shop, mode, WITH_PRIVILEGE[name], size, root=True, **within(netns))


@pytest.mark.parametrize("word", ["gre,dst=10.0.0.1", "raw,ifname=lo",
                                  "l2tpv3,dst=10.0.0.1,rx_session=1,tx_session=1"])
def test_privilege_is_asked_for(shop, word):
    """An ordinary user learns that it takes privilege."""
    outcome = shop.outcome(f"vec0:transport={word}")
    assert outcome.status == 1 and "take privilege" in outcome.stderr, outcome.text


def test_frames_of_others(script):
    """A tunnel hands on nothing that does not bear its session and cookie."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            port = other.getsockname()[1]
        head = bytes.fromhex("00030000" "00000001" "00001234")
        body = b"\xff" * 6 + b"\2\0\0\0\0\1\x88\xb5" + bytes(100)
        stop = threading.Event()

        def send():
            while not stop.wait(0.05):
                for wrong in (b"", b"x", head[:8], head[:11] + b"\x35" + body,
                              head[:7] + b"\2" + head[8:] + body, b"\1" + head[1:] + body,
                              head, head + body[:13], head + body):
                    sock.sendto(wrong, ("127.0.0.1", port))

        thread = threading.Thread(target=send)
        thread.start()
        outcome = script("""
            ip link set vec0 up; sleep 1
            cd /sys/class/net/vec0/statistics; ip link set vec0 down
            echo $(cat rx_packets) $(cat rx_length_errors) $(cat rx_bytes)
            """, f"vec0:transport=l2tpv3,udp=1,src=127.0.0.1,dst=127.0.0.1,srcport={port},"
            f"dstport={sock.getsockname()[1]},rx_session=1,tx_session=2,rx_cookie=0x1234,"
            "tx_cookie=1")
        stop.set()
        thread.join()
    packets, short, octets = map(int, outcome.stdout.split())
    assert packets > 0 and octets == packets * len(body), outcome.text
    assert abs(short - 2 * packets) <= 2, outcome.text


# ---- hot plug ------------------------------------------------------------------

def ask(shop, *words):
    """Status and answer of the management console."""
    done = subprocess.run(
        [*unprivileged(), IMAGES / "tools/mconsole/umlctl", *words], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=shop.environment, timeout=60)
    return done.returncode, done.stdout.strip()


def test_hot_plug(boot, shop, switch):
    """Devices come, tell how they are connected, and go, while frames flow."""
    control, data = plug(switch.socket)
    peer = Peer(data, HOST)
    guest = boot("umid=hot", image="test.img")
    guest.login()
    for _ in range(3):
        status, text = ask(shop, "config", "hot", f"eth3={switch.word},mtu=1400")
        assert status == 0, text
        assert switch.word in ask(shop, "config", "hot", "eth3")[1]
        assert ask(shop, "config", "hot", f"eth3={switch.word}")[0] != 0, "it is there already"
        guest.run(UP.replace("eth0", "eth3"))
        assert losses(guest.run(f"ping -c 2 {HOST}")) == [0]
        assert guest.run("cat /sys/class/net/eth3/mtu").strip() == "1400"
        guest.run("/tests/frames flood eth3 60 1400 1 99 > /dev/null 2>&1 & true")
        status, text = ask(shop, "remove", "hot", "eth3")
        assert status == 0, text
        assert guest.run("ls -d /sys/class/net/eth3; true").startswith("ls: ")
    for wrong, reason in (("eth3=fd,99", "not open"), ("eth3=pigeon", "unknown transport"),
                          ("eth99=fd,3", "number")):
        status, text = ask(shop, "config", "hot", wrong)
        assert status != 0 and reason in text, text
    assert ask(shop, "remove", "hot", "eth3")[0] != 0
    assert guest.poweroff() == 0
    peer.close()
    control.close()


# ---- daemon --------------------------------------------------------------------

OURS = IMAGES / "tools/switch/usermode-switch"


class Switch:
    """uml_switch, as an unprivileged user; or vde_switch, or ours."""

    def __init__(self, shop, program="uml_switch"):
        if program == OURS.name:
            program = OURS
        self.socket = shop.home / "switch.ctl"
        shop.expected |= {"switch.ctl"}
        words = ["-unix", str(self.socket)]
        if program == "vde_switch":
            words = ["-s", str(self.socket)]
            self.socket = self.socket / "ctl"
        self.command = [*unprivileged(), program, *words]
        self.word = f"daemon,,unix,{self.socket}"
        if program == "vde_switch":
            self.word = f"vde,{self.socket.parent}"
        self.process = None
        self.start()

    def start(self):
        """Run it, and wait until it listens."""
        # It ends when its input does.
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL)
        assert wait_until(self.listens, 10)

    def listens(self):
        """Is somebody there?"""
        with socket.socket(socket.AF_UNIX) as sock:
            return not sock.connect_ex(str(self.socket))

    def kill(self):
        """It has no time to say goodbye."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        if self.socket.name == "ctl":
            shutil.rmtree(self.socket.parent)


@pytest.fixture(name="switch", params=["uml_switch", "vde_switch", OURS.name])
def fixture_switch(shop, request):
    """A switch of Debian's, or ours."""
    if request.param != OURS.name and not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    switch = Switch(shop, request.param)
    yield switch
    switch.kill()
    with contextlib.suppress(FileNotFoundError):
        switch.socket.unlink()


def plug(path):
    """A port of a switch: the stream that keeps it, and the socket for frames."""
    control = socket.socket(socket.AF_UNIX)
    control.connect(str(path))
    data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    name = (f"\0test-{os.getpid()}-{time.monotonic_ns()}").encode().ljust(108, b"\0")
    data.bind(name)
    address = (1).to_bytes(2, "little") + name
    control.sendall(b"".join(n.to_bytes(4, "little") for n in (0xfeedface, 3, 0)) +
                    address + b"\0\0")
    reply = control.recv(110)
    assert len(reply) == 110
    path = reply[2:] if reply[2] == 0 else reply[2:].split(b"\0")[0]
    data.connect(path)
    return control, data


@pytest.mark.parametrize("options", ["", ",mtu=9000"], ids=["", "jumbo"])
@pytest.mark.parametrize("ring", ["", ",ring=0"], ids=["ring", "datagrams"])
def test_through_switch(shop, mode, switch, size, options, ring):
    """Two guests on one switch. Where it is ours, frames are in shared memory."""
    ours = OURS in switch.command
    if options and not ours:
        pytest.skip("Debian's switches have frames of 1500 bytes")
    if ring and not ours:
        pytest.skip("it has no rings to do without")
    transfer(shop, mode, [f"eth0={switch.word}{options}{ring}"] * 2, size)


def test_switch(boot, switch):
    """eth0=daemon: a port of a switch. When the switch dies the carrier goes; when
    it comes back, so does the carrier."""
    control, data = plug(switch.socket)
    peer = Peer(data, HOST)
    guest = boot(f"eth0={switch.word}")
    guest.login()
    guest.run(UP)
    assert losses(guest.run(f"ping -c 3 {HOST}")) == [0]
    peer.close()
    control.close()

    switch.kill()
    guest.expect("far side has gone")
    assert guest.run("cat /sys/class/net/eth0/carrier").strip() == "0"
    switch.start()
    guest.expect("connected again")
    control, data = plug(switch.socket)
    peer = Peer(data, HOST)
    assert wait_until(lambda: losses(guest.run(f"ping -c 1 {HOST}", check=False)[0]) == [0], 10)
    assert guest.poweroff() == 0
    peer.close()
    control.close()


# ---- tap -----------------------------------------------------------------------

@pytest.fixture(name="uring", params=["io_uring", "single"])
def fixture_uring(request):
    """With the host's io_uring, and with it forbidden."""
    if request.param == "single":
        return {"prepare": lambda: forbid(IO_URING_SETUP)}
    return {}


def test_tap(script, netns, uring, size):
    """eth0=tuntap: a persistent device as a plain user, in both directions, with
    checksums and segments left to whoever is last."""
    ip("-n", netns, "tuntap", "add", "tap0", "mode", "tap", "user", "65534")
    ip("-n", netns, "addr", "add", f"{HOST}/24", "dev", "tap0")
    ip("-n", netns, "link", "set", "tap0", "up")
    server = subprocess.Popen(
        ["ip", "netns", "exec", netns, IMAGES / "tests/transfer", "serve", "7"],
        stdout=subprocess.PIPE, text=True)
    client = subprocess.Popen(
        ["ip", "netns", "exec", netns, IMAGES / "tests/transfer", "send", GUEST, "7", str(size)],
        stdout=subprocess.PIPE, text=True)
    outcome = script(f"""
        {UP}
        ping -c 2 {HOST} || exit 1
        /tests/transfer serve 7
        /tests/transfer send {HOST} 7 {size}
        ping -c 1 -s 60000 {HOST}
        """, "eth0=tuntap,tap0", image="test.img", **within(netns), **uring)
    said = server.communicate(timeout=30)[0] + client.communicate(timeout=30)[0]
    print(said, outcome.stdout)
    assert losses(outcome.stdout) == [0, 0], outcome.text
    assert f"sent {size} bytes" in outcome.stdout and f"received {size}" in outcome.stdout
    assert f"sent {size} bytes" in said and f"received {size}" in said


# ---- words that are wrong ------------------------------------------------------

@pytest.mark.parametrize("word, reason", [
    ("eth0=", "no transport"),
    ("eth0", "write eth0="),
    ("eth99=fd,3", "eth0 to eth31"),
    ("eth0=carrier-pigeon", "unknown transport"),
    ("eth0=ethertap,tap0", "use tap"),
    ("eth0=fd", "no descriptor"),
    ("eth0=fd,77", "not open"),
    ("eth0=fd,x", "not a number"),
    ("eth0=fd,0", "neither a socket nor a tap"),
    ("eth0=fd,3,02:00:00:00:00", "not a MAC"),
    ("eth0=fd,3,03:00:00:00:00:01", "group"),
    ("eth0=fd,3,,,,", "too many fields"),
    ("eth0=fd,3,mtu=20", "mtu=20"),
    ("eth0=fd,3,ifname=x", "not for the transport fd"),
    ("eth0=mcast,,10.0.0.1", "no multicast group"),
    ("eth0=mcast,,nowhere", "no IPv4 address"),
    ("eth0=ucast,,127.0.0.1,7", "two ports"),
    ("vec0:transport=gre", "far side"),
    ("vec0:transport=l2tpv3,dst=10.0.0.1", "rx_session"),
    ("vec0:transport=bess", "write dst="),
    ("vec0:transport=bess,dst=/nonexistent", "no such file"),
    ("eth0=raw,nonexistent", "no such device"),
    ("eth0=vde,/nonexistent", "is the switch running"),
    ("eth0=daemon,,tcp,/x", "unix"),
    ("eth0=daemon,,unix,/nonexistent", "is the switch running"),
    ("eth0=tuntap,averyveryverylongname", "15 characters"),
    ("vec0:fd=3", "no transport"),
    ("vec0:transport=fd,depth=0", "depth=0"),
    ("vec0:transport=fd,nonsense=1", "no such key"),
    ("vec0=transport=fd", "write vec0:"),
])
def test_bad_words(shop, word, reason):
    """One line that names option and reason, and no boot."""
    shop.refuses(word, reason)
