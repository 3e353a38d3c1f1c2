# SPDX-License-Identifier: GPL-2.0
"""Shutting down through the guest's init, and telling the host's service manager."""
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

from guest import NOBODY, ROOT, TOP

POLITE = "The system is going down NOW!"


def test_init_shuts_down(boot):
    """SIGTERM is poweroff as root would type it; the status is 1."""
    guest = boot()
    guest.login()
    guest.kill(signal.SIGTERM)
    guest.expect(POLITE)
    assert guest.wait() == 1
    assert "signal 15" in guest.console.seen


def test_immediately(boot):
    """shutdown=0: init is not asked, file systems are written back."""
    guest = boot("shutdown=0")
    guest.login()
    guest.run("echo kept > /root/kept")
    guest.kill(signal.SIGTERM)
    assert guest.wait(10) == 1
    assert POLITE not in guest.console.seen
    again = boot()
    again.login()
    assert again.run("cat /root/kept") == "kept\n"
    assert again.poweroff() == 0


def test_no_init(boot):
    """A shell in init's place does not listen: nobody waits for it."""
    guest = boot("init=/bin/sh")
    guest.expect("# ")
    begin = time.monotonic()
    guest.kill(signal.SIGTERM)
    assert guest.wait(20) == 1
    assert time.monotonic() - begin < 15


def test_time_limit(boot):
    """An init that hears it and does nothing has its time, and no more."""
    guest = boot("shutdown=2", "init=/bin/sh")
    guest.expect("# ")
    guest.send("trap : USR2; echo ready\n")
    guest.expect("^ready")
    guest.kill(signal.SIGTERM)
    guest.expect("init has not shut down within 2 seconds", 20)
    assert guest.wait(20) == 1


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "86401", "99999999999"])
def test_bad_limit(shop, value):
    """One line, status 1."""
    outcome = shop.outcome(f"shutdown={value}")
    assert outcome.status == 1 and outcome.stderr.count("\n") == 1
    assert "number of seconds" in outcome.stderr


@pytest.mark.parametrize("abstract", [False, True])
def test_service_manager(boot, shop, abstract):
    """NOTIFY_SOCKET is told that init runs, and that it shuts down."""
    path = shop.tmp / "manager"
    name = f"@usermode-test-{os.getpid()}" if abstract else str(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        manager.settimeout(60)
        if not abstract and ROOT:
            os.chown(path, NOBODY, NOBODY)
        guest = boot(env={"NOTIFY_SOCKET": name})
        assert "READY=1" in manager.recv(4096).decode().split("\n")
        guest.login()
        guest.kill(signal.SIGTERM)
        assert "STOPPING=1" in manager.recv(4096).decode().split("\n")
        assert guest.wait() == 1
    if not abstract:
        path.unlink()


def test_no_service_manager(boot):
    """Nobody listens there any more: the guest does not care."""
    guest = boot(env={"NOTIFY_SOCKET": "/nonexistent/socket"})
    guest.login()
    assert guest.poweroff() == 0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_unit_template(tmp_path):
    """systemd finds no fault with it, but for the program that is not installed."""
    unit = tmp_path / "usermode@web1.service"
    text = (TOP / "docs/examples/usermode@.service").read_text()
    unit.write_text(text.replace("/usr/local/bin/linux", "/bin/true"))
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True,
                         text=True, timeout=60, check=False)
    faults = [line for line in run.stderr.splitlines() if "usermode@" in line]
    assert not faults, run.stderr
