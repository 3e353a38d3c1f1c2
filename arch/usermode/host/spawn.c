// SPDX-License-Identifier: GPL-2.0
/*
 * spawn.c - host processes for guest code.
 *
 * Owns nothing and takes no lock. The new process shares the caller's memory
 * until it has executed the image. The caller sleeps meanwhile (as vfork(2)
 * does), or serves the new process's calls: the child's functions may touch
 * nothing but their arguments and their own small stack, and no signal handler
 * may run in it.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/memfd.h>
#include <uapi/linux/prctl.h>
#include <uapi/linux/sched.h>
#include <uapi/linux/seccomp.h>
#include <asm/host.h>
#include <asm/host_notify.h>
#include "sigset.h"
#include "spawn.h"
#include "syscall.h"

#ifndef MFD_EXEC		/* Linux 6.3 */
#define MFD_EXEC		0x0010U
#endif

#define CLOSE_RANGE_UNSHARE	2	/* Linux 5.9 */
#define CLOSE_RANGE_CLOEXEC	4	/* Linux 5.11 */
#define FIRST_FD		3	/* the caller's own image descriptor is above 0 to 2 */
#define MANY_FDS		1024	/* closed one by one on older hosts */

#define HOST_SIGKILL		9
/* of asm-generic/resource.h, where the kernel's own stands before the uapi one */
#define RLIMIT_STACK	3
#define RLIMIT_CORE	4

struct rlimit64 {
	u64 rlim_cur, rlim_max;
};

#define STACK_LIMIT		(8UL << 20)

#define LISTENER_WAIT_NS	30000

struct spawn {
	int image;
	int keep;
	int parent;
	u64 free_ip;
	long err;		/* written by the child: why there is no process */
	int listener;		/* ... or where its calls are heard of, -1: not yet */
};

int host_image(const char *name, const void *elf, size_t size)
{
	const char *p = elf;
	long fd, high;

	fd = host_syscall2(__NR_memfd_create, name, MFD_CLOEXEC | MFD_EXEC);
	if (fd == -EINVAL)
		fd = host_syscall2(__NR_memfd_create, name, MFD_CLOEXEC);
	if (fd < 0)
		return fd;

	high = host_syscall3(__NR_fcntl, fd, F_DUPFD_CLOEXEC, FIRST_FD);
	host_close(fd);
	if (high < 0)
		return high;

	while (size) {
		long n = host_write(high, p, size);

		if (n == -EINTR)
			continue;
		if (n <= 0) {
			host_close(high);
			return n ? n : -ENOSPC;
		}
		p += n;
		size -= n;
	}
	return high;
}

/*
 * A stack limit beyond all bounds makes the host lay out memory from the bottom
 * up, and its own pages would come to lie among the guest's. Cores of guest
 * memory are nobody's business.
 */
static long limit_resources(void)
{
	struct rlimit64 limit;
	long err;

	err = host_syscall4(__NR_prlimit64, 0, RLIMIT_STACK, NULL, &limit);
	if (!err && limit.rlim_cur > STACK_LIMIT) {
		limit.rlim_cur = STACK_LIMIT;
		err = host_syscall4(__NR_prlimit64, 0, RLIMIT_STACK, &limit, NULL);
	}
	if (err)
		return err;
	limit = (struct rlimit64) {};
	return host_syscall4(__NR_prlimit64, 0, RLIMIT_CORE, &limit, NULL);
}

void spawn_close_on_exec(void)
{
	int fd;

	if (!host_syscall3(__NR_close_range, 0, ~0U, CLOSE_RANGE_CLOEXEC))
		return;
	/* our own have the flag set; the rest is what we were started with */
	for (fd = 0; fd < MANY_FDS; fd++)
		host_syscall3(__NR_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

/* descriptor 0 is @keep, all others are gone after the exec */
static long pass_files(const struct spawn *spawn)
{
	long err;

	spawn_close_on_exec();
	if (spawn->keep == 0)
		return host_syscall3(__NR_fcntl, 0, F_SETFD, 0);
	err = host_syscall3(__NR_dup3, spawn->keep, 0, 0);
	return err < 0 ? err : 0;
}

static long leave_parent(const struct spawn *spawn)
{
	long err;

	err = host_syscall5(__NR_prctl, PR_SET_PDEATHSIG, HOST_SIGKILL, 0, 0, 0);
	/* dead already? Then nobody is there to be told */
	if (host_syscall0(__NR_getppid) != spawn->parent)
		host_syscall1(__NR_exit, 0);
	if (!err)
		err = host_syscall5(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!err)
		err = limit_resources();
	/* no inherited memory layout, no executable data */
	if (!err)
		host_syscall1(__NR_personality, 0);
	return err;
}

static long execute(const struct spawn *spawn)
{
	static const char * const argv[] = { "guest", NULL };
	static const char * const envp[] = { NULL };

	return host_syscall5(__NR_execveat, spawn->image, "", argv, envp, AT_EMPTY_PATH);
}

static void spawn_child(void *arg)
{
	struct spawn *spawn = arg;
	long err;

	err = leave_parent(spawn);
	if (!err)
		err = pass_files(spawn);
	if (!err)
		err = execute(spawn);
	spawn->err = err;
}

long spawn_call(void (*fn)(void *arg), void *arg, void *stack, size_t size)
{
	void **sp = stack + size - 2 * sizeof(*sp);

	sp[0] = fn;
	sp[1] = arg;
	return host_clone_call(CLONE_VM | CLONE_VFORK, sp, NULL);
}

/* the call by which the descriptor that it keeps is left open, as number 0 */
static int keep_call(const struct spawn *spawn)
{
	return spawn->keep ? __NR_dup3 : __NR_fcntl;
}

/*
 * As above, but with the parent's descriptors, so that the listener becomes one
 * of them. Each call after it waits for notified_serve().
 */
static void notified_child(void *arg)
{
	struct spawn *spawn = arg;
	long err;

	err = leave_parent(spawn);
	if (!err)
		err = host_notify_install(spawn->free_ip);
	if (err >= 0) {
		__atomic_store_n(&spawn->listener, (int)err, __ATOMIC_RELEASE);
		err = host_syscall3(__NR_close_range, 0, ~0U,
				    CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC);
		if (!err)
			err = keep_call(spawn) == __NR_dup3 ?
			      host_syscall3(__NR_dup3, spawn->keep, 0, 0) :
			      host_syscall3(__NR_fcntl, 0, F_SETFD, 0);
		if (err >= 0)
			err = execute(spawn);
	}
	__atomic_store_n(&spawn->err, err, __ATOMIC_RELEASE);
}

int host_spawn(int image, int keep)
{
	struct spawn spawn = {
		.image = image,
		.keep = keep,
		.parent = host_getpid(),
	};
	void *stack[192] __aligned(16);
	u64 mask;
	long pid;

	mask = host_sigset_block_all();
	pid = spawn_call(spawn_child, &spawn, stack, sizeof(stack));
	host_sigset_restore(mask);
	/* the child wrote it, behind the compiler's back */
	if (pid > 0 && __atomic_load_n(&spawn.err, __ATOMIC_RELAXED)) {
		host_wait(pid, NULL, HOST_WAIT_ALL);
		return spawn.err;
	}
	return pid;
}

/* until the child has said where its calls are heard of: 0, or why it never will */
static int notified_wait(struct spawn *spawn, int pid)
{
	long err;

	while (__atomic_load_n(&spawn->listener, __ATOMIC_ACQUIRE) < 0) {
		err = __atomic_load_n(&spawn->err, __ATOMIC_ACQUIRE);
		if (err)
			return err;
		if (host_wait(pid, NULL, HOST_WAIT_ALL | HOST_WAIT_NOHANG))
			return -ESRCH;
		/*
		 * It shares our core, and can make no call that wakes us. To yield
		 * instead would cost our turn on a busy host, again and again.
		 */
		host_futex_wait((u32 *)&spawn->listener, -1, LISTENER_WAIT_NS);
	}
	return 0;
}

/* the calls that it makes until it is its own program, in this order */
static int notified_serve(struct spawn *spawn, int pid, bool poll, struct seccomp_notif *first)
{
	const int calls[] = { __NR_close_range, keep_call(spawn), __NR_execveat };
	unsigned int i = 0;
	int err;

	for (;;) {
		err = host_notify_recv(spawn->listener, first, poll);
		if (err == -EINTR)
			continue;
		if (err && host_wait(pid, NULL, HOST_WAIT_ALL | HOST_WAIT_NOHANG))
			return -ESRCH;
		if (err == -ENOENT)
			continue;
		if (err || i == sizeof(calls) / sizeof(*calls))
			return err;
		if (first->data.nr != calls[i])
			return __atomic_load_n(&spawn->err, __ATOMIC_ACQUIRE) ?: -EIO;
		err = host_notify_approve(spawn->listener, first->id);
		/* Linux before 5.5 cannot */
		if (err && err != -ENOENT)
			return err;
		i++;
	}
}

/* where we were started without them, *@fd may be one of their numbers */
static int leave_standard_files(int *fd)
{
	int high;

	if (*fd >= FIRST_FD)
		return 0;
	high = host_syscall3(__NR_fcntl, *fd, F_DUPFD_CLOEXEC, FIRST_FD);
	if (high < 0)
		return high;
	host_close(*fd);
	*fd = high;
	return 0;
}

int host_spawn_notified(int image, int keep, u64 free_ip, bool poll, int *listener,
			struct seccomp_notif *first)
{
	struct spawn spawn = {
		.image = image,
		.keep = keep,
		.parent = host_getpid(),
		.free_ip = free_ip,
		.listener = -1,
	};
	void *stack[192] __aligned(16);
	void **sp = stack + 190;
	int err, pid;
	u64 mask;

	sp[0] = notified_child;
	sp[1] = &spawn;

	mask = host_sigset_block_all();
	pid = host_clone_call(CLONE_VM | CLONE_FILES, sp, NULL);
	host_sigset_restore(mask);
	if (pid < 0)
		return pid;

	err = notified_wait(&spawn, pid);
	if (!err) {
		host_notify_same_core(spawn.listener);
		err = notified_serve(&spawn, pid, poll, first);
	}
	if (!err)
		err = leave_standard_files(&spawn.listener);
	if (!err) {
		*listener = spawn.listener;
		return pid;
	}
	if (err != -ESRCH) {
		host_kill(pid, HOST_SIGKILL);
		host_wait(pid, NULL, HOST_WAIT_ALL);
	}
	if (spawn.listener >= 0)
		host_close(spawn.listener);
	return err;
}
