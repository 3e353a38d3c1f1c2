// SPDX-License-Identifier: GPL-2.0
/*
 * FP and vector state, whatever this CPU has of it, belongs to one thread and
 * survives all that happens to it.
 */
#include "fpstate.h"
#include <ucontext.h>

static struct fpstate in, out;

static void hold(const char *what, struct fp_op op, unsigned long seed)
{
	fp_fill(&in, seed);
	fp_run(&in, &out, &op);
	CHECK_FP(&in, &out, what);
}

/* the harness itself: what was loaded is what is stored */
TEST(nothing_happens)
{
	unsigned long seed;

	for (seed = 1; seed < 100; seed++)
		hold("nothing", (struct fp_op) { FP_SPIN, 1, 0, { 0 }, 0 }, seed);
}

TEST(system_calls)
{
	hold("getppid", (struct fp_op) { FP_SYSCALL, 1000, SYS_getppid, { 0 }, 0 }, 1);
	hold("sched_yield", (struct fp_op) { FP_SYSCALL, 1000, SYS_sched_yield, { 0 }, 0 }, 2);
}

TEST(sleeps)
{
	struct timespec ts = { 0, 1000000 };

	hold("nanosleep", (struct fp_op) { FP_SYSCALL, 100, SYS_nanosleep, { (long)&ts }, 0 }, 3);
}

TEST(page_faults)
{
	char *p = map_anon(1000 * PAGE, PROT_READ | PROT_WRITE);

	hold("touch", (struct fp_op) { FP_TOUCH, 1000, 0, { (long)p }, 0 }, 4);
}

/* ---- signals ---- */

static int handled, level;

static void skip_ud2(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] += 2;
}

static void use_fp(int sig, siginfo_t *si, void *uc)
{
	struct fpstate mine, got;
	struct fp_op op = { FP_SYSCALL, 3, SYS_getppid, { 0 }, 0 };

	(void)si;
	WRITE_ONCE(handled, READ_ONCE(handled) + 1);
	fp_fill(&mine, 1000 + READ_ONCE(handled));
	fp_run(&mine, &got, &op);
	CHECK_FP(&mine, &got, "in the handler");
	if (sig == SIGILL)
		skip_ud2(uc);
}

TEST(handler_uses_it)
{
	handle(SIGILL, use_fp, 0);
	hold("after a handler", (struct fp_op) { FP_UD2, 100, 0, { 0 }, 0 }, 5);
	CHECK_EQ(READ_ONCE(handled), 100);
}

TEST(handler_comes_at_any_time)
{
	struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };

	handle(SIGALRM, use_fp, SA_RESTART);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (READ_ONCE(handled) < 200)
		hold("after a signal", (struct fp_op) { FP_SPIN, 3000000, 0, { 0 }, 0 },
		     READ_ONCE(handled));
}

static void nest(int sig, siginfo_t *si, void *uc)
{
	struct fp_op op = { FP_UD2, 1, 0, { 0 }, 0 };
	struct fpstate mine, got;

	(void)sig;
	(void)si;
	WRITE_ONCE(level, READ_ONCE(level) + 1);
	if (READ_ONCE(level) < 10) {
		fp_fill(&mine, READ_ONCE(level));
		fp_run(&mine, &got, &op);
		CHECK_FP(&mine, &got, "in a nested handler");
	}
	skip_ud2(uc);
}

TEST(nested_handlers)
{
	handle(SIGILL, nest, SA_NODEFER);
	hold("outside", (struct fp_op) { FP_UD2, 1, 0, { 0 }, 0 }, 77);
	CHECK_EQ(READ_ONCE(level), 10);
}

static struct fpstate at_entry;

static void look(int sig, siginfo_t *si, void *uc)
{
	fp_store(&at_entry);
	(void)sig;
	(void)si;
	skip_ud2(uc);
}

TEST(handlers_start_clean)
{
	struct fpstate clean = { .mxcsr = 0x1f80, .cw = 0x37f };
	int i;

	fp_probe();
	if (fp_amx)
		fp_amx = 0;	/* without a configuration, tiles cannot be looked at */
	handle(SIGILL, look, 0);
	hold("after a look", (struct fp_op) { FP_UD2, 1, 0, { 0 }, 0 }, 6);
	/* an empty x87 stack reads as NaN */
	for (i = 0; i < 8; i++)
		at_entry.st[i] = 0;
	memset(at_entry.tile, 0, sizeof(at_entry.tile));
	CHECK_FP(&at_entry, &clean, "at a handler's entry");
}

/* ---- frames ---- */

#define FP_XSTATE_MAGIC1	0x46505853U
#define FP_XSTATE_MAGIC2	0x46505845U

struct sw_bytes {
	unsigned int magic1, extended_size;
	unsigned long xfeatures;
	unsigned int xstate_size;
};

static int what_to_do;
static struct fpstate wanted;

/* offset of state component @i in the standard format */
static unsigned int component(unsigned int i)
{
	unsigned int a, b, c, d;

	__cpuid_count(13, i, a, b, c, d);
	return b;
}

static void change_frame(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;
	unsigned char *fp = (void *)uc->uc_mcontext.fpregs;
	struct sw_bytes sw;
	unsigned int magic2, a, b, c, d;
	int i;

	(void)sig;
	(void)si;
	skip_ud2(uc);
	memcpy(&sw, fp + 464, sizeof(sw));
	CHECK_EQ((unsigned long)fp % 64, 0);
	CHECK_EQ(sw.magic1, FP_XSTATE_MAGIC1);
	memcpy(&magic2, fp + sw.xstate_size, 4);
	CHECK_EQ(magic2, FP_XSTATE_MAGIC2);
	CHECK_EQ(sw.extended_size, sw.xstate_size + 4);
	__cpuid_count(13, 0, a, b, c, d);
	CHECK(sw.xstate_size <= c);
	CHECK_EQ(sw.xfeatures & 7, fp_kind ? 7 : 3);

	/* what was in the registers is in the frame */
	for (i = 0; i < 16; i++)
		CHECK_EQ(memcmp(fp + 160 + 16 * i, in.vec[i], 16), 0);
	for (i = 0; fp_kind && i < 16; i++)
		CHECK_EQ(memcmp(fp + component(2) + 16 * i, in.vec[i] + 16, 16), 0);
	for (i = 0; fp_kind == FP_AVX512 && i < 16; i++)
		CHECK_EQ(memcmp(fp + component(6) + 32 * i, in.vec[i] + 32, 32), 0);
	for (i = 0; fp_kind == FP_AVX512 && i < 16; i++)
		CHECK_EQ(memcmp(fp + component(7) + 64 * i, in.vec[16 + i], 64), 0);
	if (fp_kind == FP_AVX512)
		CHECK_EQ(memcmp(fp + component(5), in.k, 64), 0);
	CHECK_EQ(((struct _libc_fpstate *)fp)->mxcsr & ~0x3f, in.mxcsr);
	CHECK_EQ(((struct _libc_fpstate *)fp)->cwd, in.cw);

	/* and what is in the frame is in the registers afterwards */
	for (i = 0; i < 16; i++)
		memcpy(fp + 160 + 16 * i, wanted.vec[i], 16);
	for (i = 0; fp_kind && i < 16; i++)
		memcpy(fp + component(2) + 16 * i, wanted.vec[i] + 16, 16);
	for (i = 0; fp_kind == FP_AVX512 && i < 16; i++)
		memcpy(fp + component(6) + 32 * i, wanted.vec[i] + 32, 32);
	for (i = 0; fp_kind == FP_AVX512 && i < 16; i++)
		memcpy(fp + component(7) + 64 * i, wanted.vec[16 + i], 64);
	((struct _libc_fpstate *)fp)->mxcsr = wanted.mxcsr;
}

TEST(frame_shows_and_sets_it)
{
	struct fp_op op = { FP_UD2, 1, 0, { 0 }, 0 };

	handle(SIGILL, change_frame, 0);
	fp_fill(&wanted, 21);
	fp_fill(&in, 20);
	fp_run(&in, &out, &op);
	memcpy(wanted.k, in.k, sizeof(in.k));
	memcpy(wanted.st, in.st, sizeof(in.st));
	memcpy(wanted.tile, in.tile, sizeof(in.tile));
	wanted.cw = in.cw;
	CHECK_FP(&wanted, &out, "after the frame was changed");
}

static void no_frame(int sig, siginfo_t *si, void *context)
{
	(void)sig;
	(void)si;
	skip_ud2(context);
	((ucontext_t *)context)->uc_mcontext.fpregs = NULL;
}

TEST(frame_without_it_clears_it)
{
	struct fpstate clean = { .mxcsr = 0x1f80, .cw = 0x37f };
	struct fp_op op = { FP_UD2, 1, 0, { 0 }, 0 };
	int i;

	handle(SIGILL, no_frame, 0);
	fp_fill(&in, 22);
	if (fp_amx)
		SKIP("this CPU has AMX: tiles without a configuration cannot be stored");
	fp_run(&in, &out, &op);
	for (i = 0; i < 8; i++)
		out.st[i] = 0;
	CHECK_FP(&clean, &out, "after a frame without state");
}

static void bad_frame(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)si;
	skip_ud2(uc);
	if (READ_ONCE(what_to_do) == 0)
		uc->uc_mcontext.fpregs = (void *)0x1000;	/* not mapped */
	else if (READ_ONCE(what_to_do) == 1)
		uc->uc_mcontext.fpregs = (void *)0xffff888000000000UL;
	else
		uc->uc_mcontext.fpregs->mxcsr = 0xffffffff;	/* reserved bits */
}

static void return_by_bad_frame(void *arg)
{
	struct fp_op op = { FP_UD2, 1, 0, { 0 }, 0 };

	WRITE_ONCE(what_to_do, (long)arg);
	handle(SIGILL, bad_frame, 0);
	fp_fill(&in, 23);
	fp_run(&in, &out, &op);
}

TEST(bad_frames_kill)
{
	CHECK_EQ(signal_of(return_by_bad_frame, (void *)0L), SIGSEGV);
	CHECK_EQ(signal_of(return_by_bad_frame, (void *)1L), SIGSEGV);
	CHECK_EQ(signal_of(return_by_bad_frame, (void *)2L), SIGSEGV);
}

/* ---- processes ---- */

TEST(fork_copies_it)
{
	struct fp_op op = { FP_SYSCALL, 1, SYS_fork, { 0 }, 0 };
	int i;

	for (i = 0; i < 50; i++) {
		fp_fill(&in, 30 + i);
		fp_run(&in, &out, &op);
		CHECK(op.result >= 0);
		CHECK_FP(&in, &out, op.result ? "the parent's" : "the child's");
		if (!op.result)
			_exit(0);
		join_child(op.result);
	}
}

TEST(exec_clears_it)
{
	char * const argv[] = { "/proc/self/exe", "exec_clears_it", NULL };
	char * const envp[] = { "AFTER_EXEC=1", NULL };
	struct fpstate now, clean = { .mxcsr = 0x1f80, .cw = 0x37f };

	if (getenv("AFTER_EXEC")) {
		fp_store(&now);
		CHECK_EQ(now.mxcsr & ~0x3f, clean.mxcsr);
		CHECK_EQ(now.cw, clean.cw);
		return;
	}
	if (!fork()) {
		struct fp_op op = { FP_SYSCALL, 1, SYS_execve, { (long)argv[0], (long)argv,
				    (long)envp }, 0 };
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		fp_fill(&in, 3);
		fp_run(&in, &out, &op);
		FAIL("execve returned %ld", op.result);
	}
	int status;

	CHECK(wait(&status) > 0);
	CHECK_EQ(status, 0);
}

/* ---- many that hold different values ---- */

#define SWITCHES	1000

static void *holder(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	struct fp_op op = { FP_SYSCALL, SWITCHES, SYS_sched_yield, { 0 }, 0 };
	struct fpstate mine, got;
	int i;

	fp_fill(&mine, seed);
	for (i = 0; i < 5; i++) {
		fp_run(&mine, &got, &op);
		CHECK_FP(&mine, &got, "after switches");
	}
	return NULL;
}

static void hold_in_threads(unsigned long seed, int threads)
{
	pthread_t t[8];
	int i;

	for (i = 0; i < threads; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, holder, (void *)(seed + i)), 0);
	for (i = 0; i < threads; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
}

TEST_LIMIT(switches_between_threads, 120)
{
	hold_in_threads(40, 8);
}

TEST_LIMIT(switches_between_processes_and_threads, 240)
{
	pid_t pid[4];
	int i;

	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			hold_in_threads(50 + 10 * i, 3);
			_exit(0);
		}
	}
	for (i = 0; i < 4; i++)
		join_child(pid[i]);
}

/* preempted, not giving up the CPU */
TEST_LIMIT(switches_by_preemption, 120)
{
	pid_t pid[4];
	int i;

	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			long long end = now_ns() + 1000000000LL;

			while (now_ns() < end)
				hold("preempted",
				     (struct fp_op) { FP_SPIN, 20000000, 0, { 0 }, 0 }, i);
			_exit(0);
		}
	}
	for (i = 0; i < 4; i++)
		join_child(pid[i]);
}

/* one that has never used it, between those that do */
TEST(new_processes_start_clean)
{
	unsigned int mxcsr;
	pid_t pid;
	int i;

	for (i = 0; i < 20; i++) {
		pid = fork();
		if (!pid) {
			hold("child",
			     (struct fp_op) { FP_SYSCALL, 10, SYS_sched_yield, { 0 }, 0 }, i);
			_exit(0);
		}
		asm volatile("stmxcsr %0" : "=m" (mxcsr));
		CHECK_EQ(mxcsr & ~0x3f, 0x1f80);
		join_child(pid);
	}
}
