// SPDX-License-Identifier: GPL-2.0
/* System-call filters: each action, what a filter sees, and who inherits it. */
#include "harness.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <ucontext.h>

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_IS(k, n)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, n)
#define RETURN(what)	BPF_STMT(BPF_RET | BPF_K, what)

static int install(struct sock_filter *f, unsigned short n, unsigned int flags)
{
	struct sock_fprog prog = { n, f };

	CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

/* call @nr gets @action, all others run */
static int filter_one(unsigned int nr, unsigned int action, unsigned int flags)
{
	struct sock_filter f[] = {
		LOAD(nr), IF_IS(nr, 1), RETURN(action), RETURN(SECCOMP_RET_ALLOW),
	};

	return install(f, 4, flags);
}

TEST(actions_are_known)
{
	static const unsigned int actions[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
	};
	unsigned int i, bad = 0x12345678;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		CHECK_EQ(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]), 0);
	CHECK_ERR(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &bad), EOPNOTSUPP);
}

static void beyond_strict(void *arg)
{
	CHECK_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0), 0);
	if (arg)
		syscall(SYS_getpid);
	syscall(SYS_exit, 0);
}

TEST(strict_mode)
{
	CHECK_EQ(signal_of(beyond_strict, NULL), 0);
	CHECK_EQ(signal_of(beyond_strict, (void *)1L), SIGKILL);
}

TEST(error)
{
	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_ERRNO | 123, 0), 0);
	CHECK_ERR(syscall(SYS_getppid), 123);
	CHECK_EQ(syscall(SYS_getpid), getpid());
	/* the largest error; 0 is success */
	CHECK_EQ(filter_one(SYS_getuid, SECCOMP_RET_ERRNO | 4095, 0), 0);
	CHECK_ERR(syscall(SYS_getuid), 4095);
	CHECK_EQ(filter_one(SYS_geteuid, SECCOMP_RET_ERRNO, 0), 0);
	CHECK_EQ(syscall(SYS_geteuid), 0);
}

static void call_killed(void *arg)
{
	CHECK_EQ(filter_one(SYS_getppid, (unsigned int)(long)arg, 0), 0);
	syscall(SYS_getppid);
}

TEST(kill)
{
	CHECK_EQ(signal_of(call_killed, (void *)(long)SECCOMP_RET_KILL_PROCESS), SIGSYS);
	CHECK_EQ(signal_of(call_killed, (void *)(long)SECCOMP_RET_KILL_THREAD), SIGSYS);
	CHECK_EQ(signal_of(call_killed, (void *)(long)SECCOMP_RET_TRAP), SIGSYS);
	CHECK_EQ(signal_of(call_killed, (void *)(long)SECCOMP_RET_LOG), 0);
}

static siginfo_t seen;
static unsigned long seen_ip;
static int count;

static void caught(int sig, siginfo_t *si, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)sig;
	WRITE_ONCE(count, READ_ONCE(count) + 1);
	seen = *si;
	seen_ip = r[REG_RIP];
	CHECK_EQ(r[REG_RAX], SYS_getppid);
	r[REG_RAX] = 4242;
}

TEST(trap)
{
	handle(SIGSYS, caught, 0);
	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_TRAP | 77, 0), 0);
	CHECK_EQ(syscall(SYS_getppid), 4242);
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(seen.si_signo, SIGSYS);
	CHECK_EQ(seen.si_code, 1);		/* SYS_SECCOMP */
	CHECK_EQ(seen.si_errno, 77);
	CHECK_EQ(seen.si_syscall, SYS_getppid);
	CHECK_EQ(seen.si_arch, AUDIT_ARCH_X86_64);
	CHECK_EQ(seen.si_call_addr, seen_ip);
	CHECK_EQ(*(unsigned short *)(seen_ip - 2), 0x050f);
}

TEST(arguments)
{
	/* mmap is refused when its third argument's low half is 7, and its sixth is 9 */
	struct sock_filter f[] = {
		LOAD(nr), IF_IS(SYS_mmap, 5),
		LOAD(args[2]), IF_IS(7, 3),
		LOAD(args[5]), IF_IS(9, 1),
		RETURN(SECCOMP_RET_ERRNO | 99),
		RETURN(SECCOMP_RET_ALLOW),
	};

	CHECK_EQ(install(f, 8, 0), 0);
	CHECK_ERR(syscall(SYS_mmap, 0, 0, 7, 0, 0, 9), 99);
	CHECK_ERR(syscall(SYS_mmap, 0, 0, 7, 0, 0, 8), EINVAL);
	CHECK_ERR(syscall(SYS_mmap, 0, 0, 3, 0, 0, 9), EINVAL);
}

TEST(architecture_and_address)
{
	struct sock_filter f[] = {
		LOAD(nr), IF_IS(SYS_getppid, 5),
		LOAD(arch), IF_IS(AUDIT_ARCH_X86_64, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, instruction_pointer)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x400000, 0, 1),
		RETURN(SECCOMP_RET_ERRNO | 55),
		RETURN(SECCOMP_RET_ALLOW),
	};

	CHECK_EQ(install(f, 8, 0), 0);
	CHECK_ERR(syscall(SYS_getppid), 55);
}

TEST(most_severe_wins)
{
	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_ERRNO | 1, 0), 0);
	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_ALLOW, 0), 0);
	CHECK_ERR(syscall(SYS_getppid), 1);
	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_TRAP, 0), 0);
	handle(SIGSYS, caught, 0);
	CHECK_EQ(syscall(SYS_getppid), 4242);
}

TEST(bad_filters)
{
	struct sock_filter none[] = { LOAD(nr) };
	struct sock_filter outside[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 1000), RETURN(0) };
	struct sock_fprog prog = { 1, (void *)0x1000 };

	CHECK_ERR(install(none, 1, 0), EINVAL);
	CHECK_ERR(install(outside, 2, 0), EINVAL);
	CHECK_ERR(install(none, 0, 0), EINVAL);
	CHECK_ERR(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog), EFAULT);
	CHECK_ERR(syscall(SYS_seccomp, 99, 0, NULL), EINVAL);
}

TEST(children_inherit)
{
	pid_t pid;

	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_ERRNO | 66, 0), 0);
	pid = fork();
	if (!pid) {
		CHECK_ERR(syscall(SYS_getppid), 66);
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(prctl(PR_GET_SECCOMP), SECCOMP_MODE_FILTER);
}

TEST(exec_keeps_it)
{
	int status;
	pid_t pid = fork();

	if (getenv("FILTERED")) {
		CHECK_ERR(syscall(SYS_getppid), 67);
		return;
	}
	if (!pid) {
		char * const argv[] = { "/proc/self/exe", "exec_keeps_it", NULL };
		char * const envp[] = { "FILTERED=1", NULL };

		CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_ERRNO | 67, 0), 0);
		dup2(open("/dev/null", O_WRONLY), 1);
		execve(argv[0], argv, envp);
		FAIL("execve: errno %d", errno);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static int go;

static void *late(void *arg)
{
	(void)arg;
	while (!READ_ONCE(go))
		usleep(1000);
	CHECK_ERR(syscall(SYS_getppid), 68);
	return NULL;
}

TEST(all_threads_at_once)
{
	pthread_t t[3];
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, late, NULL);
	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_ERRNO | 68, SECCOMP_FILTER_FLAG_TSYNC), 0);
	WRITE_ONCE(go, 1);
	for (i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

static void *die_alone(void *arg)
{
	(void)arg;
	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0), 0);
	syscall(SYS_getppid);
	FAIL("the thread lives");
}

TEST(kill_a_thread_only)
{
	pthread_t t;

	pthread_create(&t, NULL, die_alone, NULL);
	pthread_join(t, NULL);
	CHECK(syscall(SYS_getppid) > 0);
}

TEST(tracer_decides)
{
	struct user_regs_struct r;
	unsigned long message;
	int status;
	pid_t pid = fork();

	if (!pid) {
		CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_TRACE | 0x55, 0), 0);
		CHECK_ERR(syscall(SYS_getppid), ENOSYS);	/* no tracer yet */
		CHECK_EQ(ptrace(PTRACE_TRACEME, 0, 0, 0), 0);
		raise(SIGSTOP);
		CHECK_EQ(syscall(SYS_getppid), 999);
		CHECK_EQ(syscall(SYS_getppid), getpid());	/* made another call */
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL), 0);
	CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
	CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message), 0);
	CHECK_EQ(message, 0x55);
	CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &r), 0);
	CHECK_EQ(r.orig_rax, SYS_getppid);
	r.orig_rax = -1;
	r.rax = 999;
	CHECK_EQ(ptrace(PTRACE_SETREGS, pid, 0, &r), 0);
	CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &r), 0);
	r.orig_rax = SYS_getpid;
	CHECK_EQ(ptrace(PTRACE_SETREGS, pid, 0, &r), 0);
	CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	join_child(pid);
}

TEST(supervisor_answers)
{
	struct seccomp_notif req;
	struct seccomp_notif_resp resp;
	int fd = filter_one(SYS_getppid, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	pid_t pid;
	int i;

	CHECK(fd >= 0);
	pid = fork();
	if (!pid) {
		CHECK_EQ(syscall(SYS_getppid, 11, 22), 777);
		CHECK_ERR(syscall(SYS_getppid), 88);
		CHECK_EQ(syscall(SYS_getppid), 1);
		_exit(0);
	}
	for (i = 0; i < 3; i++) {
		memset(&req, 0, sizeof(req));
		CHECK_EQ(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &req), 0);
		CHECK_EQ(req.pid, pid);
		CHECK_EQ(req.data.nr, SYS_getppid);
		if (!i)
			CHECK_EQ(req.data.args[0] * 100 + req.data.args[1], 1122);
		CHECK_EQ(ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &req.id), 0);
		resp = (struct seccomp_notif_resp) { .id = req.id };
		if (i == 0)
			resp.val = 777;
		else if (i == 1)
			resp.error = -88;
		else
			resp.val = 1;
		CHECK_EQ(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &resp), 0);
	}
	join_child(pid);
}

TEST(many_calls)
{
	int i;

	CHECK_EQ(filter_one(SYS_getppid, SECCOMP_RET_ERRNO | 5, 0), 0);
	for (i = 0; i < 10000; i++) {
		CHECK_ERR(syscall(SYS_getppid), 5);
		CHECK(syscall(SYS_getpid) > 0);
	}
}
