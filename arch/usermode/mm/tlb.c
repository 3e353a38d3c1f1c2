// SPDX-License-Identifier: GPL-2.0
/*
 * tlb.c - the host's mappings of guest memory as a TLB of the page tables.
 *
 * tlb_fill() caches a window of entries around a fault; the flush functions
 * drop ranges. Both only queue operations to the space; the platform executes
 * them before guest code runs in it again. An entry is cached only when it is
 * young, writable only when dirty. The whole window of a fault becomes young: to
 * reclaim, pages are used or not by the window. Dirty bits are exact. A huge page is
 * cached whole.
 *
 * Context: fill: the task itself. Flushes: whoever changes the page tables.
 * The queue of a space is guarded by disabled interrupts (one virtual CPU).
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/pgwalk.h>
#include <asm/platform.h>
#include <asm/sites.h>
#include <asm/tlbflush.h>
#include <asm/uaccess_direct.h>

/*
 * Bytes around a fault that are looked at, and bytes around it in which the runs
 * that begin or end there are followed. Powers of two, at most one page table.
 */
#define FILL_WINDOW	SZ_64K
#define FOLLOW_WINDOW	SZ_256K

/*
 * A host mapping more costs about a tenth of a fault. Where pages lie scattered
 * in memory, only so many that were not asked for are mapped one by one: the next
 * ones. Those before were mapped by an earlier fault, or are not likely to be used.
 */
#define FILL_SINGLES	3

/* neighbouring entries that one host mapping can serve */
struct run {
	unsigned long va, len;
	u64 phys;
	int prot;
};

struct fill {
	struct mm_struct *mm;
	unsigned long addr, end;	/* what is needed: the page that faulted, and more */
	int prot;			/* of that page, in the host */
	unsigned long reached;		/* all pages from that to here allow as much */
	unsigned int singles;		/* other pages that may still be mapped alone */
	struct run run;
};

static int host_prot(pte_t pte)
{
	int prot = HOST_PROT_READ;

	if (!pte_present(pte) || !pte_read(pte) || !pte_young(pte))
		return HOST_PROT_NONE;
	if (pte_write(pte) && pte_dirty(pte))
		prot |= HOST_PROT_WRITE;
	if (pte_exec(pte))
		prot |= HOST_PROT_EXEC;
	return prot;
}

static bool run_is_worth_it(struct fill *fill)
{
	const struct run *run = &fill->run;

	if (run->len != PAGE_SIZE)
		return true;
	if (run->va + run->len > fill->addr && run->va < fill->end)
		return true;
	return run->va > fill->addr && fill->singles && fill->singles--;
}

static void note_reached(struct fill *fill)
{
	const struct run *run = &fill->run;

	if (run->va <= fill->reached && (run->prot & fill->prot) == fill->prot)
		fill->reached = max(fill->reached, run->va + run->len);
}

static void space_map(struct mm_struct *mm, const struct run *run)
{
	unsigned long flags;

	local_irq_save(flags);
	space_ops->map(mm->context.space, run->va, run->len, run->phys, run->prot);
	local_irq_restore(flags);
}

static void run_emit(struct fill *fill)
{
	struct run *run = &fill->run;

	if (run->len && run_is_worth_it(fill)) {
		space_map(fill->mm, run);
		note_reached(fill);
	}
	run->len = 0;
}

static void run_add(struct fill *fill, unsigned long va, pte_t pte)
{
	u64 phys = (u64)pte_pfn(pte) << PAGE_SHIFT;
	struct run *run = &fill->run;
	int prot = host_prot(pte);

	if (guest_is_mapped())
		phys = shadow_phys(fill->mm, va, phys, prot);

	if (prot != run->prot || phys != run->phys + run->len)
		run_emit(fill);
	if (prot == HOST_PROT_NONE)
		return;
	if (!run->len)
		*run = (struct run) { .va = va, .phys = phys, .prot = prot };
	run->len += PAGE_SIZE;
}

/* may @pte, outside of the window, go with @next, its neighbour inside? */
static bool follows(pte_t pte, pte_t next, long step)
{
	int prot = host_prot(pte);

	return prot != HOST_PROT_NONE && prot == host_prot(next) &&
	       pte_pfn(pte) == pte_pfn(next) + step;
}

/* @ptep: the first one of the page table */
static void fill_table(struct fill *fill, pte_t *ptep)
{
	unsigned int first = pte_index(ALIGN_DOWN(fill->addr, FILL_WINDOW));
	unsigned int end = first + FILL_WINDOW / PAGE_SIZE;
	unsigned int least = pte_index(ALIGN_DOWN(fill->addr, FOLLOW_WINDOW));
	unsigned int most = least + FOLLOW_WINDOW / PAGE_SIZE;
	unsigned int i;

	for (i = first; i < end; i++)
		if (pte_present(ptep_get(ptep + i)))
			set_pte(ptep + i, pte_mkyoung(ptep_get(ptep + i)));
	/* what is needed may end behind the window */
	end = max(end, pte_index(fill->end - PAGE_SIZE) + 1);
	while (first > least && follows(ptep_get(ptep + first - 1), ptep_get(ptep + first), -1))
		first--;
	while (end < most && follows(ptep_get(ptep + end), ptep_get(ptep + end - 1), 1))
		end++;
	for (i = first; i < end; i++)
		run_add(fill, (fill->addr & PMD_MASK) + i * PAGE_SIZE, ptep_get(ptep + i));
	run_emit(fill);
}

static void fill_huge(struct fill *fill, const struct pgwalk *walk)
{
	unsigned long start = fill->addr & PMD_MASK, va;

	pgwalk_mark(walk, start, false);
	/* one run, if no part has a shadow (mm/shadow.c) */
	for (va = start; va < start + PMD_SIZE; va += PAGE_SIZE)
		run_add(fill, va, pgwalk_get(walk, va));
	run_emit(fill);
}

unsigned long tlb_fill_to(struct mm_struct *mm, unsigned long addr, unsigned long end)
{
	struct fill fill = {
		.mm = mm, .addr = addr, .end = end, .reached = addr & PAGE_MASK,
		.singles = FILL_SINGLES,
	};
	struct pgwalk walk;

	if (!pgwalk_lock(mm, addr, true, &walk))
		return fill.reached;
	fill.prot = host_prot(pte_mkyoung(pgwalk_get(&walk, addr)));
	if (walk.table)
		fill_table(&fill, walk.table);
	else
		fill_huge(&fill, &walk);
	pgwalk_unlock(&walk);
	return fill.reached;
}

void tlb_fill(struct mm_struct *mm, unsigned long addr)
{
	tlb_fill_to(mm, addr, (addr & PAGE_MASK) + PAGE_SIZE);
}

/* ---- dropping ---- */

static void drop(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	unsigned long flags;

	if (!mm->context.space || start >= end)
		return;
	local_irq_save(flags);
	space_ops->unmap(mm->context.space, start & PAGE_MASK,
			 PAGE_ALIGN(end) - (start & PAGE_MASK));
	local_irq_restore(flags);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	unsigned long flags;

	if (!mm->context.space || fork_flush(mm))
		return;
	local_irq_save(flags);
	space_ops->unmap_all(mm->context.space);
	local_irq_restore(flags);
}

void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	drop(vma->vm_mm, start, end);
}

void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long size = vma_kernel_pagesize(vma);

	addr = ALIGN_DOWN(addr, size);
	drop(vma->vm_mm, addr, addr + size);
}

void flush_tlb_all(void)
{
	/* guests' own entries are flushed through their mm; this is about the kernel's */
	flush_tlb_kernel_range(VMALLOC_START, VMALLOC_END);
}
