/* SPDX-License-Identifier: GPL-2.0 */
/*
 * attack.h - what hostile programs share.
 *
 * An attacker is a child: it may die of any signal, and it may live. What must
 * hold is that it ends when it is told to, that its neighbour goes on and keeps
 * its memory and registers, and that the kernel still works.
 */
#ifndef TESTS_HOSTILE_ATTACK_H
#define TESTS_HOSTILE_ATTACK_H

#include "harness.h"
#include <ucontext.h>

#define __ASSEMBLY__		/* its constants */
#include "stub/stub.h"
#undef __ASSEMBLY__

#define NEIGHBOUR_WORDS	65536

/* ---- the neighbour --------------------------------------------------------- */

struct watch {
	unsigned long rounds;
	int wrong;
};

static struct watch *watch;

/* keeps a pattern in memory, in vector registers and in all others, and looks at it */
__maybe_unused __noreturn static void neighbour(void)
{
	__u64 *words = map_anon(NEIGHBOUR_WORDS * sizeof(*words), PROT_READ | PROT_WRITE);
	__u64 key = 0x9e3779b97f4a7c15UL;
	unsigned long i, bad;

	for (i = 0; i < NEIGHBOUR_WORDS; i++)
		words[i] = i * key;
	for (;;) {
		for (i = 0; i < NEIGHBOUR_WORDS; i++)
			if (words[i] != i * key)
				WRITE_ONCE(watch->wrong, 1);
		asm volatile("movq %[key], %%xmm9\n\t"
			     "movq %[key], %%r12\n\t"
			     "movl $200000, %%ecx\n"
			     "1:\tdecl %%ecx\n\t"
			     "jnz 1b\n\t"
			     "movq %%xmm9, %[bad]\n\t"
			     "xorq %%r12, %[bad]"
			     : [bad] "=&r" (bad) : [key] "r" (key) : "rcx", "r12", "xmm9", "cc");
		if (bad)
			WRITE_ONCE(watch->wrong, 2);
		WRITE_ONCE(watch->rounds, READ_ONCE(watch->rounds) + 1);
		if (READ_ONCE(watch->rounds) % 8 == 0)
			madvise(words, PAGE, MADV_COLD);	/* and calls now and then */
	}
}

__maybe_unused static void neighbour_start(void)
{
	watch = map_shared(sizeof(*watch));
	if (!fork())
		neighbour();
	while (!READ_ONCE(watch->rounds))
		sleep_ms(1);
}

/* it is still there, and nothing of it was touched */
__maybe_unused static void neighbour_check(void)
{
	unsigned long before = READ_ONCE(watch->rounds);
	int i;

	for (i = 0; i < 1000 && READ_ONCE(watch->rounds) < before + 2; i++)
		sleep_ms(10);
	CHECK(READ_ONCE(watch->rounds) >= before + 2);
	CHECK_EQ(READ_ONCE(watch->wrong), 0);
}

/* ---- attackers ------------------------------------------------------------- */

#define ATTACK_MS	3000

/*
 * Run @fn in a process that is killed if it is not dead after @ms: what it ended
 * with. It is an error if it cannot be killed.
 */
__maybe_unused static int attack(void (*fn)(void *), void *arg, int ms)
{
	long long start = now_ns();
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		fn(arg);
		_exit(0);
	}
	CHECK(pid > 0);
	setpgid(pid, pid);
	while (now_ns() - start < ms * 1000000LL) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		sleep_ms(1);
	}
	CHECK_EQ(kill(-pid, SIGKILL), 0);
	/* the test's own limit is the limit for this */
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

/* every signal that an attack can bring, and an alarm, returns to escape_to */
__maybe_unused static void attack_catch(void)
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGALRM };
	stack_t ss = { .ss_sp = map_anon(1 << 16, PROT_READ | PROT_WRITE), .ss_size = 1 << 16 };
	unsigned int i;

	CHECK_EQ(sigaltstack(&ss, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(sigs); i++)
		handle(sigs[i], escape, SA_ONSTACK | SA_NODEFER);
}

/* SIGALRM in @us microseconds */
__maybe_unused static void attack_alarm(long us)
{
	struct itimerval it = { .it_value = { 0, us } };

	setitimer(ITIMER_REAL, &it, NULL);
}

struct jump {
	__u64 ip, sp, ax, bx, cx, dx, si, di, r8, r9, r10, flags;
};

/* go there, with these registers; comes back by a signal only */
__maybe_unused __noreturn static void attack_jump(const struct jump *to)
{
	asm volatile("pushq 88(%0)\n\t"
		     "popfq\n\t"
		     "movq 0(%0), %%r15\n\t"
		     "movq 8(%0), %%rsp\n\t"
		     "movq 16(%0), %%rax\n\t"
		     "movq 24(%0), %%rbx\n\t"
		     "movq 32(%0), %%rcx\n\t"
		     "movq 40(%0), %%rdx\n\t"
		     "movq 48(%0), %%rsi\n\t"
		     "movq 64(%0), %%r8\n\t"
		     "movq 72(%0), %%r9\n\t"
		     "movq 80(%0), %%r10\n\t"
		     "movq 56(%0), %%rdi\n\t"
		     "jmp *%%r15" : : "D" (to) : "memory");
	__builtin_unreachable();
}

/* can this address be read (0) or written (1)? */
__maybe_unused static bool attack_touch(unsigned long at, int write)
{
	if (sigsetjmp(escape_to, 1))
		return false;
	if (write)
		WRITE_ONCE(*(char *)at, READ_ONCE(*(char *)at));
	else
		(void)READ_ONCE(*(char *)at);
	return true;
}

#endif
