// SPDX-License-Identifier: GPL-2.0
/* bench.c - what it costs */
#include <stdio.h>
#include <string.h>
#include "tests.h"

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
	t->regs.pt.ax = 39;
}

static void bench_two(struct thread *t)
{
	run(t);
	run(other);
}

/* a fault for every bench_pages that are touched; ns for each */
static unsigned long bench_faults(struct thread *t)
{
	static unsigned long base = 0x100000000;
	unsigned long least = -1UL, start, ns;
	int round, i;

	for (round = 0; round < 20; round++) {
		base += 2 * CHUNK * bench_pages * PAGE;
		regs_complete(t);
		thread_at(t, g_touch);
		t->regs.pt.bx = base;
		t->regs.pt.cx = CHUNK * bench_pages;
		start = now_ns();
		for (i = 0; trap_ops->enter(&t->guest, t->mm->space) == EXIT_FAULT; i++)
			space_ops->map(t->mm->space, t->guest.fault_addr & -PAGE,
				       bench_pages * PAGE, bench_phys,
				       HOST_PROT_READ | HOST_PROT_WRITE);
		ns = (now_ns() - start) / i;
		if (ns < least)
			least = ns;
	}
	return least;
}

/* a list of bench_pages mappings, none of which is neighbour of another, and a call */
static void bench_list(struct thread *t)
{
	int i;

	for (i = 0; i < bench_pages; i++)
		space_ops->map(t->mm->space, 0x50000000 + i * 2 * PAGE, PAGE,
			       bench_phys + (bench_pages - 1 - i) * PAGE,
			       HOST_PROT_READ | HOST_PROT_WRITE);
	run(t);
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

void test_bench(void)
{
	struct mm *mm = mm_standard(), *mm2 = mm_standard();
	struct thread *t = thread_new(mm, g_syscall);

	vm_lazy = true;
	bench_phys = phys_get(16 * PAGE);
	memset(phys_at(bench_phys), 1, 16 * PAGE);
	printf("\n  native call          %6lu ns\n", best(t, bench_native));
	printf("  guest call           %6lu ns\n", best(t, bench_call));
	other = thread_new(mm, g_syscall);
	printf("  two threads, FP each %6lu ns\n", best(t, bench_two) / 2);
	vm_lazy = false;
	printf("  call, all registers  %6lu ns\n", best(t, bench_call));
	vm_lazy = true;
	thread_free(other);
	other = thread_new(mm2, g_syscall);
	printf("  two spaces           %6lu ns\n", best(t, bench_two) / 2);
	for (bench_pages = 1; bench_pages <= 16; bench_pages += 15)
		printf("  fault, %2d pages      %6lu ns\n", bench_pages, bench_faults(t));
	for (bench_pages = 1; bench_pages <= 16; bench_pages *= 2)
		printf("  list, %2d mappings    %6lu ns\n", bench_pages, best(t, bench_list));
	printf("  new space, two pages %6lu ns\n", best(t, bench_mm));
	vm_lazy = false;
	thread_free(t);
	thread_free(other);
	mm_free(mm);
	mm_free(mm2);
}
