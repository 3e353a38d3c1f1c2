// SPDX-License-Identifier: GPL-2.0
/*
 * lists.c - many mappings at once. With trap seccomp the kernel is not told of each,
 * and the host process has a descriptor meanwhile: interrupts at every moment, and
 * guest code that tries to use it.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "skas.h"
#include "skas_process.h"
#include "tests.h"

#define LISTS_VA	0x50000000UL
#define FOREIGN_VA	0x60000000UL
#define PAGES		16
#define LAST_NS		150000L
#define STEP_NS		211L

static u64 scattered;		/* where the pages are, the last one first */

static u64 phys_of(int page)
{
	return scattered + (PAGES - 1 - page) * PAGE;
}

static unsigned long va_of(int page)
{
	return LISTS_VA + page * 2 * PAGE;
}

/* no two of them can be one host mapping */
static void map_all(struct mm *mm, u64 mark)
{
	int i;

	for (i = 0; i < PAGES; i++) {
		*(u64 *)phys_at(phys_of(i)) = mark + i;
		space_ops->map(mm->space, va_of(i), PAGE, phys_of(i), HOST_PROT_READ);
	}
}

static u64 load(struct thread *t, unsigned long va)
{
	thread_at(t, g_load);
	t->regs.pt.bx = va;
	SAME(run(t), EXIT_SYSCALL);
	return t->regs.pt.orig_ax;
}

/* it is in a call of guest code's: all that it may have is the memory, as number 0 */
static void check_descriptors(const struct mm *mm)
{
	struct dirent *entry;
	char name[64];
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%d/fd", mm->space->thread[0].process->pid);
	dir = opendir(name);
	CHECK(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "0"))
			FAIL("guest code runs with descriptor %s", entry->d_name);
	closedir(dir);
}

/* the call that the stub's list makes, by guest code, of memory that it has not */
static void steal(struct thread *t, int fd)
{
	thread_at(t, g_jump);
	t->regs.pt.ip = STUB_LIST;
	t->regs.pt.ax = SYS_mmap;
	t->regs.pt.di = FOREIGN_VA;
	t->regs.pt.si = PAGE;
	t->regs.pt.dx = PROT_READ | PROT_WRITE;
	t->regs.pt.r10 = MAP_SHARED | MAP_FIXED;
	t->regs.pt.r8 = fd;
	t->regs.pt.r9 = scattered;
	t->regs.pt.bx = STUB_PAGE;
	CHECK(step(t) != EXIT_GONE);
	regs_complete(t);
	thread_at(t, g_load);
	t->regs.pt.bx = FOREIGN_VA;
	SAME(run(t), EXIT_FAULT);
	SAME(t->guest.fault_addr, FOREIGN_VA);
}

/* nothing of a list is lost, whenever it is interrupted, and nothing of it is left */
void test_lists(void)
{
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_load);
	unsigned long rounds = 0, before = interrupt_signals;
	long ns;

	scattered = phys_get(PAGES * PAGE);
	moments_start();
	interrupts_start(1000000);	/* for who comes back for ever */
	for (ns = 1; ns < LAST_NS; ns += STEP_NS, rounds++) {
		int page = rounds % PAGES;

		if (rounds % 3 == 0)
			space_ops->unmap_all(mm->space);
		if (rounds % 3 == 1)
			space_ops->unmap(mm->space, LISTS_VA, 2 * PAGES * PAGE);
		map_all(mm, rounds << 8);
		in_ns(ns);
		SAME(load(t, va_of(page)), (rounds << 8) + page);
		check_descriptors(mm);
		if (rounds % 4 == 0)
			steal(t, rounds % 8 ? 1 : 0);
		SAME(load(t, va_of(PAGES - 1 - page)), (rounds << 8) + PAGES - 1 - page);
	}
	interrupts_stop();
	moments_stop();
	printf("%lu rounds, %lu signals; ", rounds, interrupt_signals - before);
	CHECK(interrupt_signals - before > rounds / 2);
	thread_free(t);
	mm_free(mm);
}
