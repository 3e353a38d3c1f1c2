// SPDX-License-Identifier: GPL-2.0
/* memory.c - page faults, mappings and their limits */
#include <stdio.h>
#include <string.h>
#include "stub/stub.h"
#include "tests.h"

/* bits of the error code that depend on the host */
static unsigned int unsure;

void expect_fault(struct thread *t, const void *program, unsigned long bx,
		  unsigned long addr, unsigned int error)
{
	thread_at(t, program);
	t->regs.pt.bx = bx;
	SAME(run(t), EXIT_FAULT);
	SAME(t->guest.trap_nr, 14);
	SAME(t->guest.fault_addr, addr);
	SAME(t->guest.error_code & ~unsure, error & ~unsure);
}

/* does the trap know the error code, and need not guess? */
static bool error_is_known(void)
{
	return !strcmp(trap_ops->name, "seccomp");
}

void test_faults(void)
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
	/* of its own addresses the host says that they are there */
	unsure = 1;
	expect_fault(t, g_load, 0x7ffffffff000, 0x7ffffffff000, 4);
	expect_fault(t, g_load, 0xffffffff81000000, 0xffffffff81000000, 4);
	expect_fault(t, g_jump, 0xffffffff81000000, 0xffffffff81000000, 0x14);
	unsure = 0;
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
void test_page_end(void)
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
	SAME(t->guest.error_code | 1, 0x15);
	SAME(t->guest.fault_addr, va + PAGE);

	/* stores to its own first byte: the second guess is right */
	memcpy(code, store_own, sizeof(store_own));
	t->regs.pt.ip = va;
	if (!error_is_known()) {
		SAME(step(t), EXIT_INTERRUPT);
		SAME(t->guest.error_code, 0x15);
	}
	SAME(step(t), EXIT_FAULT);
	SAME(t->guest.error_code, 7);
	thread_free(t);
	mm_free(mm);
}

void test_budget(void)
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

/*
 * The host's own limit, reached before ours: each page replaced within a large
 * mapping makes two more of it.
 */
void test_limit(void)
{
	enum { PAGES = 80000 };
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_load);
	const unsigned long va = 0x300000000;
	u64 phys = phys_get(PAGES * PAGE), one = phys_get(PAGE);
	unsigned long i, seen = 0;

	*(u64 *)phys_at(one) = 77;
	SAME(run(thread_new(mm, g_syscall)), EXIT_SYSCALL);
	space_ops->map(mm->space, va, PAGES * PAGE, phys, HOST_PROT_READ);
	for (i = 1; i < PAGES; i += 2)
		space_ops->map(mm->space, va + i * PAGE, PAGE, one, HOST_PROT_READ);
	mm_add(mm, va, PAGES * PAGE, phys, HOST_PROT_READ);
	for (i = 1; i < PAGES; i += 2) {
		thread_at(t, g_load);
		t->regs.pt.bx = va + i * PAGE;
		SAME(run(t), EXIT_SYSCALL);
		/* either still cached, or dropped and found in the page tables */
		if (t->regs.pt.orig_ax == 77)
			seen++;
		else
			SAME(t->regs.pt.orig_ax, 0);
	}
	printf("%lu of %d cached at the end; ", seen, PAGES / 2);
	CHECK(seen > 0 && seen < PAGES / 2);
	thread_free(t);
	mm_free(mm);
}

void test_orders(void)
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
