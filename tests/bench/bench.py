#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench.py [--what micro,work,boot,idle] [--modes skas/ptrace,...] [--rows NAME,...]
[--rounds N] [--realtime]: what guests cost, as multiples of the host.

The same programs run on the host and in a guest of every mode that the host
offers: bench.c and its rows on root.img, real programs on debian.img. All is
written below build/bench: results.json, table.txt, ratios.svg.

The host is measured before and after the guests, pinned to one CPU, for a guest
has one. What it does besides shows in the spread of its own rows and between
its two turns. --realtime (root only) lets nothing else run meanwhile.
"""
import argparse
import contextlib
import io
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
OUT = TOP / "build" / "bench"
sys.path[:0] = [str(HERE), str(TOP / "tests" / "boot")]

import guest   # noqa: E402  pylint: disable=wrong-import-position
import report  # noqa: E402  pylint: disable=wrong-import-position

WHAT = ("micro", "work", "boot", "idle")
BOOTS = 7
IDLE_SETTLE, IDLE_SECONDS = 5, 10


def sample(values):
    """The figures of one row from single measurements, in ns."""
    values = sorted(values)
    n = len(values)
    return {"median": statistics.median(values), "best": values[0],
            "low": values[n // 4], "high": values[n - 1 - n // 4], "n": n}


def micro_rows(text):
    """What bench.c prints."""
    rows = {}
    for line in text.splitlines():
        match = re.match(r"(\w+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+)$", line.strip())
        if match:
            median, best, low, high = map(float, match.groups()[1:5])
            rows[match.group(1)] = {"median": median, "best": best, "low": low, "high": high,
                                    "n": int(match.group(6))}
    return rows


def work_rows(text):
    """What work.sh prints: microseconds."""
    rows = {}
    for line in text.splitlines():
        name, _, rest = line.strip().partition(" ")
        if re.fullmatch(r"[\d ]+", rest) and re.fullmatch(r"\w+", name):
            rows[name] = sample([int(us) * 1000 for us in rest.split()])
    return rows


def merge(turns):
    """One result of two turns of the host: the medians' mean, the widest spread."""
    merged = {}
    for row in turns[0]:
        both = [turn[row] for turn in turns if row in turn]
        merged[row] = {
            "median": statistics.mean(s["median"] for s in both),
            "best": min(s["best"] for s in both), "low": min(s["low"] for s in both),
            "high": max(s["high"] for s in both), "n": sum(s["n"] for s in both),
        }
    return merged


class Bench:
    """One run: a directory for guests, and what is to be measured."""

    def __init__(self, args, home):
        self.args = args
        self.linux = guest.publish(home)
        shop = pathlib.Path(home, "shop")
        shop.mkdir()
        self.shop = guest.Shop(self.linux, shop)
        self.rows = args.rows.split(",") if args.rows else []
        self.urgent = ["chrt", "-r", "10"] if args.realtime else []
        self.program = pathlib.Path(home, "bench")
        self.compile()

    def compile(self):
        """The static program, and the disk that carries it into guests."""
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-static", "-pthread", "-o",
                        self.program, *sorted(HERE.glob("*.c"))], check=True)
        with tempfile.TemporaryDirectory() as files:
            shutil.copy(self.program, files)
            shutil.copy(HERE / "work.sh", files)
            disk = self.shop.home / "programs.img"
            subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", files, disk, "16M"], check=True)
        self.shop.own(disk)
        self.shop.expected.add(disk.name)
        self.disk = disk

    # ---- the host ----

    def native_micro(self):
        """bench.c, as the user that guests run as, on one CPU."""
        cpu = min(os.sched_getaffinity(0))
        text = subprocess.run([*self.urgent, "taskset", "-c", str(cpu), *guest.unprivileged(),
                               self.program, *self.rows], check=True, text=True,
                              stdout=subprocess.PIPE, cwd="/").stdout
        return micro_rows(text)

    def native_work(self, root):
        """work.sh in debian.img's files, on one CPU."""
        cpu = min(os.sched_getaffinity(0))
        inner = (f"mount --rbind /dev {root}/dev && mount -t proc proc {root}/proc && "
                 f"mount -t tmpfs tmpfs {root}/tmp && cp {HERE}/work.sh {root}/tmp && "
                 f"exec chroot {root} /bin/bash /tmp/work.sh {self.args.rounds} /tmp")
        command = ["unshare", "--mount", "--pid", "--fork"]
        if os.geteuid():
            command.append("--map-root-user")
        done = subprocess.run([*self.urgent, "taskset", "-c", str(cpu), *command,
                               "sh", "-c", inner], text=True, check=False,
                              stdout=subprocess.PIPE)
        return work_rows(done.stdout)

    # ---- guests ----

    def switches(self, mode):
        """The command line's part that chooses the mode."""
        space, trap = mode.split("/")
        return [f"mode={space}", f"trap={trap}"]

    def start(self, mode, *arguments, **options):
        """A guest with its console on pipes."""
        return self.shop.start(*self.switches(mode), *arguments, console="pipes",
                               wrapper=self.urgent, **options)

    def guest_micro(self, mode):
        """bench.c in a guest, and the host memory that it took at most."""
        script = self.shop.script("mkdir -p /tmp/b; mount -o ro /dev/ubdc /tmp/b\n"
                                  "mount -t tmpfs tmpfs /dev/shm 2>/dev/null\n"
                                  f"/tmp/b/bench {' '.join(self.rows)}\n")
        run = self.start(mode, f"ubd0={self.shop.image('root.img')}", f"ubd1r={script}",
                         f"ubd2r={self.disk}", "mem=1G", "init=/sbin/run-test", "quiet")
        peak = 0
        deadline = time.monotonic() + 300
        while run.alive and time.monotonic() < deadline:
            run.console.pump(0.2)
            peak = max(peak, host_memory(run))
        run.wait()
        return micro_rows(run.console.seen), {"peak host memory, micro rows": megabytes(peak)}

    def guest_work(self, mode):
        """work.sh in debian.img, with nothing else running in it."""
        text = ("#!/bin/bash\nmount -t proc proc /proc; mount -t tmpfs tmpfs /tmp\n"
                "mount -t devtmpfs dev /dev 2>/dev/null; mkdir /tmp/b /tmp/w\n"
                "mount -o ro /dev/ubdc /tmp/b\n"
                f"/bin/bash /tmp/b/work.sh {self.args.rounds} /tmp/w\n"
                "sync; echo work: done; echo o > /proc/sysrq-trigger; sleep 9\n")
        with tempfile.TemporaryDirectory() as files:
            path = pathlib.Path(files, "init.sh")
            path.write_text(text, encoding="ascii")
            path.chmod(0o755)
            image = self.shop.image("debian.img")
            for command in ("rm /init.sh", f"write {path} /init.sh",
                            "sif /init.sh mode 0100755"):
                subprocess.run(["debugfs", "-w", "-R", command, image], check=True,
                               capture_output=True)
        run = self.start(mode, f"ubd0={image}", f"ubd2r={self.disk}", "mem=2G", "rw",
                         "init=/init.sh", "quiet")
        deadline = time.monotonic() + 1500
        peak = 0
        while run.alive and time.monotonic() < deadline and "work: done" not in run.console.seen:
            run.console.pump(0.5)
            peak = max(peak, host_memory(run))
        if run.alive:
            run.kill()
            self.shop.killed = True
        run.wait()
        return work_rows(run.console.seen), {"peak host memory, work rows": megabytes(peak)}

    def guest_boot(self, mode):
        """From the start of the program to the first line of a script that
        init runs, and to Debian's multi-user target."""
        rows = {"boot_to_init": sample([self.boot_once(mode, "root.img", "init=/sbin/run-test",
                                                       "quiet") for _ in range(BOOTS)])}
        rows["boot_debian"] = sample([
            self.boot_once(mode, "debian.img", "quiet", "systemd.show_status=0", "mem=1G")
            for _ in range(3)])
        return rows, {}

    def boot_once(self, mode, image, *arguments):
        """One boot; ns."""
        script = self.shop.script("")
        image = self.shop.image(image)
        begin = time.monotonic_ns()
        run = self.start(mode, f"ubd0={image}", f"ubd1r={script}", *arguments)
        run.expect("script: begin", 120)
        end = time.monotonic_ns()
        run.wait(120)
        return end - begin

    def guest_idle(self, mode):
        """A busybox guest with nothing to do."""
        run = self.shop.start(*self.switches(mode), f"ubd0={self.shop.image('root.img')}", "quiet")
        run.login()
        time.sleep(IDLE_SETTLE)
        cpu, wakeups = guest.cpu_seconds(run.pid), guest.sleeps(run.pid)
        time.sleep(IDLE_SECONDS)
        cpu = guest.cpu_seconds(run.pid) - cpu
        wakeups = guest.sleeps(run.pid) - wakeups
        facts = {"host memory, idle busybox": megabytes(host_memory(run)),
                 "host CPU, idle busybox": f"{cpu / IDLE_SECONDS:.2%}",
                 "wake-ups of host threads, idle busybox": f"{wakeups / IDLE_SECONDS:.1f}/s"}
        run.poweroff()
        return {}, facts


# ---- the host's accounts of a guest ----

def megabytes(number):
    """For people."""
    return f"{number / 1e6:.0f} MB"


def host_memory(run):
    """Bytes of host memory: the guest's physical memory as far as it is there,
    and what its host processes have for themselves."""
    files, private = {}, 0
    for pid in guest.members(run.pid):
        try:
            for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                if "memfd:" in os.readlink(fd):
                    st = os.stat(fd)
                    files[st.st_dev, st.st_ino] = st.st_blocks * 512
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            private += int(re.search(r"^Pss_Anon:\s+(\d+)", text, re.M)[1]) << 10
        except OSError:
            continue
    return sum(files.values()) + private


def debian_root():
    """debian.img's files as a directory, unpacked once."""
    image, root = guest.IMAGES / "debian.img", OUT / "root"
    stamp = OUT / "root.stamp"
    if not stamp.exists() or stamp.stat().st_mtime < image.stat().st_mtime:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        subprocess.run(["debugfs", "-R", f"rdump / {root}", image], check=True,
                       capture_output=True)
        stamp.touch()
    return root


def noise(turns, begin):
    """What else the host did."""
    apart = {row: abs(turns[0][row]["median"] / turns[1][row]["median"] - 1)
             for row in turns[0] if len(turns) > 1 and row in turns[1]}
    worst = max(apart, key=apart.get, default=None)
    found = {
        "processor": platform.processor() or platform.machine(), "kernel": platform.release(),
        "CPUs": os.cpu_count(),
        "load average, before and after": f"{begin:.1f}, {os.getloadavg()[0]:.1f}",
    }
    if worst:
        found["first and second turn differ by"] = \
            f"{statistics.median(apart.values()):.0%} (median), {apart[worst]:.0%} ({worst})"
    return found


def modes_here(args):
    """The modes that run here, and why others do not."""
    present, absent = [], {}
    for space, trap in guest.PAIRS:
        name = f"{space}/{trap}"
        if args.modes and name not in args.modes.split(","):
            continue
        why = guest.probe(space, trap)
        if why is None:
            present.append(name)
        else:
            absent[name] = why or "not in this kernel"
    return present, absent


def measure(bench, what, modes):
    """The results of one kind of measurement: host, guests, host."""
    native = []
    root = debian_root() if what == "work" else None
    host = {"micro": bench.native_micro, "work": lambda: bench.native_work(root)}.get(what)
    if host:
        native.append(host())
    found = {}
    for mode in modes:
        print(f"bench: {what}, {mode}", file=sys.stderr)
        found[mode] = getattr(bench, f"guest_{what}")(mode)
    if host:
        native.append(host())
    return native, found


def save(results):
    """All three forms."""
    (OUT / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = report.table(results)
    (OUT / "table.txt").write_text(text, encoding="utf-8")
    (OUT / "ratios.svg").write_text(report.picture(results), encoding="utf-8")
    return text


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--what", default=",".join(WHAT))
    parser.add_argument("--modes", default="")
    parser.add_argument("--rows", default="", help="of bench.c")
    parser.add_argument("--rounds", type=int, default=5, help="of real work (default 5)")
    parser.add_argument("--realtime", action="store_true")
    args = parser.parse_args()
    for name in args.what.split(","):
        if name not in WHAT:
            parser.error(f"--what {name}: there are {', '.join(WHAT)}")
    if args.realtime and os.geteuid():
        parser.error("--realtime: only root may")
    return args


def main():
    """All of it."""
    args = arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    begin = os.getloadavg()[0]
    present, absent = modes_here(args)
    results = {"native": {}, "modes": {m: {"rows": {}, "facts": {}} for m in present},
               "absent": absent, "noise": {}}
    turns = [{}, {}]
    with tempfile.TemporaryDirectory(prefix="usermode-bench-") as home:
        os.chmod(home, 0o755)
        bench = Bench(args, home)
        try:
            for what in args.what.split(","):
                native, found = measure(bench, what, present)
                for turn, rows in zip(turns, native):
                    turn.update(rows)
                for mode, (rows, facts) in found.items():
                    results["modes"][mode]["rows"].update(rows)
                    results["modes"][mode]["facts"].update(facts)
        finally:
            with contextlib.redirect_stdout(io.StringIO()) as log:
                bench.shop.close()
            (OUT / "guests.log").write_text(log.getvalue(), encoding="utf-8")
    results["native"] = merge(turns)
    for mode in present:
        boots = {row: s for row, s in results["modes"][mode]["rows"].items()
                 if row not in results["native"]}
        results["modes"][mode]["facts"].update(
            {row: f"{report.duration(s['median'])} (best {report.duration(s['best'])})"
             for row, s in boots.items()})
    results["noise"] = noise(turns, begin)
    print(save(results), end="")


main()
