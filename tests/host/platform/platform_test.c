// SPDX-License-Identifier: GPL-2.0
/*
 * platform_test.c - guest code comes back as it should, whatever it does.
 *
 * platform_test [mode trap] [test ...]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "vm.h"
#include "stub/stub.h"

#define PROGRAM(name) extern const char name[]

PROGRAM(g_syscall); PROGRAM(g_int80); PROGRAM(g_sysenter); PROGRAM(g_code32);
PROGRAM(g_code32_call); PROGRAM(g_ud2); PROGRAM(g_hlt); PROGRAM(g_int3);
PROGRAM(g_int3_after); PROGRAM(g_icebp); PROGRAM(g_div0);
PROGRAM(g_div0_insn); PROGRAM(g_x87); PROGRAM(g_sse); PROGRAM(g_noncanonical);
PROGRAM(g_align); PROGRAM(g_popf_tf); PROGRAM(g_popf_tf_after); PROGRAM(g_load);
PROGRAM(g_load_after); PROGRAM(g_store); PROGRAM(g_push); PROGRAM(g_jump); PROGRAM(g_count);
PROGRAM(g_touch); PROGRAM(g_fp); PROGRAM(g_avx512); PROGRAM(g_steps); PROGRAM(g_steps_call);
PROGRAM(g_steps_load); PROGRAM(g_steps_end); PROGRAM(g_vsyscall); PROGRAM(g_vsyscall_after);

/* ---- system calls -------------------------------------------------------- */

static void fill(struct guest_regs *regs, unsigned long seed)
{
	unsigned long *p = &regs->pt.r15;
	int i;

	for (i = 0; i < 15; i++)
		p[i] = seed * (i + 3) + 0x1234567890abcdefUL * (i + 1);
}

static void test_syscall(void)
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
		SAME(t->regs.pt.orig_ax, want.pt.ax);
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

static void test_exceptions(void)
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
	thread_free(expect(mm, g_icebp, 1, SIGTRAP, NULL));	/* some hypervisors do not move ip */
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

static void test_steps(void)
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

/* ---- faults and mappings ------------------------------------------------- */

static void expect_fault(struct thread *t, const void *program, unsigned long bx,
			 unsigned long addr, unsigned int error)
{
	thread_at(t, program);
	t->regs.pt.bx = bx;
	SAME(run(t), EXIT_FAULT);
	SAME(t->guest.trap_nr, 14);
	SAME(t->guest.fault_addr, addr);
	SAME(t->guest.error_code, error);
}

static void test_faults(void)
{
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_load);
	unsigned long bad = 0x30000000;
	struct region *r;

	expect_fault(t, g_load, bad + 8, bad + 8, 4);
	SAME(t->regs.pt.ip, guest_va(g_load));
	expect_fault(t, g_store, bad + 8, bad + 8, 6);
	expect_fault(t, g_push, bad + 8, bad, 6);
	expect_fault(t, g_jump, bad + 8, bad + 8, 0x14);
	SAME(t->regs.pt.ip, bad + 8);
	expect_fault(t, g_load, 0, 0, 4);
	expect_fault(t, g_load, 0x60000000, 0x60000000, 4);
	expect_fault(t, g_load, 0x700000000000, 0x700000000000, 4);
	expect_fault(t, g_load, 0x7ffffffff000, 0x7ffffffff000, 4);
	expect_fault(t, g_load, 0xffffffff81000000, 0xffffffff81000000, 5 & t->guest.error_code);
	expect_fault(t, g_jump, 0xffffffff81000000, 0xffffffff81000000, 0x14);
	expect_fault(t, g_store, STUB_PAGE, STUB_PAGE, 7);
	expect_fault(t, g_store, STUB_START, STUB_START, 7);

	/* protection: a page that may be read, and is mapped so */
	r = mm_add(mm, bad, PAGE, phys_get(PAGE), HOST_PROT_READ);
	thread_at(t, g_load);
	t->regs.pt.bx = bad;
	SAME(run(t), EXIT_SYSCALL);
	expect_fault(t, g_store, bad, bad, 7);
	expect_fault(t, g_jump, bad, bad, 0x15);
	r->prot |= HOST_PROT_WRITE;
	expect_fault(t, g_jump, bad, bad, 0x15);
	thread_at(t, g_store);
	t->regs.pt.bx = bad;
	t->regs.pt.ax = 0x12345;
	SAME(run(t), EXIT_SYSCALL);
	SAME(*(u64 *)phys_at(r->phys), 0x12345);

	/* unmapped again, and then another page there */
	space_ops->unmap(mm->space, bad, PAGE);
	r->va = 0x40000000;
	expect_fault(t, g_load, bad, bad, 4);
	r->va = bad;
	r->phys = phys_get(PAGE);
	*(u64 *)phys_at(r->phys) = 0x77;
	thread_at(t, g_load);
	t->regs.pt.bx = bad;
	SAME(run(t), EXIT_SYSCALL);
	SAME(t->regs.pt.orig_ax, 0x77);
	r->va = 0x40000000;
	space_ops->unmap_all(mm->space);
	expect_fault(t, g_load, bad, bad, 4);
	thread_free(t);
	mm_free(mm);
}

/* instructions at the end of a page, and such that store to themselves */
static void test_page_end(void)
{
	static const u8 store[] = { 0x48, 0x89, 0x03 };		/* mov %rax,(%rbx) */
	static const u8 store_own[] = { 0x88, 0x05, 0xfa, 0xff, 0xff, 0xff };
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_load);
	unsigned long va = 0x30000000;
	struct region *r = mm_add(mm, va, 2 * PAGE, phys_get(2 * PAGE),
				  HOST_PROT_READ | HOST_PROT_EXEC);
	u8 *code = phys_at(r->phys);

	/* whole in its page, stores to the next */
	r->len = PAGE;
	memcpy(code + PAGE - sizeof(store), store, sizeof(store));
	t->regs.pt.ip = va + PAGE - sizeof(store);
	t->regs.pt.bx = va + PAGE;
	SAME(run(t), EXIT_FAULT);
	SAME(t->guest.error_code, 6);
	r->len = 2 * PAGE;
	SAME(run(t), EXIT_FAULT);
	SAME(t->guest.error_code, 6);
	SAME(t->guest.fault_addr, va + PAGE);

	/* reaches into a page that may not be executed: one region more for it */
	r->len = PAGE;
	mm_add(mm, va + PAGE, PAGE, r->phys + PAGE, HOST_PROT_READ | HOST_PROT_WRITE);
	memcpy(code + PAGE - 2, store, sizeof(store));
	thread_at(t, g_load);
	t->regs.pt.ip = va + PAGE - 2;
	t->regs.pt.bx = va + PAGE;
	SAME(run(t), EXIT_FAULT);
	SAME(t->guest.error_code, 0x15);
	SAME(t->guest.fault_addr, va + PAGE);

	/* stores to its own first byte: the second guess is right */
	memcpy(code, store_own, sizeof(store_own));
	t->regs.pt.ip = va;
	SAME(step(t), EXIT_INTERRUPT);
	SAME(t->guest.error_code, 0x15);
	SAME(step(t), EXIT_FAULT);
	SAME(t->guest.error_code, 7);
	thread_free(t);
	mm_free(mm);
}

static void test_budget(void)
{
	enum { PAGES = 100000 };
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_touch);
	u64 phys = phys_get(PAGES * PAGE);
	struct region *r = mm_add(mm, 0x100000000, PAGES * PAGE, phys,
				  HOST_PROT_READ | HOST_PROT_WRITE);
	unsigned long i, pages = 0;
	unsigned long start = now_ns();

	/* every other page, so that no two can be one host mapping */
	for (i = 0; i < PAGES; i++) {
		r->va = 0x100000000 + i * 2 * PAGE;
		r->len = PAGE;
		r->phys = phys + i * PAGE;
		t->regs.pt.ip = guest_va(g_touch);
		t->regs.pt.bx = r->va;
		t->regs.pt.cx = 1;
		SAME(run(t), EXIT_SYSCALL);
		pages++;
	}
	printf("%lu scattered pages, %lu ns each; ", pages, (now_ns() - start) / pages);
	thread_free(t);
	mm_free(mm);
}

static void test_orders(void)
{
	enum { PAGES = 500 };
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_touch);
	u64 phys = phys_get(PAGES * PAGE);
	int round, i;

	/* more than a queue holds, before there is a host process and after */
	for (round = 0; round < 3; round++) {
		for (i = 0; i < PAGES; i++)
			space_ops->map(mm->space, 0x200000000 + i * 2 * PAGE, PAGE,
				       phys + (PAGES - 1 - i) * PAGE,
				       HOST_PROT_READ | HOST_PROT_WRITE);
		for (i = PAGES - 1; i >= 0; i--) {
			thread_at(t, g_touch);
			t->regs.pt.bx = 0x200000000 + i * 2 * PAGE;
			t->regs.pt.cx = 1;
			/* if there was no host process yet, some were forgotten */
			if (run(t) == EXIT_FAULT && !round)
				break;
			SAME(t->regs.pt.ip, guest_va(g_touch) + 17);
			SAME(*(u64 *)phys_at(phys + (PAGES - 1 - i) * PAGE), 1);
			*(u64 *)phys_at(phys + (PAGES - 1 - i) * PAGE) = 0;
		}
		space_ops->unmap_all(mm->space);
	}
	thread_free(t);
	mm_free(mm);
}

/* ---- FP state ------------------------------------------------------------ */

static void fp_round(struct thread *t)
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
			t[0]->mm = t[1]->mm = a;
		}
	}
	for (i = 0; i < 4; i++)
		thread_free(t[i]);
	mm_free(a);
	mm_free(b);
}

static void test_fp(void)
{
	fp_threads(g_fp);
	if (__builtin_cpu_supports("avx512bw"))
		fp_threads(g_avx512);
	else
		printf("(no AVX-512) ");
}

/* ---- interrupts ---------------------------------------------------------- */

static void test_interrupts(void)
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
	CHECK(rounds > 1000);
	thread_free(count);
	thread_free(call);
	thread_free(fp);
	mm_free(mm);
	mm_free(mm2);
}

/* ---- hostile ------------------------------------------------------------- */

static void test_hostile(void)
{
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_jump);
	unsigned long at, exits[5] = { 0 };

	for (at = STUB_START - 16; at < STUB_END + 16; at++) {
		int n;

		fill(&t->regs, at);
		thread_at(t, g_jump);
		t->regs.pt.ip = at;
		t->regs.pt.sp = STUB_START + at * 8 % (STUB_END - STUB_START);
		t->regs.pt.bx = STUB_PAGE;
		t->regs.pt.ax = 11;		/* munmap */
		t->regs.pt.di = STUB_START;
		t->regs.pt.si = STUB_END - STUB_START;
		for (n = 0; n < 3; n++) {
			enum guest_exit why = run(t);

			if (why == EXIT_DEAD)
				FAIL("died at 0x%lx", at);
			exits[why]++;
		}
		/* whatever that did: guest code still works */
		thread_at(t, g_syscall);
		t->regs.pt.ax = 99;
		SAME(run(t), EXIT_SYSCALL);
		SAME(t->regs.pt.orig_ax, 99);
	}
	printf("calls %lu, faults %lu, signals %lu; ", exits[EXIT_SYSCALL], exits[EXIT_FAULT],
	       exits[EXIT_SIGNAL]);
	thread_free(t);
	mm_free(mm);
}

/* children of this process, as the host lists them */
static int children(int *pid, int max)
{
	FILE *f = fopen("/proc/thread-self/children", "r");
	int n = 0;

	CHECK(f);
	while (n < max && fscanf(f, "%d", &pid[n]) == 1)
		n++;
	fclose(f);
	return n;
}

static void test_outside(void)
{
	static const int sigs[] = { SIGSTOP, SIGCONT, SIGTERM, SIGSEGV, SIGTRAP, SIGSTOP, SIGUSR1 };
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_syscall), *fp = thread_new(mm, g_fp);
	int pid[64], n, i, round;

	fp->regs.pt.r14 = 42;
	fp->regs.pt.bx = DATA_VA;
	for (round = 0; round < 50; round++) {
		SAME(run(t), EXIT_SYSCALL);
		fp_round(fp);
		n = children(pid, 64);
		CHECK(n > 0);
		for (i = 0; i < n; i++)
			kill(pid[i], sigs[round % 7]);
		expect_fault(t, g_load, 8, 8, 4);
		thread_at(t, g_syscall);
	}
	for (i = 0; i < n; i++)
		kill(pid[i], SIGKILL);
	SAME(run(t), EXIT_DEAD);
	SAME(run(t), EXIT_DEAD);
	thread_free(t);
	thread_free(fp);
	mm_free(mm);

	/* idle ones were killed as well: that is nobody's loss */
	mm = mm_standard();
	t = thread_new(mm, g_syscall);
	SAME(run(t), EXIT_SYSCALL);
	thread_free(t);
	mm_free(mm);
}

/* what is killed: guests in every state, their host processes told to the tester */
static int victim(int fd)
{
	struct thread *t;
	int pid[64], n, i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	vm_init("skas", "ptrace");
	for (i = 0; i < 4; i++) {
		t = thread_new(mm_standard(), i == 3 ? g_count : g_syscall);
		if (i < 3)
			run(t);
	}
	n = children(pid, 64);
	if (write(fd, pid, n * sizeof(int)) < 0)
		return 1;
	run(t);
	return 1;
}

static int still_there(int pid)
{
	/* reaped here if it is dead: this is the subreaper */
	while (waitpid(pid, NULL, WNOHANG | __WALL) > 0)
		;
	return !kill(pid, 0);
}

static void test_survivors(void)
{
	int pid[64], n, i, left = 0, pipes[2], round, child;
	char arg[16];
	int own = children(pid, 64);

	for (round = 0; round < 60; round++) {
		CHECK(!pipe(pipes));
		snprintf(arg, sizeof(arg), "%d", pipes[1]);
		child = fork();
		if (!child) {
			execl("/proc/self/exe", "platform_test", "victim", arg, NULL);
			_exit(1);
		}
		close(pipes[1]);
		n = 0;
		if (round % 2) {
			n = read(pipes[0], pid, sizeof(pid)) / sizeof(int);
			CHECK(n >= 3);
		} else {
			usleep(round * 100);	/* at any moment, also while one is made */
		}
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		usleep(20000);
		for (i = 0; i < n; i++)
			left += still_there(pid[i]);
		SAME(left, 0);
		n = children(pid, 64);
		for (i = 0; i < n; i++)
			left += still_there(pid[i]);
		SAME(left, own);
		left = 0;
		close(pipes[0]);
	}
}

static void test_many(void)
{
	struct mm *mm[200];
	struct thread *t;
	unsigned long start = now_ns();
	int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 200; i++)
			mm[i] = mm_standard();
		for (i = 0; i < 200; i += 2) {
			t = thread_new(mm[i], g_syscall);
			SAME(run(t), EXIT_SYSCALL);
			thread_free(t);
		}
		for (i = 0; i < 200; i++)
			mm_free(mm[i]);
	}
	printf("%lu us each; ", (now_ns() - start) / 300000);
}

/* ---- what it costs ------------------------------------------------------- */

#define CHUNK	500

/* the best of many short runs: what others do on this machine does not count */
static unsigned long best(struct thread *t, void (*once)(struct thread *t))
{
	unsigned long least = -1UL, start, ns;
	int round, i;

	for (round = 0; round < 40; round++) {
		start = now_ns();
		for (i = 0; i < CHUNK; i++)
			once(t);
		ns = (now_ns() - start) / CHUNK;
		if (ns < least)
			least = ns;
	}
	return least;
}

static struct thread *other;
static u64 bench_phys;
static int bench_pages;

static void bench_native(struct thread *t)
{
	(void)t;
	host_getpid();
}

static void bench_call(struct thread *t)
{
	run(t);
	t->regs.pt.ax++;
}

static void bench_two(struct thread *t)
{
	run(t);
	run(other);
}

/* one fault, and the call after it */
static void bench_fault(struct thread *t)
{
	unsigned long va = 0x100000000 + t->faults * 32 * PAGE;

	thread_at(t, g_store);
	t->regs.pt.bx = va;
	while (trap_ops->enter(&t->guest, t->mm->space) != EXIT_SYSCALL)
		space_ops->map(t->mm->space, va, bench_pages * PAGE, bench_phys,
			       HOST_PROT_READ | HOST_PROT_WRITE);
	t->faults++;
}

static void bench_mm(struct thread *t)
{
	struct mm *mm = mm_standard();
	struct thread *u = thread_new(mm, g_syscall);

	(void)t;
	run(u);
	thread_free(u);
	phys_put(mm->region[0].phys);
	mm_free(mm);
}

static void test_bench(void)
{
	struct mm *mm = mm_standard(), *mm2 = mm_standard();
	struct thread *t = thread_new(mm, g_syscall);
	unsigned long call;

	bench_phys = phys_get(16 * PAGE);
	memset(phys_at(bench_phys), 1, 16 * PAGE);
	printf("\n  native call          %6lu ns\n", best(t, bench_native));
	call = best(t, bench_call);
	printf("  guest call           %6lu ns\n", call);
	other = thread_new(mm, g_syscall);
	printf("  two threads, FP each %6lu ns\n", best(t, bench_two) / 2);
	thread_free(other);
	other = thread_new(mm2, g_syscall);
	printf("  two spaces           %6lu ns\n", best(t, bench_two) / 2);
	for (bench_pages = 1; bench_pages <= 16; bench_pages += 15)
		printf("  fault, %2d pages      %6lu ns\n", bench_pages,
		       best(t, bench_fault) - call);
	printf("  new space, two pages %6lu ns\n", best(t, bench_mm));
	thread_free(t);
	thread_free(other);
	mm_free(mm);
	mm_free(mm2);
}

static void bad_choice(const char *mode, const char *trap)
{
	struct platform_params params = { .mode = mode, .trap = trap };
	const char *why = NULL;

	CHECK(platform_init(&params, &why) < 0);
	printf("\n  %s", why);
}

static void test_choice(void)
{
	/* in a child: the choice is made once */
	int status, child = fork();

	if (!child) {
		bad_choice("tt", NULL);
		bad_choice("kvm", NULL);
		bad_choice("skas", "seccomp");
		bad_choice(NULL, "dispatch");
		printf("\n");
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	SAME(status, 0);
}

static const struct {
	const char *name;
	void (*fn)(void);
} tests[] = {
	{ "choice", test_choice },
	{ "syscall", test_syscall },
	{ "exceptions", test_exceptions },
	{ "steps", test_steps },
	{ "faults", test_faults },
	{ "page_end", test_page_end },
	{ "orders", test_orders },
	{ "fp", test_fp },
	{ "interrupts", test_interrupts },
	{ "hostile", test_hostile },
	{ "outside", test_outside },
	{ "many", test_many },
	{ "budget", test_budget },
	{ "survivors", test_survivors },
	{ "bench", test_bench },
};

int main(int argc, char **argv)
{
	size_t i;
	int arg;

	if (argc == 3 && !strcmp(argv[1], "victim"))
		return victim(atoi(argv[2]));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	vm_init("skas", "ptrace");
	printf("%s; FP state of %u bytes\n", platform_describe(), guest_fp_size);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		for (arg = 1; arg < argc && strcmp(argv[arg], tests[i].name); arg++)
			;
		if (argc > 1 && arg == argc)
			continue;
		printf("%s: ", tests[i].name);
		fflush(stdout);
		alarm(100);
		tests[i].fn();
		printf("ok\n");
		fflush(stdout);
	}
	return 0;
}
