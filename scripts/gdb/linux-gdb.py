# SPDX-License-Identifier: GPL-2.0
"""What gdb should know about ./linux; it loads this file by itself, because it
lies beside the program under the program's name (docs/development.md).

Signals that the program sends itself, or that its kernel answers, do not stop
it. The kernel's own gdb scripts (lx-dmesg, lx-ps, ...) are loaded from the
directory in which the kernel was compiled, where that is found.
"""
import filecmp
import glob
import os
import sys

import gdb

# Kicks and clock events between host threads; the clock of a guest's second; a
# terminal that changes.
for names in ("SIG36", "SIG37", "SIGALRM", "SIGWINCH", "SIGPIPE", "SIGCHLD"):
    gdb.execute(f"handle {names} nostop noprint pass", to_string=True)
# Exceptions in the kernel's own code: it repairs what has an entry in the
# exception table, reports a WARN, and ends in die() or panic() otherwise.
for names in ("SIGSEGV", "SIGBUS", "SIGILL"):
    gdb.execute(f"handle {names} nostop noprint pass", to_string=True)
for setting in ("print thread-events off", "print inferior-events off",
                "follow-fork-mode parent", "detach-on-fork on"):
    gdb.execute(f"set {setting}", to_string=True)


class StopAtOops(gdb.Command):
    """Stop when the kernel is about to report an oops or a panic."""

    def __init__(self):
        super().__init__("stop-at-oops", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, from_tty):
        for function in ("die", "panic"):
            gdb.Breakpoint(function)


StopAtOops()


def build_directory():
    """Where this very program was compiled, or None."""
    program = os.path.realpath(gdb.current_objfile().filename)
    build = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "build")
    # make KSRC=DIR builds one level deeper
    for pattern in ("*/vmlinux-gdb.py", "*/*/vmlinux-gdb.py"):
        for script in glob.glob(os.path.join(build, pattern)):
            directory = os.path.dirname(script)
            if filecmp.cmp(os.path.join(directory, "linux"), program, shallow=False):
                return os.path.realpath(directory)
    return None


def load_kernel_scripts():
    """lx-dmesg and its like; without them gdb is still useful."""
    directory = build_directory()
    if not directory:
        gdb.write("linux-gdb.py: the kernel's own scripts (lx-dmesg, lx-ps) were not found; "
                  "'make' builds them\n")
        return
    # It looks beside the file that gdb loads, which is this one.
    sys.path.insert(0, os.path.join(directory, "scripts", "gdb"))
    try:
        gdb.execute(f"source {directory}/vmlinux-gdb.py")
    except gdb.error as error:
        gdb.write(f"linux-gdb.py: the kernel's own scripts are not loaded: {error}\n")


load_kernel_scripts()
