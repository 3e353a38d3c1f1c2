# SPDX-License-Identifier: GPL-2.0
"""root.img on a terminal: a user logs in, works, and switches off."""
import re

from guest import COLUMNS, PROMPT, ROWS, TROUBLE, Terminal


def test_login_shell_poweroff(boot):
    """The first minute of every user."""
    guest = boot()
    guest.login()
    assert "uid=0(root)" in guest.run("id")
    assert {"bin", "dev", "etc", "proc", "sys"} <= set(guest.run("ls -1 /").split())
    assert guest.run("uname -m").strip() == "x86_64"
    assert guest.run("false", check=False)[1] == 1
    assert not guest.console.restored, "the guest does not have the terminal in raw mode"
    assert guest.poweroff(politely=True) == 0
    assert guest.console.restored
    assert guest.stderr() == ""


def test_kernel_has_no_complaint(boot):
    """From the first message to the last."""
    guest = boot("debug")
    guest.login()
    log = guest.run("dmesg")
    assert "Linux version 6.12" in log
    assert guest.poweroff(politely=True) == 0
    found = [line for line in guest.console.seen.splitlines() if TROUBLE.search(line)]
    assert not found
    assert "Linux version 6.12" in guest.console.seen, "the early console missed the first message"


def test_cpuinfo_and_command_line(boot, mode):
    """What the guest says about its machine."""
    guest = boot("some.word=5", "debug_word")
    guest.login()
    info = guest.run("cat /proc/cpuinfo")
    assert re.search(r"^vendor_id\s*: User Mode Linux$", info, re.M)
    assert re.search(rf"^mode\s*: {mode[0].removeprefix('mode=')}\b", info, re.M)
    assert re.search(r"^host\s*: Linux ", info, re.M)
    line = guest.run("cat /proc/cmdline")
    assert "some.word=5" in line and mode[0] in line
    assert guest.poweroff() == 0


def test_user_without_privilege(boot):
    """The second account of the image."""
    guest = boot()
    guest.login("user")
    assert guest.run("id -u").strip() == "1000"
    assert guest.run("cat /etc/passwd > /etc/x", check=False)[1] != 0
    guest.send("exit\n")
    guest.login()
    assert guest.poweroff() == 0


def test_vi(boot):
    """A full-screen program: its keys arrive one by one, its screen is drawn."""
    guest = boot()
    guest.login()
    guest.send("vi /tmp/note\n")
    guest.expect("/tmp/note 1/1")
    # A pause after each escape, which otherwise begins a function key.
    for keys in ("ione\rtwo\x1b", "yypAx\x1b", ":wq\r"):
        guest.send(keys)
        guest.console.collect(0.5)
    guest.expect(PROMPT)
    assert guest.run("cat /tmp/note") == "one\ntwo\ntwox\n"
    assert guest.poweroff() == 0


def test_control_keys(boot):
    """Ctrl-C, Ctrl-\\, Ctrl-D and Ctrl-Z reach the guest, not ./linux."""
    guest = boot()
    guest.login()
    for key, status in (("\x03", 130), ("\x1c", 131)):
        guest.send("sleep 1000\n")
        guest.expect("sleep 1000\r\n")
        guest.console.collect(0.5)
        guest.send(key)
        guest.expect(PROMPT)
        assert guest.run("echo $?").strip() == str(status)
    guest.send("cat > /tmp/typed\n")
    guest.expect("typed\r\n")
    guest.console.collect(0.5)
    guest.send("line\n\x04")
    guest.expect(PROMPT)
    assert guest.run("cat /tmp/typed") == "line\n"
    assert guest.alive
    assert guest.poweroff() == 0


def test_job_control(boot):
    """Ctrl-Z, jobs, bg, fg, and a background job that wants to read."""
    guest = boot()
    guest.login()
    guest.send("sleep 1000\n")
    guest.expect("sleep 1000\r\n")
    guest.console.collect(0.5)
    guest.send("\x1a")
    guest.expect("Stopped")
    guest.expect(PROMPT)
    assert "Stopped" in guest.run("jobs")
    guest.run("bg")
    assert "Running" in guest.run("jobs")
    guest.send("fg\n")
    guest.expect("sleep 1000\r\n")
    guest.console.collect(0.5)
    guest.send("\x03")
    guest.expect(PROMPT)
    assert guest.run("jobs") == ""
    guest.run("cat & true")
    guest.console.collect(0.5)
    assert re.search(r"Stopped.*tty input", guest.run("jobs"))
    guest.run("kill -9 %1")
    assert guest.poweroff() == 0


def test_window_size(boot):
    """The guest's terminal is as large as the host's, also after a change."""
    guest = boot()
    guest.login()
    assert guest.run("stty size").split() == [str(ROWS), str(COLUMNS)]
    guest.send("trap 'echo WIN''CH: $(stty size)' WINCH; sleep 20 & wait\n")
    guest.expect(r"wait\r\n")
    guest.console.collect(0.5)
    guest.console.resize(24, 100)
    guest.expect(r"WINCH: 24 100")
    guest.expect(PROMPT)
    assert guest.run("stty size").split() == ["24", "100"]
    guest.run("kill $!", check=False)
    assert guest.poweroff() == 0


def test_terminal_of_somebody_else(boot):
    """After su, the terminal is open but its name may not be opened again."""
    terminal = Terminal(own=False)
    guest = boot(console=terminal)
    guest.login()
    assert guest.run("seq 1 20000 | tail -1").strip() == "20000"
    guest.send("seq 1 20000\n")
    guest.expect(r"^19999\r\n20000\r\n")
    assert guest.poweroff() == 0
    assert terminal.restored


def test_much_output(boot):
    """Nothing of it is lost or reordered."""
    guest = boot()
    guest.login()
    guest.send("seq 1 50000\n")
    guest.expect(r"^50000\r\n", timeout=120)
    numbers = [int(n) for n in re.findall(r"^(\d+)\r$", guest.console.seen, re.M)]
    assert numbers == list(range(1, 50001))
    assert guest.poweroff() == 0


def test_pasted_input(boot):
    """A page of text that is pasted arrives whole."""
    guest = boot()
    guest.login()
    lines = [f"line {n} " + "x" * 60 for n in range(500)]
    guest.send("cat > /tmp/pasted; md5sum /tmp/pasted; wc -l < /tmp/pasted\n")
    guest.expect(r"wc -l[^\r]*\r\n")
    guest.console.collect(0.5)
    guest.send("\n".join(lines) + "\n\x04")
    guest.expect(r"^500\r\n")
    assert guest.run("cmp /tmp/pasted /tmp/pasted && sed -n '$p' /tmp/pasted").strip() == lines[-1]
    assert guest.poweroff() == 0


def test_halt(boot):
    """Halt ends the program too."""
    guest = boot()
    guest.login()
    guest.send("halt\n")
    assert guest.wait() == 0
    assert guest.console.restored


def test_idle_guest_costs_nothing(boot):
    """At a prompt: less than a fiftieth of a CPU, fewer than ten wake-ups a second."""
    from guest import cpu_seconds, sleeps   # pylint: disable=import-outside-toplevel
    guest = boot()
    guest.login()
    guest.console.collect(8)  # the file system's delayed writes
    before, slept = cpu_seconds(guest.pid), sleeps(guest.pid)
    guest.console.collect(4)
    assert cpu_seconds(guest.pid) - before < 0.08
    assert sleeps(guest.pid) - slept < 40
    assert guest.poweroff() == 0


def test_quiet(boot):
    """Between the command line and the first program there is nothing to read."""
    guest = boot("quiet", "init=/bin/sh", "--", "-c", "echo hello; sleep 1; poweroff -f",
                 console="pipes")
    assert guest.wait() == 0
    assert guest.console.seen.replace("\r\n", "\n").startswith("hello\n")
