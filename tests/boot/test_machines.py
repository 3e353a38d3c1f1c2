# SPDX-License-Identifier: GPL-2.0
"""umlctl with guests: every command, the list, and consoles to join."""
import json
import os
import pty
import shutil
import subprocess

import pytest

from guest import TOP, Console, unprivileged, wait_until
from mconsole import devices

UMLCTL = TOP / "build/tools/mconsole/umlctl"


@pytest.fixture(name="umlctl")
def fixture_umlctl(shop):
    """umlctl(word...) as the guests' owner; its output on both."""
    assert UMLCTL.exists(), f"{UMLCTL} is missing: make tools"
    for name in ("umlctl", "uml_mconsole"):
        shutil.copy(UMLCTL, shop.home / name)
        shop.expected.add(name)
    shop.expected.add(".umlctl_history")

    def umlctl(*words, status=0, program="umlctl"):
        run = subprocess.run([*unprivileged(), shop.home / program, *words],
                             env=shop.environment, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=60, check=False)
        assert run.returncode == status, f"{words}: {run.returncode} {run.stdout}{run.stderr}"
        return run.stdout + run.stderr
    return umlctl


def test_every_command(boot, shop, umlctl):
    """All that a guest understands, each kind of device."""
    guest = boot("umid=web1", "mem=256M")
    guest.login()
    cpus = guest.run("nproc")
    assert umlctl("version", "web1").startswith("Linux ")
    assert "config DEV" in umlctl("help", "web1")
    assert umlctl("proc", "web1", "sys/kernel/ostype") == "Linux\n"
    umlctl("log", "web1", "from", "outside")
    guest.expect(r"\] from outside")
    assert "pid 1" in umlctl("stack", "web1", "1")
    assert "Mem-Info" in umlctl("sysrq", "web1", "m")
    assert umlctl("stop", "web1") == "stopped\n"
    assert "say go first" in umlctl("config", "web1", "con0", status=1)
    umlctl("go", "web1")
    assert "fd:0" in umlctl("config", "web1", "con0")
    assert umlctl("web1", "config", "con0", program="uml_mconsole").startswith("OK fd:0")
    assert "no such number" in umlctl("config", "web1", "con99", status=1)
    for device, setting, answer in devices(shop):
        umlctl("config", "web1", f"{device}={setting}")
        assert umlctl("config", "web1", device).startswith(str(answer))
        umlctl("remove", "web1", device)
    umlctl("config", "web1", "mem=+32M")
    assert umlctl("config", "web1", "mem") == "288M\n"
    umlctl("config", "web1", "mem=-32M")
    assert umlctl("config", "web1", "cpu") == cpus
    umlctl("cad", "web1")
    guest.login()
    umlctl("reboot", "web1")
    guest.login()
    umlctl("halt", "web1")
    assert guest.wait(20) == 0
    assert "there is no machine web1" in umlctl("halt", "web1", status=3)


def test_shutdown(boot, umlctl):
    """Through its init."""
    guest = boot("umid=web1")
    guest.login()
    umlctl("shutdown", "web1")
    guest.expect("going down NOW")
    assert guest.wait() == 1


def test_list(boot, umlctl):
    """Running, stopped, dead; nothing is kept of a dead one that nobody named."""
    assert "no machine runs" in umlctl("list")
    guest = boot("umid=web1", "mem=128M")
    guest.login()
    row = json.loads(umlctl("--json", "list"))[0]
    assert row["name"] == "web1" and row["state"] == "running" and row["pid"] == guest.pid
    assert row["uptime"] > 0 and row["host_bytes"] > 1 << 20
    assert row["memory"] == "128M" and row["consoles"]["con0"].startswith("fd:0")
    lines = umlctl("list").splitlines()
    assert lines[0].split()[:2] == ["NAME", "STATE"] and lines[1].split()[:2] == ["web1", "running"]
    umlctl("stop", "web1")
    assert json.loads(umlctl("-j", "status", "web1"))[0]["state"] == "stopped"
    umlctl("go", "web1")
    guest.kill()
    guest.wait()
    assert json.loads(umlctl("-j", "list"))[0]["state"] == "dead"
    nameless = boot("mem=128M")
    nameless.login()
    assert [row["state"] for row in json.loads(umlctl("-j", "list"))].count("running") == 1
    nameless.kill()
    nameless.wait()
    assert [row["name"] for row in json.loads(umlctl("-j", "list"))] == ["web1"]


@pytest.mark.parametrize("channel", ["pts", "unix", "port"])
def test_console(boot, shop, umlctl, channel):
    """Log in through a line of the guest, leave it, come back."""
    setting = {"pts": "pts", "unix": f"unix:{shop.tmp}/line", "port": "port:0"}[channel]
    guest = boot("umid=web1", f"con0={setting}", console="pipes")
    assert wait_until(lambda: "con0" in str(json.loads(umlctl("-j", "list"))), 30)
    for _ in range(2):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe("setpriv" if unprivileged() else shop.home / "umlctl",
                       [*map(str, unprivileged()), str(shop.home / "umlctl"), "console", "web1"],
                       shop.environment)
        person = Console(terminal, terminal)
        person.expect("Ctrl-] leaves it")
        person.send("\r")
        # the second time the shell is still there, or was hung up: as the line says
        if "login: " in person.expect("login: |# ").group():
            person.send("root\r")
            person.expect("# ")
        person.send("echo $((6 * 7))\r")
        person.expect("42")
        person.send("\x1d")
        person.expect("left")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        person.close()
    umlctl("halt", "web1")
    assert guest.wait(20) == 0


def test_console_that_cannot_be_joined(boot, umlctl):
    """The user is told what to do."""
    guest = boot("umid=web1")
    guest.login()
    assert "umlctl config web1 con0=pts" in umlctl("console", "web1", status=1)
    assert "cannot be joined" in umlctl("console", "web1", "con0", status=1)
    assert guest.poweroff() == 0
