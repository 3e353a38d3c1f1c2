#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""hostfs.py [--modes skas,tt] [--dir DIR] [--source DIR]: what hostfs costs, as
multiples of the host.

The same work, in the same directory of the host, by the host's own programs: once
on the host, and once by umlrun in each mode, whose root and working directory are
hostfs. All lies in the host's page cache. Run it on a machine with nothing else to do.

The guest has just as much memory as the file takes that is read: after that, memory
is used again and not new. What new memory costs, read-first tells.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("kernel", "lib", "mm", "include")      # of the kernel's source: 8500 files
WORK = r"""
set -e
now() { date +%s%N; }
row() {
    name=$1; shift
    begin=$(now); "$@" > /dev/null 2>&1; end=$(now)
    echo "$name $((end - begin))"
}
cd "$1"
mkdir "run-$2"
cd "run-$2"
mkdir tree
row read-first dd if=../big of=/dev/null bs=1M
row read dd if=../big of=/dev/null bs=1M
row unpack tar -xf ../source.tar -C tree
row find find tree -name '*.c' -newer ../source.tar -size +1
row grep sh -c 'grep -r no_such_word_anywhere tree || true'
row compile make -C ../tools O="$PWD/out" DIRS='cow switch umlrun'
"""


def rows(words, where, run):
    """Name -> nanoseconds. What a run made is left for the end: ext4 looks at each inode
    that was freed in the last minutes before it takes another one."""
    done = subprocess.run([*words, "sh", "-c", WORK, "sh", where, run], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    if done.returncode:
        sys.exit(f"hostfs.py: {' '.join(map(str, words))}: {done.stderr}")
    return {line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines()}


def prepare(where, source):
    """What the rows work on, all of it in the page cache."""
    subprocess.run(["tar", "-C", source, "-cf", where / "source.tar", *PARTS], check=True)
    shutil.copytree(TOP / "tools", where / "tools")
    for name in ("drivers", "include"):
        os.symlink(TOP / name, where / name)
    with open(where / "big", "wb") as file:
        piece = os.urandom(1 << 20)
        for _ in range(1024):
            file.write(piece)


def main():
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--modes", default="skas,tt")
    parser.add_argument("--dir", type=pathlib.Path, help="where to keep the files (prepared once)")
    parser.add_argument("--source", default=TOP / "build/tree")
    options = parser.parse_args()
    where = options.dir or pathlib.Path(tempfile.mkdtemp(prefix="usermode-bench-"))
    try:
        if not (where / "big").exists():
            where.mkdir(exist_ok=True)
            prepare(where, options.source)
        rows([], where, "first")     # what is cached, is
        native = rows([], where, "host")
        table = {mode: rows([TOP / "scripts/umlrun", "--mem", "1300M", "--rw", where,
                             "--mode", mode, "--"], where, mode)
                 for mode in options.modes.split(",")}
    finally:
        for path in where.glob("run-*") if options.dir else [where]:
            shutil.rmtree(path)
    print(f"{'':12}{'host ms':>10}", *(f"{mode:>8}" for mode in table))
    for name, ns in native.items():
        print(f"{name:12}{ns / 1e6:10.1f}", *(f"{t[name] / ns:7.2f}x" for t in table.values()))


if __name__ == "__main__":
    main()
