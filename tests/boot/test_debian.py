# SPDX-License-Identifier: GPL-2.0
"""debian.img, what people use it for: systemd, compilers and debuggers,
containers, stress. Each test boots a fresh copy, runs one script as root from
the second disk, and ends with the script's status."""
import re

import pytest

from guest import TROUBLE



@pytest.fixture(name="debian")
def fixture_debian(shop, mode):
    """debian(script, switch...): its outcome; stdout is the script's."""
    def run(text, *switches, timeout=300, memory="1G"):
        outcome = shop.outcome(
            f"ubd0={shop.image('debian.img')}", f"ubd1r={shop.script(text)}", *mode,
            f"mem={memory}", "quiet", "systemd.show_status=0", *switches, timeout=timeout)
        text = re.sub(r"\x1b\[[0-9;]*m", "", outcome.stdout.replace("\r\n", "\n"))
        match = re.search(r"^script: begin\n(.*)^usermode-run: status (\d+)", text, re.M | re.S)
        assert match, f"the script did not run to its end: {outcome.text}"
        outcome.stdout = match.group(1)
        assert outcome.status == int(match.group(2)), "the exit status got lost"
        return outcome
    return run


@pytest.mark.limit(300)
def test_multi_user(shop, mode):
    """To a login on the console; nothing failed, nothing complained."""
    guest = shop.start(f"ubd0={shop.image('debian.img')}", *mode, "mem=1G")
    guest.login()
    guest.run("export SYSTEMD_PAGER= TERM=dumb")
    assert guest.run("systemctl is-system-running --wait", timeout=120) == "running\n"
    assert "0 loaded units" in guest.run("systemctl --failed")
    log = guest.run("dmesg")
    assert not [line for line in log.splitlines() if TROUBLE.search(line)]
    assert guest.run("stat -fc %T /sys/fs/cgroup").strip() == "cgroup2fs"
    assert {"cpu", "cpuset", "hugetlb", "io", "memory", "pids"} <= \
        set(guest.run("cat /sys/fs/cgroup/cgroup.controllers").split())
    assert guest.poweroff(politely=True) == 0
    assert guest.console.restored


PROGRAMS = r"""
set -e
cd /root
cat > threads.c << 'EOC'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static long total;
static void *work(void *arg)
{
	for (long i = 0; i < 1000; i++) {
		pthread_mutex_lock(&m);
		total += (long)arg;
		pthread_mutex_unlock(&m);
	}
	return NULL;
}
int main(int argc, char **argv)
{
	pthread_t t[4];
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, work, (void *)i);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	printf("total %ld\n", total);
	if (argc > 1)
		abort();
	return 0;
}
EOC
gcc -O1 -g -Wall -pthread -o threads threads.c
./threads

echo "--- gdb"
cat > commands << 'EOC'
set pagination off
set can-use-hw-watchpoints 0
break work if (long)arg == 1
run
bt
info threads
delete
set scheduler-locking on
watch total
continue
next
stepi
print total
delete
set scheduler-locking off
continue
EOC
gdb -q -batch -x commands ./threads 2>&1

echo "--- strace"
strace -f -o trace ./threads
grep -c 'clone3*(' trace
grep 'write(1, "total 6000' trace
strace -c true 2>&1 | tail -1

echo "--- core"
ulimit -c unlimited
echo /root/core.%e > /proc/sys/kernel/core_pattern
./threads dump || echo "status $?"
gdb -q -batch -ex bt -ex 'info registers rip' -ex 'frame 3' -ex 'print argc' \
	-ex 'print total' -ex 'info registers xmm0' -ex 'info auxv' ./threads core.threads 2>&1
"""


@pytest.mark.limit(400)
def test_programs_are_built_and_debugged(debian):
    """gcc, gdb on a threaded program, strace, and gdb on its core file."""
    outcome = debian(PROGRAMS)
    assert outcome.status == 0, outcome.text
    plain, rest = outcome.stdout.split("--- gdb\n")
    gdb, rest = rest.split("--- strace\n")
    strace, core = rest.split("--- core\n")
    assert plain == "total 6000\n"
    assert re.search(r"hit Breakpoint 1, work \(arg=0x1", gdb), gdb
    assert re.search(r"#0 +work \(arg=.*\n(.*\n)*#1 ", gdb)
    assert re.search(r"\* \d+ +Thread", gdb)
    assert re.search(r"atchpoint 2: total", gdb)
    assert "exited normally" in gdb
    assert "Cannot" not in gdb and "warning: Error" not in gdb, gdb
    assert re.search(r"^4$", strace, re.M), strace
    assert 'write(1, "total 6000' in strace
    assert "total" in strace.splitlines()[-1]
    assert "status 134" in core, core
    assert re.search(r"in (raise|__pthread_kill|abort)", core)
    assert re.search(r"main \(argc=2", core)
    assert re.search(r"^rip +0x[0-9a-f]+", core, re.M)
    assert "$1 = 2" in core and "$2 = 6000" in core, core
    assert re.search(r"^xmm0 ", core, re.M)
    assert "AT_PHDR" in core


@pytest.mark.limit(900)
@pytest.mark.slow
def test_python(debian):
    """Python's own tests of what leans on the kernel."""
    outcome = debian("""
        cd /root
        python3 -m test -j1 test_os test_signal test_threading test_subprocess test_mmap 2>&1
        """, timeout=800)
    tail = "\n".join(outcome.stdout.splitlines()[-60:])
    assert outcome.status == 0 and "result: SUCCESS" in outcome.stdout, tail


STRESS = """
cd /root
# a stressor that is out of memory has not failed; those that ask for hardware
# or for a kernel that taints itself are skipped by stress-ng itself. cyclic wants
# 90%% of a CPU by SCHED_DEADLINE for each of two tasks: a machine with one CPU
# cannot promise it (EBUSY). sem-sysv's semaphores are made at the very beginning and
# removed by another stressor of its class, on every Linux: it runs by itself
stress() {
	stress-ng "$@" -t %d --oomable --timestamp --metrics-brief --log-file log > out 2>&1
	echo "stress-ng: status $?"
	cat log >> logs
}
stress --class %s --exclude cyclic,sem-sysv --seq 1
stress --sem-sysv 1
grep -E 'fail:|unsuccessful|error:|passed:|failed:|skipped:|metrics untrust' logs | head -100
# which capabilities a stressor asks for is no trouble
dmesg | grep -iE 'warning:|bug:|oops|panic|hung|lockup' | grep -v 'capability: warning' | head
exit 0
"""


@pytest.mark.limit(1800)
@pytest.mark.parametrize("classes", ["cpu", "memory,vm", "os,scheduler", "pipe,interrupt,filesystem"])
@pytest.mark.slow
def test_stress(debian, classes):
    """Every stressor of a class for a moment, one after the other. (What others call
    class signal is stress-ng's interrupt; status 3: a stressor found that it lacks
    something, such as uprobes.)"""
    outcome = debian(STRESS % (1, classes), timeout=1700, memory="2G")
    assert len(re.findall(r"stress-ng: status [03]\n", outcome.stdout)) == 2, outcome.text
    assert not TROUBLE.search(outcome.stdout), outcome.text
    assert "fail:" not in outcome.stdout and "unsuccessful" not in outcome.stdout, outcome.text


CONTAINER = r"""
set -e
cd /root
mkdir -p root/bin root/proc root/sys root/dev root/tmp root/etc
cp /bin/busybox root/bin/
for applet in sh ip cat ls mount hostname sleep dd id ping wc; do
	ln -s busybox root/bin/$applet
done
tar c -C root . | podman import -q - tiny
podman info --format '{{.Store.GraphDriverName}} {{.Host.CgroupsVersion}} {{.Host.OCIRuntime.Name}}'

echo "--- namespaces"
podman run --rm --hostname boxed tiny sh -c 'hostname; echo pid $$; id -u; cat /proc/1/comm; exit 0'
echo "--- network"
podman run --rm --cap-add NET_RAW tiny sh -c 'ip -4 addr show eth0 | cat; ping -c 1 -W 5 10.88.0.1 > /dev/null && echo reachable'
echo "--- overlay"
podman run --name keeper tiny sh -c 'echo written > /tmp/file; mount | cat' | grep ' on / '
podman diff keeper
podman rm keeper > /dev/null
echo "--- limits"
podman run --rm --memory 16m --memory-swap 16m tiny \
	dd if=/dev/zero of=/dev/null bs=64M count=1 2>&1 || echo "memory: status $?"
podman run --rm --pids-limit 5 tiny sh -c \
	'for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait' 2>&1 | grep -m 1 -i "fork" && echo "pids bite"
podman run --rm --cpus 0.1 tiny sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done
	cat /sys/fs/cgroup/cpu.stat' | grep throttled_usec
podman run -d --name group --memory 20m --pids-limit 7 tiny sleep 100 > /dev/null
cat /sys/fs/cgroup/machine.slice/libpod-*.scope/container/pids.max \
    /sys/fs/cgroup/machine.slice/libpod-*.scope/pids.max 2>/dev/null | sort -u
grep -h . /sys/fs/cgroup/machine.slice/libpod-*.scope/cgroup.controllers
echo "--- exec"
podman exec group sh -c 'echo inside; ls /proc | wc -l'
podman stop -t 0 group > /dev/null
podman rm -f group > /dev/null
podman ps -aq | wc -l
"""


@pytest.mark.limit(600)
def test_containers(debian):
    """podman: namespaces, a bridge, overlay storage, limits that bite."""
    outcome = debian(CONTAINER, timeout=500, memory="2G")
    assert outcome.status == 0, outcome.text
    text = outcome.stdout
    assert "overlay v2" in text, outcome.text
    assert re.search(r"--- namespaces\nboxed\npid 1\n0\nsh\n", text), outcome.text
    assert "inet 10.88." in text and "reachable" in text, outcome.text
    assert "overlay on / type overlay" in text and "A /tmp/file" in text, outcome.text
    assert "memory: status 137" in text, outcome.text
    assert int(re.search(r"throttled_usec (\d+)", text).group(1)) > 0, outcome.text
    assert "pids bite" in text, outcome.text
    assert "inside" in text, outcome.text


IO_URING = r"""
set -e
cd /root
cat > job << 'EOC'
[global]
ioengine=io_uring
size=32M
iodepth=16
bs=4k
verify=crc32c
verify_fatal=1
filename=/root/fio.data
[buffered]
rw=randwrite
[direct]
stonewall
rw=randwrite
direct=1
[fixed]
stonewall
rw=randwrite
direct=1
fixedbufs=1
registerfiles=1
EOC
fio --output-format=terse job > out
wc -l < out
cat > copy.c << 'EOC'
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
	struct io_uring ring;
	struct io_uring_cqe *cqe;
	char buf[4096];
	int in = open("/bin/busybox", O_RDONLY), out = open("/root/copy", O_CREAT | O_WRONLY, 0600);
	long at = 0;
	if (io_uring_queue_init(8, &ring, 0))
		return 1;
	for (;;) {
		io_uring_prep_read(io_uring_get_sqe(&ring), in, buf, sizeof(buf), at);
		io_uring_submit(&ring);
		if (io_uring_wait_cqe(&ring, &cqe) || cqe->res <= 0)
			break;
		int n = cqe->res;
		io_uring_cqe_seen(&ring, cqe);
		io_uring_prep_write(io_uring_get_sqe(&ring), out, buf, n, at);
		io_uring_submit(&ring);
		if (io_uring_wait_cqe(&ring, &cqe) || cqe->res != n)
			return 2;
		io_uring_cqe_seen(&ring, cqe);
		at += n;
	}
	io_uring_queue_exit(&ring);
	printf("copied %ld\n", at);
	return 0;
}
EOC
gcc -o copy.prog copy.c -luring
./copy.prog
cmp /bin/busybox copy && echo same
"""


@pytest.mark.limit(400)
def test_io_uring(debian):
    """fio with verification, and a program with liburing."""
    outcome = debian(IO_URING)
    assert outcome.status == 0 and "same" in outcome.stdout, outcome.text
    assert outcome.stdout.startswith("3\n"), outcome.text


@pytest.mark.limit(300)
def test_ordinary_user(debian):
    """The image's second account: its own session, no rights."""
    outcome = debian("""
        set -e
        su - user -c 'id -u; gcc --version | head -1; unshare -Ur id -u; ping -c 1 127.0.0.1 | tail -2'
        su - user -c 'cat /etc/shadow' || echo "not allowed"
        """)
    assert outcome.status == 0, outcome.text
    assert outcome.stdout.startswith("1000\ngcc") and "not allowed" in outcome.stdout, outcome.text
    assert "1 received" in outcome.stdout, outcome.text
