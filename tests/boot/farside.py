# SPDX-License-Identifier: GPL-2.0
"""The far sides of a guest's lines: who connects to a channel, one class a kind.

A Kind says what to write on the command line, and connect() makes the Console of
somebody who has come; leave() is his going, at once and without a word. Where the
host lacks what a kind needs, missing() says what.
"""
import array
import fcntl
import os
import re
import socket
import termios
import tty

from guest import NOBODY, ROOT, Console, wait_until


class Kind:
    """One kind of channel for the line @line of a shop's guest."""
    name = None
    callers = True          # somebody else may come after one has left
    window = False          # it has a size

    def __init__(self, shop, line):
        self.shop, self.line = shop, line
        self.here = None
        self.setting = None     # as the guest tells it, once it runs

    @staticmethod
    def missing():
        """In words, what the host lacks; None if nothing."""
        return None

    def switches(self):
        """Words for the command line."""
        return [f"{self.line}={self.value()}"]

    def value(self):
        """What stands behind the line's name."""
        return self.name

    def options(self):
        """Of Shop.start()."""
        return {}

    def learn(self, guest):
        """Find out what the guest's host chose."""
        text = guest.run(f"dmesg | grep '{self.line}: '").strip().splitlines()[-1]
        self.setting = re.search(rf"{self.line}: (\S+)", text).group(1)

    def connect(self):
        """Somebody comes: his Console."""
        fd = self.open()
        self.here = Console(fd, fd)
        return self.here

    def open(self):
        """A descriptor of the far side."""
        raise NotImplementedError

    def leave(self):
        """He goes."""
        self.here.close()
        self.here = None

    def close(self):
        """Leave nothing behind."""
        if self.here:
            self.leave()


class Port(Kind):
    """A TCP connection."""
    name = "port"

    def value(self):
        return "port:0"

    def open(self):
        connection = socket.create_connection(
            ("127.0.0.1", int(self.setting.rpartition(":")[2])), timeout=10)
        return connection.detach()


class Unix(Kind):
    """A unix socket."""
    name = "unix"

    def value(self):
        return f"unix:{self.shop.home}/{self.line}.sock"

    def address(self):
        """As connect() takes it."""
        return f"{self.shop.home}/{self.line}.sock"

    def open(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.address())
        return connection.detach()


class Abstract(Unix):
    """A unix socket without a file."""
    name = "unix-abstract"

    def value(self):
        return f"unix:@{self.shop.home.name}-{self.line}"

    def address(self):
        return f"\0{self.shop.home.name}-{self.line}"


class Pts(Kind):
    """A pseudo terminal of the guest's."""
    name = "pts"

    def open(self):
        return os.open(self.setting.partition(":")[2], os.O_RDWR | os.O_NOCTTY)


class Pty(Pts):
    """The other name of it."""
    name = "pty"


class Tty(Kind):
    """A terminal device: here a pseudo terminal of the test's. Its going is the
    going of the device."""
    name = "tty"
    window = True

    def __init__(self, shop, line):
        super().__init__(shop, line)
        self.link = shop.home / f"{line}.tty"
        shop.expected.add(self.link.name)
        self.master = self.slave = None
        self.plug()

    def plug(self):
        """The device appears."""
        self.master, slave = os.openpty()
        tty.setraw(slave)
        if ROOT:
            os.fchown(slave, NOBODY, NOBODY)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(slave))
        self.slave = slave

    def value(self):
        return f"tty:{self.link}"

    def learn(self, guest):
        pass

    def open(self):
        if self.master is None:
            self.plug()
        fd, self.master = self.master, None
        return fd

    def leave(self):
        super().leave()
        os.close(self.slave)
        self.link.unlink()

    def close(self):
        super().close()
        if self.master is not None:
            os.close(self.master)
            os.close(self.slave)


class Fd(Kind):
    """A descriptor that the guest was started with."""
    name = "fd"
    callers = False

    def __init__(self, shop, line):
        super().__init__(shop, line)
        self.ours, self.theirs = socket.socketpair()
        self.number = self.theirs.fileno()

    def value(self):
        return f"fd:{self.number}"

    def options(self):
        return {"pass_fds": [self.number]}

    def learn(self, guest):
        self.theirs.close()

    def open(self):
        return self.ours.detach()


# An emulator in forty lines: a terminal, the command on it, and a socket where
# the test is the person in front of it.
EMULATOR = """#!/usr/bin/python3
import os, pty, select, socket, sys, fcntl, termios, struct
at = sys.argv.index("-e")
assert sys.argv[1] == "-T" and sys.argv[2].startswith("{line}")
pid, master = pty.fork()
if not pid:
    os.execv(sys.argv[at + 1], sys.argv[at + 1:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 111, 0, 0))
person = socket.socket(socket.AF_UNIX)
person.connect("{path}")
person.send(b"!")
socket.send_fds(person, [b"!"], [master])
os.close(master)
person.recv(1)
"""


class Xterm(Kind):
    """A terminal emulator, without a display: that of the test."""
    name = "xterm"
    window = True

    def __init__(self, shop, line):
        super().__init__(shop, line)
        self.path = f"{shop.home}/{line}.person"
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.path)
        self.server.listen()
        self.server.settimeout(30)
        os.chmod(self.path, 0o777)
        shop.expected |= {f"{line}.person", f"{line}.emulator"}
        self.person = None
        self.program = shop.file(f"{line}.emulator", EMULATOR.format(path=self.path, line=line))
        self.program.chmod(0o755)

    def switches(self):
        return [f"{self.line}=xterm", f"xterm={self.program},-T,-e"]

    def learn(self, guest):
        pass

    def open(self):
        self.person, _ = self.server.accept()
        assert self.person.recv(1) == b"!"
        _, fds, _, _ = socket.recv_fds(self.person, 1, 1)
        # Whoever types before the guest has the terminal, types for the relay.
        wait_until(lambda: not termios.tcgetattr(fds[0])[3] & termios.ICANON, 1)
        return fds[0]

    def leave(self):
        super().leave()
        self.person.close()

    def close(self):
        super().close()
        self.server.close()
        os.unlink(self.path)


KINDS = [Port, Unix, Abstract, Pts, Pty, Tty, Fd, Xterm]


def window(fd, rows, columns):
    """Change the size of a terminal."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, array.array("H", [rows, columns, 0, 0]))
