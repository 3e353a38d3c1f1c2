# SPDX-License-Identifier: GPL-2.0
"""Which way of running guest code is chosen, and what is said about it."""
import os
import re

import pytest

import guest
from guest import PTRACE, wait_until

SECCOMP = 317

SCRIPT = "sed -n 's/^trap[^:]*: //p' /proc/cpuinfo; dmesg | grep 'usermode: [a-z]*, '"


def chosen(shop, *switches, **options):
    """What a guest says about itself: /proc/cpuinfo's line, and the log's."""
    lines = shop.run_script(SCRIPT, *switches, **options).stdout.strip().splitlines()
    assert len(lines) == 2, lines
    assert re.sub(r"^.*usermode: ", "", lines[1]).startswith(lines[0]), lines
    return lines[0]


def test_the_first_that_works_is_chosen(shop):
    """Without a switch: the best that this host can do, and why not a better one."""
    said = chosen(shop)
    best = next(pair for pair in [("skas", "ptrace"), ("skas", "seccomp")]
                if guest.probe(*pair) is None)
    assert said.startswith(", ".join(best)), said
    assert "(tt, dispatch: nothing would keep guests from the kernel's memory" in said, said


def test_a_switch_is_obeyed(shop, mode):
    """Each pair that this host can do, by name; nothing else was tried."""
    space, trap = (switch.partition("=")[2] for switch in mode)
    assert chosen(shop, *mode) == f"{space}, {trap}"


def test_without_seccomp(shop):
    """A container that forbids filters: nothing is lost."""
    assert chosen(shop, "mode=skas", prepare=lambda: guest.forbid(SECCOMP)) == "skas, ptrace"


def test_without_ptrace(shop):
    """A container that forbids ptrace: seccomp takes its place, and the log says so."""
    said = chosen(shop, "mode=skas", prepare=lambda: guest.forbid(PTRACE))
    assert said.startswith("skas, seccomp ("), said
    assert "skas, ptrace: the host forbids ptrace" in said, said


def test_without_what_was_asked_for(shop):
    """trap= is no wish: one line that says why not, and a status."""
    outcome = shop.outcome("trap=seccomp", "mem=64M", prepare=lambda: guest.forbid(SECCOMP))
    assert outcome.status == 1, outcome.text
    assert len(outcome.stderr.splitlines()) == 1, outcome.text
    assert "skas, seccomp: the host forbids seccomp filters" in outcome.stderr, outcome.text


def test_without_both(shop):
    """One line that names both, and a status."""
    outcome = shop.outcome("mode=skas", "mem=64M",
                           prepare=lambda: guest.forbid(PTRACE, SECCOMP))
    assert outcome.status == 1, outcome.text
    assert len(outcome.stderr.splitlines()) == 1, outcome.text
    assert "seccomp" in outcome.stderr and "ptrace" in outcome.stderr, outcome.text


def test_who_trusts_guests_says_so(script, mode):
    """One warning in the log, and a word in /proc/cpuinfo: in such a mode, and only there."""
    said = script("dmesg | grep -c 'GUESTS ARE TRUSTED'; grep -c trusted /proc/cpuinfo; true")
    wanted = "1\n1" if mode[0] == "mode=tt" else "0\n0"
    assert said.stdout.strip().replace("\r", "") == wanted, said.stdout


def host_tasks(pid):
    """A guest's processes on the host, its own first."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid, *map(int, file.read().split())]


def test_a_crowded_cpu_is_left(shop, mode):
    """Two busy guests on one CPU of the host, another beside them has less to do."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        pytest.skip("this host has one CPU")
    machines = [shop.start(f"ubd0={shop.image(to=name)}", f"umid={name}", *mode)
                for name in ("busy0", "busy1")]
    for machine in machines:
        machine.login()
        machine.run("(while :; do :; done) & true")
    for machine in machines:
        for task in host_tasks(machine.pid):
            os.sched_setaffinity(task, cpus[:1])
    assert wait_until(lambda: any(os.sched_getaffinity(task) != {cpus[0]}
                                  for machine in machines for task in host_tasks(machine.pid)), 30)
