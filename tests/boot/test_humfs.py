# SPDX-License-Identifier: GPL-2.0
"""humfs: directories of the host whose owners, modes and devices are the guest's."""
import io
import os
import pathlib
import random
import re
import shutil
import subprocess
import tarfile
import tempfile
import time

import pytest

from guest import IMAGES, TOP, forbid, unprivileged
from test_hostfs import SEMANTICS

HUMFS = IMAGES / "tools/humfs/humfs"
SETXATTR = 188


class Tree:
    """A humfs on the host, and the program for it, run as the user that guests are."""

    def __init__(self, shop):
        assert HUMFS.exists(), f"{HUMFS} is missing: make tools"
        self.home = shop.home / "humfs"
        self.home.mkdir()
        shop.own(self.home)
        shop.expected.add("humfs")
        self.path = self.home / "tree"
        self.program = shop.home.parent / "humfs-tool"
        if not self.program.exists():
            self.program.write_bytes(HUMFS.read_bytes())
            self.program.chmod(0o755)

    def tool(self, *words, data=None, status=0):
        """What "humfs words" prints."""
        done = subprocess.run([*unprivileged(), self.program, *map(str, words)], check=False,
                              input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=self.home, timeout=120)
        assert done.returncode == status, done
        return (done.stdout + done.stderr).decode()

    def list(self):
        """Path -> "mode uid gid rest"."""
        lines = [re.fullmatch(r"(\d+ \d+ \d+ \S+) (.*)", line)
                 for line in self.tool("list", self.path).splitlines()]
        return {match[2]: match[1] for match in lines}

    def whole(self):
        """Nothing is wrong with it."""
        assert ", 0 wrong" in self.tool("check", self.path)


@pytest.fixture(name="tree")
def fixture_tree(shop):
    """An empty one."""
    tree = Tree(shop)
    tree.tool("create", tree.path)
    return tree


@pytest.fixture(name="run")
def fixture_run(shop, tree):
    """run(script, ...): in a guest that has the tree on /mnt; what it printed."""
    def run(text, *switches, options="", image="root.img", **more):
        mount = f"dmesg -n 1; mount -t humfs none /mnt -o {tree.path}{options} || exit 9\ncd /mnt\n"
        outcome = shop.run_script(mount + text, *switches, image=image, **more)
        assert outcome.status == 0, outcome.text
        return outcome.stdout
    return run


@pytest.mark.parametrize("options", ["", ",cache=none", ",cache=auto"])
def test_semantics(run, options, tree):
    """What programs may expect of any file system they find here."""
    out = run("chmod 777 .\n" + SEMANTICS, options=options,
              image="test.img", timeout=400)
    assert len(re.findall(r"^ok ", out, re.M)) >= 29, out
    assert "not ok" not in out, out
    tree.whole()


def archive(*members):
    """A tar file: members are (name, type, fields)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, fields in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            data = fields.pop("data", b"")
            info.size = len(data)
            for key, value in fields.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


PACKAGE = (
    ("./", tarfile.DIRTYPE, {"mode": 0o755}),
    ("./bin/", tarfile.DIRTYPE, {"mode": 0o755}),
    ("./bin/id", tarfile.REGTYPE, {"mode": 0o4755, "data": b"#!/bin/sh\nid\n", "mtime": 987654321}),
    ("./bin/also", tarfile.LNKTYPE, {"linkname": "./bin/id"}),
    ("./dev/null", tarfile.CHRTYPE, {"mode": 0o666, "devmajor": 1, "devminor": 3}),
    ("./dev/loop", tarfile.BLKTYPE, {"mode": 0o660, "gid": 6, "devmajor": 7, "devminor": 300}),
    ("./home/me/", tarfile.DIRTYPE, {"mode": 0o2750, "uid": 1000, "gid": 1000}),
    ("./home/me/file", tarfile.REGTYPE, {
        "mode": 0, "uid": 1000, "gid": 100, "data": b"mine\n"}),
    ("./home/me/link", tarfile.SYMTYPE, {"linkname": "/no/where", "uid": 1000, "gid": 1000}),
    ("./run/pipe", tarfile.FIFOTYPE, {"mode": 0o600, "uid": 4000000000}),
    ("./tmp/", tarfile.DIRTYPE, {"mode": 0o1777}),
)


WHO = b"""
#include <stdio.h>
#include <unistd.h>
int main(void) { printf("%d\\n", geteuid()); return 0; }
"""


def test_imported(run, tree, tmp_path):
    """What a plain user imported is what its makers meant; programs of the guest's
    users are held to it, and the devices work."""
    subprocess.run(["gcc", "-static", "-o", tmp_path / "who", "-x", "c", "-"], check=True,
                   input=WHO)
    who = (tmp_path / "who").read_bytes()
    tree.tool("import", "-", tree.path, data=archive(
        *PACKAGE, ("./bin/who", tarfile.REGTYPE, {"mode": 0o4755, "uid": 12, "data": who})))
    out = run("""
        stat -c '%n %F %a %u:%g %t:%T' bin/id dev/null dev/loop home/me home/me/file home/me/link \
            run/pipe tmp
        stat -c '%h %Y' bin/also
        readlink home/me/link
        cat home/me/file
        echo lost > dev/null && wc -c < dev/null
        find . -type l -o -type b -o -type p | sort
        ls -l run | wc -l
        su -s /bin/sh nobody -c 'cat /mnt/home/me/file; echo x > /mnt/tmp/nobodys
            rm -f /mnt/run/pipe; chmod 777 /mnt/tmp; mknod /mnt/tmp/sda b 8 0' 2>&1
        su -s /bin/sh nobody -c 'ln -s ../bin/who /mnt/tmp/who; /mnt/tmp/who;
            echo >> /mnt/bin/who' 2>&1
        chown 7 bin/who; stat -c %a bin/who
    """)
    assert out.splitlines() == [
        "bin/id regular file 4755 0:0 0:0",
        "dev/null character special file 666 0:0 1:3",
        "dev/loop block special file 660 0:6 7:12c",
        "home/me directory 2750 1000:1000 0:0",
        "home/me/file regular file 0 1000:100 0:0",
        "home/me/link symbolic link 777 1000:1000 0:0",
        "run/pipe fifo 600 4000000000:0 0:0",
        "tmp directory 1777 0:0 0:0",
        "2 987654321", "/no/where", "mine", "0",
        "./dev/loop", "./home/me/link", "./run/pipe", "2",
        "cat: can't open '/mnt/home/me/file': Permission denied",
        "rm: can't remove '/mnt/run/pipe': Permission denied",
        "chmod: /mnt/tmp: Operation not permitted",
        "mknod: /mnt/tmp/sda: Operation not permitted",
        "12", "sh: can't create /mnt/bin/who: Permission denied", "755"], out
    tree.whole()
    listed = tree.list()
    assert listed["tmp/nobodys"].startswith("100644 65534 65534 ")
    assert listed["tmp/who -> ../bin/who"].startswith("120777 65534 65534 ")
    assert listed["bin/who"].startswith("100755 7 0 ")
    # whatever the guest says, on the host nothing is anybody else's, or runs as somebody
    for where, names, files in os.walk(tree.path):
        for name in [*names, *files]:
            st = os.lstat(os.path.join(where, name))
            assert not st.st_mode & 0o7077, name


def test_made_in_the_guest(run, tree):
    """Everything that a guest can make is there again after the next mount."""
    make = """
        umask 022
        mkdir dir && chmod 2775 dir && chown 5:60 dir && mkdir dir/sub && echo f > dir/file
        ln -s ../target dir/sym && ln dir/sym dir/sym2 && chown -h 8:9 dir/sym
        mknod dir/c c 300 70000 && mkfifo dir/p && ln dir/c dir/c2 && chmod 600 dir/c
        echo x > a && chmod 4711 a && mv a b && echo y > c && mv -f b c
        touch -d '2001-02-03 04:05:06' dir/file
        mkdir -p deep/er && mv deep/er dir/moved && rmdir deep
        rm -f dir/p && mkfifo dir/p
        mkdir d1 d2 && mv d1 d2/ && mv d2/d1 .
    """
    look = """
        find . | sort | while read -r f; do
            stat -c '%n %f %u:%g %t:%T %h %s' "$f"; readlink "$f"
        done | grep -v 'directory'
        stat -c %Y dir/file
    """
    again = run(f"{make}\n{look}\ncd / && umount /mnt && mount -t humfs none /mnt -o {tree.path} "
                f"&& cd /mnt && echo again\n{look}\ntrue")
    first, second = again.split("again\n")
    assert first == second
    # directories' sizes and times are the host's: what matters of each object
    for line in ("./c 89c9 0:0 0:0 1 2", "./dir/c 2180 0:60 12c:11170 2 0",
                 "./dir/sym a1ff 8:9 0:0 2 9", "./dir/p 11a4 0:60 0:0 1 0",
                 "./dir/file 81a4 0:60 0:0 1 2", "981173106"):
        assert line in first.splitlines(), again
    assert re.search(r"^\./dir/sub 45ed 0:60 ", first, re.M), again
    tree.whole()


BUSY = """
    n=0
    while :; do
        for i in 1 2 3 4 5 6 7 8; do
            f=d$((n % 16))/f$i
            mkdir -p d$((n % 16))
            echo $n > $f.new; chmod 4750 $f.new; chown 1000:1000 $f.new; mv -f $f.new $f
            ln -sf $n d$((n % 16))/l$i
            rm -f d$((n % 16))/n$i; mknod d$((n % 16))/n$i c 1 $i; mkfifo d$((n % 16))/p$i 2>/dev/null
        done
        n=$((n + 1)); [ $n = 4 ] && echo BUSY
        [ $((n % 7)) = 0 ] && rm -rf d$((n % 16))
    done
"""
STATES = {  # by the first letter of the name, and whether it has ".new" at its end
    "f": r"100750 1000 1000 [2-9]", "fnew": r"10(0644 0 0|4750 0 0|0750 1000 1000) \d",
    "l": r"120777 0 0", "n": r"020644 0 0 1:\d", "p": r"010644 0 0 0", "d": r"040755 0 0"}


def test_killed(shop, tree):
    """A guest that is killed in the middle of making things leaves a tree in which
    each is either there, whole, or not."""
    busy = shop.script(f"mount -t humfs none /mnt -o {tree.path} || exit 9\ncd /mnt\n{BUSY}")
    for turn in range(4):
        guest = shop.start(f"ubd0={shop.image()}", f"ubd1r={busy}", "quiet",
                           "init=/sbin/run-test")
        guest.expect("BUSY")
        time.sleep(random.Random(turn).random() / 2)
        guest.kill()
        guest.wait()
        tree.whole()
        for path, what in tree.list().items():
            name = path.split(" ")[0].rpartition("/")[2]
            if name != ".":
                kind = name[0] + ("new" if name.endswith(".new") else "")
                assert re.match(STATES[kind], what), (path, what)
    # what was being made is gone when the next guest may write
    outcome = shop.run_script(f"mount -t humfs none /mnt -o {tree.path} && rm -rf /mnt/*")
    assert outcome.status == 0, outcome.text
    assert not os.listdir(tree.path / "tmp") and not os.listdir(tree.path / "data")


def test_one_user_at_a_time(shop, tree):
    """Two guests may read a tree; who writes has it alone. The tool keeps out, too."""
    guest = shop.start(f"ubd0={shop.image(to='first.img')}")
    guest.login()
    guest.run(f"mount -t humfs none /mnt -o {tree.path}")
    outcome = shop.run_script(f"mount -t humfs none /mnt -o {tree.path},ro; dmesg | grep humfs")
    assert f"{tree.path}: another guest, or the program humfs, changes it" in outcome.stdout
    assert "uses it" in tree.tool("check", tree.path, status=1)
    guest.run("mount -o remount,ro /mnt; umount /mnt; mount -r -t humfs none /mnt -o "
              f"{tree.path}")
    outcome = shop.run_script(f"mount -r -t humfs none /mnt -o {tree.path} && echo both; "
                              "mount -o remount,rw /mnt; dmesg | grep humfs:")
    assert "both" in outcome.stdout and "uses it" in outcome.stdout, outcome.text
    guest.run("mount -o remount,rw /mnt && touch /mnt/file")
    assert guest.poweroff() == 0
    tree.whole()


def test_made_on_the_host(shop, run, tree):
    """Files that somebody on the host puts there are root's. Damaged records are
    errors that name the file, and repair mends them."""
    (tree.path / "data/dropped").write_text("from the host\n")
    (tree.path / "data/dropped").chmod(0o4755)
    (tree.path / "data/bad").write_text("bad\n")
    os.setxattr(tree.path / "data/bad", "user.humfs", b"100644 0 0 and more")
    for name in ("dropped", "bad"):
        shop.own(tree.path / "data" / name)
    out = run("""
        stat -c '%n %a %u' dropped; cat dropped
        cat bad 2>&1
        chown 3 dropped; stat -c %u dropped
        dmesg | grep -o 'humfs: bad.*' | tail -n 1
    """)
    assert out.splitlines() == [
        "dropped 755 0", "from the host", "cat: can't open 'bad': Structure needs cleaning",
        "3", "humfs: bad: its record is damaged; see humfs check"], out
    assert "bad: its record is damaged" in tree.tool("check", tree.path, status=1)
    assert "mended" in tree.tool("repair", tree.path)
    tree.whole()
    assert run("stat -c '%a %u' bad; cat bad") == "600 0\nbad\n"


def test_host_errors(run, tree):
    """A host that cannot keep the record refuses the object, and nothing half is left."""
    out = run("""
        echo x > file; mkdir dir; ln -s x link; mknod dev c 1 3; ls -a | wc -l; chmod 600 . && echo ok
        true
    """, prepare=lambda: forbid(SETXATTR, error=28))
    assert out.splitlines()[4] == "2" and out.count("No space left") == 5, out
    assert not os.listdir(tree.path / "data") and not os.listdir(tree.path / "tmp")


def test_bad_trees(shop, tree):
    """Mounting what is none says why."""
    (tree.home / "empty").mkdir()
    old = tree.home / "old"
    (old / "data").mkdir(parents=True)
    (old / "superblock").write_text("version 2\nmetadata shadow_fs\nused 0\ntotal 1000\n")
    (tree.home / "odd").mkdir()
    (tree.home / "odd/superblock").write_text("version 99\n")
    shop.own(old)
    outcome = shop.run_script(f"""
        dmesg -n 1
        for name in empty old odd none; do
            mount -t humfs none /mnt -o {tree.home}/$name 2> /dev/null && echo mounted
        done
        dmesg | grep -o 'humfs: .*'
    """)
    home = tree.home
    assert outcome.stdout.splitlines() == [
        f"humfs: {home}/empty: superblock: no such file",
        f"humfs: {home}/old: the old layout, version 2: humfs import makes a new one of it",
        f"humfs: {home}/odd: no humfs: superblock says something else",
        f"humfs: {home}/none: no such file"], outcome.text
    outcome = shop.run_script("mount -t humfs none /mnt; dmesg | grep -o 'humfs: .*'",
                              f"hostfs={tree.path},append")
    assert "append: a humfs changes more than that" in outcome.stdout, outcome.text


# ---- a distribution ------------------------------------------------------------

@pytest.fixture(name="debian", scope="module")
def fixture_debian():
    """A Debian tree, unpacked by a plain user."""
    archive_file = IMAGES / "debian.tar"
    if not archive_file.exists():
        pytest.skip(f"{archive_file} is not there: make debian.img")
    where = pathlib.Path(tempfile.mkdtemp(prefix="usermode-tests-"))
    where.chmod(0o777)
    try:
        subprocess.run([*unprivileged(), TOP / "scripts/mkdebian", "humfs", where / "tree",
                        archive_file], check=True, timeout=600)
        yield where / "tree"
    finally:
        subprocess.run(["rm", "-rf", where], check=True)


def boot_debian(shop, tree, script, timeout=300):
    """Boot it, run a script after multi-user; what it printed."""
    outcome = shop.outcome(
        "rootfstype=humfs", f"rootflags={tree}", "rw", f"ubd1r={shop.script(script)}",
        "mem=1G", "quiet", "systemd.show_status=0", timeout=timeout)
    text = re.sub(r"\x1b\[[0-9;]*m", "", outcome.stdout.replace("\r\n", "\n"))
    match = re.search(r"^usermode-run: begin\n(.*)^usermode-run: status (\d+)", text, re.M | re.S)
    assert match, outcome.text
    assert match[2] == "0", outcome.text
    return match[1]


# what mkdebian has dpkg leave out is missing everywhere
SYSTEM = r"""
systemctl is-system-running --wait
systemctl --failed --no-legend --plain | cat
dpkg --verify | grep -v ' /usr/share/\(doc\|man\|locale\)/'; echo verified
stat -c '%n %A %U:%G' /usr/bin/su /etc/shadow /tmp /home/user /dev/null
su user -c 'cat /etc/shadow; passwd -S user | cut -d " " -f 1-2; mount -t tmpfs none /mnt' 2>&1 | head -n 3
mknod /root/null c 1 3 && echo x > /root/null && stat -c %s /root/null
cp /bin/true /root/capable && setcap cap_net_raw+ep /root/capable && getcap /root/capable
echo changed >> /root/capable && getcap /root/capable
install -m 4711 -o user -g daemon /bin/true /root/owned && stat -c '%A %U:%G' /root/owned
dmesg | grep 'Call Trace'; true
"""


@pytest.mark.limit(400)
def test_debian(shop, debian):
    """A distribution that a plain user unpacked is one: systemd is content, dpkg finds
    every file as it was packed, and what is setuid, capable or a device is that."""
    lines = boot_debian(shop, debian, SYSTEM).splitlines()
    assert lines[1:] == [
        "running", "verified",
        "/usr/bin/su -rwsr-xr-x root:root", "/etc/shadow -rw-r----- root:shadow",
        "/tmp drwxrwxrwt root:root", "/home/user drwxr-xr-x user:user",
        "/dev/null crw-rw-rw- root:root",
        "cat: /etc/shadow: Permission denied", "user NP",
        "mount: /mnt: must be superuser to use mount.", "0",
        "/root/capable cap_net_raw=ep", "-rws--x--x user:daemon"], lines
    assert ", 0 wrong" in subprocess.run(
        [*unprivileged(), HUMFS, "check", debian], check=True, stdout=subprocess.PIPE,
        text=True).stdout


def package(where, files):
    """A Debian package of many files, some of which are special."""
    root = where / "package"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN/control").write_text(
        "Package: many\nVersion: 1\nArchitecture: all\nMaintainer: nobody <no@where>\n"
        "Description: many files\n")
    (root / "DEBIAN/postinst").write_text("#!/bin/sh\nchown -R 33:33 /opt/many/d1\n")
    (root / "DEBIAN/postinst").chmod(0o755)
    for n in range(files):
        path = root / f"opt/many/d{n % 8}/f{n}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.Random(n).randbytes(10000))
        path.chmod(0o4755 if n % 8 == 3 else 0o640)
    subprocess.run(["dpkg-deb", "-Znone", "--root-owner-group", "-b", root, where / "many.deb"],
                   check=True, stdout=subprocess.DEVNULL)
    return (where / "many.deb").read_bytes()


@pytest.mark.limit(600)
def test_debian_killed(shop, debian, tmp_path):
    """The power goes while dpkg unpacks: no metadata is lost or wrong, dpkg goes on
    where it was, and at the end every file is as it was packed."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("the host has no dpkg-deb (package dpkg)")
    deb = archive(("./root/many.deb", tarfile.REGTYPE, {"mode": 0o644,
                                                       "data": package(tmp_path, 1500)}))
    subprocess.run([*unprivileged(), HUMFS, "import", "-", debian], input=deb, check=True)
    script = shop.script("echo INSTALLING; dpkg -i --force-unsafe-io /root/many.deb; echo DONE")
    for delay in (0.3, 1.2):
        guest = shop.start("rootfstype=humfs", f"rootflags={debian}", "rw", f"ubd1r={script}",
                           "mem=1G", "quiet", "systemd.show_status=0")
        guest.expect("INSTALLING", 120)
        time.sleep(delay)
        guest.kill()
        guest.wait()
        listed = subprocess.run([*unprivileged(), HUMFS, "list", debian], check=True,
                                stdout=subprocess.PIPE, text=True).stdout
        subprocess.run([*unprivileged(), HUMFS, "check", debian], check=True)
        for line in re.findall(r"^.* opt/many/d\d/f\d+$", listed, re.M):
            mode, uid, gid, _, name = line.split()
            number = int(name.rpartition("f")[2])
            assert mode == ("104755" if number % 8 == 3 else "100640"), line
            assert {uid, gid} <= ({"0", "33"} if number % 8 == 1 else {"0"}), line
    out = boot_debian(shop, debian, """
        dpkg -i /root/many.deb > /dev/null && dpkg --verify many && dpkg --audit && echo verified
        find /opt/many -type f -perm 4755 | wc -l
        find /opt/many -type f -user 33 | wc -l; find /opt/many -type f | wc -l
        dpkg -P many > /dev/null; ls -d /opt/many 2>/dev/null; rm /root/many.deb
    """)
    assert out.splitlines()[-4:] == ["verified", "188", "188", "1500"], out
