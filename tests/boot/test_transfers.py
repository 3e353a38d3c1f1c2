# SPDX-License-Identifier: GPL-2.0
"""Bytes through every kind of channel: each arrives, once, whoever comes, goes or
does not read."""
import hashlib
import threading
import time

import pytest

import farside
from guest import PROMPT, cpu_seconds, wait_until
from lines import LINE, MEGABYTE, SECTOR, Bench, each_kind, login, noise, receive, receive_up_to, send

READ_AT_ONCE = 512      # bytes, from the host


def exchange(shop, kind, size):
    """All bytes both ways, as fast as they go; seconds for each direction."""
    data = noise(size)
    bench = Bench(shop, kind, disk=data)
    bench.raw()
    far = bench.far.connect()
    bench.guest.send(f"cat /dev/ubdb > /dev/{LINE}; echo do''ne\n")
    begin = time.monotonic()
    got = receive(far, size)
    took_out = time.monotonic() - begin
    assert len(got) == size
    assert got == data
    bench.guest.expect("^done\r?\n")
    bench.guest.send(f"(sleep 0; head -c {size}) < /dev/{LINE} | md5sum; echo do''ne\n")
    begin = time.monotonic()
    send(far, data)
    assert bench.guest.expect(r"^([0-9a-f]{32}) ").group(1) == hashlib.md5(data).hexdigest()
    took_in = time.monotonic() - begin
    bench.guest.expect("^done\r?\n")
    assert bench.end() == 0
    print(f"{kind.name}: {size / took_out / 1e6:.1f} MB/s out, {size / took_in / 1e6:.1f} MB/s in")
    return took_out, took_in


@each_kind
def test_every_byte(shop, kind):
    """A megabyte each way, exact."""
    exchange(shop, kind, MEGABYTE)


@each_kind
@pytest.mark.slow
@pytest.mark.limit(400)
def test_ten_megabytes(shop, kind):
    """Exact, and in ten seconds each way; a host that is busy takes longer, but not
    for ever."""
    assert max(exchange(shop, kind, 10 * MEGABYTE)) < 60


@each_kind
def test_both_ways_at_once(shop, kind):
    """Neither direction waits for the other, nor gets its bytes."""
    out, into = noise(MEGABYTE, seed=3), noise(MEGABYTE, seed=4)
    bench = Bench(shop, kind, disk=out)
    bench.raw()
    # an emulator's terminal is nobody's before the guest has the line open
    bench.guest.send(f"cat /dev/ubdb > /dev/{LINE} & head -c {len(into)} < /dev/{LINE} | md5sum\n")
    far = bench.far.connect()
    sender = threading.Thread(target=send, args=(far, into))
    sender.start()
    got = receive(far, len(out))
    sender.join()
    assert got == out
    assert bench.guest.expect(r"^([0-9a-f]{32}) ").group(1) == hashlib.md5(into).hexdigest()
    assert bench.end() == 0


@each_kind
@pytest.mark.slow
@pytest.mark.limit(400)
def test_transcript(shop, kind):
    """A session with everything that a terminal does in between: ten megabytes of
    lines are printed and as many are typed, and each byte is where it should be."""
    line = b"%07d: what is typed and what is printed, \xc3\xa4\xc3\xb6\xc3\xbc, \x7e[]{}\\\n"
    text = b"".join(line % n for n in range(10 * MEGABYTE // len(line % 0)))
    text += b"\n" * (-len(text) % SECTOR)
    bench = Bench(shop, kind, disk=text)
    bench.getty()
    far = bench.far.connect()
    login(far)
    far.send("stty -echo; echo st''art; read go; cat /dev/ubdb; echo do''ne\r")
    far.expect("start\r?\n")
    far.send("\r")
    printed = text.replace(b"\n", b"\r\n")
    assert receive(far, len(printed)) == printed
    far.expect("^done\r?\n")
    far.expect(PROMPT)
    far.send(f"stty -echo; echo st''art; head -c {len(text)} | md5sum; echo do''ne\r")
    far.expect("start\r?\n")
    send(far, text, timeout=120)
    assert far.expect(r"^([0-9a-f]{32}) ").group(1) == hashlib.md5(text).hexdigest()
    far.expect("^done\r?\n")
    assert bench.end() == 0


# ---- far sides that go ---------------------------------------------------------

def only_for_the_next(bench):
    """Who comes now finds nothing of what went on before."""
    if not bench.far.callers:
        return
    bench.raw("-clocal")
    far = bench.far.connect()
    bench.guest.send(f"echo only for the next > /dev/{LINE}\n")
    assert receive(far, 18) == b"only for the next\n"


@each_kind
def test_reader_killed(shop, kind):
    """In the middle of what he reads: exact is what he got, the writer is told, and
    what was on its way is nobody's."""
    data = noise(4 * MEGABYTE)
    bench = Bench(shop, kind, disk=data)
    bench.raw("-clocal")
    far = bench.far.connect()
    bench.guest.send(f"cat /dev/ubdb > /dev/{LINE}; echo ended''$?\n")
    part = receive(far, MEGABYTE)
    bench.far.leave()
    assert data.startswith(part) and len(part) >= MEGABYTE
    bench.guest.expect("^ended[1-9]")
    bench.guest.expect(PROMPT)
    only_for_the_next(bench)
    assert bench.end() == 0


@pytest.mark.parametrize("kind", [farside.Fd, farside.Port, farside.Unix], ids=lambda k: k.name)
def test_writer_is_told(shop, kind):
    """Who was there has gone, in good order, before the first byte is written."""
    bench = Bench(shop, kind, disk=noise(4 * MEGABYTE))
    bench.raw("-clocal")
    far = bench.far.connect()
    send(far, b"!")
    bench.far.leave()
    bench.guest.send(f"(head -c 1 > /dev/null; cat /dev/ubdb >&0; echo ended''$? >&2) "
                     f"<> /dev/{LINE}\n")
    bench.guest.expect("^ended[1-9]")
    bench.guest.expect(PROMPT)
    assert bench.end() == 0


@each_kind
def test_writer_killed(shop, kind):
    """In the middle of what he writes: what had come is read, exact, and then the
    end. A terminal device that goes takes with it what was in it; a host that takes it
    away during a read may do so before the last bytes read."""
    bench = Bench(shop, kind)
    bench.raw("-clocal")
    bench.guest.send(f"cat /dev/{LINE} > /root/got; echo ended''$?\n")
    far = bench.far.connect()
    data = noise(300000, seed=2)
    send(far, data)
    bench.far.leave()
    bench.guest.expect("^ended")
    bench.guest.expect(PROMPT)
    size = int(bench.run("wc -c < /root/got"))
    if kind in (farside.Tty, farside.Xterm):
        size -= READ_AT_ONCE
    else:
        assert size == len(data)
    digest = bench.run(f"head -c {size} /root/got | md5sum").split()[0]
    assert hashlib.md5(data[:size]).hexdigest() == digest
    only_for_the_next(bench)
    assert bench.end() == 0


@pytest.mark.parametrize("kind", [farside.Port, farside.Unix, farside.Pts, farside.Tty],
                         ids=lambda k: k.name)
def test_no_carrier_to_lose(shop, kind):
    """CLOCAL: a transfer goes on with the next who comes. Each gets a piece of it,
    and between two pieces is no more than what the host had taken."""
    data = noise(16 * MEGABYTE)
    bench = Bench(shop, kind, disk=data)
    bench.raw("clocal")
    far = bench.far.connect()
    bench.guest.send(f"cat /dev/ubdb > /dev/{LINE}; echo ended''$?\n")
    at = 0
    for _ in range(3):
        part = receive(far, MEGABYTE // 2)
        begin = data.find(part[:64], at)
        assert begin >= 0, "not from where the last one left on"
        assert data[begin:begin + len(part)] == part
        assert begin - at < 4 * MEGABYTE
        at = begin + len(part)
        bench.far.leave()
        time.sleep(0.2)
        far = bench.far.connect()
    rest = receive_up_to(far, data[-SECTOR:])
    assert data.endswith(rest)
    bench.guest.expect("^ended0")
    assert bench.end() == 0


# ---- readers that are slow or absent -------------------------------------------

@each_kind
@pytest.mark.slow
def test_absent_reader(shop, kind):
    """Nobody is there: the writer waits, the guest does not; who comes then gets
    all of it. A descriptor's other end is always there, it only does not read."""
    data = noise(600 * SECTOR)
    bench = Bench(shop, kind, disk=data)
    bench.raw()
    if kind is farside.Xterm:
        bench.far.connect()
    bench.guest.send(f"(cat /dev/ubdb > /dev/{LINE}; touch /root/written) & true\n")
    bench.guest.expect(PROMPT)
    time.sleep(1)
    before = cpu_seconds(bench.guest.pid)
    time.sleep(1)
    assert cpu_seconds(bench.guest.pid) - before < 0.3
    assert bench.run("ls /root/written", check=False)[1] != 0
    far = bench.far.here or bench.far.connect()
    assert receive(far, len(data)) == data
    assert wait_until(lambda: bench.run("ls /root/written", check=False)[1] == 0, 10)
    assert bench.end() == 0


def test_slow_reader(shop):
    """A sip now and then: the other lines and programs go on meanwhile."""
    data = noise(200 * SECTOR)
    bench = Bench(shop, farside.Unix, disk=data)
    bench.raw()
    far = bench.far.connect()
    bench.guest.send(f"cat /dev/ubdb > /dev/{LINE} & true\n")
    bench.guest.expect(PROMPT)
    got = b""
    for n in range(20):
        got += receive(far, 2000)
        assert bench.run(f"echo $(({n}*2))").strip() == str(n * 2)
    got += receive(far, len(data) - len(got))
    assert got == data
    assert bench.end() == 0
