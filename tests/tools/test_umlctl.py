# SPDX-License-Identifier: GPL-2.0
"""The console's parser as a program under sanitizers, and umlctl without a guest."""
import fcntl
import json
import os
import pathlib
import pty
import socket
import struct
import subprocess
import threading

import pytest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
UMLCTL = TOP / "build" / "tools" / "mconsole" / "umlctl"
CLASSIC = UMLCTL.with_name("uml_mconsole")


@pytest.fixture(scope="session", name="fuzzer")
def fixture_fuzzer(tmp_path_factory):
    """request_fuzz, with the sanitizers."""
    program = tmp_path_factory.mktemp("fuzz") / "request_fuzz"
    subprocess.run(
        ["gcc", "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
         "-I", HERE / "mconsole" / "include", "-idirafter", TOP / "include" / "uapi",
         "-o", program, HERE / "mconsole" / "request_fuzz.c",
         TOP / "drivers/usermode/mconsole/request.c"], check=True)
    return program


@pytest.mark.parametrize("seed", [1, 2])
def test_parser(fuzzer, seed):
    """A million datagrams, none of which is read or written beyond its end."""
    subprocess.run([fuzzer, str(seed), "1000000"], check=True, timeout=300)


# ---- umlctl and a guest that is none -------------------------------------------

class Stand:
    """Answers as the test says, in place of a guest."""

    def __init__(self, parent, name, packets):
        self.dir = parent / name
        self.dir.mkdir(parents=True)
        (self.dir / "pid").write_text(f"{os.getpid()}\n")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(self.dir / "mconsole"))
        self.packets, self.asked = packets, []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        """Until the socket is closed."""
        while True:
            try:
                data, peer = self.sock.recvfrom(65536)
            except OSError:
                return
            if not data:
                return
            self.asked.append(data[12:].rstrip(b"\0").decode())
            for packet in self.packets:
                self.sock.sendto(packet, peer)

    def close(self):
        """Its thread ends, too."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", str(self.dir / "mconsole"))
        self.thread.join()
        self.sock.close()


def packet(text, err=0, more=0):
    """One packet of an answer."""
    return struct.pack("=III", err, more, len(text) + 1) + text.encode() + b"\0"


@pytest.fixture(name="stand")
def fixture_stand(tmp_path):
    """stand(packet...): a machine "m" that answers so."""
    stands = []

    def stand(*packets):
        stands.append(Stand(tmp_path / "uml", "m", packets))
        return stands[-1]
    yield stand
    for one in stands:
        one.close()


@pytest.fixture(name="umlctl")
def fixture_umlctl(tmp_path):
    """umlctl(word...): run it; the machines are in the test's directory."""
    assert UMLCTL.exists(), f"{UMLCTL} is missing: make tools"

    def umlctl(*words, program=UMLCTL, stdin="", status=0):
        run = subprocess.run([program, *words], input=stdin, capture_output=True, text=True,
                             timeout=30, check=False,
                             env={"HOME": str(tmp_path), "UML_DIR": str(tmp_path / "uml")})
        assert run.returncode == status, f"{run.returncode}: {run.stdout}{run.stderr}"
        return run.stdout + run.stderr
    return umlctl


def test_answers(stand, umlctl):
    """The text alone; of several packets; JSON; and as uml_mconsole."""
    machine = stand(packet("one ", more=1), packet("two"))
    assert umlctl("config", "m", "mem") == "one two\n"
    assert machine.asked == ["config mem"]
    assert umlctl("m", "config", "mem", program=CLASSIC) == "OK one two\n"
    assert json.loads(umlctl("--json", "version", "m")) == {
        "machine": "m", "command": "version", "ok": True, "text": "one two"}


def test_failures(stand, umlctl):
    """Status 1 and the guest's reason."""
    stand(packet("no: reason", err=22))
    assert umlctl("remove", "m", "ubd7", status=1) == "umlctl: m: no: reason\n"
    assert umlctl("m", "remove", "ubd7", program=CLASSIC, status=1) == "ERR no: reason\n"
    assert json.loads(umlctl("-j", "remove", "m", "x", status=1))["error"] == 22


@pytest.mark.parametrize("packets", [
    [b""], [b"short"], [struct.pack("=III", 0, 0, 500) + b"x"],
    [struct.pack("=III", 0, 0, 0xffffffff) + b"x"]])
def test_damaged_answers(stand, umlctl, packets):
    """A guest may be hostile, too."""
    stand(*packets)
    assert umlctl("version", "m", status=4).startswith("umlctl: m: ")


def test_odd_text_in_json(stand, umlctl):
    """JSON is UTF-8 whatever the guest says."""
    stand(struct.pack("=III", 0, 0, 6) + b"a\xff\xc3\xa9\x01\0")
    assert json.loads(umlctl("-j", "version", "m"))["text"] == "a?é\x01"


def test_no_answer(stand, umlctl):
    """It is not waited for for ever."""
    stand()
    assert "does not answer" in umlctl("-t", "0.2", "version", "m", status=4)
    assert "no answer" in umlctl("-t", "0.2", "list")


def test_no_machine(umlctl, tmp_path):
    """None of that name; one that died; none at all."""
    assert "there is no machine web1" in umlctl("version", "web1", status=3)
    assert "no machine runs" in umlctl("list")
    assert json.loads(umlctl("--json", "list")) == []
    dead = tmp_path / "uml" / "dead"
    dead.mkdir(parents=True)
    (dead / "pid").write_text("999999999\n")
    assert "dead" in umlctl("list")
    assert "it does not run" in umlctl("version", "dead", status=3)
    assert "it does not run" in umlctl("shutdown", "dead", status=3)


def test_what_the_dead_left(stand, umlctl, tmp_path):
    """The directories of those that made their names up (the sticky bit) go by themselves,
    others when they are told to, and none of the living."""
    stand(packet("yes"))
    for name, mode in (("web1", 0o755), ("abcdefg7", 0o1755), ("abcdefg2", 0o755),
                       ("abcdefgh", 0o1755), ("living77", 0o1755)):
        (tmp_path / "uml" / name).mkdir()
        (tmp_path / "uml" / name).chmod(mode)
        (tmp_path / "uml" / name / "pid").write_text("999999999\n")
    (tmp_path / "uml" / "abcdefgh" / "precious").write_text("")
    with open(tmp_path / "uml" / "living77" / "pid", "r+", encoding="ascii") as pid:
        fcntl.fcntl(pid, 37, struct.pack("hhqqixxxx", fcntl.F_WRLCK, 0, 0, 0, 0))   # F_OFD_SETLK
        rows = [line.split()[0] for line in umlctl("list").splitlines()[1:]]
        assert rows == ["abcdefg2", "abcdefgh", "living77", "m", "web1"]
        assert "it runs" in umlctl("forget", "living77", status=1)
    umlctl("forget", "web1")
    assert "it runs" in umlctl("forget", "m", status=1)
    assert "there is no machine" in umlctl("forget", "web1", status=3)
    assert (tmp_path / "uml" / "abcdefgh" / "precious").exists()
    assert sorted(os.listdir(tmp_path / "uml")) == ["abcdefg2", "abcdefgh", "living77", "m"]


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["nonsense", "m"], ["halt"], ["list", "m"], ["--nonsense"],
    ["-t", "x", "list"], ["-t", "0", "list"], ["-t", "-1", "list"], ["log", "m", "x" * 600]])
def test_wrong_use(stand, umlctl, words):
    """One line, status 2."""
    stand(packet(""))
    assert umlctl(*words, status=2)


def test_script(stand, umlctl):
    """Commands from a file; a failure is the status."""
    machine = stand(packet("yes"))
    assert umlctl("shell", "m", stdin="# remark\n\nversion\nproc uptime\nquit\nhalt\n") == \
        "yes\nyes\n"
    assert machine.asked == ["version", "proc uptime"]
    assert umlctl("m", program=CLASSIC, stdin="mconsole-version\nversion\n") == \
        "umlctl, version 2 of the protocol\nOK yes\n"
    machine.packets = [packet("bad", err=1)]
    umlctl("shell", "m", stdin="version\n", status=1)


def test_log_file(stand, umlctl, tmp_path):
    """Each line is one of the guest's log."""
    machine = stand(packet(""))
    (tmp_path / "lines").write_text("first\nsecond " + "x" * 600 + "\n")
    umlctl("log", "m", "-f", str(tmp_path / "lines"))
    assert machine.asked[0] == "log first" and len(machine.asked) == 3


def test_person(stand, umlctl, tmp_path):
    """History and completion."""
    machine = stand(packet("yes"))
    umlctl("list")      # is there at all
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"HOME": str(tmp_path), "UML_DIR": str(tmp_path / "uml"),
                           "TERM": "linux"})
        os.execv(UMLCTL, ["umlctl", "shell", "m"])
    seen = b""

    def until(text):
        nonlocal seen
        while text not in seen:
            seen += os.read(terminal, 4096)
        seen = seen.partition(text)[2]

    until(b"(m) ")
    os.write(terminal, b"vers\t\n")
    until(b"yes")
    until(b"(m) ")
    os.write(terminal, b"\x1b[A\n")
    until(b"yes")
    until(b"(m) ")
    os.write(terminal, b"quit\n")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    asked = [text for text in machine.asked if text.strip() == "version"]
    assert len(asked) == 2
    assert "version" in (tmp_path / ".umlctl_history").read_text()
