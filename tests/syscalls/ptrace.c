// SPDX-License-Identifier: GPL-2.0
/* Tracing: what strace and gdb do to a process, with each answer checked. */
#include "tracee.h"

static void nothing(void)
{
}

TEST(to_the_end)
{
	trace(nothing);
	cont(PTRACE_CONT, 0);
	expect_exit(0);
}

static void call_twice(void)
{
	syscall(SYS_getpid);
	_exit(syscall(999, 1, 2, 3, 4, 5, 6) == -1 ? 7 : 8);
}

TEST(system_call_stops)
{
	struct user_regs_struct r;

	trace(call_twice);
	for (;;) {
		cont(PTRACE_SYSCALL, 0);
		expect_stop(SIGTRAP | 0x80);
		r = regs_now();
		if (r.orig_rax == SYS_getpid)
			break;
		cont(PTRACE_SYSCALL, 0);
	}
	CHECK_EQ(r.rax, -ENOSYS);
	cont(PTRACE_SYSCALL, 0);
	expect_stop(SIGTRAP | 0x80);
	r = regs_now();
	CHECK_EQ(r.orig_rax, SYS_getpid);
	CHECK_EQ(r.rax, child);
	cont(PTRACE_SYSCALL, 0);
	r = regs_now();
	CHECK_EQ(r.orig_rax, 999);
	CHECK_EQ(r.rdi * 100000 + r.rsi * 10000 + r.rdx * 1000 + r.r10 * 100 + r.r8 * 10 + r.r9,
		 123456);
	CHECK_EQ(ptrace(PTRACE_PEEKTEXT, child, r.rip - 2, 0) & 0xffff, 0x050f);
	cont(PTRACE_SYSCALL, 0);
	CHECK_EQ(regs_now().rax, -ENOSYS);
	cont(PTRACE_CONT, 0);
	expect_exit(7);
}

TEST(system_call_info)
{
	struct __ptrace_syscall_info info;

	trace(call_twice);
	do {
		cont(PTRACE_SYSCALL, 0);
		expect_stop(SIGTRAP | 0x80);
		CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0);
	} while (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != 999);
	CHECK_EQ(info.arch, 0xc000003e);
	CHECK_EQ(info.entry.args[5], 6);
	cont(PTRACE_SYSCALL, 0);
	CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0);
	CHECK_EQ(info.op, PTRACE_SYSCALL_INFO_EXIT);
	CHECK_EQ(info.exit.rval, -ENOSYS);
	CHECK_EQ(info.exit.is_error, 1);
}

TEST(system_call_replaced)
{
	struct user_regs_struct r;

	trace(call_twice);
	do {
		cont(PTRACE_SYSCALL, 0);
		r = regs_now();
	} while (r.orig_rax != 999);
	r.orig_rax = SYS_exit;		/* instead */
	r.rdi = 66;
	CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &r), 0);
	cont(PTRACE_CONT, 0);
	expect_exit(66);
}

TEST(system_call_skipped)
{
	struct user_regs_struct r;

	trace(call_twice);
	do {
		cont(PTRACE_SYSCALL, 0);
		r = regs_now();
	} while (r.orig_rax != 999);
	r.orig_rax = -1;
	CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &r), 0);
	cont(PTRACE_SYSCALL, 0);
	r = regs_now();
	r.rax = 5;			/* and its result made up */
	CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &r), 0);
	cont(PTRACE_CONT, 0);
	expect_exit(8);
}

static void many_calls(void)
{
	int i;

	for (i = 0; i < 10; i++)
		if (syscall(999, i) != i + 1000)
			_exit(1);
	_exit(5);
}

/* what user-mode kernels do: calls are caught and never made */
TEST(sysemu)
{
	struct user_regs_struct r;
	int seen = 0;

	trace(many_calls);
	for (;;) {
		cont(PTRACE_SYSEMU, 0);
		if (!WIFSTOPPED(status))
			break;
		expect_stop(SIGTRAP | 0x80);
		r = regs_now();
		CHECK_EQ(r.rax, -ENOSYS);
		if (r.orig_rax == SYS_exit_group) {
			CHECK_EQ(r.rdi, 5);
			CHECK_EQ(seen, 10);
			return;
		}
		r.rax = 0;
		if (r.orig_rax == 999) {
			CHECK_EQ(r.rdi, seen);
			r.rax = r.rdi + 1000;
			seen++;
		}
		CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &r), 0);
	}
	FAIL("the tracee ended by itself, status %#x", status);
}

TEST(sysemu_single_step)
{
	struct user_regs_struct r;
	int steps;

	trace(many_calls);
	for (steps = 0; steps < 100000; steps++) {
		cont(PTRACE_SYSEMU_SINGLESTEP, 0);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			r = regs_now();
			if (r.orig_rax == 999)
				return;
		} else {
			expect_stop(SIGTRAP);
		}
	}
	FAIL("no system call in %d steps", steps);
}

/* ---- steps and breakpoints ---- */

extern char stepped[], stepped_end[];

/* once: its labels are the program's */
noinline __noclone
static void steps(void)
{
	asm volatile("stepped:\n\tnop\n\tnop\n\tmov $5, %%eax\n\txor %%ecx, %%ecx\n"
		     "1:\tinc %%ecx\n\tcmp $3, %%ecx\n\tjne 1b\n\tnop\n"
		     "stepped_end:\n\tint3" : : : "rax", "rcx");
}

static void go_to(char *where)
{
	struct user_regs_struct r = regs_now();

	r.rip = (unsigned long)where;
	r.orig_rax = -1;
	CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &r), 0);
}

TEST(single_steps_are_exact)
{
	siginfo_t si;
	int n;

	trace(steps);
	go_to(stepped);
	/* 2 nops, mov, xor, 3 * (inc, cmp, jne), nop */
	for (n = 1; n <= 14; n++) {
		cont(PTRACE_SINGLESTEP, 0);
		expect_stop(SIGTRAP);
		CHECK_EQ(ptrace(PTRACE_GETSIGINFO, child, 0, &si), 0);
		CHECK_EQ(si.si_code, TRAP_TRACE);
		CHECK_EQ(si.si_addr, regs_now().rip);
	}
	CHECK_EQ(regs_now().rip, stepped_end);
	CHECK_EQ(regs_now().rcx, 3);
	CHECK_EQ(regs_now().eflags & 0x100, 0);
}

TEST(step_over_a_system_call)
{
	struct user_regs_struct r;

	trace(call_twice);
	do {
		cont(PTRACE_SYSCALL, 0);
		r = regs_now();
	} while (r.orig_rax != 999);
	cont(PTRACE_SYSCALL, 0);
	cont(PTRACE_SINGLESTEP, 0);
	expect_stop(SIGTRAP);
	CHECK(regs_now().rip > r.rip && regs_now().rip < r.rip + 16);
}

TEST(breakpoint)
{
	struct user_regs_struct r;
	siginfo_t si;
	long word;

	trace(steps);
	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, child, stepped + 2, 0);
	CHECK_EQ(errno, 0);
	CHECK_EQ(word & 0xff, 0xb8);
	CHECK_EQ(ptrace(PTRACE_POKETEXT, child, stepped + 2, (word & ~0xffL) | 0xcc), 0);
	go_to(stepped);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGTRAP);
	CHECK_EQ(ptrace(PTRACE_GETSIGINFO, child, 0, &si), 0);
	CHECK_EQ(si.si_code, SI_KERNEL);
	r = regs_now();
	CHECK_EQ(r.rip, stepped + 3);
	CHECK_EQ(ptrace(PTRACE_POKETEXT, child, stepped + 2, word), 0);
	r.rip--;
	CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &r), 0);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGTRAP);
	CHECK_EQ(regs_now().rip, stepped_end + 1);
	CHECK_EQ(regs_now().rcx, 3);
	/* the file and everybody else's memory are as before */
	CHECK_EQ((unsigned char)stepped[2], 0xb8);
}

/* ---- events ---- */

static void fork_and_clone(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	_exit(6);
}

TEST(fork_event)
{
	unsigned long message;
	pid_t second;

	trace(fork_and_clone);
	CHECK_EQ(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
			PTRACE_O_TRACEEXIT), 0);
	cont(PTRACE_CONT, 0);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_FORK << 8);
	CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, child, 0, &message), 0);
	second = message;
	CHECK_EQ(waitpid(second, &status, __WALL), second);
	expect_stop(SIGSTOP);
	CHECK_EQ(ptrace(PTRACE_DETACH, second, 0, 0), 0);
	cont(PTRACE_CONT, 0);
	while (WIFSTOPPED(status) && status >> 8 == SIGCHLD)
		cont(PTRACE_CONT, SIGCHLD);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, child, 0, &message), 0);
	CHECK_EQ(message, 6 << 8);
	cont(PTRACE_CONT, 0);
	expect_exit(6);
}

static void exec_self(void)
{
	dup2(open("/dev/null", O_WRONLY), 1);
	execl("/proc/self/exe", "ptrace", "no_such_test", NULL);
	_exit(1);
}

TEST(exec_event)
{
	trace(exec_self);
	CHECK_EQ(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC), 0);
	cont(PTRACE_CONT, 0);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_EXEC << 8);
	cont(PTRACE_CONT, 0);
	expect_exit(0);
}

/* ---- signals ---- */

static int got;

static void note(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	WRITE_ONCE(got, sig == SIGUSR2 && si->si_code == -77 ? 1 : 2);
}

static void take_signal(void)
{
	handle(SIGUSR1, note, 0);
	handle(SIGUSR2, note, 0);
	raise(SIGUSR1);
	_exit(20 + READ_ONCE(got));
}

TEST(signal_suppressed)
{
	trace(take_signal);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGUSR1);
	cont(PTRACE_CONT, 0);
	expect_exit(20);
}

TEST(signal_replaced)
{
	siginfo_t si;

	trace(take_signal);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGUSR1);
	CHECK_EQ(ptrace(PTRACE_GETSIGINFO, child, 0, &si), 0);
	CHECK_EQ(si.si_signo, SIGUSR1);
	CHECK_EQ(si.si_pid, child);
	si.si_signo = SIGUSR2;
	si.si_code = -77;
	CHECK_EQ(ptrace(PTRACE_SETSIGINFO, child, 0, &si), 0);
	cont(PTRACE_CONT, SIGUSR2);
	expect_exit(21);
}

TEST(killed)
{
	trace(nothing);
	CHECK_EQ(ptrace(PTRACE_KILL, child, 0, 0), 0);
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* ---- attach ---- */

static void spin(void)
{
	for (;;)
		asm volatile("");
}

static void start_spinning(void)
{
	child = fork();
	if (!child)
		spin();
}

TEST(attach_and_detach)
{
	int i;

	start_spinning();
	for (i = 0; i < 20; i++) {
		CHECK_EQ(ptrace(PTRACE_ATTACH, child, 0, 0), 0);
		CHECK_EQ(waitpid(child, &status, __WALL), child);
		expect_stop(SIGSTOP);
		CHECK(regs_now().rip);
		CHECK_EQ(ptrace(PTRACE_DETACH, child, 0, 0), 0);
	}
	CHECK_ERR(ptrace(PTRACE_GETREGS, child, 0, &status), ESRCH);
	kill(child, SIGKILL);
}

TEST(seize_and_interrupt)
{
	siginfo_t si;
	int i;

	start_spinning();
	CHECK_EQ(ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL), 0);
	for (i = 0; i < 100; i++) {
		CHECK_EQ(ptrace(PTRACE_INTERRUPT, child, 0, 0), 0);
		CHECK_EQ(waitpid(child, &status, __WALL), child);
		CHECK_EQ(status >> 8, SIGTRAP | 128 << 8);
		CHECK_EQ(ptrace(PTRACE_CONT, child, 0, 0), 0);
	}
	kill(child, SIGSTOP);
	CHECK_EQ(waitpid(child, &status, __WALL), child);
	expect_stop(SIGSTOP);
	CHECK_EQ(ptrace(PTRACE_CONT, child, 0, SIGSTOP), 0);
	CHECK_EQ(waitpid(child, &status, __WALL), child);
	CHECK_EQ(status >> 16, 128);		/* group stop */
	CHECK_EQ(ptrace(PTRACE_GETSIGINFO, child, 0, &si) == 0 || errno == EINVAL, 1);
	kill(child, SIGKILL);
}

TEST(nobody_traces_twice)
{
	start_spinning();
	CHECK_EQ(ptrace(PTRACE_ATTACH, child, 0, 0), 0);
	CHECK_EQ(waitpid(child, &status, __WALL), child);
	CHECK_ERR(ptrace(PTRACE_ATTACH, child, 0, 0), EPERM);
	CHECK_ERR(ptrace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	CHECK_ERR(ptrace(PTRACE_GETREGS, 1, 0, &status), ESRCH);
	CHECK_ERR(ptrace(9999, child, 0, 0), EIO);
	kill(child, SIGKILL);
}

static void *spin_thread(void *arg)
{
	spin();
	return arg;
}

static void make_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, spin_thread, NULL);
	spin();
}

TEST(threads_are_tracees_of_their_own)
{
	unsigned long tid;
	int first;

	trace(make_thread);
	CHECK_EQ(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE), 0);
	cont(PTRACE_CONT, 0);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_CLONE << 8);
	CHECK_EQ(ptrace(PTRACE_GETEVENTMSG, child, 0, &tid), 0);
	CHECK_EQ(waitpid(tid, &first, __WALL), tid);
	CHECK(WIFSTOPPED(first));
	CHECK(regs_now().fs_base);
	CHECK_EQ(ptrace(PTRACE_CONT, tid, 0, 0), 0);
	CHECK_EQ(ptrace(PTRACE_CONT, child, 0, 0), 0);
	sleep_ms(20);
	CHECK_EQ(syscall(SYS_tgkill, child, tid, SIGSTOP), 0);
	CHECK_EQ(waitpid(tid, &first, __WALL), tid);
	CHECK(WIFSTOPPED(first));
	kill(child, SIGKILL);
}
