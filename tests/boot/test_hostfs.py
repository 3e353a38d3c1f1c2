# SPDX-License-Identifier: GPL-2.0
"""hostfs: the host's directories inside the guest, and nothing beside them."""
import ctypes
import os
import re
import resource
import shutil
import stat
import subprocess
import threading
import time

import pytest

from guest import IO_URING_SETUP, IMAGES, NOBODY, ROOT, forbid

BUSYBOX = next((p for p in ("/usr/bin/busybox", "/bin/busybox") if os.path.exists(p)), None)
TOP = IMAGES.parent
RENAME_EXCHANGE = 2
AT_FDCWD = -100
_libc = ctypes.CDLL(None, use_errno=True)


def exchange(one, other):
    """Swap two names at once, as an attacker would."""
    if _libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other),
                       RENAME_EXCHANGE):
        raise OSError(ctypes.get_errno(), "renameat2")


def own(path):
    """Give a tree to the user that guests run as."""
    if ROOT:
        for where, directories, files in os.walk(path):
            for name in [".", *directories, *files]:
                os.lchown(os.path.join(where, name), NOBODY, NOBODY)


@pytest.fixture(name="share")
def fixture_share(shop):
    """A directory of the host's for guests to mount."""
    path = shop.home / "share"
    path.mkdir()
    shop.expected.add("share")
    own(path)
    return path


@pytest.fixture(name="run")
def fixture_run(shop, share):
    """run(script, switches, options="", programs=...): a script in a guest that has
    the share on /mnt; what it printed."""
    def run(text, *switches, options="", directory=share, image="root.img", **more):
        mount = f"mount -t hostfs none /mnt -o {directory}{options} || exit 9\ncd /mnt\n"
        outcome = shop.run_script(mount + text, *switches, image=image, **more)
        assert outcome.status == 0, outcome.text
        return outcome.stdout
    return run


# ---- mounting ------------------------------------------------------------------

def test_both_sides(run, share):
    """What the guest makes is there on the host as it was made, and the reverse."""
    (share / "hello").write_text("from the host\n")
    (share / "dir").mkdir()
    (share / "dir" / "-odd \n name*").write_text("odd")
    os.symlink("/etc/passwd", share / "dir" / "link")
    os.mkfifo(share / "fifo")
    os.link(share / "hello", share / "hello2")
    own(share)
    out = run("""
        cat hello
        cat dir/-odd*
        readlink dir/link
        [ -p fifo ] && echo FIFO
        [ "$(stat -c %i hello)" = "$(stat -c %i hello2)" ] && stat -c %h hello
        grep /mnt /proc/mounts
        mkdir -p new/a/b && echo guest > new/a/b/file && ln -s ../x new/sym
        mkfifo new/pipe && chmod 640 new/a/b/file && ln new/a/b/file new/hard
        mv hello dir/moved && rm hello2 && touch -d '2001-02-03 04:05:06' new/old
        dd if=/dev/zero of=new/big bs=1M count=20 2>/dev/null
        printf tail >> new/big
        truncate -s 5000000000 new/sparse
        echo -n END | dd of=new/sparse bs=1 seek=4999999997 conv=notrunc 2>/dev/null
    """)
    lines = out.splitlines()
    assert lines[:4] == ["from the host", "odd/etc/passwd", "FIFO", "2"], out
    assert lines[4].startswith(f"{share} /mnt hostfs rw,"), out
    new = share / "new"
    assert (new / "a/b/file").read_text() == "guest\n"
    assert stat.S_IMODE(os.stat(new / "a/b/file").st_mode) == 0o640
    assert os.path.samefile(new / "hard", new / "a/b/file")
    assert os.readlink(new / "sym") == "../x"
    assert stat.S_ISFIFO(os.stat(new / "pipe").st_mode)
    assert (share / "dir/moved").read_text() == "from the host\n"
    assert not (share / "hello").exists() and not (share / "hello2").exists()
    assert time.gmtime(os.stat(new / "old").st_mtime)[:6] == (2001, 2, 3, 4, 5, 6)
    assert (new / "big").read_bytes() == bytes(20 << 20) + b"tail"
    sparse = os.stat(new / "sparse")
    assert sparse.st_size == 5000000000 and sparse.st_blocks < 10000
    with open(new / "sparse", "rb") as file:
        file.seek(-4, os.SEEK_END)
        assert file.read() == b"\0END"


SEMANTICS = """
    mount -o bind /mnt /tmp || exit 9
    cd /
    for test in filesystem files; do
        su -s /bin/sh nobody -c "exec /tests/$test" < /dev/null 2>&1
    done
    mapped="shared_file_mapping private_file_mapping offset_and_length"
    su -s /bin/sh nobody -c "exec /tests/sharing $mapped" < /dev/null
    su -s /bin/sh nobody -c "exec /tests/memory code_of_a_file" < /dev/null
    dmesg | grep -B 3 -A 20 'Call Trace' && exit 8
    umount /tmp /mnt
"""


@pytest.mark.parametrize("options", ["", ",cache=none", ",cache=always"])
def test_semantics(run, options):
    """What programs may expect of any file system they find here."""
    out = run(SEMANTICS, options=options, image="test.img", timeout=400)
    assert len(re.findall(r"^ok ", out, re.M)) >= 29, out
    assert "not ok" not in out, out


def test_without_io_uring(run):
    """As in containers that forbid it."""
    out = run(SEMANTICS, image="test.img", timeout=400,
              prepare=lambda: forbid(IO_URING_SETUP))
    assert len(re.findall(r"^ok ", out, re.M)) >= 29, out
    assert "not ok" not in out, out


def make_root(path):
    """A tree that boots, as far as a plain user can unpack one."""
    for name in ("bin", "sbin", "usr/bin", "usr/sbin", "etc", "dev", "proc", "sys", "run",
                 "mnt", "root", "tmp", "var"):
        (path / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, path / "bin/busybox")
    for applet in subprocess.run([BUSYBOX, "--list-full"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout.split():
        if not os.path.lexists(path / applet):
            os.symlink("/bin/busybox", path / applet)
    shutil.copytree(TOP / "images/root", path, symlinks=True, dirs_exist_ok=True)
    for where in ("sbin", "etc/init.d"):
        for name in os.listdir(path / where):
            if not os.path.islink(path / where / name):
                os.chmod(path / where / name, 0o755)
    own(path)


def test_root(shop):
    """A directory is the guest's root, and keeps what the guest did."""
    root = shop.home / "root"
    root.mkdir()
    shop.expected.add("root")
    make_root(root)
    outcome = shop.outcome(
        "rootfstype=hostfs", f"rootflags={root}", "rw", "quiet", "init=/sbin/run-test", "--",
        "/bin/sh", "-c", "grep hostfs /proc/mounts; echo kept > /root/file; ls -ld /root/file")
    assert outcome.status == 0, outcome.text
    assert f"{root} / hostfs rw," in outcome.stdout
    assert (root / "root/file").read_text() == "kept\n"


# ---- what the host does meanwhile ----------------------------------------------

def test_changes_on_the_host(shop, share):
    """Files that come, change, grow and go on the host do so in the guest: at the
    next open what they hold, and within the time limit what they are."""
    for name in ("a", "gone", "grows", "kind"):
        (share / name).write_text(f"old {name}\n")
    own(share)
    guest = shop.start(f"ubd0={shop.image()}")
    guest.login()
    guest.run(f"mount -t hostfs none /mnt -o {share},timeout=500; cd /mnt")
    assert guest.run("cat a gone grows kind; ls missing 2>&1", check=False)[0].startswith("old a")
    (share / "a").write_text("new, longer\n")
    with open(share / "grows", "a", encoding="ascii") as file:
        file.write("more\n")
    os.unlink(share / "gone")
    os.unlink(share / "kind")
    os.mkdir(share / "kind")
    (share / "missing").write_text("here\n")
    assert guest.run("cat a grows") == "new, longer\nold grows\nmore\n"
    time.sleep(0.6)
    assert guest.run("cat missing; ls -d gone 2>&1; stat -c %F kind", check=False)[0] \
        .split("\n")[0] == "here"
    assert "No such file" in guest.run("cat gone 2>&1; true")
    assert guest.run("stat -c %F kind").strip() == "directory"
    assert guest.run("tail -n 1 grows; wc -c < a").split() == ["more", "12"]
    # a directory that was moved is where it is now, and its open files go on
    guest.run("mkdir d; echo x > d/f; exec 5< d/f")
    os.rename(share / "d", share / "e")
    time.sleep(0.6)
    assert guest.run("cat e/f; cat <&5; ls d 2>&1 | grep -c No").split() == ["x", "x", "1"]
    assert guest.poweroff() == 0


def test_few_descriptors(run, share):
    """Thousands of files in use, of which the host lets us open few at a time."""
    for n in range(600):
        (share / f"d{n % 20}").mkdir(exist_ok=True)
        (share / f"d{n % 20}" / f"f{n}").write_text(f"{n}\n")
    own(share)
    out = run("""
        find . -type f | xargs cat | sort -n | uniq | wc -l
        for n in 1 2 3; do ls -lR > /dev/null; done
        find . -type f | sort | xargs md5sum | md5sum
        find . -type f | while read f; do echo x >> $f; done
        find . -type f | xargs cat | grep -c x
    """, prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (160, 160)))
    assert out.split()[0] == "600" and out.split()[-1] == "600", out


# ---- confinement ---------------------------------------------------------------

@pytest.fixture(name="prison")
def fixture_prison(shop):
    """ROOT, with a secret beside it, and all the ways to it that links are."""
    outside = shop.home / "outside"
    (outside / "jail/dir/sub").mkdir(parents=True)
    shop.expected.add("outside")
    (outside / "secret").write_text("SECRET\n")
    (outside / "dir").mkdir()
    (outside / "dir/secret").write_text("SECRET\n")
    jail = outside / "jail"
    (jail / "dir/sub/plain").write_text("plain\n")
    os.symlink("..", jail / "up")
    os.symlink(outside, jail / "absolute")
    os.symlink("../../../../../../../../../.." + str(outside / "secret"), jail / "dots")
    os.symlink("/proc/self/root", jail / "magic")
    own(outside)
    return jail


def test_links_and_options(shop, prison):
    """No link, no ".." and no mount option leads out of ROOT."""
    outside = prison.parent
    options = ["/", "/..", "/../..", "/up", "/up/dir", "/absolute", "/absolute/dir", "/dots",
               "/dir/../..", "/dir/sub/../../..", "/magic", str(outside), "/proc/self/root",
               "/proc/self/fd", "/proc/1/root", "/proc/self/cwd", "dir=../..", "dir=up"]
    mounts = "\n".join(
        f"mount -t hostfs none /mnt -o '{option}' 2>/dev/null && {{ echo '{option}:' "
        "$(cat /mnt/secret /mnt/*/secret 2>/dev/null); find /mnt -name 'secret*' "
        "| sed 's/^/FOUND /'; umount /mnt; }"
        for option in options)
    outcome = shop.run_script(f"""
        {mounts}
        mount -t hostfs none /mnt
        cat /mnt/up/secret /mnt/absolute/secret /mnt/dots /mnt/dir/../../secret \
            /mnt/magic{outside}/secret 2>/dev/null
        cat /mnt/dir/sub/plain
        echo gone > /mnt/dots
        ln /mnt/dots /mnt/hard; cat /mnt/hard
        mv /mnt/dir/sub /mnt/../moved; ls /mnt/dir/sub/../../../secret
        readlink /mnt/up
    """, f"hostfs={prison}")
    assert outcome.status == 0, outcome.text
    assert "SECRET" not in outcome.stdout, outcome.stdout
    assert "plain" in outcome.stdout and "/:" in outcome.stdout, outcome.stdout
    assert "FOUND" not in outcome.stdout, outcome.stdout
    assert sorted(os.listdir(outside)) == ["dir", "jail", "secret"]
    assert (outside / "secret").read_text() == "SECRET\n"


def test_procfs_is_not_entered(run):
    """It holds the very process that the guest is in, with memory and descriptors.
    It can be mounted upon."""
    out = run("""
        ls -d proc
        ls proc; cat proc/self/maps proc/1/maps; ls proc/self/root/
        mount -t hostfs none /tmp -o /proc
        mount -t proc proc proc && cut -d ' ' -f 1 proc/1/stat
    """ .replace("\n", " 2>&1\n"), directory="/")
    lines = [line for line in out.splitlines() if not line.startswith("[")]
    assert lines[0] == "proc" and lines[-1] == "1", out
    assert len(lines) == 7 and all("Permission denied" in line for line in lines[1:-1]), out


class Attacker(threading.Thread):
    """Swaps two names of the host as fast as it can."""

    def __init__(self, *pairs):
        super().__init__(daemon=True)
        self.pairs, self.swaps, self.stop = pairs, 0, False
        self.start()

    def run(self):
        while not self.stop:
            for one, other in self.pairs:
                exchange(one, other)
                self.swaps += 1

    def end(self):
        """How often it did."""
        self.stop = True
        self.join()
        return self.swaps


def test_racing_symlinks(shop, prison):
    """While directories and files turn into links to the outside and back, reads
    never see the secret, and what is written, made, moved and removed stays in."""
    outside = prison.parent
    for name in ("victim", "file"):
        os.symlink(outside / ("dir" if name == "victim" else "secret"), prison / f"{name}.evil")
    (prison / "victim").mkdir()
    (prison / "victim/secret").write_text("harmless\n")
    (prison / "file").write_text("harmless\n")
    own(outside)
    script = """
        mount -t hostfs none /mnt -o /,timeout=0 || exit 9
        cd /mnt
        end=$(($(date +%s) + 6))
        n=0
        while [ $(date +%s) -lt $end ]; do
            cat victim/secret file victim.evil/secret file.evil
            echo written > victim/secret; echo written > file
            echo written > victim/new; rm -f victim/secret
            mkdir victim/made; rmdir victim/made
            mv -f victim/new victim/moved; ln victim/moved victim/linked
            chmod 777 victim/secret victim/moved; rm -f victim/moved victim/linked
            ls -l victim victim.evil
            n=$((n + 1))
        done 2>/dev/null </dev/null | grep -c SECRET
        echo harmless > /tmp/done
    """
    before = os.stat(outside / "secret"), os.stat(outside / "dir/secret")
    attacker = Attacker((prison / "victim", prison / "victim.evil"),
                        (prison / "file", prison / "file.evil"))
    try:
        outcome = shop.run_script(script, f"hostfs={prison}")
    finally:
        swaps = attacker.end()
    assert outcome.status == 0, outcome.text
    assert swaps > 1000
    assert outcome.stdout.split() == ["0"], outcome.stdout
    after = os.stat(outside / "secret"), os.stat(outside / "dir/secret")
    assert (outside / "secret").read_text() == (outside / "dir/secret").read_text() == "SECRET\n"
    assert [(st.st_mode, st.st_mtime_ns, st.st_nlink) for st in before] == \
        [(st.st_mode, st.st_mtime_ns, st.st_nlink) for st in after]
    assert os.listdir(outside / "dir") == ["secret"]


def test_racing_renames(shop, prison):
    """A directory goes back and forth across ROOT's border while the guest walks
    up and down in it: its parent out there is never seen."""
    outside = prison.parent
    (outside / "parking").mkdir()
    (outside / "parking/stub").mkdir()
    (outside / "parking/SECRET").mkdir()
    own(outside)
    script = """
        mount -t hostfs none /mnt -o /,timeout=0 || exit 9
        cd /mnt/dir/sub
        end=$(($(date +%s) + 5))
        while [ $(date +%s) -lt $end ]; do
            ls . .. ../.. ../../.. ../../../..
            cat ../secret ../../secret ../../../secret
            (cd .. && ls && cd .. && ls && cat secret)
            echo x > ../wrote; echo x > ../../wrote
            ls -R /mnt
        done 2>/dev/null | grep SECRET | head -n 3
        echo end
    """
    attacker = Attacker((prison / "dir/sub", outside / "parking/stub"))
    try:
        outcome = shop.run_script(script, f"hostfs={prison}")
    finally:
        swaps = attacker.end()
    assert outcome.status == 0, outcome.text
    assert swaps > 1000
    assert outcome.stdout.split() == ["end"], outcome.stdout
    assert "wrote" not in os.listdir(outside) + os.listdir(outside / "parking")


def test_append(shop, share):
    """hostfs=ROOT,append: files grow and do nothing else."""
    (share / "log").write_text("one\n")
    own(share)
    outcome = shop.run_script("""
        mount -t hostfs none /mnt || exit 9
        cd /mnt
        echo two >> log && echo appended
        echo new >> fresh && echo created
        (echo bad > log) 2>/dev/null || echo no truncation
        rm -f log 2>/dev/null || echo no removal
        mv log other 2>/dev/null || echo no renaming
        dd if=/dev/zero of=log bs=1 count=1 conv=notrunc 2>/dev/null || echo no overwriting
        cat log
    """, f"hostfs={share},append")
    assert outcome.status == 0, outcome.text
    assert outcome.stdout.splitlines() == [
        "appended", "created", "no truncation", "no removal", "no renaming", "no overwriting",
        "one", "two"]
    assert (share / "log").read_text() == "one\ntwo\n"
    assert (share / "fresh").read_text() == "new\n"


@pytest.mark.parametrize("switch, words", [
    ("hostfs=", "hostfs=: a directory of the host is missing"),
    ("hostfs=/nowhere/at/all", "hostfs=/nowhere/at/all: no such file"),
    ("hostfs=/etc/passwd", "hostfs=/etc/passwd: a part of the path is not a directory"),
    ("hostfs=/tmp,sync", "hostfs=/tmp,sync: unknown flag sync; the only one is append"),
])
def test_bad_switch(shop, switch, words):
    """One line says what is wrong."""
    outcome = shop.outcome(switch)
    assert outcome.status == 1
    assert words in outcome.stderr and outcome.stderr.count("\n") == 1, outcome.text


def test_bad_options(run, share):
    """Mounting fails for a reason that the log names."""
    (share / "file").write_text("")
    out = run(f"""
        for option in {share}/none {share}/file cache=often timeout=x nonsense; do
            mount -t hostfs none /tmp -o $option 2>/dev/null && echo mounted $option
        done
        dmesg | grep hostfs:
    """)
    assert "mounted" not in out
    for words in (f"hostfs: {share}/none: no such file", f"hostfs: {share}/file: a part of the path is not a directory", "cache", "timeout"):
        assert words in out, out


def test_full_disk(shop):
    """The host's lack of space is reported, and costs nobody else anything."""
    if not ROOT:
        pytest.skip("mounting a small tmpfs on the host takes root")
    small = shop.home / "small"
    small.mkdir()
    shop.expected.add("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=2m,uid={NOBODY}", "small", small],
                   check=True)
    try:
        outcome = shop.run_script(f"""
            mount -t hostfs none /mnt -o {small} || exit 9
            cd /mnt
            dd if=/dev/zero of=big bs=64k count=100 2>&1 | grep -o 'No space.*'
            cp big copy 2>&1 | grep -o 'No space.*'
            rm big copy; echo fits > small; cat small; stat -f -c %b .
        """)
    finally:
        subprocess.run(["umount", small], check=True)
    assert outcome.stdout.splitlines()[-2:] == ["fits", "512"], outcome.text
    assert outcome.stdout.count("No space left on device") == 2, outcome.text


# ---- mirror --------------------------------------------------------------------

CHANGES = """
    umask 022
    mkdir -p a/b c && echo one > a/b/f && printf two >> a/b/f && ln a/b/f c/hard && ln -s x a/sym
    mkfifo a/pipe && chmod 2750 c && chmod 444 c/hard
    dd if=/dev/urandom of=big bs=64k count=50 2>/dev/null
    dd if=/dev/urandom of=big bs=1000 seek=1234 count=3 conv=notrunc 2>/dev/null
    truncate -s 3000001 big && truncate -s 9000000 sparse && fallocate -l 100000 space
    dd if=big of=direct bs=64k oflag=direct 2>/dev/null
    cp big copy && mv copy a/moved && mv a c/ && mkdir a && mv -f c/a/moved big2
    (umask 777; echo secret > closed)
    touch -d '2001-02-03 04:05:06' a c/hard && echo gone > gone && rm gone
    mkdir -p deep/er/est && rm -rf deep
    exec 5> open; mv open renamed; echo later >&5; exec 5>&-
    exec 5> nameless; rm nameless; echo nobody >&5; exec 5>&-
    i=0; while [ $i -lt 200 ]; do echo $i > n$((i % 17)); mv n$((i % 17)) m$((i % 13)); i=$((i + 1)); done
    sync
"""


def everything(top):
    """What a tree is, by path: type and mode, size, links, data, time of files."""
    found = {}
    for where, directories, files in os.walk(top):
        for name in [*directories, *files]:
            path = os.path.join(where, name)
            st = os.lstat(path)
            data = None
            if stat.S_ISLNK(st.st_mode):
                data = os.readlink(path)
            elif stat.S_ISREG(st.st_mode):
                with open(path, "rb") as file:
                    data = file.read(), st.st_nlink, st.st_mtime_ns
            found[os.path.relpath(path, top)] = oct(st.st_mode), data
    return found


@pytest.fixture(name="second")
def fixture_second(shop):
    """The other side of a mirror."""
    path = shop.home / "second"
    path.mkdir()
    shop.expected.add("second")
    own(path)
    return path


@pytest.mark.parametrize("options", ["", ",cache=none"])
def test_mirror(run, share, second, options):
    """Every change is made twice."""
    out = run(CHANGES + "grep -o 'mirror.*' /proc/mounts; dmesg | grep hostfs:; true",
              options=f",mirror={second}{options}")
    assert out.split()[0] == f"mirror={second}", out
    assert "failed" not in out and "given up" not in out, out
    first, other = everything(share), everything(second)
    assert len(first) > 20 and first == other, \
        {path: (first.get(path), other.get(path)) for path in {*first, *other}
         if first.get(path) != other.get(path)}


def test_mirror_fails(run, share, second):
    """A second side that cannot follow is given up, in so many words, and the guest
    goes on; what the first side refuses is not done on the second."""
    (share / "dir").mkdir()
    (second / "dir").mkdir()
    (share / "locked").mkdir()
    (second / "locked").mkdir()
    own(share)
    own(second)
    (share / "locked").chmod(0o555)
    os.chown(share / "locked", *((0, 0) if ROOT else (-1, -1)))
    (second / "dir").chmod(0o555)
    os.chown(second / "dir", *((0, 0) if ROOT else (-1, -1)))
    out = run("""
        dmesg -n 1
        echo x > both && echo y 2>&1 > locked/no || echo refused
        grep -c mirror_failed /proc/mounts
        echo x > dir/file && echo made
        grep -o ',mirror_failed' /proc/mounts
        echo z > later && cat later
        dmesg | grep -o 'mirror=.*'
    """, options=f",mirror={second}")
    lines = [line for line in out.splitlines() if "can't create" not in line]
    assert lines == ["refused", "0", "made", ",mirror_failed", "z",
                     f"mirror={second}: making of file: permission denied: the mirror is given up"]
    assert sorted(os.listdir(second)) == ["both", "dir", "locked"]
    assert not os.listdir(second / "locked") and not os.listdir(second / "dir")
    assert (share / "dir/file").read_text() == "x\n" and (share / "later").exists()
    (share / "locked").chmod(0o755)
    (second / "dir").chmod(0o755)


def test_mirror_while_directories_move(run, share, second):
    """Writers below directories that other programs rename meanwhile."""
    out = run("""
        mkdir -p p0/q/r
        (i=0; while [ $i -lt 300 ]; do mv p$i p$((i + 1)); i=$((i + 1)); done) &
        for w in 1 2 3; do
            (i=0; while [ $i -lt 100 ]; do
                for d in p*/q/r; do echo $i > $d/w$w.$i; echo more >> $d/w$w.$i; done
                i=$((i + 1))
            done) 2>/dev/null &
        done
        wait; sync; grep -c mirror_failed /proc/mounts; dmesg | grep hostfs:; true
    """, options=f",mirror={second}")
    assert out.split() == ["0"], out
    first, other = everything(share), everything(second)
    assert len(first) > 50 and first == other


def test_bad_mirror(run, share, second):
    """Named when it is mounted."""
    (second / "file").write_text("")
    out = run(f"""
        dmesg -n 1
        for mirror in {second}/none {second}/file {share}; do
            mount -t hostfs none /tmp -o {share},mirror=$mirror 2>/dev/null && echo mounted
        done
        dmesg | grep -o 'mirror=.*'
    """)
    assert out.splitlines() == [
        f"mirror={second}/none: no such file",
        f"mirror={second}/file: a part of the path is not a directory",
        f"mirror={share}: that is the first side"], out
