// SPDX-License-Identifier: GPL-2.0
/* calls.c - what comes back from guest code: system calls, exceptions, single steps */
#include <signal.h>
#include <string.h>
#include "tests.h"

void fill(struct guest_regs *regs, unsigned long seed)
{
	unsigned long *p = &regs->pt.r15;
	int i;

	for (i = 0; i < 15; i++)
		p[i] = seed * (i + 3) + 0x1234567890abcdefUL * (i + 1);
}

void test_syscall(void)
{
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_syscall);
	unsigned long i;

	for (i = 0; i < 1000; i++) {
		struct guest_regs want;

		fill(&t->regs, i);
		t->regs.pt.sp = i * 0x1111111111111UL;
		t->regs.pt.flags = GUEST_FLAGS_FIXED | (i & 0xd5) | (i & 1 ? 0x400 : 0);
		t->regs.fs_base = i << 12;
		t->regs.gs_base = i << 20;
		t->regs.pt.ip = guest_va(g_syscall);
		want = t->regs;
		SAME(run(t), EXIT_SYSCALL);
		SAME((int)t->regs.pt.orig_ax, (int)want.pt.ax);
		SAME(t->regs.pt.ip, guest_va(g_syscall) + 2);
		SAME(t->regs.pt.cx, t->regs.pt.ip);
		SAME(t->regs.pt.r11, want.pt.flags);
		want.pt.ax = t->regs.pt.ax;
		want.pt.orig_ax = t->regs.pt.orig_ax;
		want.pt.cx = t->regs.pt.cx;
		want.pt.r11 = t->regs.pt.r11;
		want.pt.ip = t->regs.pt.ip;
		if (memcmp(&want, &t->regs, sizeof(want)))
			FAIL("registers differ in round %lu", i);
	}
	thread_free(t);
	mm_free(mm);
}

static struct thread *expect(struct mm *mm, const void *program, unsigned int trap, int sig,
			     const void *ip)
{
	struct thread *t = thread_new(mm, program);

	fill(&t->regs, 7);
	t->regs.pt.bx = DATA_VA;
	SAME(run(t), EXIT_SIGNAL);
	SAME(t->guest.trap_nr, trap);
	SAME(t->guest.sig, sig);
	if (ip)
		SAME(t->regs.pt.ip, guest_va(ip));
	SAME(t->regs.pt.orig_ax, -1);
	return t;
}

void test_exceptions(void)
{
	struct mm *mm = mm_standard();
	struct thread *t;

	t = expect(mm, g_int80, 13, SIGSEGV, g_int80);
	/* what the host keeps of it */
	SAME((u32)t->regs.pt.ax, (u32)(7UL * 13 + 0x1234567890abcdefUL * 11));
	thread_free(t);
	t = expect(mm, g_code32, 13, SIGSEGV, g_code32_call);
	SAME(t->regs.pt.cs, 0x23);
	thread_free(t);
	/* where the host says this happened depends on the processor */
	t = thread_new(mm, g_sysenter);
	CHECK(run(t) == EXIT_SIGNAL || t->guest.trap_nr == 14);
	thread_free(t);
	thread_free(expect(mm, g_ud2, 6, SIGILL, g_ud2));
	thread_free(expect(mm, g_hlt, 13, SIGSEGV, g_hlt));
	thread_free(expect(mm, g_int3, 3, SIGTRAP, g_int3_after));
	/* some hypervisors do not move ip */
	thread_free(expect(mm, g_icebp, 1, SIGTRAP, NULL));
	thread_free(expect(mm, g_div0, 0, SIGFPE, g_div0_insn));
	thread_free(expect(mm, g_x87, 16, SIGFPE, NULL));
	thread_free(expect(mm, g_sse, 19, SIGFPE, NULL));
	thread_free(expect(mm, g_noncanonical, 13, SIGSEGV, NULL));
	thread_free(expect(mm, g_align, 17, SIGBUS, NULL));
	t = expect(mm, g_popf_tf, 1, SIGTRAP, g_popf_tf_after);
	SAME(t->regs.pt.flags & 0x100, 0x100);
	/* and once more, since the flag is the guest's own */
	SAME(run(t), EXIT_SIGNAL);
	SAME(t->regs.pt.ip, guest_va(g_popf_tf_after) + 1);
	t->regs.pt.flags &= ~0x100UL;
	SAME(run(t), EXIT_SIGNAL);
	SAME(t->guest.trap_nr, 13);
	thread_free(t);

	t = thread_new(mm, g_vsyscall);
	t->regs.pt.bx = DATA_VA;
	SAME(run(t), EXIT_FAULT);
	SAME(t->guest.fault_addr, 0xffffffffff600000UL);
	SAME(t->regs.pt.ip, 0xffffffffff600000UL);
	SAME(t->regs.pt.sp, STACK_VA + STACK_BYTES - 64 - 8);
	SAME(*(u64 *)phys_at(mm->region[1].phys), 0);
	thread_free(t);
	mm_free(mm);
}

void test_steps(void)
{
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_steps);

	t->regs.pt.bx = DATA_VA + PAGE;
	t->guest.single_step = true;
	SAME(run(t), EXIT_SIGNAL);
	SAME(t->guest.trap_nr, 1);
	SAME(t->regs.pt.ip, guest_va(g_steps_call));
	SAME(run(t), EXIT_SYSCALL);
	SAME(t->regs.pt.r11 & 0x100, 0);
	SAME(t->regs.pt.flags & 0x100, 0);
	SAME(run(t), EXIT_SIGNAL);		/* faults are handled in between */
	SAME(t->regs.pt.ip, guest_va(g_steps_load) + 3);
	SAME(run(t), EXIT_SIGNAL);
	SAME(run(t), EXIT_SIGNAL);
	SAME(t->regs.pt.ip, guest_va(g_steps_end));
	SAME(t->regs.pt.flags & 0x100, 0);
	t->guest.single_step = false;
	thread_at(t, g_syscall);
	SAME(run(t), EXIT_SYSCALL);
	thread_free(t);
	mm_free(mm);
}
