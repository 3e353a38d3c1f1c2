# SPDX-License-Identifier: GPL-2.0
"""Every kind of channel: a login, who comes and goes, what is not lost."""
import os
import re
import shutil
import socket
import subprocess
import time

import pytest

import farside
from guest import PROMPT, Console, wait_until
from lines import LINE, Bench, each_kind, login, receive
from mconsole import Mconsole


@each_kind
def test_login(shop, kind):
    """A login; then he goes, and finds a new login when he comes again."""
    bench = Bench(shop, kind)
    bench.getty()
    far = bench.far.connect()
    login(far)
    if bench.far.window:
        farside.window(far.read_fd, 21, 77)
        far.send("stty size\r")
        if kind is farside.Xterm:
            far.expect(r"21 77\r?\n")
    far.send("sh -c \"trap 'touch /root/told; exit' HUP; echo re''ady; "
             "while :; do sleep 1; done\"\r")
    far.expect("^ready\r?\n")
    bench.far.leave()
    assert wait_until(lambda: bench.run("ls /root/told", check=False)[1] == 0, 10)
    if kind.callers:
        login(bench.far.connect())
    assert bench.end() == 0


def test_second_caller(shop):
    """Who comes while another is there is told so, and the first one notices
    nothing."""
    bench = Bench(shop, farside.Port)
    bench.getty()
    far = bench.far.connect()
    login(far)
    for _ in range(3):
        with socket.create_connection(
                ("127.0.0.1", int(bench.far.setting.rpartition(":")[2])), 10) as other:
            text = other.makefile("rb").read()
        assert text == b"ssl1 is in use by somebody else\r\n"
    far.send("echo $((6*7))\r")
    far.expect("^42\r?\n")
    assert bench.end() == 0


def test_stop_and_start(shop):
    """^S and ^Q."""
    bench = Bench(shop, farside.Pts)
    bench.getty()
    far = bench.far.connect()
    login(far)
    far.send("seq 1 1000000\r")
    far.expect("^1000\r?\n")
    far.send("\x13")
    seen = -1
    while seen != len(far.seen):    # what was on its way still comes
        seen = len(far.seen)
        far.collect(1)
    assert not re.search("^1000000\r?\n", far.seen, re.M)
    far.send("\x11")
    assert wait_until(lambda: far.pump() and len(far.seen) > seen, 30)
    far.send("\x03")
    far.expect(PROMPT)
    assert bench.end() == 0


# ---- many ----------------------------------------------------------------------

@pytest.mark.slow
def test_every_line(shop):
    """All 16 consoles and all 64 serial lines at once: a getty on each, and some
    logins."""
    path = f"{shop.home}/all"
    shop.expected.add("all")
    os.mkdir(path)
    shop.own(path)
    words = [f"con{n}=unix:{path}/tty{n}" for n in range(1, 16)]
    words += [f"ssl{n}=unix:{path}/ttyS{n}" for n in range(64)]
    guest = shop.start(f"ubd0={shop.image()}", *words)
    guest.login()
    names = [f"tty{n}" for n in range(1, 16)] + [f"ttyS{n}" for n in range(64)]
    guest.run("for n in $(seq 1 15); do setsid getty 115200 tty$n linux & done; true")
    guest.run("for n in $(seq 0 63); do setsid getty 115200 ttyS$n linux & done; true")
    for name in names:
        with socket.socket(socket.AF_UNIX) as person:
            person.connect(f"{path}/{name}")
            console = Console(person.fileno(), person.fileno())
            console.expect("login: ")
            if not name.endswith("3"):
                continue
            console.send("root\r")
            console.expect(PROMPT)
            console.send("tty\r")
            console.expect(rf"^/dev/{name}\r?\n")
    assert guest.poweroff() == 0
    shop.settle()
    assert not os.listdir(path)
    os.rmdir(path)


# ---- kernel messages -----------------------------------------------------------

def test_kernel_console_on_a_socket(shop):
    """console=ttyS1: nobody there is no reason not to boot, and who comes late
    reads everything, the login too."""
    far = farside.Unix(shop, "ssl1")
    guest = shop.start(f"ubd0={shop.image()}", "con=none", *far.switches(), f"console={LINE}",
                       console=Console(None, None), stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
    assert wait_until(lambda: os.path.exists(far.address()), 10)
    time.sleep(2)
    console = far.connect()
    console.expect("Linux version 6.12")
    login(console)
    far.leave()
    console = far.connect()
    login(console)
    console.send("sync; poweroff -f\r")
    assert guest.wait() == 0


@pytest.mark.parametrize("who", ["nobody", "mute"])
def test_console_that_nobody_reads(shop, who):
    """More than a line's queue holds is printed to the console, and init goes on, and
    so do others; who reads at last finds every byte."""
    far = farside.Unix(shop, "ssl1")
    script = shop.script("exec 3<> /dev/ttyS2; seq 1 20000; echo finished >&3; read go <&3\n")
    guest = shop.start(f"ubd0={shop.image()}", f"ubd1r={script}", "con=none", *far.switches(),
                       f"ssl2=unix:{shop.home}/ssl2.sock", f"console={LINE}", "quiet",
                       "init=/sbin/run-test", console=Console(None, None),
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert wait_until(lambda: os.path.exists(f"{shop.home}/ssl2.sock"), 10)
    reader = far.connect() if who == "mute" else None
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(f"{shop.home}/ssl2.sock")
        console = Console(other.fileno(), other.fileno())
        console.expect("^finished\r?\n", 30)
        reader = reader or far.connect()
        reader.expect("^20000\r?\n")
        numbers = [line for line in reader.seen.splitlines() if line.isdigit()]
        assert numbers == [str(n) for n in range(1, 20001)]
        console.send("done\r")
        assert guest.wait() == 0


def test_several_consoles(shop):
    """Messages on all of them, the login on the last."""
    far = farside.Unix(shop, "ssl1")
    guest = shop.start(f"ubd0={shop.image()}", *far.switches(), "console=tty0", f"console={LINE}")
    guest.expect("Run /sbin/init as init")
    console = far.connect()
    console.expect("Run /sbin/init as init")
    login(console)
    console.send("echo '<0>both of you' > /dev/kmsg\r")
    console.expect(r"\] both of you")
    guest.expect(r"\] both of you")
    console.send("sync; poweroff -f\r")
    assert guest.wait() == 0


@pytest.mark.parametrize("switches, seen", [
    (["con0=null"], True), (["con=none", "ssl1=port:0", f"console={LINE}"], True),
    ([], False), (["con0=null,fd:1"], False)], ids=["null", "port", "stdout", "out"])
def test_last_words(shop, switches, seen):
    """A panic that no console shows goes to stderr, and only then."""
    outcome = shop.outcome("mem=64M", *switches)
    assert outcome.status == 128 + 6
    assert ("Kernel panic" in outcome.stderr) == seen
    assert ("Kernel panic" in outcome.stdout) != seen


# ---- hot plug ------------------------------------------------------------------

def machine(shop):
    """The management console of the only guest."""
    assert wait_until(lambda: list(shop.uml_dir.glob("*/mconsole")), 10)
    client = Mconsole(next(shop.uml_dir.glob("*/mconsole")))
    assert client.ok("version")
    return client


@each_kind
def test_plug(shop, kind):
    """Connected while the guest runs, used, taken away, and connected again."""
    far = kind(shop, "ssl1")
    words = [word for word in far.switches() if word.startswith("xterm=")]
    guest = shop.start(f"ubd0={shop.image()}", *words, **far.options())
    guest.login()
    client = machine(shop)
    assert client.ok("config ssl1") == "none"
    if kind is farside.Fd:
        far.learn(guest)
    for again in range(2 if kind.callers else 1):
        if again and kind is farside.Tty:
            far.plug()
        client.ok(f"config ssl1={far.value()}")
        far.setting = client.ok("config ssl1")
        assert far.setting.partition(":")[0] == far.value().partition(":")[0]
        guest.run(f"(while [ ! -e /root/enough ]; do setsid getty 115200 {LINE} linux; "
                  "done) & true")
        login(far.connect())
        error, text = client.ask("remove ssl1")
        assert error and "open in the guest" in text
        guest.run("touch /root/enough")
        far.leave()
        assert wait_until(lambda: not client.ask("remove ssl1")[0], 10, 0.2)
        guest.run("rm /root/enough")
        assert client.ok("config ssl1") == "none"
        assert "No such device" in guest.run(f"cat < /dev/{LINE} 2>&1", check=False)[0]
        with pytest.raises(OSError):
            os.close(far.open() if kind not in (farside.Tty, farside.Xterm) else -1)
    client.close()
    far.close()
    assert guest.poweroff() == 0


def test_plug_nobody(shop):
    """null takes everything and never says a word; none is not there."""
    guest = shop.start(f"ubd0={shop.image()}")
    guest.login()
    client = machine(shop)
    client.ok("config ssl1=null")
    assert client.ok("config ssl1") == "null"
    guest.run(f"dd if=/dev/zero of=/dev/{LINE} bs=64k count=64")
    assert "0" in guest.run(f"timeout 1 cat /dev/{LINE} | wc -c").split()
    client.ok("config ssl1=none")
    assert client.ok("config ssl1") == "none"
    assert "No such device" in guest.run(f"cat < /dev/{LINE} 2>&1", check=False)[0]
    client.close()
    assert guest.poweroff() == 0


def test_move(shop):
    """A line in use goes elsewhere: a hang-up here, a new login there. What is
    wrong with a setting is said, and leaves the line as it was."""
    bench = Bench(shop, farside.Unix)
    bench.getty()
    client = machine(shop)
    first = bench.far.connect()
    login(first)
    for setting, reason in [("port:x", "write port:N"), ("what", "unknown channel"),
                            (f"unix:{shop.home}/none/x", "no such file"),
                            ("tty:/dev/null", "no terminal"), ("fd:77", "not open"),
                            ("fd:0", "con0 reads from there already")]:
        error, text = client.ask(f"config ssl1={setting}")
        assert error and reason in text, (setting, text)
    first.send("echo $((6*7))\r")
    first.expect("^42\r?\n")
    first.expect(PROMPT)
    client.ok("config ssl1=pts")
    assert receive(first, 1, idle=5) == b""
    fd = os.open(client.ok("config ssl1").partition(":")[2], os.O_RDWR | os.O_NOCTTY)
    login(Console(fd, fd))
    os.close(fd)
    # That which has the kernel's messages, too.
    client.ok("config con0=null")
    client.ok("config con0=fd:0,fd:1")
    bench.guest.login()
    error, text = client.ask("remove con0")
    assert error and "open in the guest" in text
    client.close()
    assert bench.end() == 0


def test_plug_after_the_end(shop):
    """A line whose far side has gone for good gets another one."""
    bench = Bench(shop, farside.Fd)
    bench.getty()
    client = machine(shop)
    login(bench.far.connect())
    bench.far.leave()
    client.ok("config ssl1=pts")
    fd = os.open(client.ok("config ssl1").partition(":")[2], os.O_RDWR | os.O_NOCTTY)
    login(Console(fd, fd))
    os.close(fd)
    client.close()
    assert bench.end() == 0


def test_break(shop):
    """On a line of the kernel's messages it announces a SysRq key; elsewhere it is
    one to the terminal."""
    bench = Bench(shop, farside.Unix)
    bench.raw("parmrk -ignbrk -brkint")
    far = bench.far.connect()
    client = machine(shop)
    bench.guest.send("(echo op''en >&2; head -c 4; echo do''ne >&2) "
                     f"< /dev/{LINE} | od -An -tx1\n")
    bench.guest.expect("^open\r?\n")
    client.ok("config ssl1=break")
    far.send("x")
    bench.guest.expect("^done\r?\n")
    bench.guest.expect("^ ff 00 00 78\r?\n")
    bench.guest.expect(PROMPT)
    client.ok("config con0=break")
    bench.guest.send("h")
    bench.guest.expect("sysrq: HELP")
    bench.guest.send("\n")
    bench.guest.expect(PROMPT)
    client.close()
    assert bench.end() == 0


# ---- what the user gets wrong --------------------------------------------------

@pytest.mark.parametrize("words, reason", [
    (["ssl0=fd:0"], "ssl0=fd:0: ssl0: con0 reads from there already"),
    (["con=fd:0,fd:1"], "con=fd:0,fd:1: con1: con0 reads from there already"),
    (["ssl0=port:70000"], "ssl0=port:70000: write port:N"),
    (["ssl0=port:1.2.3:5"], "write port:N"),
    (["ssl0=port:8.8.8.8:0"], "the host has no such address"),
    (["ssl3=unix:"], "ssl3=unix:: write unix:PATH"),
    (["ssl3=unix:/none/here"], "no such file"),
    (["ssl3=unix:@one", "ssl4=unix:@one"], "the address is in use"),
    (["con2=tty:/dev/none"], "con2=tty:/dev/none: con2: no such file"),
    (["con2=tty:/dev/null"], "it is no terminal"),
    (["con2=pts:5"], 'nothing may follow "pts"'),
    (["con1=xterm,none"], '"none" can only stand for both directions'),
    (["xterm=xterm"], "xterm=xterm: write xterm=EMULATOR,TITLE-SWITCH,EXEC-SWITCH"),
    (["con16=null"], "con16=null: there are con0 to con15"),
    (["ssl0=telnet"], "unknown channel"),
])
def test_wrong(shop, words, reason):
    """One line, before anything else is said, and a status."""
    outcome = shop.outcome(f"ubd0={shop.image()}", *words)
    assert outcome.status == 1
    assert outcome.stdout == ""
    assert len(outcome.stderr.splitlines()) == 1
    assert outcome.stderr.startswith("linux: ") and reason in outcome.stderr


def test_port_in_use(shop):
    """By another program, and by a line of the same guest."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        outcome = shop.outcome(f"ubd0={shop.image()}", f"ssl0=port:{server.getsockname()[1]}")
    assert outcome.status == 1 and "the address is in use" in outcome.stderr


def test_socket_of_the_dead(shop):
    """A file that nobody listens to is replaced; one in use is not."""
    path = f"{shop.home}/ssl1.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    shop.own(path)
    bench = Bench(shop, farside.Unix)
    outcome = shop.outcome(f"ssl0=unix:{path}")
    assert outcome.status == 1 and "the address is in use" in outcome.stderr
    bench.getty()
    login(bench.far.connect())
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert bench.end() == 0


@pytest.mark.parametrize("kind", [farside.Unix, farside.Xterm, farside.Pts],
                         ids=lambda k: k.name)
def test_nothing_is_left_of_the_killed(shop, kind):
    """Not even by SIGKILL: no socket, no window."""
    bench = Bench(shop, kind)
    bench.getty()
    login(bench.far.connect())
    bench.guest.kill()
    assert bench.guest.wait() == 128 + 9
    if kind is farside.Xterm:
        assert receive(bench.far.here, 1) == b""
    bench.far.close()
    assert wait_until(lambda: not shop.running(), 5)
    assert not any("sock" in name for name in shop.files())


# ---- a real emulator -----------------------------------------------------------

@pytest.fixture(name="display")
def fixture_display():
    """An X server without a screen."""
    read, write = os.pipe()
    with subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1024x768x24",
                           "-nolisten", "tcp", "-ac"], pass_fds=[write], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as server:
        os.close(write)
        number = os.read(read, 16).decode().strip()
        yield f":{number}"
        server.terminate()
    # Not earlier: the server dies if it cannot write all of the line.
    os.close(read)


@pytest.mark.skipif(not all(map(shutil.which, ("Xvfb", "xterm", "xdotool"))),
                    reason="Xvfb, xterm or xdotool is not installed")
def test_xterm(shop, display):
    """Debian's xterm: a login by its keyboard, its window's size, its end."""
    def keys(*words):
        subprocess.run(["xdotool", *words], env=os.environ | {"DISPLAY": display}, check=True,
                       stdout=subprocess.DEVNULL, timeout=30)

    def on_screen(pattern, timeout=20):
        assert wait_until(lambda: log.exists() and
                          re.search(pattern, log.read_text(errors="replace")), timeout), \
            log.read_text(errors="replace") if log.exists() else "no window"

    log = shop.home / "tmp" / "xterm.log"
    logged = shop.file("logged", f"#!/bin/sh\nexec xterm -l -lf {log} \"$@\"\n")
    logged.chmod(0o755)
    guest = shop.start(f"ubd0={shop.image()}", "ssl1=xterm", f"xterm={logged},-T,-e",
                       env={"DISPLAY": display})
    guest.login()
    guest.run(f"(setsid getty 115200 {LINE} linux; touch /root/hung-up) & true")
    on_screen("login: ")
    keys("search", "--sync", "--name", "^ssl1 of ", "windowfocus")
    keys("type", "--delay", "20", "root\n")
    on_screen("root@usermode:")
    keys("type", "--delay", "20", "stty size; tty\n")
    on_screen(rf"24 80\r?\n/dev/{LINE}")
    keys("search", "--name", "^ssl1 of ", "windowsize", "--usehints", "100", "30")
    time.sleep(1)
    keys("type", "--delay", "20", "stty size\n")
    on_screen(r"30 100\r?\n")
    assert guest.run("ls /root/hung-up", check=False)[1] != 0
    keys("search", "--name", "^ssl1 of ", "windowkill")
    assert wait_until(lambda: guest.run("ls /root/hung-up", check=False)[1] == 0, 10)
    # Another window, which goes with the guest.
    guest.run(f"setsid getty 115200 {LINE} linux & true")
    keys("search", "--sync", "--name", "^ssl1 of ")
    guest.kill()
    guest.wait()
    assert wait_until(lambda: not shop.running(), 10)
    log.unlink()


def test_no_emulator(shop):
    """What the emulator complains of is in the log; the guest goes on."""
    complains = shop.file("complains", "#!/bin/sh\necho 'no display, no window' >&2; exit 1\n")
    complains.chmod(0o755)
    guest = shop.start(f"ubd0={shop.image()}", "ssl1=xterm", f"xterm={complains},-T,-e")
    guest.login()
    guest.send(f"setsid getty 115200 {LINE} linux & true\n")
    guest.expect("ssl1: .*complains says: no display, no window")
    guest.send("\n")
    guest.expect(PROMPT)
    assert guest.poweroff() == 0
    guest = shop.start(f"ubd0={shop.image()}", "ssl1=xterm", "xterm=no-such-emulator,-T,-e")
    guest.login()
    guest.send(f"setsid getty 115200 {LINE} linux & true\n")
    guest.expect("ssl1: cannot run no-such-emulator: no such file")
    guest.send("\n")
    guest.expect(PROMPT)
    assert guest.poweroff() == 0
