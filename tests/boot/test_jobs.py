# SPDX-License-Identifier: GPL-2.0
"""A guest as a job of the shell that it was started from: the terminal is shared."""
import os
import signal
import termios
import time

from guest import PROMPT, Terminal, wait_until

# A shell that starts the guest in its own process group and says when it is over.
SCRIPT = "trap 'echo interrupted' INT; \"$@\"; echo \"shell: status $?\""

# A shell with job control, in little: the guest's group and its own take turns.
JOBS = """
import os, signal, subprocess, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
mine = os.getpgrp()
child = subprocess.Popen(sys.argv[1:], preexec_fn=os.setpgrp)
def foreground(group):
    os.tcsetpgrp(0, group)
def back(*_):
    foreground(mine)
def forth(*_):
    foreground(child.pid)
signal.signal(signal.SIGUSR1, back)
signal.signal(signal.SIGUSR2, forth)
{begin}
print("status", child.wait(), flush=True)
foreground(mine)
"""


def raw(terminal):
    """Is it, now?"""
    return not termios.tcgetattr(terminal.slave)[3] & termios.ICANON


def start(shop, command, **options):
    """A guest below a command, on a terminal."""
    return shop.start(f"ubd0={shop.image()}", command=[*command, str(shop.linux)],
                      console=Terminal(), **options)


def test_interrupt_key(shop):
    """^C goes to the guest's program, and to nobody else in the guest's process
    group: not to the shell that started it, nor to the guest."""
    guest = start(shop, ["sh", "-c", SCRIPT, "sh"])
    guest.login()
    guest.send("sleep 1000\n")
    time.sleep(0.5)
    guest.send("\x03")
    guest.expect(PROMPT)
    # Nor while nobody has the terminal open: between a logout and the next login.
    guest.send("exit\n")
    for _ in range(20):
        guest.send("\x03")
        time.sleep(0.05)
    guest.login()
    guest.send("sync; poweroff -f\n")
    guest.expect("^shell: status 0\r?\n")
    assert guest.wait() == 0
    assert "interrupted" not in guest.console.seen
    assert guest.console.restored


def linux_pid(shop, guest):
    """Of the guest below a shell."""
    with open(f"/proc/{guest.pid}/task/{guest.pid}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


def test_stopped_and_continued(shop):
    """SIGTSTP gives the terminal back, SIGCONT takes it again, and the size that it
    has then."""
    guest = shop.start(f"ubd0={shop.image()}")
    guest.login()
    terminal = guest.console
    assert raw(terminal)
    guest.kill(signal.SIGTSTP)
    assert wait_until(lambda: terminal.restored, 5)
    guest.kill(signal.SIGCONT)
    assert wait_until(lambda: raw(terminal), 5)
    # SIGSTOP comes unannounced: the shell sets its terminal as it likes it.
    guest.kill(signal.SIGSTOP)
    termios.tcsetattr(terminal.slave, termios.TCSANOW, terminal.before)
    terminal.resize(31, 131)
    guest.kill(signal.SIGCONT)
    assert wait_until(lambda: raw(terminal), 5)
    guest.send("stty size\n")
    guest.expect(r"^31 131\r?\n")
    assert guest.poweroff() == 0
    assert terminal.restored


def test_background(shop):
    """In the background it leaves the terminal's settings and input to others, and
    is not hung up; back in the foreground it goes on."""
    guest = start(shop, ["/usr/bin/python3", "-c", JOBS.format(begin="foreground(child.pid)")])
    guest.login()
    terminal = guest.console
    os.kill(guest.pid, signal.SIGUSR1)
    time.sleep(0.2)
    termios.tcsetattr(terminal.slave, termios.TCSANOW, terminal.before)
    os.kill(linux_pid(shop, guest), signal.SIGCONT)
    guest.send("for the shell\n")
    time.sleep(1.5)
    assert not raw(terminal)
    # It is still there, for the shell to read.
    termios.tcflush(terminal.slave, termios.TCIFLUSH)
    os.kill(guest.pid, signal.SIGUSR2)
    assert wait_until(lambda: raw(terminal) or guest.send("\n"), 10)
    guest.send("echo $((6*7))\n")
    guest.expect("^42\r?\n")
    guest.send("sync; poweroff -f\n")
    guest.expect("^status 0\r?\n")
    assert guest.wait() == 0


def test_started_in_the_background(shop):
    """./linux & leaves the terminal to the shell until it is its turn."""
    guest = start(shop, ["/usr/bin/python3", "-c", JOBS.format(begin="")])
    guest.expect("login: ")
    assert not raw(guest.console)
    os.kill(guest.pid, signal.SIGUSR2)
    assert wait_until(lambda: raw(guest.console) or guest.send("\n"), 10)
    guest.send("root\n")
    guest.expect(PROMPT)
    guest.send("sync; poweroff -f\n")
    assert guest.wait() == 0
