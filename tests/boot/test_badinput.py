# SPDX-License-Identifier: GPL-2.0
"""Whatever the user gets wrong is answered in one line that names the option,
the file and the reason, with a non-zero status and nothing left behind."""
import fcntl
import os
import resource
import struct

import pytest

from guest import IO_URING_SETUP, PTRACE, ROOT, Console, forbid

F_OFD_SETLK = 37


def complaint(outcome, *words):
    """The outcome is a refusal in one line with all @words in it."""
    assert outcome.status not in (0, None) and outcome.status < 128, outcome
    lines = outcome.stderr.splitlines()
    assert len(lines) == 1, outcome
    assert lines[0].startswith("linux: "), outcome
    for word in words:
        assert str(word) in lines[0], f"{word!r} is not named: {lines[0]}"
    assert outcome.stdout == "", "it was answered after the kernel had started"


# ---- words that are wrong in themselves ----------------------------------------

@pytest.mark.parametrize("word, reason", [
    ("mem=0", "between"),
    ("mem=1M", "between"),
    ("mem=1000T", "between"),
    ("mem=99999999999999999999", "mem="),
    ("mem=-1", "mem="),
    ("mem=garbage", "not a size"),
    ("mem=", "not a size"),
    ("mem=512MB", "not a size"),
    ("mode=native", "unknown mode"),
    ("mode=", "unknown mode"),
    ("mode=SKAS", "unknown mode"),
    ("trap=magic", "unknown trap"),
    ("udb0=root.img", "ubd"),
    ("ubd", "no such disk"),
    ("ubd16=x", "no such disk"),
    ("ubdq=x", "no such disk"),
    ("ubd-1=x", "no such disk"),
    ("ubd0", "no file"),
    ("ubd0=", "no file"),
    ("ubd0=,", "no file"),
    ("ubd0z=x", "flag"),
    ("ubd0=a,b,c,d", "too many"),
    ("con16=null", "con15"),
    ("con0=nonsense", "unknown channel"),
    ("con0=fd:", "fd:N"),
    ("con0=fd:77", "not open"),
    ("con0=fd:0,none", "none"),
    ("ssl64=null", "ssl63"),
    ("umid=", "name"),
    ("umid=a/b", "name"),
    ("umid=.hidden", "name"),
    ("umid=" + "x" * 64, "name"),
    ("uml_dir=", "path"),
    ("initrd=", "initrd="),
], ids=lambda value: str(value)[:24] or "empty")
def test_word(shop, word, reason):
    """A mistake in one word."""
    complaint(shop.outcome(word), word.split("=")[0], reason)


def test_command_line_too_long(shop):
    """Longer than the kernel's own limit."""
    complaint(shop.outcome(*["x" * 100] * 100), "command line", "too long")


# ---- files ---------------------------------------------------------------------

OPTIONS = ["ubd0", "initrd"]


@pytest.mark.parametrize("option", OPTIONS)
def test_file_missing(shop, option):
    """The most common one."""
    name = shop.home / "there-is-none"
    complaint(shop.outcome(f"{option}={name}"), option, name, "no such file")


@pytest.mark.parametrize("option", OPTIONS)
def test_file_unreadable(shop, option):
    """Not ours."""
    path = shop.file("secret", b"x" * 4096)
    if ROOT:
        os.chown(path, 0, 0)
    path.chmod(0)
    complaint(shop.outcome(f"{option}={path}"), option, path, "permission denied")


@pytest.mark.parametrize("option", OPTIONS)
def test_directory(shop, option):
    """A directory as a file."""
    complaint(shop.outcome(f"{option}={shop.tmp}"), option, shop.tmp, "directory")


@pytest.mark.parametrize("option", OPTIONS)
def test_file_empty(shop, option):
    """Nothing in it."""
    path = shop.file("empty")
    complaint(shop.outcome(f"{option}={path}"), option, path, "empty")


@pytest.mark.parametrize("option", OPTIONS)
def test_not_a_file(shop, option):
    """A device and a pipe: neither may hang."""
    pipe = shop.home / "pipe"
    os.mkfifo(pipe)
    shop.own(pipe)
    shop.expected.add("pipe")
    for path in ("/dev/null", pipe):
        complaint(shop.outcome(f"{option}={path}", timeout=10), option, path)


def test_below_a_file(shop):
    """A part of the path is a file."""
    path = shop.file("image", size=1 << 20)
    complaint(shop.outcome(f"ubd0={path}/more"), "ubd0", path, "not a directory")


def test_link_to_itself(shop):
    """A symbolic link that leads nowhere."""
    link = shop.home / "loop"
    link.symlink_to("loop")
    shop.expected.add("loop")
    complaint(shop.outcome(f"ubd0={link}"), "ubd0", link, "links")


def test_image_smaller_than_a_sector(shop):
    """There is no disk in it."""
    path = shop.file("tiny", b"x" * 511)
    complaint(shop.outcome(f"ubd0={path}"), "ubd0", path, "sector")


def test_image_read_only(shop):
    """Readable but not writable: the answer names the flag that helps."""
    path = shop.file("precious", size=1 << 20)
    if ROOT:
        os.chown(path, 0, 0)
    path.chmod(0o444)
    complaint(shop.outcome(f"ubd0={path}"), "ubd0", path, "writing", "flag r")


def test_image_locked(shop):
    """Another program holds it."""
    path = shop.file("busy", size=1 << 20)
    with open(path, "r+b") as file:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        fcntl.fcntl(file, F_OFD_SETLK, lock)
        complaint(shop.outcome(f"ubd0={path}"), "ubd0", path, "in use")


def test_image_twice(shop):
    """The same file as two disks."""
    path = shop.file("once", size=1 << 20)
    complaint(shop.outcome(f"ubd0={path}", f"ubd1={path}"), "ubd1", path, "in use")


def test_disk_twice(shop):
    """Two files as the same disk."""
    one, two = shop.file("one", size=1 << 20), shop.file("two", size=1 << 20)
    complaint(shop.outcome(f"ubd0={one}", f"ubda={two}"), "ubda", two, "already")


def test_cow_file_as_plain_data(shop):
    """Would be destroyed. Flag d insists, and then only its size counts."""
    path = shop.file("cow", b"MOOO" + b"\0" * 8188)
    complaint(shop.outcome(f"ubd0={path}"), "ubd0", path)


def test_image_of_odd_size(shop, mode):
    """The part that makes no sector is left out, and the user is told."""
    image = shop.file("odd", b"o" * (3 * 512 + 100))
    outcome = shop.run_script("blockdev --getsize64 /dev/ubdc; dmesg | grep ubdc",
                              f"ubd2={image}", *mode)
    assert outcome.stdout.startswith("1536\n"), outcome
    assert "100 bytes" in outcome.stdout and str(image) in outcome.stdout


def test_initrd_larger_than_memory(shop):
    """The answer names what helps."""
    path = shop.file("huge", size=200 << 20)
    outcome = shop.outcome(f"initrd={path}", "mem=64M")
    assert outcome.status == 1, outcome
    assert "initrd=" in outcome.stderr and "mem=" in outcome.stderr, outcome


# ---- hosts that do not let us --------------------------------------------------

def test_memory_limited(shop):
    """ulimit -v smaller than mem=."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    complaint(shop.outcome("mem=8G", prepare=limit), "mem=")


def test_file_size_limited(shop):
    """ulimit -f smaller than mem=: guest memory is a file, too."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    complaint(shop.outcome("mem=128M", prepare=limit), "mem=")


def test_more_memory_than_the_host_has(script):
    """Is no mistake: memory is the host's only when it is used."""
    outcome = script("grep MemTotal /proc/meminfo", "mem=64G")
    assert outcome.status == 0
    assert int(outcome.stdout.split()[1]) > 60 << 20


def test_ptrace_forbidden(shop):
    """As many a container's seccomp profile does."""
    path = shop.image()
    outcome = shop.outcome(f"ubd0={path}", "mode=skas", "trap=ptrace",
                           prepare=lambda: forbid(PTRACE))
    assert outcome.status == 1, outcome
    assert "ptrace" in outcome.stderr and "forbids" in outcome.stderr, outcome
    assert len(outcome.stderr.splitlines()) == 1


def test_io_uring_forbidden(script):
    """Is no mistake either: host threads do the work, and dmesg says so."""
    outcome = script("dmesg | grep ubda:; md5sum /bin/busybox",
                     prepare=lambda: forbid(IO_URING_SETUP))
    assert outcome.status == 0
    assert "threads" in outcome.stdout, outcome


def test_few_processes(shop):
    """ulimit -u reached: an answer, not a hang."""
    outcome = shop.outcome(f"ubd0={shop.image()}",
                           command=["prlimit", "--nproc=0", str(shop.linux)])
    assert outcome.status == 1, outcome
    assert len(outcome.stderr.splitlines()) == 1, outcome


def test_few_descriptors(shop):
    """ulimit -n of 8: an answer, not a crash."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
    outcome = shop.outcome(f"ubd0={shop.image()}", prepare=limit)
    assert outcome.status in (1, 134), outcome


def test_without_proc(shop, mode):
    """No /proc on the host: either it works or it says what is missing."""
    if not ROOT:
        pytest.skip("hiding /proc needs root, or user namespaces")
    image, script = shop.image(), shop.script("exit 3\n")
    command = ["unshare", "--mount", "--", "sh", "-c",
               'mount -t tmpfs none /proc && exec "$@"', "sh"]
    hidden = shop.outcome(f"ubd0={image}", f"ubd1r={script}", *mode, "init=/sbin/run-test",
                          wrapper=command)
    if hidden.status == 3:
        return
    complaint(hidden, "/proc")


# ---- what is right -------------------------------------------------------------

@pytest.mark.parametrize("word, said", [
    ("--help", "ubd<n>"), ("--version", "6.12"), ("--showconfig", "CONFIG_USERMODE"),
])
def test_answers(shop, word, said):
    """On stdout, status 0, nothing on stderr."""
    outcome = shop.outcome(word)
    assert outcome.status == 0 and said in outcome.stdout and not outcome.stderr, outcome


def test_help_names_every_switch(shop):
    """Those of shared use; what is not supported is not there."""
    text = shop.outcome("--help").stdout
    for switch in ("mem=", "mode=", "trap=", "umid=", "uml_dir=", "initrd=", "ubd<n>",
                   "con", "ssl", "noreboot", "--help", "--version", "--showconfig"):
        assert switch in text, switch


def test_answers_survive_a_closed_pipe(shop):
    """--help into a reader that has gone: no signal, no hang."""
    read, write = os.pipe()
    os.close(read)
    guest = shop.start("--help", console=Console(None, None), stdin=write, stdout=write)
    os.close(write)
    assert guest.wait(10) in (0, 141)

