// SPDX-License-Identifier: GPL-2.0
/* fp.c - FP state and interrupts */
#include <stdio.h>
#include "tests.h"

void fp_round(struct thread *t)
{
	enum guest_exit why = run(t);

	if (why != EXIT_SYSCALL || t->regs.pt.orig_ax != 1000)
		FAIL("FP state is wrong: exit %d trap %u ip 0x%lx", why, t->guest.trap_nr,
		     t->regs.pt.ip - TEXT_VA);
	/* the next page of data: a fault */
	t->regs.pt.bx = DATA_VA + (t->regs.pt.bx + PAGE) % (16 * PAGE);
}

static void fp_threads(const void *program)
{
	struct mm *a = mm_standard(), *b = mm_standard();
	struct thread *t[4];
	int i, n;

	for (i = 0; i < 4; i++) {
		t[i] = thread_new(i < 2 ? a : b, program);
		t[i]->regs.pt.r14 = 0x1122334455667788UL * (i + 1);
		t[i]->regs.pt.bx = DATA_VA;
	}
	for (n = 0; n < 2000; n++) {
		fp_round(t[n % 4]);
		if (n % 3 == 0)
			fp_round(t[n % 4]);
		if (n % 7 == 0)
			CHECK(!trap_ops->fp_save(&t[n % 4]->guest));
		if (n % 5 == 0)
			space_ops->unmap_all(n & 1 ? a->space : b->space);
		if (n % 100 == 99) {		/* the host process goes, the threads stay */
			mm_free(a);
			a = mm_standard();
			t[0]->mm = a;
			t[1]->mm = a;
		}
	}
	for (i = 0; i < 4; i++)
		thread_free(t[i]);
	mm_free(a);
	mm_free(b);
}

void test_fp(void)
{
	fp_threads(g_fp);
	if (__builtin_cpu_supports("avx512bw"))
		fp_threads(g_avx512);
	else
		printf("(no AVX-512) ");
}

/* ---- interrupts ---------------------------------------------------------- */

void test_interrupts(void)
{
	struct mm *mm = mm_standard(), *mm2 = mm_standard();
	struct thread *count = thread_new(mm, g_count), *call = thread_new(mm2, g_syscall);
	struct thread *fp = thread_new(mm, g_fp);
	unsigned long rounds = 0, calls = 0;
	u64 end;

	fp->regs.pt.r14 = 0x5566778899;
	fp->regs.pt.bx = DATA_VA;
	interrupts_start(100000);
	end = now_ns() + 2000000000UL;
	while (now_ns() < end) {
		/* only an interrupt ends this one */
		SAME(step(count), EXIT_INTERRUPT);
		rounds++;
		call->regs.pt.ax = 1234 + rounds;
		SAME(run(call), EXIT_SYSCALL);
		SAME(call->regs.pt.orig_ax, 1234 + rounds);
		calls++;
		fp_round(fp);
		if (rounds % 64 == 0)
			space_ops->unmap_all(mm->space);
	}
	interrupts_stop();
	printf("%lu rounds, %lu calls, %lu signals; ", rounds, calls, interrupt_signals);
	CHECK(rounds > 200);
	thread_free(count);
	thread_free(call);
	thread_free(fp);
	mm_free(mm);
	mm_free(mm2);
}
