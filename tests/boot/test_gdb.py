# SPDX-License-Identifier: GPL-2.0
"""gdb ./linux: the kernel is a program, and is debugged like one."""
import os
import pathlib
import re
import shutil
import signal

import pytest

from guest import LINUX, PROMPT, TOP

GDB = r"\(gdb\) "


@pytest.fixture(name="gdb")
def fixture_gdb(shop, mode):
    """gdb(...): a gdb on the kernel with root.img as its disk, on a terminal or
    in batch mode. It loads linux-gdb.py by itself."""
    if shutil.which("gdb") is None:
        pytest.skip("the host has no gdb (package gdb)")
    script = shop.linux.parent / "linux-gdb.py"
    if not script.exists():
        installed = LINUX.parent / "linux-gdb.py"
        script.symlink_to(installed if installed.exists() else TOP / "scripts/gdb/linux-gdb.py")

    def command(*options, run=True):
        safe = f"{shop.linux.parent}:{os.path.realpath(script)}:{LINUX.parent}:{TOP}"
        line = ["gdb", "-q", "-nx", "-iex", f"set auto-load safe-path {safe}",
                "-ex", "set confirm off", "-ex", "set pagination off",
                "-ex", "set width 0", "-ex", "set style enabled off",
                *options]
        if run:
            line += ["--args", str(shop.linux), f"ubd0={shop.image()}", *mode]
        return line
    return command


@pytest.fixture(name="batch")
def fixture_batch(shop, gdb):
    """batch(command...): what gdb says to commands, one after the other."""
    def run(*commands, timeout=120, **options):
        line = gdb("-batch", *[word for text in commands for word in ("-ex", text)], **options)
        shop.killed = True      # by gdb, at its end if not before
        outcome = shop.outcome(command=line, timeout=timeout)
        # The kernel's own messages share the output.
        lines = [text for text in outcome.stdout.splitlines()
                 if not re.match(r"\[ +\d+\.\d+\]", text)]
        return "\n".join(lines), outcome
    return run


def test_breakpoint(batch):
    """Stop in vfs_read, look, finish, go on to the next one."""
    text, outcome = batch("break vfs_read", "run", "bt", "info args", "finish",
                          "continue", "delete", "kill")
    assert "warning" not in outcome.stderr.lower(), outcome.text
    assert len(re.findall(r"hit Breakpoint 1, vfs_read", text)) == 2, outcome.text
    assert re.search(r"#0 +vfs_read.*\n#1 .*ksys_read.*\n(.*\n)*#\d+ .*guest_loop", text), text
    assert re.search(r"^file = .*\n(.*\n)*count = \d+", text, re.M), text
    assert "Value returned is" in text
    assert "received signal" not in text


def test_steps_and_data(batch):
    """Single steps in the kernel, variables, types."""
    text, outcome = batch("break start_kernel", "run", "next", "next", "stepi",
                          "print init_task.comm", "print memory_size", "ptype struct vcpu",
                          "info threads", "kill")
    assert "hit Breakpoint 1, start_kernel" in text, outcome.text
    assert '"swapper' in text
    assert re.search(rf"^\$2 = {512 << 20}$", text, re.M), text
    assert "type = struct vcpu {" in text


def test_kernel_scripts(batch):
    """lx-dmesg and lx-ps, from the tree's own scripts."""
    build = LINUX.parent / "build"
    if not list(build.glob("*/vmlinux-gdb.py")) or not os.stat(build).st_mode & 0o005 == 5:
        pytest.skip("the directory that the kernel was built in is not there, or not "
                    "readable by an unprivileged user")
    text, outcome = batch("break vfs_read", "run", "delete", "lx-dmesg", "lx-ps", "lx-version",
                          "kill")
    assert re.search(r"^\[ +\d+\.\d+\] Linux version 6\.12", outcome.stdout, re.M), outcome.text
    assert re.search(r"^0x[0-9a-f]+ +1 +\S", text, re.M), outcome.text
    assert "kthreadd" in text


def test_no_noise(shop, gdb):
    """A whole session under gdb: boot, log in, stop, go on, power off. The signals
    that the program lives on are not seen. (SIGINT is the guest's to take, and
    Ctrl-C goes to it; SIGTRAP is how one stops the kernel from outside.)"""
    guest = shop.start(command=gdb(), env={"TERM": "dumb"})
    guest.expect(GDB)
    guest.send("run\n")
    guest.login()
    guest.run("for i in 1 2 3 4 5; do ls -R /proc/self > /dev/null; sleep 0.1; done", check=False)
    inferior = next(int(pid.split()[0]) for pid in shop.running()
                    if "linux" in pid and int(pid.split()[0]) != guest.pid)
    os.kill(inferior, signal.SIGTRAP)
    guest.expect(r"received signal SIGTRAP")
    guest.expect(GDB)
    guest.send("bt\n")
    guest.expect(r"#0 .*\n")
    guest.expect(GDB)
    guest.send("continue\n")
    guest.expect("Continuing")
    guest.send("\n")
    guest.expect(PROMPT)
    assert guest.run("echo still here") == "still here\n"
    guest.send("sync; poweroff -f\n")
    guest.expect(r"exited normally")
    guest.expect(GDB)
    guest.send("quit\n")
    assert guest.wait() == 0
    noise = [line for line in guest.console.seen.splitlines()
             if re.search(r"received signal SIG(?!TRAP)|New Thread|New LWP|Thread.*exited|Detaching",
                          line)]
    assert not noise


def test_attach(shop, boot, batch):
    """To a machine that runs; afterwards it goes on."""
    guest = boot()
    guest.login()
    guest.run("(while :; do dd if=/etc/passwd of=/dev/null; done) 2>/dev/null & true")
    scope = pathlib.Path("/proc/sys/kernel/yama/ptrace_scope")
    if scope.exists() and scope.read_text().strip() != "0":
        pytest.skip("the host lets nobody attach to processes (kernel.yama.ptrace_scope)")
    text, outcome = batch(f"attach {guest.pid}", "bt", "info threads", "break vfs_read",
                          "continue", "bt", "delete", "detach", run=False)
    assert "ptrace: Operation not permitted" not in outcome.stderr, outcome.text
    assert re.search(r"^#1 ", text, re.M), outcome.text
    assert "hit Breakpoint 1, vfs_read" in text, outcome.text
    assert "received signal" not in text
    assert guest.run("echo back") == "back\n"
    assert guest.run("cat /etc/hostname").strip() == "usermode"
    assert guest.poweroff() == 0


def test_stop_at_oops(shop, gdb):
    """The command that linux-gdb.py adds: the debugger before the last words."""
    guest = shop.start(command=gdb("-ex", "stop-at-oops"), env={"TERM": "dumb"})
    guest.expect(GDB)
    guest.send("run\n")
    guest.login()
    guest.send("echo c > /proc/sysrq-trigger\n")
    guest.expect(r"hit Breakpoint \d+, .*panic \(")
    guest.expect(GDB)
    guest.send("bt\n")
    guest.expect("sysrq_handle_crash")
    guest.expect(GDB)
    shop.killed = True
    guest.send("kill\n")
    guest.expect(GDB)
    guest.send("quit\n")
    assert guest.wait() == 0
