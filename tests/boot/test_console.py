# SPDX-License-Identifier: GPL-2.0
"""Consoles that are no terminals: pipes, files, nothing at all."""
import os
import time

import pytest

from guest import PROMPT, Console, Terminal, cpu_seconds, wait_until

NUMBERS = "".join(f"{n}\n" for n in range(1, 100001))


def plain(text):
    """A guest's lines as the host writes them."""
    return text.replace("\r\n", "\n")


def test_pipes(boot):
    """A program at both ends."""
    guest = boot(console="pipes")
    guest.expect("login: ")
    guest.send("root\n")
    guest.expect(PROMPT)
    guest.send("echo $((6*7)); poweroff\n")
    guest.expect("^42\r?\n")
    assert guest.wait() == 0


def test_pipe_gets_everything(script):
    """Also the last line before the end."""
    outcome = script("seq 1 100000; echo the last line; exit 3")
    assert outcome.status == 3
    assert plain(outcome.stdout).endswith(NUMBERS + "the last line\n")


def test_output_to_a_file(boot, shop):
    """./linux ... > log"""
    path = shop.file("log")
    script = shop.script("seq 1 100000; exit 4")
    with open(path, "wb") as log, open(os.devnull, "rb") as nothing:
        guest = boot(f"ubd1r={script}", "init=/sbin/run-test",
                     console=Console(None, None), stdin=nothing, stdout=log)
        assert guest.wait(120) == 4
    text = plain(path.read_text())
    assert "Linux version 6.12" in text
    assert NUMBERS in text


def test_output_to_a_full_file(boot, shop):
    """Nobody wants the output: the guest ends all the same."""
    script = shop.script("seq 1 100000; exit 6")
    with open("/dev/full", "wb") as full, open(os.devnull, "rb") as nothing:
        guest = boot(f"ubd1r={script}", "init=/sbin/run-test",
                     console=Console(None, None), stdin=nothing, stdout=full)
        assert guest.wait(120) == 6


def test_input_from_a_file(boot, shop):
    """./linux ... < script: it is typed in, and its end is the end. (Not for a
    login: whoever asks for a password first throws away what was typed ahead.)"""
    path = shop.file("typed", "echo $((6*7))\nseq 1 3\npoweroff -f\n")
    read, write = os.pipe()
    with open(path, "rb") as typed:
        guest = boot("init=/bin/sh", console=Console(read, None), stdin=typed, stdout=write)
    os.close(write)
    guest.expect("^42\r?\n1\r?\n2\r?\n3\r?\n")
    assert guest.wait() == 0


def test_end_of_input_is_a_hangup(boot):
    """The shell that reads from it ends, and so does what it started."""
    guest = boot(console="pipes")
    guest.expect("login: ")
    guest.send("root\n")
    guest.expect(PROMPT)
    guest.send("trap 'echo hung up > /root/told' HUP; echo armed\n")
    guest.expect("^armed\r?\n")
    guest.console.close_input()
    # Nobody logs in any more; the machine lives until it is told otherwise.
    wait_until(lambda: not guest.alive, 2)
    assert guest.alive
    guest.kill(15)
    assert guest.wait() == 1


@pytest.mark.parametrize("end", ["pipe", "null", "file"])
def test_end_of_input_is_not_a_spin(boot, shop, end):
    """A tenth of a CPU at most, in whatever way the input ended."""
    read, write = os.pipe()
    theirs = None
    if end == "pipe":
        theirs, ours = os.pipe()
        os.close(ours)
    elif end == "null":
        theirs = os.open(os.devnull, os.O_RDONLY)
    else:
        theirs = os.open(shop.file("empty"), os.O_RDONLY)
    guest = boot("init=/bin/sleep", "--", "1000",
                 console=Console(read, None), stdin=theirs, stdout=write)
    os.close(theirs)
    os.close(write)
    guest.expect("Run /bin/sleep as init")
    guest.console.collect(1)
    before = cpu_seconds(guest.pid)
    guest.console.collect(3)
    assert cpu_seconds(guest.pid) - before < 0.3
    guest.kill(15)
    assert guest.wait() == 1


def test_getty_without_input_does_not_spin(boot, shop):
    """Init starts the getty again and again: that is slow enough to live with."""
    log = shop.file("log")
    with open(log, "wb") as out, open(os.devnull, "rb") as nothing:
        guest = boot(console=Console(None, None), stdin=nothing, stdout=out)
    wait_until(lambda: "login: " in log.read_text(), 60)
    assert "login: " in log.read_text()
    time.sleep(1)
    before = cpu_seconds(guest.pid)
    time.sleep(4)
    assert cpu_seconds(guest.pid) - before < 1
    guest.kill(15)
    assert guest.wait() == 1


def test_slow_reader(boot):
    """One that stops for a while gets everything afterwards; the guest's other
    programs go on meanwhile."""
    guest = boot()
    guest.login()
    guest.run("(sleep 2; touch /root/went-on) & true")
    guest.send("seq 1 100000; ls /root/went-on\n")
    time.sleep(4)
    guest.expect(r"^100000\r\n", timeout=120)
    guest.expect(r"^/root/went-on\r\n")
    numbers = [line for line in plain(guest.console.seen).splitlines() if line.isdigit()]
    assert numbers[-100000:] == NUMBERS.split()
    guest.expect(PROMPT)
    assert guest.poweroff() == 0


def test_reader_that_never_reads(boot):
    """It cannot keep the machine from ending."""
    read, write = os.pipe()
    with open(os.devnull, "rb") as nothing:
        guest = boot("init=/bin/sh", "--", "-c", "while :; do echo more; done",
                     console=Console(None, None), stdin=nothing, stdout=write)
    os.close(write)
    time.sleep(3)
    guest.kill(15)
    assert guest.wait(30) == 1
    os.close(read)


def test_reader_that_has_gone(boot, shop):
    """./linux | head -1: no signal ends it; its work is done."""
    script = shop.script("seq 1 100000; exit 9")
    read, write = os.pipe()
    os.close(read)
    with open(os.devnull, "rb") as nothing:
        guest = boot(f"ubd1r={script}", "init=/sbin/run-test",
                     console=Console(None, None), stdin=nothing, stdout=write)
    os.close(write)
    assert guest.wait(120) == 9


def test_terminal_that_has_gone(boot):
    """The window is closed: a hang-up for the guest's programs, no spin."""
    terminal = Terminal()
    guest = boot(console=terminal)
    guest.login()
    terminal.close()
    time.sleep(1)
    assert guest.alive
    before = cpu_seconds(guest.pid)
    time.sleep(2)
    assert cpu_seconds(guest.pid) - before < 0.5
    guest.kill(15)
    assert guest.wait() == 1


def test_null_console(boot):
    """con0=null swallows everything."""
    guest = boot("con0=null")
    guest.console.collect(4)
    assert guest.alive
    assert "login" not in guest.console.seen
    guest.kill(15)
    assert guest.wait() == 1
    assert guest.console.restored


def test_second_console_on_other_descriptors(boot):
    """con1=fd:0,fd:1 with con0=null: the login moves with console=."""
    guest = boot("con0=null", "con1=fd:0,fd:1", "console=tty1")
    guest.login()
    assert guest.run("tty").strip() == "/dev/tty1"
    assert guest.poweroff() == 0
    assert guest.console.restored


def test_serial_line(boot):
    """ssl0=, console=ttyS0."""
    guest = boot("con=none", "ssl0=fd:0,fd:1", "console=ttyS0")
    guest.login()
    assert guest.run("tty").strip() == "/dev/ttyS0"
    assert guest.poweroff() == 0


def test_devices(boot):
    """The numbers that programs know."""
    guest = boot()
    guest.login()
    assert guest.run("tty").strip() in ("/dev/tty0", "/dev/console")
    assert guest.run("stat -c %t:%T /dev/tty0 /dev/ttyS0 /dev/console").split() == \
        ["4:0", "4:40", "5:1"]
    assert guest.run("cat /sys/class/tty/console/active").split()[-1] == "tty0"
    assert guest.poweroff() == 0


def test_binary_clean(boot):
    """With the guest's terminal in raw mode, all 256 bytes pass, both ways."""
    guest = boot()
    guest.login()
    guest.send("stty raw -echo; echo re''ady; dd bs=1 count=512 2>/dev/null | od -An -tx1 -v;"
               " stty sane; echo do''ne\n")
    guest.expect("ready\r?\n")
    guest.send(bytes(range(256)) * 2)
    text = guest.expect(r"((?:[ \r\n]+[0-9a-f]{2})+)\s+done").group(1)
    assert bytes.fromhex("".join(text.split())) == bytes(range(256)) * 2
    assert guest.run("stty -a | grep -c icanon").strip() == "1"
    assert guest.poweroff() == 0
