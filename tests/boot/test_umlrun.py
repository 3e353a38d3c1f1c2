# SPDX-License-Identifier: GPL-2.0
"""umlrun: a command on the host's own root, in a kernel of its own."""
import os
import pathlib
import pty
import random
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

import guest
from guest import TOP, unprivileged, wait_until

INIT = guest.IMAGES / "tools/umlrun/umlrun-init"


@pytest.fixture(scope="session", name="command")
def fixture_command(linux):
    """The beginning of a command line, usable for an unprivileged user."""
    assert INIT.exists(), f"{INIT} is missing: make tools"
    where = linux.parent
    for path in (INIT, TOP / "scripts/umlrun"):
        shutil.copy(path, where / path.name)
    return [*unprivileged(), str(where / "umlrun"), "--kernel", str(linux),
            "--init", str(where / INIT.name)]


@pytest.fixture(name="umlrun")
def fixture_umlrun(shop, command):
    """umlrun(words...): run it in the shop's directory; what came of it."""
    def run(*words, timeout=60, **options):
        done = subprocess.run([*command, *map(str, words)], cwd=shop.home, check=False,
                              env=shop.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout * guest.SCALE,
                              **({"stdin": subprocess.DEVNULL} | options))
        return done.returncode, done.stdout, done.stderr
    yield run
    assert wait_until(lambda: not living(command), 5), living(command)
    assert not os.listdir(shop.tmp)


def living(command):
    """Processes that run our kernel."""
    return [pid for pid, _, _, exe in guest.processes() if exe == command[-3]]


def test_status(umlrun):
    """The command's, or how it died, or why it could not be run."""
    assert umlrun("--", "true") == (0, b"", b"")
    assert umlrun("--", "sh", "-c", "exit 42") == (42, b"", b"")
    assert umlrun("--", "sh", "-c", "kill -9 $$") == (137, b"", b"")
    status, _, err = umlrun("--", "/no/such/thing")
    assert status == 127 and b"/no/such/thing: No such file" in err
    status, _, err = umlrun("--", "/etc/passwd")
    assert status == 126 and b"/etc/passwd: Permission denied" in err


def test_speed(umlrun):
    """It is there before one has looked up. Half a second is what it may work; on
    a busy host it takes longer than that."""
    walls, works = [], []
    for _ in range(5):
        begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        assert umlrun("--", "true")[0] == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.monotonic() - begin)
        works.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"umlrun -- true: {min(walls):.2f} s, {min(works):.2f} s of work")
    assert min(works) < 0.5 * guest.SCALE
    assert min(walls) < 2 * guest.SCALE


def test_surroundings(umlrun, shop):
    """Arguments, environment and working directory are the caller's."""
    odd = ["", " ", "a b", "*", "$HOME", "'", '"', "\n", "--", "-x", "caf\xe9"]
    status, out, _ = umlrun("--", "/usr/bin/printf", "[%s]", *odd)
    assert status == 0 and out.decode() == "".join(f"[{word}]" for word in odd)
    status, out, _ = umlrun("sh", "-c", "pwd; echo $TMPDIR; uname -m; id -u; cat /proc/cpuinfo")
    lines = out.decode().split("\n")
    assert lines[:4] == [str(shop.home), str(shop.tmp), "x86_64", "0"]
    assert "User Mode Linux" in out.decode()
    assert umlrun("--user", "--", "id", "-u")[1].decode().strip() == \
        str(guest.NOBODY if guest.ROOT else os.getuid())


def test_streams(umlrun):
    """Bytes of any kind and number, both ways, outputs apart from each other."""
    data = random.Random(8).randbytes(3 << 20)
    assert umlrun("--", "cat", input=data, stdin=None)[:2] == (0, data)
    assert umlrun("--", "sh", "-c", "cat >&2; echo out", input=b"to err", stdin=None) == \
        (0, b"out\n", b"to err")
    # who reads nothing does not stop the rest; who reads a part gets that part
    assert umlrun("--", "head", "-c", "5", input=data, stdin=None)[:2] == (0, data[:5])
    assert umlrun("--", "true", input=data, stdin=None)[0] == 0
    status, out, _ = umlrun("--", "sh", "-c", "[ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo pipes")
    assert out == b"pipes\n"


def test_writes(umlrun, shop):
    """They are thrown away, but below --rw; --read-only refuses them."""
    keep, other = shop.home / "keep, this", shop.home / "other"
    for path in (keep, other):
        path.mkdir()
        shop.own(path)
        shop.expected.add(path.name)
    script = "echo x > other/file && cat other/file; echo y > 'keep, this/file'; echo $?"
    status, out, err = umlrun("--rw", keep, "--", "sh", "-c", script)
    assert (status, out) == (0, b"x\n0\n"), err
    assert (keep / "file").read_text() == "y\n" and not os.listdir(other)
    status, out, err = umlrun("--read-only", "--", "sh", "-c", script)
    assert b"Read-only file system" in err and out == b"2\n"
    assert (keep / "file").read_text() == "y\n" and not os.listdir(other)


def test_ends(umlrun, command, shop):
    """Limits, signals and violence: nothing stays behind."""
    begin = time.monotonic()
    status, _, err = umlrun("--timeout", "2", "--", "sleep", "100")
    assert status == 124 and b"ended after 2 seconds" in err
    assert time.monotonic() - begin < 10 * guest.SCALE
    for sig, want in ((signal.SIGTERM, 9), (signal.SIGKILL, -signal.SIGKILL)):
        process = subprocess.Popen(
            [*command, "--", "sh", "-c", "trap 'exit 9' TERM; echo ready; sleep 100 & wait"],
            cwd=shop.home, env=shop.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(sig)
        assert process.wait(20 * guest.SCALE) == want
        process.stdout.close()
    wait_until(lambda: not os.listdir(shop.tmp), 5)


def test_terminal(command, shop):
    """On a terminal, the command has one, of the same size."""
    pid, master = pty.fork()
    if not pid:
        os.chdir(shop.home)
        os.environ.update(shop.environment)
        os.execvp(command[0], [*command, "--", "sh", "-c",
                               "test -t 0 && test -t 2 && stty size; read x; echo got $x; exit 3"])
    guest.fcntl.ioctl(master, guest.termios.TIOCSWINSZ, guest.struct.pack("HHHH", 33, 77, 0, 0))
    console = guest.Console(master, master)
    console.expect(r"33 77\r\n", 30)
    console.send("typed\n")
    console.expect(r"got typed\r\n", 30)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    console.close()


@pytest.mark.parametrize("words, text", [
    ([], "no command"),
    (["--rw", "/no/where", "--", "true"], "--rw /no/where: no such directory"),
    (["--frobnicate", "--", "true"], "frobnicate"),
    (["--mem", "1", "--", "true"], "mem=1: guest memory must be"),
])
def test_mistakes(umlrun, words, text):
    """Are told, with a status of their own."""
    status, out, err = umlrun(*words)
    assert status == 125 and not out and text in err.decode(), err


def test_everyday(umlrun, shop):
    """A build, below a directory that is the host's."""
    source = pathlib.Path(shop.home, "prog")
    source.mkdir()
    (source / "Makefile").write_text("prog: prog.c\n\tgcc -o $@ $<\n\ntest: prog\n\t./prog\n")
    (source / "prog.c").write_text('#include <stdio.h>\nint main(void) { return puts("ran") < 0; }\n')
    for path in (source, *source.iterdir()):
        shop.own(path)
    shop.expected.add("prog")
    status, out, err = umlrun("--rw", source, "--", "make", "-s", "-C", source, "test")
    assert (status, out.splitlines()[-1:]) == (0, [b"ran"]), err
    assert subprocess.run([source / "prog"], check=True, stdout=subprocess.PIPE).stdout == b"ran\n"


FETCH = r"""
    gateway=$(ip route | sed -n 's/^default via \([^ ]*\).*/\1/p')
    grep -q ^nameserver /etc/resolv.conf && echo named
    exec bash -c "cat < /dev/tcp/$gateway/$1"
"""


@pytest.mark.parametrize("root", [[], ["--read-only"]])
def test_network(umlrun, root):
    """--net user: an address, a way out, a name server; without it, nothing but itself."""
    if not any(map(shutil.which, ("passt", "slirp4netns"))):
        pytest.skip("the host has neither passt nor slirp4netns")
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            connection = server.accept()[0]
            connection.sendall(b"from the host\n")
            connection.close()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        words = ["--", "sh", "-c", FETCH, "sh", server.getsockname()[1]]
        status, out, err = umlrun("--net", "user", *root, *words)
        assert (status, out) == (0, b"named\nfrom the host\n"), err
        thread.join()
    assert b"eth0" not in umlrun("--", "ls", "/sys/class/net")[1]
    status, _, err = umlrun("--net", "tap", "--", "true")
    assert status == 125 and b"--net" in err


STRESSORS = """hdd dir dirdeep dirmany dentry rename link symlink iomix copy-file fallocate
    file-ioctl filename fiemap getdent io mknod open readahead revio seek sendfile touch xattr
    chmod chown utime flock locka lockofd mmapfork""".split()
SIZES = "--hdd-bytes 8M --iomix-bytes 16M --fallocate-bytes 16M --readahead-bytes 8M " \
    "--revio-bytes 8M --seek-size 8M"


@pytest.mark.slow
def test_stress(umlrun, shop):
    """Many processes at once, of every kind that stress-ng has for file systems, on
    a directory of the host's; it verifies what it reads."""
    if not shutil.which("stress-ng"):
        pytest.skip("the host has no stress-ng (package stress-ng)")
    work = pathlib.Path(shop.home, "work")
    work.mkdir()
    shop.own(work)
    shop.expected.add("work")
    script = "".join(
        f"timeout -k 1 60 stress-ng -q --temp-path . --timeout 2 --{name} 2 --verify {SIZES} "
        f"> /run/log 2>&1 || {{ echo {name}: $?; cat /run/log; }}\n" for name in STRESSORS)
    status, out, err = umlrun("--rw", work, "--mem", "1G", "--", "sh", "-c",
                              f"cd work\n{script}dmesg | grep -B 3 -A 20 'Call Trace'; exit 0",
                              timeout=600)
    assert (status, out, err) == (0, b"", b"")
    assert not os.listdir(work)
