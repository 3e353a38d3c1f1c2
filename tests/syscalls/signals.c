// SPDX-License-Identifier: GPL-2.0
/* Signals: who gets them, with what, on which stack, and what goes on afterwards. */
#include "harness.h"
#include <sys/signalfd.h>
#include <sys/resource.h>
#include <ucontext.h>

static volatile sig_atomic_t count;
static siginfo_t seen;

static void note(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	count++;
	seen = *si;
}

TEST(siginfo_of_kill)
{
	handle(SIGUSR1, note, 0);
	CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	CHECK_EQ(count, 1);
	CHECK_EQ(seen.si_signo, SIGUSR1);
	CHECK_EQ(seen.si_code, SI_USER);
	CHECK_EQ(seen.si_pid, getpid());
	CHECK_EQ(seen.si_uid, getuid());
}

TEST(siginfo_of_tgkill)
{
	handle(SIGUSR1, note, 0);
	CHECK_EQ(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1), 0);
	CHECK_EQ(count, 1);
	CHECK_EQ(seen.si_code, SI_TKILL);
	CHECK_EQ(seen.si_pid, getpid());
}

TEST(siginfo_of_sigqueue)
{
	union sigval value = { .sival_ptr = (void *)0x123456789abcdefL };

	handle(SIGRTMIN, note, 0);
	CHECK_EQ(sigqueue(getpid(), SIGRTMIN, value), 0);
	CHECK_EQ(count, 1);
	CHECK_EQ(seen.si_code, SI_QUEUE);
	CHECK_EQ(seen.si_value.sival_ptr, value.sival_ptr);
}

TEST(siginfo_of_child)
{
	int status;
	pid_t pid;

	handle(SIGCHLD, note, 0);
	pid = fork();
	if (!pid)
		_exit(42);
	while (!count)
		usleep(1000);
	CHECK_EQ(seen.si_code, CLD_EXITED);
	CHECK_EQ(seen.si_pid, pid);
	CHECK_EQ(seen.si_status, 42);
	CHECK_EQ(waitpid(pid, &status, 0), pid);

	count = 0;
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	kill(pid, SIGKILL);
	while (!count)
		usleep(1000);
	CHECK_EQ(seen.si_code, CLD_KILLED);
	CHECK_EQ(seen.si_status, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(stop_and_continue)
{
	siginfo_t si;
	int status;
	pid_t pid = fork();

	if (!pid) {
		for (;;)
			pause();
	}
	kill(pid, SIGSTOP);
	CHECK_EQ(waitid(P_PID, pid, &si, WSTOPPED), 0);
	CHECK_EQ(si.si_code, CLD_STOPPED);
	CHECK_EQ(si.si_status, SIGSTOP);
	kill(pid, SIGCONT);
	CHECK_EQ(waitid(P_PID, pid, &si, WCONTINUED), 0);
	CHECK_EQ(si.si_code, CLD_CONTINUED);
	kill(pid, SIGTERM);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* ---- masks and order ---- */

TEST(blocked_signal_waits)
{
	sigset_t set, pending;

	handle(SIGUSR1, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	raise(SIGUSR1);
	CHECK_EQ(count, 0);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK_EQ(count, 1);
}

static int order[8];

static void note_order(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	order[count++] = sig;
}

TEST(realtime_signals_queue_in_order)
{
	sigset_t set;
	int i;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < 3; i++)
		handle(SIGRTMIN + i, note_order, 0);
	/* handlers run one after the other only if each blocks the others */
	for (i = 0; i < 3; i++) {
		struct sigaction sa;

		sigaction(SIGRTMIN + i, NULL, &sa);
		sigfillset(&sa.sa_mask);
		sigaction(SIGRTMIN + i, &sa, NULL);
	}
	raise(SIGRTMIN + 2);
	raise(SIGRTMIN + 1);
	raise(SIGRTMIN);
	raise(SIGRTMIN);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	CHECK_EQ(count, 4);
	CHECK_EQ(order[0], SIGRTMIN);
	CHECK_EQ(order[1], SIGRTMIN);
	CHECK_EQ(order[2], SIGRTMIN + 1);
	CHECK_EQ(order[3], SIGRTMIN + 2);
}

static volatile int depth, deepest;

static void nest(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	count++;
	if (++depth > deepest)
		deepest = depth;
	if (depth < 5)
		raise(sig);
	depth--;
}

TEST(nested_with_nodefer)
{
	handle(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	CHECK_EQ(count, 5);
	CHECK_EQ(deepest, 5);
}

static void raise_once(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	count++;
	if (++depth > deepest)
		deepest = depth;
	if (count == 1)
		raise(sig);
	depth--;
}

TEST(not_nested_without)
{
	handle(SIGUSR1, raise_once, 0);
	raise(SIGUSR1);		/* the second waits for the first one's return */
	CHECK_EQ(count, 2);
	CHECK_EQ(deepest, 1);
}

TEST(reset_hand)
{
	struct sigaction sa;

	handle(SIGUSR1, note, SA_RESETHAND);
	raise(SIGUSR1);
	CHECK_EQ(count, 1);
	sigaction(SIGUSR1, NULL, &sa);
	CHECK_EQ(sa.sa_handler, SIG_DFL);
}

TEST(handler_mask)
{
	sigset_t now;

	handle(SIGUSR1, note, 0);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(!sigismember(&now, SIGUSR1));
}

TEST(kill_and_stop_cannot_be_caught)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	CHECK_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(65, &sa, NULL), EINVAL);
}

/* ---- waiting ---- */

TEST(sigsuspend_lets_one_through)
{
	sigset_t set, none;

	handle(SIGALRM, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ualarm(20000, 0);
	sigemptyset(&none);
	CHECK_ERR(sigsuspend(&none), EINTR);
	CHECK_EQ(count, 1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	CHECK(sigismember(&set, SIGALRM));
}

TEST(sigtimedwait)
{
	struct timespec ts = { 0, 20000000 };
	sigset_t set;
	siginfo_t si;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_ERR(sigtimedwait(&set, &si, &ts), EAGAIN);
	raise(SIGUSR2);
	CHECK_EQ(sigtimedwait(&set, &si, &ts), SIGUSR2);
	CHECK_EQ(si.si_pid, getpid());
}

TEST(signalfd)
{
	struct signalfd_siginfo si;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	CHECK(fd >= 0);
	CHECK_ERR(read(fd, &si, sizeof(si)), EAGAIN);
	raise(SIGUSR1);
	CHECK_EQ(read(fd, &si, sizeof(si)), sizeof(si));
	CHECK_EQ(si.ssi_signo, SIGUSR1);
	CHECK_EQ(si.ssi_pid, getpid());
}

/* ---- interrupted calls ---- */

static int pipe_fd[2];

static void fill_pipe(int sig, siginfo_t *si, void *uc)
{
	note(sig, si, uc);
	CHECK_EQ(write(pipe_fd[1], "x", 1), 1);
}

TEST(restart)
{
	char c;

	CHECK_EQ(pipe(pipe_fd), 0);
	handle(SIGALRM, fill_pipe, SA_RESTART);
	ualarm(20000, 0);
	CHECK_EQ(read(pipe_fd[0], &c, 1), 1);
	CHECK_EQ(count, 1);
	CHECK_EQ(c, 'x');
}

TEST(no_restart)
{
	char c;

	CHECK_EQ(pipe(pipe_fd), 0);
	handle(SIGALRM, note, 0);
	ualarm(20000, 0);
	CHECK_ERR(read(pipe_fd[0], &c, 1), EINTR);
	CHECK_EQ(count, 1);
}

TEST(sleep_is_never_restarted)
{
	struct timespec ts = { 5, 0 }, left;

	handle(SIGALRM, note, SA_RESTART);
	ualarm(50000, 0);
	CHECK_ERR(nanosleep(&ts, &left), EINTR);
	CHECK(left.tv_sec == 4 || left.tv_sec == 5);
}

/* ERESTART_RESTARTBLOCK: stopped and continued, it must go on for the rest */
TEST(sleep_goes_on_after_stop)
{
	long long start = now_ns();
	pid_t child, parent = getpid();
	int status;

	child = fork();
	if (!child) {
		sleep_ms(50);
		kill(parent, SIGSTOP);
		sleep_ms(50);
		kill(parent, SIGCONT);
		_exit(0);
	}
	sleep_ms(300);
	CHECK(now_ns() - start >= 300000000);
	CHECK(now_ns() - start < 3000000000LL);
	CHECK_EQ(waitpid(child, &status, 0), child);
}

/* ---- stacks ---- */

static char *alt;
static volatile bool on_alt;

static void where_am_i(int sig, siginfo_t *si, void *uc)
{
	stack_t st;
	char here;

	note(sig, si, uc);
	on_alt = &here >= alt && &here < alt + 65536;
	sigaltstack(NULL, &st);
	CHECK_EQ(!!(st.ss_flags & SS_ONSTACK), on_alt);
	CHECK_EQ(((ucontext_t *)uc)->uc_stack.ss_sp, alt);
}

static void set_altstack(int flags)
{
	alt = map_anon(65536, PROT_READ | PROT_WRITE);
	CHECK_EQ(sigaltstack(&(stack_t) { .ss_sp = alt, .ss_size = 65536, .ss_flags = flags },
			     NULL), 0);
}

TEST(altstack)
{
	stack_t st;

	set_altstack(0);
	handle(SIGUSR1, where_am_i, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK_EQ(count, 1);
	CHECK(on_alt);
	handle(SIGUSR1, where_am_i, 0);
	raise(SIGUSR1);
	CHECK(!on_alt);
	CHECK_EQ(sigaltstack(NULL, &st), 0);
	CHECK_EQ(st.ss_flags, 0);
	CHECK_EQ(st.ss_size, 65536);
	CHECK_ERR(sigaltstack(&(stack_t) { .ss_sp = alt, .ss_size = 100 }, NULL), ENOMEM);
}

static void autodisarmed(int sig, siginfo_t *si, void *uc)
{
	stack_t st;

	note(sig, si, uc);
	sigaltstack(NULL, &st);
	CHECK_EQ(st.ss_flags & SS_DISABLE, SS_DISABLE);
}

TEST(altstack_autodisarm)
{
	stack_t st;

	set_altstack((int)(1U << 31));
	handle(SIGUSR1, autodisarmed, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK_EQ(count, 1);
	sigaltstack(NULL, &st);
	CHECK_EQ(st.ss_sp, alt);
}

static void overflow_seen(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	CHECK_EQ(si->si_code == SEGV_MAPERR || si->si_code == SEGV_ACCERR, 1);
	_exit(0);
}

__attribute__((noinline))
static int recurse(volatile char *outer)
{
	volatile char here[1024];

	here[0] = outer[0] | 1;
	return here[0] ? recurse(here) + here[0] : 0;
}

TEST(stack_overflow_on_altstack)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	char c = 0;

	setrlimit(RLIMIT_STACK, &limit);
	set_altstack(0);
	handle(SIGSEGV, overflow_seen, SA_ONSTACK);
	FAIL("recursion came back with %d", recurse(&c));
}

static void overflow(void *arg)
{
	char c = 0;

	(void)arg;
	handle(SIGSEGV, overflow_seen, 0);
	recurse(&c);
}

TEST(stack_overflow_without_altstack_kills)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };

	setrlimit(RLIMIT_STACK, &limit);
	CHECK_EQ(signal_of(overflow, NULL), SIGSEGV);
}

/* ---- sigreturn ---- */

static void change_registers(int sig, siginfo_t *si, void *uc)
{
	greg_t *r = ((ucontext_t *)uc)->uc_mcontext.gregs;

	note(sig, si, uc);
	r[REG_RBX] = 0x1111222233334444;
	r[REG_R12] = 0x5555666677778888;
	r[REG_R15] = -1;
	r[REG_RAX] = 77;
	r[REG_RIP] += 2;	/* over the ud2 */
}

TEST(sigreturn_with_changed_registers)
{
	unsigned long rbx, r12, r15, rax, rdi = 5;

	handle(SIGILL, change_registers, 0);
	asm volatile("mov $1, %%rbx\n\tmov $2, %%r12\n\tmov $3, %%r15\n\tmov $4, %%rax\n\t"
		     "ud2\n\t"
		     "mov %%rbx, %0\n\tmov %%r12, %1\n\tmov %%r15, %2\n\tmov %%rax, %3"
		     : "=m" (rbx), "=m" (r12), "=m" (r15), "=m" (rax), "+D" (rdi)
		     : : "rax", "rbx", "r12", "r15", "memory");
	CHECK_EQ(count, 1);
	CHECK_EQ(rbx, 0x1111222233334444);
	CHECK_EQ(r12, 0x5555666677778888);
	CHECK_EQ(r15, -1);
	CHECK_EQ(rax, 77);
	CHECK_EQ(rdi, 5);
}

static void block_more(int sig, siginfo_t *si, void *uc)
{
	note(sig, si, uc);
	sigaddset(&((ucontext_t *)uc)->uc_sigmask, SIGUSR2);
}

TEST(sigreturn_with_changed_mask)
{
	sigset_t now;

	handle(SIGUSR1, block_more, 0);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(sigismember(&now, SIGUSR2));
}

static void wreck_frame(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig;
	(void)si;
	u->uc_mcontext.gregs[REG_RSP] = 0x10;
	u->uc_mcontext.gregs[REG_RIP] = 0x8000000000000000;
}

static void return_to_nowhere(void *arg)
{
	(void)arg;
	handle(SIGUSR1, wreck_frame, 0);
	raise(SIGUSR1);
}

TEST(sigreturn_to_nowhere_kills)
{
	CHECK_EQ(signal_of(return_to_nowhere, NULL), SIGSEGV);
}

static void bare_sigreturn(void *arg)
{
	(void)arg;
	asm volatile("mov $0x20, %%rsp\n\tmov $15, %%eax\n\tsyscall" : : : "memory");
}

TEST(sigreturn_without_a_frame_kills)
{
	CHECK_EQ(signal_of(bare_sigreturn, NULL), SIGSEGV);
}

static void no_stack(void *arg)
{
	(void)arg;
	handle(SIGUSR1, note, 0);
	asm volatile("mov %0, %%rdi\n\tmov $10, %%rsi\n\tmov $62, %%eax\n\t"
		     "mov $0x1000, %%rsp\n\tsyscall\n\tud2"
		     : : "r" ((long)getpid()) : "rdi", "rsi", "rax", "rcx", "r11", "memory");
}

TEST(signal_without_a_stack_kills)
{
	CHECK_EQ(signal_of(no_stack, NULL), SIGSEGV);
}

static volatile unsigned long flags_in_handler;

static void read_flags(int sig, siginfo_t *si, void *uc)
{
	unsigned long f;

	asm volatile("pushf\n\tpop %0" : "=r" (f));
	flags_in_handler = f;
	note(sig, si, uc);
}

TEST(flags_in_and_after_a_handler)
{
	unsigned long after;

	handle(SIGTRAP, read_flags, 0);
	asm volatile("std\n\tint3\n\tpushf\n\tpop %0\n\tcld" : "=r" (after) : : "memory");
	CHECK_EQ(count, 1);
	CHECK_EQ(flags_in_handler & 0x400, 0);
	CHECK_EQ(after & 0x400, 0x400);
}

/* leaf functions keep data below the stack pointer; frames must leave it alone */
TEST(red_zone)
{
	unsigned long sum = 0;
	int i;

	handle(SIGILL, change_registers, 0);
	for (i = 0; i < 100; i++) {
		unsigned long bad;

		asm volatile("mov %%rsp, %%rdx\n\t"
			     "mov $16, %%ecx\n"
			     "1:\tmov %%rcx, -136(%%rsp,%%rcx,8)\n\tloop 1b\n\t"
			     "ud2\n\t"
			     "xor %%eax, %%eax\n\tmov $16, %%ecx\n"
			     "2:\tcmp %%rcx, -136(%%rsp,%%rcx,8)\n\tje 3f\n\tinc %%eax\n"
			     "3:\tloop 2b\n\t"
			     "mov %%rax, %0"
			     : "=r" (bad) : : "rax", "rcx", "rdx", "rbx", "r12", "r15", "memory");
		sum += bad;
	}
	CHECK_EQ(count, 100);
	CHECK_EQ(sum, 0);
}

TEST(stack_alignment_in_handlers)
{
	/* a compiler may store the XMM registers with movaps */
	handle(SIGUSR1, read_flags, 0);
	asm volatile("sub $8, %%rsp\n\tmov %0, %%rdi\n\tmov $10, %%rsi\n\tmov $62, %%eax\n\t"
		     "syscall\n\tadd $8, %%rsp"
		     : : "r" ((long)getpid()) : "rdi", "rsi", "rax", "rcx", "r11", "memory");
	CHECK_EQ(count, 1);
}

/* ---- many ---- */

static void *send_many(void *arg)
{
	int i;

	for (i = 0; i < 2000; i++)
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
	return NULL;
}

TEST(storm_between_threads)
{
	unsigned long long state = 1, want = 1;
	pthread_t self = pthread_self(), t;
	int i;

	handle(SIGUSR1, note, SA_RESTART);
	CHECK_EQ(pthread_create(&t, NULL, send_many, &self), 0);
	for (i = 0; i < 3000000; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		asm volatile("" : "+r" (state));
	}
	pthread_join(t, NULL);
	for (i = 0; i < 3000000; i++)
		want = want * 6364136223846793005ULL + 1442695040888963407ULL;
	CHECK_EQ(state, want);
	CHECK(count > 0);
}

TEST(group_signal_goes_to_a_thread_that_takes_it)
{
	pthread_t t;
	sigset_t set;

	handle(SIGUSR1, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_EQ(pthread_create(&t, NULL, (void *(*)(void *))(void *)sleep, (void *)1L), 0);
	kill(getpid(), SIGUSR1);	/* blocked in all of them */
	sleep_ms(20);
	CHECK_EQ(count, 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK_EQ(count, 1);
	pthread_join(t, NULL);
}
