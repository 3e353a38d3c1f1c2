# SPDX-License-Identifier: GPL-2.0
"""Guests that run, and the consoles that they are talked to through.

A Shop owns a directory, the kernel in it, and what became of all guests that it
started: it says which host processes and files are left. A Guest is one run of
./linux, in a session of its own, as an unprivileged user. A Console is the
terminal, pipe or file that its output comes from and its input goes to.

Nothing here waits without a limit. Limits are generous; TIMEOUT_SCALE in the
environment multiplies them for slow machines.
"""
import ctypes
import errno
import fcntl
import os
import pathlib
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
LINUX = pathlib.Path(os.environ.get("LINUX", TOP / "linux"))
IMAGES = pathlib.Path(os.environ.get("IMAGES", TOP / "build"))
NOBODY = 65534
ROOT = os.geteuid() == 0
SCALE = float(os.environ.get("TIMEOUT_SCALE", "1"))

ROWS, COLUMNS = 50, 200

# Where the echo of what run() types ends, with messages of the kernel's in between.
MESSAGES = r"(?:\[ *\d+\.\d+\] [^\n]*\n)*"
ECHO_END = re.compile(MESSAGES.join(["'", ":", r"\$", r"\?", r"\r*\n"]))

PROMPT = r"[\w-]+@[\w-]+:[^\r\n]*[#$] "

# What a healthy kernel never says.
TROUBLE = re.compile(
    r"WARNING:|BUG:|\bOops\b|general protection|Kernel panic|"
    r"INFO: (?:task|rcu)|possible (?:circular|recursive) locking|unable to handle|"
    r"soft lockup|UBSAN|Bad page|scheduling while atomic|invalid context|"
    r"Unhandled|irq \d+: nobody cared", re.I)


class ConsoleError(AssertionError):
    """The console ended, or did not say in time what was expected."""


def unprivileged():
    """The command's beginning that gives up everything root has."""
    if not ROOT:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
            "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]


# ---- the host's side: system calls that a test wants to fail -------------------

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 38, 22
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7fff0000, 0x00050000
IO_URING_SETUP, PTRACE, FDATASYNC = 425, 101, 75
_libc = ctypes.CDLL(None, use_errno=True)


def forbid(*numbers, error=errno.EPERM):
    """Make system calls fail in this process and all its children, as a
    container's seccomp profile does. To be called between fork and exec."""
    code = [(0x20, 0, 0, 0)]  # load the number
    for nr in numbers:
        code += [(0x15, 0, 1, nr), (0x06, 0, 0, SECCOMP_RET_ERRNO | error)]
    code.append((0x06, 0, 0, SECCOMP_RET_ALLOW))
    program = ctypes.create_string_buffer(
        b"".join(struct.pack("<HBBI", *insn) for insn in code))
    fprog = ctypes.create_string_buffer(
        struct.pack("<H6xQ", len(code), ctypes.addressof(program)))
    if (_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or
            _libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(fprog), 0, 0)):
        raise OSError(ctypes.get_errno(), "cannot install a seccomp filter")


# ---- host processes ------------------------------------------------------------

def processes():
    """All live host processes: (pid, session, state, executable)."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        try:
            exe = os.readlink(f"/proc/{name}/exe")
        except OSError:
            exe = ""
        if fields[0] not in "ZX":
            yield int(name), int(fields[3]), fields[0], exe


def members(session):
    """The living processes of a session."""
    return [pid for pid, sid, _, _ in processes() if sid == session]


def cpu_seconds(session):
    """CPU time that the living processes of a session have used."""
    total = 0
    for pid in members(session):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def sleeps(session):
    """How often the threads of a session's living processes have gone to sleep."""
    total = 0
    for pid in members(session):
        try:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                text = (task / "status").read_text(encoding="ascii", errors="replace")
                total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M)[1])
        except OSError:
            continue
    return total


def wait_until(condition, timeout, step=0.02):
    """Poll @condition until it is true; its last value."""
    deadline = time.monotonic() + timeout * SCALE
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(step)


# ---- console -------------------------------------------------------------------

class Console:
    """A descriptor to read from and one to write to; None: there is none."""

    def __init__(self, read_fd, write_fd):
        self.read_fd, self.write_fd = read_fd, write_fd
        self.seen = ""      # all that ever came
        self.at = 0         # what expect() has not looked at yet starts here
        self.ended = read_fd is None
        if read_fd is not None:
            os.set_blocking(read_fd, False)

    def pump(self, timeout=0):
        """Take what is there; wait up to @timeout for something."""
        if self.ended:
            return False
        if not select.select([self.read_fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.read_fd, 65536)
        except BlockingIOError:
            return False
        except OSError as error:    # the far side of a terminal is closed
            if error.errno != errno.EIO:
                raise
            data = b""
        self.ended = not data
        self.seen += data.decode("utf-8", "replace")
        return bool(data)

    @property
    def rest(self):
        """What came and was not matched by any expect() yet."""
        return self.seen[self.at:]

    def expect(self, pattern, timeout=60):
        """Wait for a regular expression; the match. Everything up to its end
        is then done with."""
        compiled = re.compile(pattern, re.M)
        deadline = time.monotonic() + timeout * SCALE
        while True:
            match = compiled.search(self.seen, self.at)
            if match:
                self.at = match.end()
                return match
            left = deadline - time.monotonic()
            if left <= 0 or self.ended and not self.pump():
                why = "ended" if self.ended else f"was silent on it for {timeout} s"
                raise ConsoleError(f"the console {why}: expected {pattern!r} after\n"
                                   f"{self.rest[-3000:]}")
            self.pump(min(left, 1))

    def collect(self, seconds):
        """Everything that comes within a time."""
        deadline = time.monotonic() + seconds
        while not self.ended and time.monotonic() < deadline:
            self.pump(max(0, deadline - time.monotonic()))
        return self.rest

    def send(self, text):
        """Write all of @text, reading meanwhile."""
        data = text.encode() if isinstance(text, str) else text
        deadline = time.monotonic() + 60 * SCALE
        os.set_blocking(self.write_fd, False)
        while data:
            if time.monotonic() > deadline:
                raise ConsoleError(f"the guest does not take its input: {data[:80]!r}")
            readers = [] if self.ended else [self.read_fd]
            _, writable, _ = select.select(readers, [self.write_fd], [], 1)
            self.pump()
            if writable:
                try:
                    data = data[os.write(self.write_fd, data[:4096]):]
                except BlockingIOError:
                    pass

    def close_input(self):
        """The guest sees the end of its input."""
        os.close(self.write_fd)
        self.write_fd = None

    def close(self):
        """Give the descriptors back."""
        for fd in {self.read_fd, self.write_fd} - {None}:
            os.close(fd)
        self.read_fd = self.write_fd = None
        self.ended = True


class Terminal(Console):
    """A pseudo-terminal; the guest's side stays open here so that its settings
    can be compared after the guest has ended."""

    def __init__(self, own=True):
        master, self.slave = os.openpty()
        super().__init__(master, master)
        # A login gives the terminal to its user; su does not.
        if ROOT and own:
            os.fchown(self.slave, NOBODY, NOBODY)
        self.resize(ROWS, COLUMNS)
        self.before = termios.tcgetattr(self.slave)

    def resize(self, rows, columns):
        """As a terminal emulator does when its window changes."""
        fcntl.ioctl(self.read_fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def restored(self):
        """Is the terminal as it was before the guest?"""
        return termios.tcgetattr(self.slave) == self.before

    def close(self):
        if self.slave is not None:
            os.close(self.slave)
            self.slave = None
        super().close()


# ---- guest ---------------------------------------------------------------------

class Guest:
    """One run of ./linux. Made by Shop.start(). @root: as whoever runs the test,
    with all that root may do."""

    def __init__(self, shop, arguments, *, console, stdin=None, stdout=None, stderr=None,
                 cwd=None, env=None, prepare=None, command=None, wrapper=(), pass_fds=(),
                 root=False):
        self.console = console
        self.status = None
        self.errors = tempfile.TemporaryFile()
        terminal = isinstance(console, Terminal)
        stderr = self.errors if stderr is None else stderr

        def before_exec():
            os.setsid()
            if terminal:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if prepare:
                prepare()

        self.process = subprocess.Popen(
            [*wrapper, *(unprivileged() if not root else []),
             *(command or [str(shop.linux)]), *arguments],
            stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd or shop.home,
            env=shop.environment | (env or {}), preexec_fn=before_exec, pass_fds=pass_fds)
        self.pid = self.process.pid

    # -- its console --

    def expect(self, pattern, timeout=60):
        """Console.expect(); what stderr got is part of the complaint."""
        try:
            return self.console.expect(pattern, timeout)
        except ConsoleError as error:
            raise ConsoleError(f"{error}\nstatus {self.process.poll()}, "
                               f"stderr: {self.stderr()}") from None

    def send(self, text):
        """Type."""
        self.console.send(text)

    def login(self, user="root", timeout=120):
        """From the login prompt to a shell's."""
        self.expect("login: ", timeout)
        self.send(f"{user}\n")
        self.expect(PROMPT)

    def run(self, command, timeout=60, check=True):
        """Run a command in the shell that login() reached: its output, and its
        status too where @check is false."""
        assert len(command) < COLUMNS - 60, "it would be wrapped, write a script"
        mark = f"{time.monotonic_ns():x}"
        begin = self.console.at
        # Quoted, so that the echo of the command is not taken for its end.
        self.send(f"{command}; echo 'END''{mark}':$?\n")
        # The kernel may have a message just behind it.
        match = self.expect(rf"END{mark}:(\d+)(?:\r?\n|\[)", timeout)
        end, status = match.start(), int(match.group(1))
        # What is typed ahead of the prompt is echoed twice.
        echoes = [match.end() for match in ECHO_END.finditer(self.console.seen, begin, end)]
        begin = echoes[-1] if echoes else begin
        output = self.console.seen[begin:end].replace("\r\n", "\n")
        self.expect(PROMPT)
        if not check:
            return output, status
        assert status == 0, f"{command}: status {status}: {output}"
        return output

    def stderr(self):
        """What it wrote to its standard error output, if that was not given."""
        self.errors.seek(0)
        return self.errors.read().decode("utf-8", "replace")

    # -- its end --

    def kill(self, sig=signal.SIGKILL):
        """Signal the main process."""
        os.kill(self.pid, sig)

    def wait(self, timeout=60):
        """Its status as a shell shows it, once it has ended."""
        deadline = time.monotonic() + timeout * SCALE
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise ConsoleError(f"the guest is still there after {timeout} s; it said\n"
                                   f"{self.console.rest[-3000:]}")
            if not self.console.pump(0.05):
                time.sleep(0.01)
        while self.console.pump():
            pass
        code = self.process.returncode
        self.status = 128 - code if code < 0 else code
        return self.status

    def poweroff(self, politely=False):
        """From a shell; the status. Init would take two seconds to be polite."""
        self.send("poweroff\n" if politely else "sync; poweroff -f\n")
        return self.wait()

    @property
    def alive(self):
        """Has it not ended yet?"""
        return self.process.poll() is None


class Outcome:
    """How a run ended that nobody talked to."""

    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    @property
    def text(self):
        """All of it, for a complaint."""
        return f"status {self.status}\nstdout: {self.stdout}\nstderr: {self.stderr}"


# ---- shop ----------------------------------------------------------------------

class Shop:
    """A directory for guests and their files, and the account of both."""

    def __init__(self, linux, directory):
        self.linux = linux
        self.home = pathlib.Path(directory)
        self.tmp = self.home / "tmp"
        self.uml_dir = self.home / ".uml"
        self.tmp.mkdir()
        self.guests = []
        self.killed = False     # a guest had no chance to remove its directory
        self.expected = {self.tmp.name}     # names in home that belong there
        self.own(self.home)
        self.own(self.tmp)
        self.environment = {
            "HOME": str(self.home), "TMPDIR": str(self.tmp), "TERM": "linux",
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8",
        }

    @staticmethod
    def own(path):
        """Let guests write to it."""
        if ROOT:
            os.chown(path, NOBODY, NOBODY)

    # -- files --

    def file(self, name, content=b"", size=None):
        """A file of the guests' directory."""
        path = self.home / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if size is not None:
            os.truncate(path, size)
        self.own(path)
        self.expected.add(name)
        return path

    def image(self, name="root.img", to=None):
        """A copy of an image, for one guest to write to."""
        source = IMAGES / name
        assert source.exists(), f"{source} is missing: make {name}"
        path = self.home / (to or name)
        if not path.exists():
            subprocess.run(["cp", "--reflink=auto", "--sparse=always", source, path], check=True)
            self.own(path)
            self.expected.add(path.name)
        return path

    def script(self, text, name="script"):
        """A disk that is a script; see images/root/sbin/run-test."""
        data = ("#!/bin/sh\necho 'script: begin'\n" + text.lstrip("\n")).encode()
        return self.file(name, data + b"\n" * (-len(data) % 512))

    # -- guests --

    def start(self, *arguments, console="terminal", **options):
        """Start a guest on a "terminal", on "pipes", or on a Console with stdin=
        and stdout= given."""
        ours = []
        if console == "terminal":
            console = Terminal()
        elif console == "pipes":
            theirs_in, to_guest = os.pipe()
            from_guest, theirs_out = os.pipe()
            options |= {"stdin": theirs_in, "stdout": theirs_out}
            ours = [theirs_in, theirs_out]
            console = Console(from_guest, to_guest)
        if isinstance(console, Terminal):
            options |= {"stdin": console.slave, "stdout": console.slave}
        guest = Guest(self, [str(a) for a in arguments], console=console, **options)
        for fd in ours:
            os.close(fd)
        self.guests.append(guest)
        return guest

    def outcome(self, *arguments, timeout=30, **options):
        """Run to the end with no input; what it said and its status."""
        with tempfile.TemporaryFile() as out:
            guest = self.start(*arguments, console=Console(None, None),
                               stdin=subprocess.DEVNULL, stdout=out, **options)
            status = guest.wait(timeout)
            out.seek(0)
            return Outcome(status, out.read().decode("utf-8", "replace"), guest.stderr())

    def refuses(self, word, reason):
        """An option ends the program with one line that names it and @reason."""
        outcome = self.outcome(word)
        lines = outcome.stderr.splitlines()
        assert outcome.status == 1 and len(lines) == 1, outcome.text
        assert lines[0].startswith(f"linux: {word}: ") and reason in lines[0], lines[0]
        assert outcome.stdout == ""

    def run_script(self, text, *arguments, image="root.img", timeout=120, **options):
        """Boot @image, run a script as root in it, end. The outcome; its stdout
        is the script's alone."""
        outcome = self.outcome(
            f"ubd0={self.image(image)}", f"ubd1r={self.script(text)}",
            *arguments, "init=/sbin/run-test", "quiet", timeout=timeout, **options)
        text = outcome.stdout.replace("\r\n", "\n")
        match = re.search(r"^script: begin\n(.*)^run-test: status", text, re.M | re.S)
        assert match, f"the guest did not run the script to its end: {outcome.text}"
        outcome.stdout = match.group(1)
        return outcome

    # -- the account --

    def running(self):
        """Host processes of this shop's guests that live."""
        sessions = {guest.pid for guest in self.guests}
        return [f"{pid} ({exe})" for pid, sid, _, exe in processes()
                if sid in sessions or exe.startswith(str(self.home))]

    def files(self):
        """Files that guests have left, with the directories of machines."""
        found = set()
        for where, directories, names in os.walk(self.home):
            for name in names + directories:
                path = os.path.relpath(os.path.join(where, name), self.home)
                if path.split("/")[0] not in self.expected or path.startswith("tmp/"):
                    found.add(path)
        return found - {".uml"}

    def sockets(self):
        """Names of unix sockets below the directory."""
        with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
            return [line.split()[-1] for line in file if str(self.home) in line]

    def settle(self):
        """Wait for host processes to go that were told to."""
        wait_until(lambda: not self.running(), 5)

    def leftovers(self):
        """In words, what is left of guests that have all ended; "" is right."""
        self.settle()
        left = {"processes": self.running(), "files": sorted(self.files()),
                "sockets": self.sockets()}
        return "; ".join(f"{what} {names}" for what, names in left.items() if names)

    def close(self):
        """End everything. Returns what was left behind by guests that ended by
        themselves; those that had to be killed here may leave their directory."""
        for guest in self.guests:
            if guest.alive:
                guest.kill()
                self.killed = True
            guest.process.wait()
            guest.console.pump()
        if self.killed or any(g.process.returncode == -signal.SIGKILL for g in self.guests):
            shutil.rmtree(self.uml_dir, ignore_errors=True)
        left = self.leftovers()
        for guest in self.guests:
            print(f"---- guest {guest.pid}, status {guest.process.returncode}\n"
                  f"{guest.console.seen[-8000:]}\n---- its stderr\n{guest.stderr()}")
            guest.console.close()
            guest.errors.close()
        for pid, sid, _, _ in processes():
            if sid in {guest.pid for guest in self.guests}:
                os.kill(pid, signal.SIGKILL)
        return left


# ---- modes ---------------------------------------------------------------------

PAIRS = [("skas", "ptrace"), ("skas", "seccomp"), ("tt", "ptrace"), ("tt", "dispatch")]


def publish(directory):
    """Copy the kernel to where an unprivileged user can run it."""
    assert LINUX.exists(), f"{LINUX} is missing: make"
    linux = pathlib.Path(directory) / "linux"
    shutil.copy(LINUX, linux)
    linux.chmod(0o755)
    return linux


def probe(space, trap):
    """What the kernel says to a pair: None if it runs guests, its reason if it
    does not, and the empty reason if it does not know the pair at all."""
    with tempfile.TemporaryDirectory(prefix="usermode-probe-") as name:
        os.chmod(name, 0o755)
        directory = pathlib.Path(name, "shop")
        directory.mkdir()
        shop = Shop(publish(name), directory)
        # Without a disk it ends in a panic, which is as far as it must get.
        outcome = shop.outcome(f"mode={space}", f"trap={trap}", "mem=64M", "panic=0")
        shop.close()
    if outcome.status == 128 + signal.SIGABRT:
        return None
    reason = outcome.stderr.strip()
    if outcome.status != 1 or not reason:
        raise AssertionError(f"mode={space} trap={trap}: {outcome.text}")
    return "" if "not in this kernel" in reason else reason
