# SPDX-License-Identifier: GPL-2.0
"""The management console: protocol, commands, messages, hostile clients."""
import contextlib
import ctypes
import errno
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from guest import NOBODY, ROOT, TOP, Terminal, processes, unprivileged, wait_until
from mconsole import PANIC, SOCKET, USER, Listener, Mconsole, devices, request

ABORTED = 128 + signal.SIGABRT
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def connected(shop, name, timeout=20):
    """A client of the machine @name, once it listens."""
    path = shop.uml_dir / name / "mconsole"
    assert wait_until(path.exists, 30), "no management console appeared"
    client = Mconsole(path, timeout)
    try:
        yield client
    finally:
        client.close()


@contextlib.contextmanager
def stuck(guest):
    """The thread that is the guest's CPU stands still; the others run. It is the
    first one of a process of the kernel's, of which there may be many (tt)."""
    exe = os.readlink(f"/proc/{guest.pid}/exe")
    stopped = []
    for pid, session, _, program in processes():
        if session != guest.pid or program != exe:
            continue
        if libc.ptrace(PTRACE_SEIZE, pid, 0, 0):
            pytest.skip(f"the host forbids ptrace: {os.strerror(ctypes.get_errno())}")
        libc.ptrace(PTRACE_INTERRUPT, pid, 0, 0)
        os.waitpid(pid, 0x40000000)
        stopped.append(pid)
    assert stopped
    try:
        yield
    finally:
        for pid in stopped:
            libc.ptrace(PTRACE_DETACH, pid, 0, 0)


@pytest.fixture(name="machine")
def fixture_machine(boot, shop):
    """A guest that was logged in to, and a client."""
    guest = boot("umid=mc")
    guest.login()
    with connected(shop, "mc") as client:
        yield guest, client


# ---- protocol ------------------------------------------------------------------

def test_wire_format(machine):
    """Other versions and damaged requests are answered, and not run."""
    guest, client = machine
    client.send(b"version")
    assert client.receive() == b"ERR Version 0 mconsole clients are not supported"
    client.send(b"")
    assert client.receive().startswith(b"ERR Version 0")
    for version in (0, 1, 3, 0xffffffff):
        client.send(request("log must-not-run", version=version))
        err, text, _ = client.answer()
        assert err and "version" in text
    for length in (512, 513, 0x7fffffff, 0xffffffff):
        client.send(request("log must-not-run", length=length))
        err, text, _ = client.answer()
        assert err and "too long" in text
    client.send(request("log must-not-run") + b"more")
    assert client.answer()[0]
    client.send(request("log must-not-run")[:8])
    assert "truncated" in client.answer()[1]
    client.send(request("log must-not-run", length=511)[:300])
    assert "truncated" in client.answer()[1]
    client.send(request("log short")[:12 + 9])
    assert client.answer()[0] == 0
    assert client.ask("")[0] and client.ask("vers")[0] and client.ask("versionx")[0]
    assert client.ok("  version \n").startswith("Linux ")
    log = guest.run("dmesg | grep -e must-not -e short")
    assert "short" in log and "must-not" not in log


def test_unbound_client_is_ignored(machine):
    """It cannot be answered; nothing happens."""
    _, client = machine
    import socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        for _ in range(50):
            sock.sendto(request("version"), client.path)
    assert client.ok("version")


@pytest.mark.skipif(not ROOT, reason="needs root to become another user")
def test_only_the_owner_connects(machine):
    """Others may not even send."""
    _, client = machine
    assert os.stat(client.path).st_mode & 0o777 == 0o600
    code = ("import socket,sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
            "sys.exit(0 if s.connect_ex(sys.argv[1]) == 13 else 1)")
    subprocess.run(["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups",
                    sys.executable, "-c", code, client.path], check=True, timeout=20)


def test_long_directory(boot, shop):
    """The socket's path may be longer than a socket's address."""
    deep = shop.home
    for part in ("a" * 60, "b" * 30):
        deep = deep / part
        deep.mkdir()
        shop.own(deep)
    shop.expected.add("a" * 60)
    guest = boot(f"uml_dir={deep}", "umid=deep")
    guest.login()
    assert len(str(deep / "deep" / "mconsole")) > 107
    fd = os.open(deep / "deep", os.O_PATH)
    client = Mconsole(f"/proc/self/fd/{fd}/mconsole")
    assert client.ok("version").startswith("Linux")
    client.close()
    os.close(fd)
    assert guest.poweroff() == 0


# ---- commands ------------------------------------------------------------------

def test_commands(machine):
    """Each answers what it should, and an error with a reason."""
    guest, client = machine
    release = guest.run("uname -r").strip()
    assert f" {release} " in client.ok("version")
    assert "config" in client.ok("help")
    assert client.ok("log from outside, 1 2 3") == ""
    guest.expect(r"\] from outside, 1 2 3")
    assert float(client.ok("proc uptime").split()[0]) > 0
    assert client.ok("proc /sys/kernel/ostype") == "Linux\n"
    assert client.ask("proc nonsense") == (errno.ENOENT,
                                           "/proc/nonsense: there is no such file")
    assert client.ask("proc")[0] and client.ask("proc ../etc/passwd")[0]
    assert client.ask("config nonsense=1")[1] == "nonsense: unknown device"
    assert client.ask("config =1")[0] and client.ask("config")[0] and client.ask("remove")[0]
    assert "unknown" in client.ask("remove nonsense")[1]


def test_stack(machine):
    """Of any task, with symbols."""
    guest, client = machine
    text = client.ok("stack 1")
    assert text.startswith("init, pid 1, state S\n") and "+0x" in text
    assert "kthreadd" in client.ok("stack 2")
    assert "idle" in client.ok("stack 0")
    busy = guest.run("(while :; do :; done) & echo $!").split()[-1]
    assert client.ok(f"stack {busy}").splitlines()[1:]
    assert client.ask("stack 99999")[0] == errno.ESRCH
    assert client.ask("stack")[0] and client.ask("stack x")[0] and client.ask("stack -1")[0]


def test_sysrq(machine):
    """What it prints is the answer."""
    guest, client = machine
    assert "sync(s)" in client.ok("sysrq h")
    assert "Mem-Info" in client.ok("sysrq m")
    guest.run("echo 0 > /proc/sys/kernel/sysrq")    # that is for keyboards
    assert "task:init" in client.ok("sysrq t")
    assert client.ask("sysrq")[0] and client.ask("sysrq xx")[0]


def test_long_answer(machine):
    """Many packets, every byte."""
    guest, client = machine
    client.send(request("proc kallsyms"))
    err, text, packets = client.answer()
    assert err == 0 and packets > 1000
    assert len(text) == int(guest.run("wc -c < /proc/kallsyms"))
    client.send(request("sysrq t"))
    assert client.answer()[2] > 5


def test_reader_that_does_not_read(machine, shop):
    """It loses its answer; nobody else waits for long."""
    guest, client = machine
    with connected(shop, "mc") as lazy:
        for command in ("proc kallsyms", "sysrq t"):
            lazy.send(request(command))
        begin = time.monotonic()
        assert client.ok("proc uptime")
        assert guest.run("echo alive").endswith("alive\n")    # and what sysrq t told
        assert time.monotonic() - begin < 10
    assert client.ok("version")


def test_stop_and_go(machine):
    """A stopped guest uses no time of the host's, and answers."""
    guest, client = machine
    guest.send("while :; do :; done\n")
    assert client.ok("stop") == "stopped"
    before = sum(os.times()[:2]), cpu_ticks(guest.pid)
    time.sleep(1)
    assert cpu_ticks(guest.pid) - before[1] <= 2
    assert client.ok("version").startswith("Linux")
    assert "pid 1" in client.ok("stack 1")
    assert client.ask("proc uptime") == (errno.EAGAIN, "the guest is stopped; say go first")
    assert "already" in client.ok("stop")
    assert client.ok("go") == ""
    assert client.ok("proc uptime")
    assert wait_until(lambda: cpu_ticks(guest.pid) > before[1] + 2, 10)
    guest.send("\x03")
    assert guest.run("echo on") == "on\n"
    assert "not stopped" in client.ok("go")


def cpu_ticks(pid):
    """What all processes of the guest's session have used."""
    from guest import cpu_seconds
    return cpu_seconds(pid) * os.sysconf("SC_CLK_TCK")


def test_kernel_that_hangs(machine):
    """Its CPU takes no interrupts: the console still answers, and says so."""
    guest, client = machine
    with stuck(guest):
        assert client.ok("version").startswith("Linux")
        assert client.ask("stack 1") == (errno.ETIMEDOUT, "the guest's kernel does not react")
        assert client.ask("proc uptime")[0] == errno.ETIMEDOUT
    assert client.ok("proc uptime")
    assert guest.run("echo back") == "back\n"


# ---- the end -------------------------------------------------------------------

def test_halt(machine):
    """File systems are written back, the status is that of poweroff."""
    guest, client = machine
    guest.run("echo 3 > /proc/exitcode; echo kept > /root/kept")
    client.ok("halt")
    assert guest.wait(20) == 3
    assert guest.console.restored


@pytest.mark.limit(120)
def test_halt_of_a_kernel_that_hangs(machine, shop):
    """The console ends it by itself."""
    guest, client = machine
    with stuck(guest):
        assert "by force" in client.ok("halt")
        assert wait_until(lambda: not (shop.uml_dir / "mc").exists(), 15)
    assert guest.wait(20) == 0


def test_reboot(machine, shop):
    """The same command line again."""
    guest, client = machine
    client.ok("reboot")
    guest.login()
    with connected(shop, "mc") as again:
        assert float(again.ok("proc uptime").split()[0]) < 60
    assert guest.poweroff() == 0


def test_cad(machine):
    """Init reboots at Ctrl-Alt-Del."""
    guest, client = machine
    client.ok("cad")
    guest.login()
    assert guest.poweroff() == 0


# ---- messages ------------------------------------------------------------------

@pytest.fixture(name="listener")
def fixture_listener(shop):
    """A socket that guests may tell things."""
    listener = Listener(shop.tmp / "notify", NOBODY if ROOT else None)
    yield listener
    listener.close()


def test_notify(boot, shop, listener):
    """The start, what the guest says, and a panic."""
    guest = boot("umid=mc", f"mconsole=notify:{listener.path}")
    assert listener.message() == (SOCKET, str(shop.uml_dir / "mc" / "mconsole"))
    guest.login()
    guest.run("printf 'all is well' > /proc/mconsole")
    assert listener.message() == (USER, "all is well")
    assert guest.run("su -c 'echo no > /proc/mconsole' user", check=False)[1] != 0
    guest.run("head -c 1000 /dev/zero | tr '\\0' x > /proc/mconsole")
    assert [len(listener.message()[1]) for _ in range(2)] == [511, 489]
    with connected(shop, "mc") as client:
        client.send(request("sysrq c"))
        kind, text = listener.message()
    assert kind == PANIC and "sysrq" in text.lower()
    assert guest.wait() == ABORTED


def test_notify_nobody(boot, listener):
    """Without a listener the guest is told so; with one that has gone, too."""
    guest = boot("umid=mc")
    guest.login()
    assert guest.run("echo x > /proc/mconsole", check=False)[1] != 0
    assert guest.poweroff() == 0


@pytest.mark.parametrize("word, reason", [
    ("mconsole=", "write mconsole=notify:SOCKET"),
    ("mconsole=nonsense", "write mconsole=notify:SOCKET"),
    ("mconsole=notify:", "write mconsole=notify:SOCKET"),
    ("mconsole=notify:/nonexistent/socket", "no such file"),
    ("mconsole=notify:/dev/null", "no file that can be used"),
])
def test_bad_switch(shop, word, reason):
    """One line, status 1."""
    outcome = shop.outcome(word)
    assert outcome.status == 1 and outcome.stdout == ""
    assert reason in outcome.stderr and outcome.stderr.count("\n") == 1


# ---- Debian's client -----------------------------------------------------------

DEBIANS = "/usr/bin/uml_mconsole"
needs_debians = pytest.mark.skipif(not os.path.exists(DEBIANS),
                                   reason=f"there is no {DEBIANS}: uml-utilities is not installed")


def debian(shop, *words, status=0, stdin=""):
    """uml_mconsole of the package uml-utilities, as the guest's owner."""
    run = subprocess.run([*unprivileged(), DEBIANS, "mc", *words], env=shop.environment,
                         input=stdin, capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == status or status is None, run.stdout + run.stderr
    return run.stdout


@needs_debians
def test_debians_client(boot, shop):
    """Every command of it, each kind of device."""
    guest = boot("umid=mc", "mem=256M")
    guest.login()
    cpus = guest.run("nproc")
    assert debian(shop, "version").startswith("OK Linux ")
    assert debian(shop, "help", status=None).startswith("OK Commands:")
    assert debian(shop, "log", "hello", "debian").startswith("OK")
    guest.expect(r"\] hello debian")
    assert debian(shop, "proc", "sys/kernel/ostype") == "OK Linux\n\n"
    assert "task:init" in debian(shop, "sysrq", "t")
    assert "pid 1" in debian(shop, "stack", "1")
    assert debian(shop, "stop").startswith("OK stopped")
    assert debian(shop, "go").startswith("OK")
    for device, setting, answer in devices(shop):
        assert debian(shop, "config", f"{device}={setting}") == "OK \n"
        assert debian(shop, "config", device).startswith(f"OK {answer}")
        assert debian(shop, "remove", device) == "OK \n"
    assert debian(shop, "config", "mem=+32M") == "OK \n"
    assert debian(shop, "config", "mem") == "OK 288M\n"
    assert debian(shop, "config", "mem=-32M") == "OK \n"
    assert debian(shop, "config", "cpu") == f"OK {cpus}"
    assert debian(shop, "config", "nonsense", status=None).startswith("ERR nonsense")
    assert debian(shop, "config", "nonsense=1", status=None).startswith("ERR nonsense")
    assert debian(shop, "remove", "nonsense", status=None).startswith("ERR nonsense")
    debian(shop, "cad")
    guest.login()
    debian(shop, "reboot")
    guest.login()
    debian(shop, "halt")
    assert guest.wait(20) == 0


@needs_debians
def test_debians_shell(boot, shop):
    """Its commands typed one after another, and those that it has itself."""
    guest = boot("umid=mc")
    guest.login()
    lines = shop.file("lines", "from a file, 1\nfrom a file, 2\n")
    text = debian(shop, stdin=f"version\nhelp\nmconsole-version\nconfig con0\nstop\ngo\n"
                  f"log -f {lines}\nswitch mc\nproc uptime\nint\nquit\n")
    for part in ("OK Linux ", "OK Commands:", "client version 2", "OK fd:0", "OK stopped",
                 "Switched to 'mc'"):
        assert part in text, part
    assert guest.wait() == 1
    assert "from a file, 2" in guest.console.seen


# ---- hostile clients -----------------------------------------------------------

@pytest.fixture(scope="session", name="shooter")
def fixture_shooter(tmp_path_factory):
    """The program that sends the datagrams."""
    program = tmp_path_factory.mktemp("shoot") / "shoot"
    subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror",
                    "-idirafter", TOP / "include" / "uapi", "-o", program,
                    TOP / "tests/tools/mconsole/shoot.c"], check=True)
    return program


def survives(boot, shop, shooter, count):
    """A guest that is shot at works on, and its console answers as before."""
    guest = boot("umid=mc", "quiet", console=Terminal())
    guest.login()
    before = int(guest.run("awk '/MemFree/ {print $2}' /proc/meminfo"))
    run = subprocess.run([shooter, shop.uml_dir / "mc" / "mconsole", "1", str(count)],
                         capture_output=True, text=True, check=False)
    print(run.stdout, run.stderr)
    assert run.returncode == 0, run.stderr
    back = int(re.search(r"sent, (\d+) packets back", run.stdout).group(1))
    assert back > count / 4, "most of the readers' datagrams are answered"
    with connected(shop, "mc") as client:
        assert client.ok("version").startswith("Linux")
        # the last of them may still be worked on
        assert wait_until(lambda: client.ask("proc uptime")[0] != errno.EBUSY, 30, 0.2)
        assert client.ok("proc uptime")
        assert "pid 1" in client.ok("stack 1")
    guest.console.collect(1)
    assert guest.run("echo alive") == "alive\n"
    assert guest.run("dmesg | grep -c -e BUG -e WARNING -e Oops", check=False)[0] == "0\n"
    assert int(guest.run("awk '/MemFree/ {print $2}' /proc/meminfo")) > before - (32 << 10)
    assert guest.poweroff() == 0


def test_hostile_datagrams(boot, shop, shooter):
    """Malformed, oversized, truncated, nonsensical."""
    survives(boot, shop, shooter, 20000)


@pytest.mark.slow
@pytest.mark.limit(900)
def test_a_million_hostile_datagrams(boot, shop, shooter):
    """The same for longer."""
    survives(boot, shop, shooter, 1000000)
