# SPDX-License-Identifier: GPL-2.0
"""Life and death: every way out has its status, and leaves nothing behind.

That nothing is left is what the fixture "shop" checks after each test.
"""
import os
import re
import signal
import subprocess

import pytest

from guest import PROMPT, wait_until

ABORTED = 128 + signal.SIGABRT


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT], ids=lambda s: s.name)
def test_asked_to_end(boot, shop, sig):
    """File systems are written back, the status is 1, the directory is gone."""
    guest = boot("umid=asked")
    guest.login()
    guest.run("echo kept > /root/kept")
    assert (shop.uml_dir / "asked" / "pid").exists()
    guest.kill(sig)
    assert guest.wait() == 1
    assert guest.console.restored
    assert not (shop.uml_dir / "asked").exists()

    again = boot()
    again.login()
    assert again.run("cat /root/kept") == "kept\n"
    assert again.poweroff() == 0


@pytest.mark.parametrize("delay", [0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8])
def test_asked_to_end_while_it_starts(boot, delay):
    """At any moment of the boot. Before the kernel has handlers, the signal's
    own effect is right as well."""
    guest = boot()
    wait_until(lambda: False, delay)
    guest.kill(signal.SIGTERM)
    assert guest.wait() in (1, 128 + signal.SIGTERM)
    assert guest.console.restored


def test_second_signal_kills(boot):
    """A guest that does not end gets no second chance."""
    guest = boot()
    guest.login()
    guest.kill(signal.SIGTERM)
    guest.expect("signal 15, shutting down")    # or two would be one for the host
    guest.kill(signal.SIGTERM)
    assert guest.wait(5) == 1
    assert guest.console.restored


def test_signal_to_busy_guest(boot):
    """All processes of the guest are busy."""
    guest = boot()
    guest.login()
    guest.run("for i in 1 2 3 4; do (while :; do :; done) & done")
    guest.kill(signal.SIGINT)
    assert guest.wait(20) == 1


def test_hangup_is_ignored(boot):
    """SIGHUP and SIGPIPE are none of the guest's business."""
    guest = boot()
    guest.login()
    for sig in (signal.SIGHUP, signal.SIGPIPE):
        guest.kill(sig)
        assert guest.run("echo still here") == "still here\n"
    assert guest.poweroff() == 0


def test_sigkill(boot, shop):
    """Host processes of guest programs die with the kernel."""
    guest = boot()
    guest.login()
    guest.run("for i in 1 2 3; do sleep 1000 & done; (while :; do :; done) & true")
    assert len(shop.running()) > 1, "the test looks for the wrong processes"
    guest.kill(signal.SIGKILL)
    assert guest.wait() == 128 + signal.SIGKILL
    shop.settle()
    assert not shop.running()


@pytest.mark.parametrize("delay", [0.05, 0.1, 0.2, 0.4, 0.8])
def test_sigkill_while_it_starts(boot, shop, delay):
    """Also those that are just being made."""
    guest = boot()
    wait_until(lambda: False, delay)
    guest.kill(signal.SIGKILL)
    assert guest.wait() == 128 + signal.SIGKILL
    shop.settle()
    assert not shop.running()


def test_panic(boot):
    """A stack with names, then SIGABRT."""
    guest = boot()
    guest.login()
    guest.send("echo c > /proc/sysrq-trigger\n")
    assert guest.wait() == ABORTED
    text = guest.console.seen
    assert "Kernel panic - not syncing: sysrq triggered crash" in text
    trace = text[text.rindex("Call Trace:"):]
    assert re.search(r"sysrq_handle_crash\+0x[0-9a-f]+/0x[0-9a-f]+", trace)
    assert re.search(r"vfs_write\+0x", trace)
    assert guest.console.restored


def test_panic_of_a_dead_init(boot):
    """The user's most common one: the wrong init."""
    guest = boot("init=/bin/false")
    assert guest.wait() == ABORTED
    assert "Attempted to kill init" in guest.console.seen
    assert guest.console.restored


def test_init_is_killed_from_outside(boot):
    """Its host process, and the others'."""
    guest = boot("init=/bin/sh")
    guest.expect("# ")
    for pid in subprocess.run(["pgrep", "-P", str(guest.pid)], capture_output=True, text=True,
                              check=True).stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    guest.send("echo\n")
    assert guest.wait() == ABORTED
    assert re.search("Attempted to kill init|the host ended the process",
                     guest.console.seen + guest.stderr())
    assert guest.console.restored


def test_panic_without_root(shop, mode):
    """No disk at all: the message says so."""
    outcome = shop.outcome(*mode)
    assert outcome.status == ABORTED
    assert "Unable to mount root fs" in outcome.stdout + outcome.stderr


def test_panic_restarts_when_asked(boot):
    """panic=1 with noreboot: an end instead of a restart."""
    guest = boot("panic=1", "noreboot", "init=/bin/false")
    assert guest.wait(30) == 0


def test_reboot_runs_the_same_command_line(boot, shop):
    """The second boot has the disk, the name and the terminal of the first."""
    guest = boot("umid=phoenix", "some.word=1")
    guest.login()
    guest.run("echo first > /root/generation")
    guest.send("reboot\n")
    guest.login()
    assert guest.run("cat /root/generation") == "first\n"
    assert "some.word=1" in guest.run("cat /proc/cmdline")
    assert (shop.uml_dir / "phoenix" / "pid").read_text() == f"{guest.pid}\n"
    size = guest.run("stty size")
    assert size.split()[0] != "0"
    first = len(shop.running())
    guest.send("reboot\n")
    guest.login()
    assert len(shop.running()) <= first + 1, "a reboot leaves host processes"
    assert guest.poweroff() == 0
    assert guest.console.restored


def test_reboot_does_not_leak_descriptors(boot):
    """An exec keeps what is not closed on exec."""
    counts = []
    guest = boot()
    for _ in range(3):
        guest.login()
        counts.append(sorted(os.listdir(f"/proc/{guest.pid}/fd")))
        guest.send("reboot\n")
    guest.login()
    assert guest.poweroff() == 0
    assert len(counts[0]) == len(counts[1]) == len(counts[2]), counts


def test_noreboot(boot):
    """noreboot: exit instead of starting again."""
    guest = boot("noreboot")
    guest.login()
    guest.send("reboot\n")
    assert guest.wait() == 0
    assert len(re.findall("login: ", guest.console.seen)) == 1


@pytest.mark.parametrize("status", [0, 1, 42, 255])
def test_exit_status_from_the_guest(script, status):
    """What the guest writes to /proc/exitcode is the program's status."""
    assert script(f"exit {status}").status == status


def test_exitcode_file(boot):
    """It reads back, refuses nonsense, and belongs to root."""
    guest = boot()
    guest.login()
    assert guest.run("cat /proc/exitcode") == "0\n"
    assert guest.run("echo nonsense > /proc/exitcode", check=False)[1] == 1
    assert guest.run("cat /proc/exitcode") == "0\n"
    guest.run("echo 7 > /proc/exitcode")
    assert guest.run("cat /proc/exitcode") == "7\n"
    assert guest.run("su -c 'echo 9 > /proc/exitcode' user", check=False)[1] != 0
    assert guest.poweroff() == 7


# ---- identity ------------------------------------------------------------------

def test_umid(boot, shop):
    """A name, a directory, a pid in it."""
    guest = boot("umid=worker")
    guest.login()
    pid = shop.uml_dir / "worker" / "pid"
    assert pid.read_text() == f"{guest.pid}\n"
    assert pid.stat().st_mode & 0o777 == 0o644
    assert guest.poweroff() == 0
    assert os.listdir(shop.uml_dir) == []


def test_umid_in_use(boot, shop):
    """The second one gets another name and a warning."""
    first = boot("umid=twin")
    first.login()
    second = shop.start(f"ubd0={shop.image(to='second.img')}", "umid=twin")
    second.login()
    assert "umid=twin: the name is in use" in second.run("dmesg | grep umid")
    names = os.listdir(shop.uml_dir)
    assert len(names) == 2
    other = next(name for name in names if name != "twin")
    assert (shop.uml_dir / other / "pid").read_text() == f"{second.pid}\n"
    assert second.poweroff() == 0
    assert (shop.uml_dir / "twin" / "pid").read_text() == f"{first.pid}\n"
    assert first.poweroff() == 0


def test_umid_of_the_dead_is_taken_over(boot, shop):
    """After SIGKILL the directory stays, and the next one uses it."""
    guest = boot("umid=heir")
    guest.login()
    guest.kill()
    guest.wait()
    assert (shop.uml_dir / "heir" / "pid").read_text() == f"{guest.pid}\n"
    heir = boot("umid=heir")
    heir.login()
    assert (shop.uml_dir / "heir" / "pid").read_text() == f"{heir.pid}\n"
    assert "in use" not in heir.run("dmesg | grep umid", check=False)[0]
    assert heir.poweroff() == 0
    assert os.listdir(shop.uml_dir) == []


def test_uml_dir(boot, shop):
    """Elsewhere, if the user says so; the home directory stays clean."""
    elsewhere = shop.tmp / "machines"
    guest = boot(f"uml_dir={elsewhere}", "umid=nomad")
    guest.login()
    assert (elsewhere / "nomad" / "pid").exists()
    assert not shop.uml_dir.exists()
    assert guest.poweroff() == 0
    assert os.listdir(elsewhere) == []
    elsewhere.rmdir()


def test_no_home(boot, shop):
    """Without HOME there is a warning and no directory, and the guest runs."""
    guest = boot(env={"HOME": ""})
    guest.login()
    assert "umid" in guest.run("dmesg | grep umid")
    assert not shop.uml_dir.exists()
    assert guest.poweroff() == 0


def test_closed_standard_files(shop, mode):
    """None of the three is open: the guest runs and ends."""
    image, script = shop.image(), shop.script("exit 5\n")
    line = " ".join([str(shop.linux), f"ubd0={image}", f"ubd1r={script}", *mode,
                     "init=/sbin/run-test"])
    assert shop.outcome("-c", f"exec {line} <&- >&- 2>&-", command=["sh"]).status == 5


def test_stopped_and_continued(boot):
    """A user's SIGSTOP and SIGCONT: time passes, nothing else happens."""
    guest = boot()
    guest.login()
    guest.kill(signal.SIGSTOP)
    wait_until(lambda: False, 2)
    guest.kill(signal.SIGCONT)
    assert guest.run("echo back") == "back\n"
    guest.send("sleep 0.2; echo slept\n")
    guest.expect(r"^slept\r\n", timeout=10)
    guest.expect(PROMPT)
    assert guest.poweroff() == 0
