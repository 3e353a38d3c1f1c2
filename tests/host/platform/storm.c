// SPDX-License-Identifier: GPL-2.0
/*
 * storm.c - what comes at the worst moment: interrupts, the end of the host
 * process, somebody who writes to its signal stack. The moment moves, from the
 * first instruction of enter() to far behind its end, so that it meets all that
 * the stub and the host do in between.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "seccomp_process.h"
#include "skas.h"
#include "skas_process.h"
#include "tests.h"

#define LAST_NS		80000L		/* longer than a fault and its list take */
#define STEP_NS		97L

static timer_t moment;
static int doomed;		/* host process that is killed then; 0: an interrupt */

static void moment_came(int sig)
{
	(void)sig;
	if (READ_ONCE(doomed)) {
		kill(READ_ONCE(doomed), SIGKILL);
		return;
	}
	WRITE_ONCE(pending, 1);
	interrupt_signals++;
	platform_interrupt(NULL);
}

void moments_start(void)
{
	struct sigaction sa = { .sa_handler = moment_came };
	struct sigevent ev = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = HOST_SIG_TIMER,
	};

	ev._sigev_un._tid = syscall(SYS_gettid);
	CHECK(!sigaction(HOST_SIG_TIMER, &sa, NULL));
	CHECK(!timer_create(CLOCK_MONOTONIC, &ev, &moment));
}

void moments_stop(void)
{
	timer_delete(moment);
	WRITE_ONCE(pending, 0);
}

void in_ns(long ns)
{
	struct itimerspec it = { { 0, 0 }, { 0, ns } };

	CHECK(!timer_settime(moment, 0, &it, NULL));
}

/* ---- interrupts ---------------------------------------------------------- */

/*
 * Guest code that faults, that calls, that does both with its vector registers in
 * use, and that is wrong: nothing is lost, nothing happens twice.
 */
void test_moments(void)
{
	struct mm *mm = mm_standard();
	struct thread *fp = thread_new(mm, g_fp), *call = thread_new(mm, g_syscall);
	struct thread *bad = thread_new(mm, g_load), *count = thread_new(mm, g_count);
	unsigned long rounds = 0, before = interrupt_signals;
	long ns;

	fp->regs.pt.r14 = 0x1357924680;
	fp->regs.pt.bx = DATA_VA;
	moments_start();
	for (ns = 1; ns < LAST_NS; ns += STEP_NS) {
		if (rounds++ % 3 == 0)
			space_ops->unmap_all(mm->space);
		in_ns(ns);
		fp_round(fp);

		in_ns(ns);
		call->regs.pt.ax = 1234 + rounds;
		SAME(run(call), EXIT_SYSCALL);
		SAME(call->regs.pt.orig_ax, 1234 + rounds);

		/* together with a fault that is the guest's own */
		in_ns(ns);
		thread_at(bad, g_load);
		bad->regs.pt.bx = 8;
		SAME(run(bad), EXIT_FAULT);
		SAME(bad->guest.fault_addr, 8);
		SAME(bad->regs.pt.ip, guest_va(g_load));

		in_ns(ns);
		while (step(count) != EXIT_INTERRUPT || !count->interrupts)
			;
		count->interrupts = 0;
	}
	moments_stop();
	printf("%lu rounds, %lu signals; ", rounds, interrupt_signals - before);
	CHECK(interrupt_signals - before > rounds);
	thread_free(fp);
	thread_free(call);
	thread_free(bad);
	thread_free(count);
	mm_free(mm);
}

/* ---- the end of the host process -------------------------------------------- */

void test_killed(void)
{
	struct mm *other = mm_standard();
	struct thread *neighbour = thread_new(other, g_fp);
	unsigned long rounds = 0;
	long ns;

	neighbour->regs.pt.r14 = 0x2468013579;
	neighbour->regs.pt.bx = DATA_VA;
	fp_round(neighbour);
	moments_start();
	vm_lazy = true;		/* of who is dead nobody knows the registers */
	for (ns = 1; ns < LAST_NS; ns += 5 * STEP_NS) {
		u64 phys = phys_get(0);
		struct mm *mm = mm_standard();
		struct thread *t = thread_new(mm, g_fp);
		enum guest_exit why = EXIT_SYSCALL;

		t->regs.pt.bx = DATA_VA;
		fp_round(t);
		WRITE_ONCE(doomed, mm->space->thread[0].process->pid);
		CHECK(READ_ONCE(doomed) > 0);
		in_ns(ns);
		while (why != EXIT_GONE) {
			t->regs.pt.bx = DATA_VA + (t->regs.pt.bx + PAGE) % (16 * PAGE);
			if (rounds % 2)
				space_ops->unmap_all(mm->space);
			why = run(t);
			CHECK(why == EXIT_SYSCALL || why == EXIT_GONE);
		}
		SAME(run(t), EXIT_GONE);
		WRITE_ONCE(doomed, 0);
		fp_round(neighbour);
		thread_free(t);
		mm_free(mm);
		phys_put(phys);
		rounds++;
	}
	vm_lazy = false;
	moments_stop();
	printf("%lu times; ", rounds);
	thread_free(neighbour);
	mm_free(other);
}

/* ---- who writes to the signal stack, on another CPU ------------------------ */

/* what a frame could hold that is worth a try */
static u64 nasty(void)
{
	static const u64 values[] = {
		0, -1UL, STUB_LIST, STUB_REPORT, STUB_REPORT + 2, STUB_LOADING, STUB_HANDLER,
		STUB_LOAD, STUB_LOAD + 48, STUB_PAGE, STUB_CALL_REPORT, 0x700000000000,
		0x8000000000000000UL, TEXT_VA, DATA_VA, 0x46505853, 0x302, 0x202, 576, 2432,
	};

	return random() % 8 ? values[random() % (sizeof(values) / sizeof(*values))] : (u64)random();
}

static void __noreturn scribble(const struct seccomp_stack *stack)
{
	u64 *words = (u64 *)stack->at;
	unsigned long n = stack->bytes / sizeof(*words);
	cpu_set_t cpus;
	int cpu;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	CPU_ZERO(&cpus);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (cpu != host_getcpu())
			CPU_SET(cpu, &cpus);
	/* where there is no other CPU, it has this one now and then */
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (;;) {
		/* mostly where the frames are, and not all the time */
		WRITE_ONCE(words[n - 1 - random() % (random() % 4 ? n / 4 : n)], nasty());
		if (random() % 64 == 0)
			usleep(1);
	}
}

/* one life of a host process: how it ended, or what else there was to see */
static void scribbled_life(unsigned long *exits, struct thread *neighbour)
{
	u64 phys = phys_get(0);
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_fp);
	enum guest_exit why = EXIT_SYSCALL;
	struct seccomp_stack stack;
	int child, n;

	t->regs.pt.bx = DATA_VA;
	fp_round(t);
	stack = seccomp_stack(mm->space->thread[0].process);
	child = fork();
	if (!child)
		scribble(&stack);
	CHECK(child > 0);
	for (n = 0; n < 400 && why != EXIT_GONE; n++) {
		if (n % 3 == 0)
			space_ops->unmap_all(mm->space);
		/* whatever became of its registers */
		thread_at(t, g_fp);
		t->regs.pt.bx = DATA_VA + n % 16 * PAGE;
		why = step(t);
		exits[why]++;
		if (n % 8 == 0)
			fp_round(neighbour);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	thread_free(t);
	mm_free(mm);
	phys_put(phys);
}

void test_scribbled(void)
{
	unsigned long exits[5] = { 0 }, end = now_ns() + 3000000000UL;
	struct mm *other = mm_standard();
	struct thread *neighbour = thread_new(other, g_fp);
	int lives = 0;

	if (strcmp(vm_trap(), "seccomp")) {
		printf("(no signal stack) ");
		goto out;
	}
	neighbour->regs.pt.r14 = 0x9999888877;
	neighbour->regs.pt.bx = DATA_VA;
	/* who runs wild is interrupted */
	interrupts_start(1000000);
	while (now_ns() < end) {
		scribbled_life(exits, neighbour);
		lives++;
	}
	interrupts_stop();
	printf("%d lives: calls %lu, faults %lu, signals %lu, ends %lu; ", lives,
	       exits[EXIT_SYSCALL], exits[EXIT_FAULT], exits[EXIT_SIGNAL], exits[EXIT_GONE]);
out:
	thread_free(neighbour);
	mm_free(other);
}
