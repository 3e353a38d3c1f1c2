# SPDX-License-Identifier: GPL-2.0
"""tools/switch: frames go where they must and nowhere else, and nothing that a
client sends can hurt it."""
import contextlib
import fcntl
import json
import mmap
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
SWITCH = TOP / "build/tools/switch/uml_switch"
ALL = b"\xff" * 6
TYPE = b"\x88\xb5"


def mac(number):
    """A client's address."""
    return b"\x02\0\0\0\0" + bytes([number])


def frame(to, source, payload=b"x" * 46, tag=None):
    """An Ethernet frame, with an 802.1q tag perhaps."""
    vlan = b"" if tag is None else b"\x81\0" + struct.pack("!H", tag)
    return to + source + vlan + TYPE + payload


class Client:
    """A port."""

    def __init__(self, path, connected=True):
        self.control = socket.socket(socket.AF_UNIX)
        self.control.connect(str(path))
        self.data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = b"\0test-%d-%d" % (os.getpid(), time.monotonic_ns())
        name = name.ljust(108, b"\0")
        self.data.bind(name)
        self.control.sendall(struct.pack("=IIIH", 0xfeedface, 3, 0, 1) + name + b"\0\0")
        reply = self.control.recv(110)
        assert len(reply) == 110
        self.switch = reply[2:]
        self.data.settimeout(5)
        if connected:
            self.data.connect(self.switch)

    def send(self, data):
        """A frame."""
        self.data.sendto(data, self.switch)

    def receive(self):
        """The next frame."""
        return self.data.recv(70000)

    def silent(self, seconds=0.1):
        """Does nothing come?"""
        self.data.settimeout(seconds)
        try:
            self.data.recv(70000)
            return False
        except TimeoutError:
            return True
        finally:
            self.data.settimeout(5)

    def close(self):
        """Leave."""
        self.control.close()
        self.data.close()


RING, DATA = 1 << 19, 256           # bytes of a ring, and where they begin
HEAD, TAIL, SLEEPING, FULL = 0, 64, 128, 192
REQUEST = struct.pack("=III", 0xfeedface, 3, 0x72696e67)


class Ring(Client):
    """A port through shared memory; linux/usermode/switch_ring.h."""

    def __init__(self, path, **options):
        super().__init__(path, **options)
        assert self.switch.startswith(b"\0usermode-switch-")
        fd = os.memfd_create("rings", os.MFD_ALLOW_SEALING)
        os.truncate(fd, 2 * (DATA + RING))
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        self.memory = mmap.mmap(fd, 2 * (DATA + RING))
        socket.send_fds(self.control, [REQUEST], [fd])
        os.close(fd)
        assert self.control.recv(1) == b"\1"
        self.inside = DATA + RING       # where the ring to the client begins

    def word(self, at, value=None):
        """One of the numbers that both sides know."""
        if value is not None:
            self.memory[at:at + 4] = struct.pack("=I", value & 0xffffffff)
        return struct.unpack("=I", self.memory[at:at + 4])[0]

    def send(self, data):
        record = struct.pack("=I", len(data)) + data
        record += bytes(-len(record) % 8)
        head, room = self.word(HEAD), RING - (self.word(HEAD) - self.word(TAIL)) % (1 << 32)
        assert len(record) <= room
        for n, byte in enumerate(record):
            self.memory[DATA + (head + n) % RING] = byte
        self.word(HEAD, head + len(record))
        if self.word(SLEEPING):
            self.word(SLEEPING, 0)
            self.data.send(b"!")

    def take(self, at, count):
        """Bytes of the ring to the client."""
        at %= RING
        base = self.inside + DATA
        return (self.memory[base + at:base + min(at + count, RING)] +
                self.memory[base:base + max(at + count - RING, 0)])

    def pending(self, timeout):
        """Is there a frame?"""
        deadline = time.monotonic() + timeout
        while self.word(self.inside + HEAD) == self.word(self.inside + TAIL):
            self.word(self.inside + SLEEPING, 1)
            if self.word(self.inside + HEAD) != self.word(self.inside + TAIL):
                break
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.data], [], [], left)[0]:
                return False
            self.data.recv(1)
        return True

    def receive(self):
        assert self.pending(5)
        tail = self.word(self.inside + TAIL)
        size = struct.unpack("=I", self.take(tail, 4))[0]
        data = self.take(tail + 4, size)
        self.word(self.inside + TAIL, tail + (size + 4 + 7) // 8 * 8)
        if self.word(self.inside + FULL):
            self.word(self.inside + FULL, 0)
            self.data.send(b"!")
        return data

    def silent(self, seconds=0.1):
        return not self.pending(seconds)

    def close(self):
        super().close()
        self.memory.close()


class Running:
    """A switch."""

    def __init__(self, directory, *options, program=SWITCH):
        assert pathlib.Path(program).exists(), f"{program} is missing: make tools"
        self.path, self.manage_path = directory / "ctl", directory / "manage"
        self.process = subprocess.Popen(
            [program, "-unix", self.path, "-manage", self.manage_path, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert b"attached to unix socket" in line, self.process.stderr.read()
        self.clients = []

    def client(self, kind=Client, **options):
        """A new port; numbers count up from 0."""
        self.clients.append(kind(self.path, **options))
        return self.clients[-1]

    def order(self, command, check=True, **words):
        """Ask as JSON."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.manage_path))
            sock.sendall(json.dumps({"command": command} | words).encode() + b"\n")
            answer = json.loads(sock.makefile().readline())
        assert answer["ok"] or not check, answer
        return answer

    def close(self):
        """End its input, and so it."""
        for client in self.clients:
            client.close()
        self.process.stdin.close()
        status = self.process.wait(10)
        errors = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        assert status == 0 and not errors, errors
        assert not self.path.exists() and not self.manage_path.exists()


@pytest.fixture(name="kind", params=[Client, Ring])
def fixture_kind(request):
    """How a client's frames go."""
    return request.param


@pytest.fixture(name="switch")
def fixture_switch(tmp_path):
    """A switch that must end well."""
    switch = Running(tmp_path)
    yield switch
    switch.close()


def test_learning(switch):
    """What is not known goes to all, what is known to one."""
    one, two, three = switch.client(), switch.client(connected=False), switch.client()
    one.send(frame(mac(2), mac(1)))
    assert two.receive() == three.receive() == frame(mac(2), mac(1))
    two.send(frame(mac(1), mac(2), b"answer"))
    assert one.receive() == frame(mac(1), mac(2), b"answer")
    one.send(frame(mac(2), mac(1), b"known"))
    assert two.receive() == frame(mac(2), mac(1), b"known")
    assert three.silent() and one.silent()
    table = {entry["mac"]: entry["port"] for entry in switch.order("table")["table"]}
    assert table == {"02:00:00:00:00:01": 0, "02:00:00:00:00:02": 1}
    ports = switch.order("ports")["ports"]
    assert [(p["rx_frames"], p["tx_frames"]) for p in ports] == [(2, 1), (1, 2), (0, 1)]
    # who leaves is forgotten, as soon as the switch has seen it
    two.close()
    deadline = time.monotonic() + 5
    while len(switch.order("ports")["ports"]) > 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    one.send(frame(mac(2), mac(1), b"gone"))
    assert three.receive() == frame(mac(2), mac(1), b"gone")


@pytest.mark.parametrize("other", [Client, Ring])
def test_every_size(switch, kind, other):
    """From the shortest to 65535 bytes; shorter than a header is none."""
    one, two = switch.client(kind), switch.client(other)
    for size in [14, 15, 60, 1514, 1518, 9000, 32768, 65535]:
        data = frame(ALL, mac(1), random.Random(size).randbytes(size - 14))
        one.send(data)
        assert two.receive() == data
    one.send(b"short")
    one.send(b"" if kind is Client else b"shorter")
    assert two.silent()
    stats = switch.order("ports")["ports"]
    assert stats[0]["rx_bad"] == 2
    assert [port["shared"] for port in stats] == [kind is Ring, other is Ring]


def test_hub_and_mirror(switch):
    """A hub hides nothing; a monitor sees what others get."""
    one, two, three = switch.client(), switch.client(), switch.client()
    switch.order("mirror", port=2)
    one.send(frame(mac(2), mac(1)))
    two.receive(), three.receive()
    two.send(frame(mac(1), mac(2), b"seen"))
    assert one.receive() == three.receive() == frame(mac(1), mac(2), b"seen")
    switch.order("mirror")
    two.send(frame(mac(1), mac(2)))
    assert one.receive() and three.silent()
    switch.order("hub", on=True)
    two.send(frame(mac(1), mac(2), b"hub"))
    assert one.receive() == three.receive()


def test_vlans(switch, kind):
    """Access ports see their own network without tags, trunks see tags, and no
    frame gets from one network to another."""
    red, blue, trunk, narrow, plain = [switch.client(kind) for _ in range(5)]
    switch.order("vlan", port=0, mode="access", vlan=10)
    switch.order("vlan", port=1, mode="access", vlan=20)
    switch.order("vlan", port=2, mode="trunk", vlan=20)
    switch.order("vlan", port=3, mode="trunk", vlan=0, vlans=[10])

    red.send(frame(ALL, mac(1)))
    assert trunk.receive() == narrow.receive() == frame(ALL, mac(1), tag=10)
    assert blue.silent() and plain.silent()
    blue.send(frame(ALL, mac(2)))                   # native of the trunk
    assert trunk.receive() == frame(ALL, mac(2))
    assert red.silent() and narrow.silent()

    trunk.send(frame(ALL, mac(3), tag=0xa00a))      # with a priority
    assert red.receive() == frame(ALL, mac(3))
    assert narrow.receive() == frame(ALL, mac(3), tag=0xa00a)
    narrow.send(frame(ALL, mac(4), tag=20))         # not allowed there
    narrow.send(frame(ALL, mac(4)))                 # in no network
    red.send(frame(ALL, mac(1), tag=20))            # nor may it hop
    for client in (red, blue, trunk, plain):
        assert client.silent()
    assert not switch.order("vlan", check=False, port=9, mode="access", vlan=1)["ok"]
    assert not switch.order("vlan", check=False, port=0, mode="access", vlan=4095)["ok"]


def test_impairments(switch):
    """Frames come late, in order, at the rate, and as few as asked for."""
    one, two = switch.client(), switch.client()
    switch.order("impair", port=1, delay=200, jitter=50)
    begin = time.monotonic()
    for n in range(20):
        one.send(frame(ALL, mac(1), b"%d" % n))
    for n in range(20):
        assert two.receive() == frame(ALL, mac(1), b"%d" % n)
    assert 0.2 <= time.monotonic() - begin < 2
    switch.order("impair", port=1, rate=800)        # 100 frames of 1000 bytes a second
    begin = time.monotonic()
    for _ in range(50):
        one.send(frame(ALL, mac(1), bytes(986)))
    for _ in range(50):
        two.receive()
    assert 0.45 <= time.monotonic() - begin < 3
    switch.order("impair", port=1, loss=50, limit=10000)
    for _ in range(1000):
        one.send(frame(ALL, mac(1)))
        time.sleep(0.0001)
    time.sleep(0.2)
    stats = switch.order("ports")["ports"][1]
    assert 300 < stats["tx_lost"] < 700
    switch.order("impair", port=1)


def test_capture(switch, tmp_path):
    """The capture can be read by others and holds what was sent."""
    one, two = switch.client(), switch.client()
    switch.order("capture", file=str(tmp_path / "all.pcapng"))
    sent = [frame(ALL, mac(1 + n % 2), bytes(n)) for n in range(46, 146)]
    for n, data in enumerate(sent):
        (one, two)[n % 2].send(data)
        (two, one)[n % 2].receive()
    switch.order("capture")
    raw, found, at = (tmp_path / "all.pcapng").read_bytes(), [], 0
    while at < len(raw):
        kind, size = struct.unpack_from("=II", raw, at)
        if kind == 6:
            length = struct.unpack_from("=I", raw, at + 20)[0]
            found.append(raw[at + 28:at + 28 + length])
        assert struct.unpack_from("=I", raw, at + size - 4)[0] == size
        at += size
    assert found == sent
    if shutil.which("tcpdump"):
        text = subprocess.run(["tcpdump", "-nr", tmp_path / "all.pcapng"], check=True,
                              capture_output=True, text=True).stdout
        assert len(text.splitlines()) >= len(sent)


def test_many_ports(switch):
    """Hundreds of ports, and a broadcast reaches each."""
    clients = [switch.client() for _ in range(400)]
    clients[0].send(frame(ALL, mac(1)))
    for client in clients[1:]:
        assert client.receive() == frame(ALL, mac(1))
    assert len(switch.order("ports")["ports"]) == 400


def test_slow_client(switch, kind):
    """Who does not read loses frames, others do not."""
    one, slow, three = switch.client(), switch.client(kind), switch.client()
    for n in range(9000):
        data = frame(ALL, mac(1), b"%d" % n + bytes(1400))
        one.send(data)
        assert three.receive() == data
    stats = switch.order("ports")["ports"][1]
    assert stats["tx_dropped"] > 0 and stats["tx_frames"] + stats["tx_waiting"] < 9000
    # and then reads on, in order
    numbers = [int(slow.receive()[14:].rstrip(b"\0")) for _ in range(stats["tx_frames"])]
    assert numbers == list(range(stats["tx_frames"]))


def test_ring_wraps(switch):
    """Rings are used again and again; who finds none full misses none."""
    one, two = switch.client(Ring), switch.client(Ring)
    noise = random.Random(3)
    for number in range(400):
        data = frame(ALL, mac(1), noise.randbytes(noise.choice([46, 1000, 1500, 9000])))
        one.send(data)
        assert two.receive() == data, number
    assert two.silent()


@pytest.fixture(name="load", scope="session")
def fixture_load(tmp_path_factory):
    """tests/tools/switch_load.c"""
    program = tmp_path_factory.mktemp("load") / "switch_load"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu11", "-D_GNU_SOURCE",
                    "-I", TOP / "tools/switch", "-idirafter", TOP / "include/uapi", "-o", program,
                    TOP / "tests/tools/switch_load.c", TOP / "tools/switch/ring.c"], check=True)
    return program


@pytest.mark.parametrize("words", [[], ["ring"]], ids=["datagrams", "ring"])
def test_order(switch, load, words):
    """Small frames at full speed arrive in order."""
    done = subprocess.run([load, switch.path, "1", *words], capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_speed(switch, load):
    """A million small frames a second, on one core; the clients have another."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("the host has one core")
    first, second = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(switch.process.pid, {first})
    best = 0
    for _ in range(5):
        text = subprocess.run(["taskset", "-c", str(second), load, switch.path, "2", "ring"],
                              capture_output=True, text=True, timeout=30, check=True).stdout
        best = max(best, int(re.match(r"\d+", text).group()))
    assert best >= 1000000


def test_second_switch(switch, tmp_path):
    """One name, one switch; the name of a dead one is taken over."""
    done = subprocess.run([SWITCH, "-unix", switch.path], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=10, check=False)
    assert done.returncode == 1 and "in use" in done.stderr
    (tmp_path / "other").mkdir()
    other = Running(tmp_path / "other")
    other.process.send_signal(signal.SIGKILL)
    other.process.wait()
    assert other.path.exists()
    Running(tmp_path / "other").close()
    other.process.stdin.close()
    other.process.stdout.close()
    other.process.stderr.close()


@pytest.fixture(name="checked", scope="session")
def fixture_checked(tmp_path_factory):
    """The switch, built to stop at the first wrong access."""
    out = tmp_path_factory.mktemp("switch")
    flags = "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"
    subprocess.run(["make", "-C", TOP / "tools/switch", f"O={out}", f"CFLAGS={flags}"],
                   check=True, capture_output=True)
    return out / "usermode-switch"


def test_hostile_clients(tmp_path, checked):
    """Noise on every socket, in every phase, with networks and impairments on;
    honest clients go on meanwhile."""
    noise = random.Random(7)
    switch = Running(tmp_path, "-capture", tmp_path / "c.pcapng", program=checked)
    one, two = switch.client(), switch.client()
    attackers = [switch.client() for _ in range(6)]
    for port, words in enumerate([{"mode": "access", "vlan": 5}, {"mode": "trunk", "vlan": 5},
                                  {"mode": "trunk", "vlan": 0}, {"mode": "plain"}]):
        switch.order("vlan", port=port + 2, **words)
    switch.order("impair", port=6, delay=1, loss=10, rate=100000)
    switch.order("mirror", port=7)
    for number in range(3000):
        attacker = noise.choice(attackers)
        data = noise.randbytes(noise.choice([0, 1, 13, 14, 15, 17, 18, 60, 1500, 65000]))
        if noise.random() < 0.5 and len(data) > 18:
            data = data[:12] + b"\x81\0" + data[14:]
        try:
            attacker.data.settimeout(0)
            attacker.send(data)
        except OSError:
            pass
        if number % 50 == 0:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(str(switch.path))
                request = bytearray(struct.pack("=IIIH", 0xfeedface, 3, 0, 1) + bytes(110))
                for _ in range(noise.randrange(5)):
                    request[noise.randrange(len(request))] = noise.randrange(256)
                sock.sendall(request[:noise.randrange(1, 125)])
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(str(switch.manage_path))
                command = noise.choice(["vlan", "impair", "mirror", "remove", "ageing", "hub", ""])
                value = noise.choice([-1, 0, 5, 1e300, "x", None, [], [1, "x"], {}, 2.5, 4096])
                key = noise.choice(["port", "vlan", "vlans", "delay", "rate", "seconds", "loss"])
                line = json.dumps({"command": command, "port": 8, key: value, "mode": "trunk"})
                sock.sendall(noise.choice([line.encode(), noise.randbytes(300),
                                           b"[" * 5000, b"{}"]) + b"\n")
        if number % 100 == 0:
            two.send(frame(mac(1), mac(2), b"%d" % number))
            while one.receive() != frame(mac(1), mac(2), b"%d" % number):
                pass
    attackers[0].control.close()
    assert switch.order("ports")["ports"]
    switch.close()


def test_bad_memory(switch):
    """Memory that could be taken away, or is too small, is not accepted."""
    client = switch.client()
    for size, seals in ((2 * (DATA + RING), 0), (100, fcntl.F_SEAL_SHRINK)):
        fd = os.memfd_create("rings", os.MFD_ALLOW_SEALING)
        os.truncate(fd, size)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
        socket.send_fds(client.control, [REQUEST], [fd])
        os.close(fd)
        assert client.control.recv(1) == b"\0"
    client.control.sendall(REQUEST)
    assert client.control.recv(1) == b"\0"
    client.send(frame(ALL, mac(1)))                 # it goes on without


def test_hostile_rings(tmp_path, checked):
    """What a client writes to the memory that it shares hurts only itself."""
    noise = random.Random(11)
    switch = Running(tmp_path, program=checked)
    one, two = switch.client(Ring), switch.client()
    for number in range(300):
        attacker = switch.client(Ring)
        # until its own ring looks full to it, or it is thrown out
        with contextlib.suppress(AssertionError, OSError):
            for _ in range(noise.randrange(1, 4)):
                size = noise.choice([46, 1500, 30000])
                attacker.send(frame(ALL, mac(9), noise.randbytes(size)))
                at = noise.choice([0, attacker.inside]) + noise.choice(
                    [HEAD, TAIL, SLEEPING, FULL, DATA, DATA + noise.randrange(RING) // 4 * 4])
                attacker.word(at, noise.choice([0, 1, 7, 8, 0xffffffff, RING, RING + 8, 1 << 31,
                                                noise.randrange(1 << 32)]))
                attacker.data.send(noise.randbytes(noise.randrange(70)))
            attacker.control.sendall(noise.randbytes(noise.choice([1, 12, 124])))
        two.send(frame(mac(1), mac(2), b"%d" % number))
        while one.receive() != frame(mac(1), mac(2), b"%d" % number):
            pass
        attacker.close()
        switch.clients.remove(attacker)
    switch.close()
