// SPDX-License-Identifier: GPL-2.0
/*
 * tlb.c - the host's mappings of guest memory as a TLB of the page tables.
 *
 * tlb_fill() caches a window of entries around a fault; the flush functions
 * drop ranges. Both only queue operations to the space; the platform executes
 * them before guest code runs in it again. An entry is cached only when it is
 * young, writable only when dirty: so the generic code's young and dirty bits
 * cost one more fault at most.
 *
 * Context: fill: the task itself. Flushes: whoever changes the page tables.
 * The queue of a space is guarded by disabled interrupts (one virtual CPU).
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/host.h>
#include <asm/pgwalk.h>
#include <asm/platform.h>
#include <asm/sites.h>
#include <asm/tlbflush.h>
#include <asm/uaccess_direct.h>

/* bytes around a fault that are looked at; a power of two, at most one page table */
#define FILL_WINDOW	SZ_64K

/*
 * A host mapping more costs a part of a fault. Where pages lie scattered in memory,
 * only so many that were not asked for are mapped one by one: those that a walk
 * comes to next. Where it has been, all is mapped.
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
	unsigned long addr;		/* that faulted */
	unsigned int singles;		/* pages that may still be mapped alone */
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
		return run->len;
	if (fill->addr - run->va < run->len)
		return true;
	return run->va > fill->addr && fill->singles && fill->singles--;
}

static void run_emit(struct fill *fill)
{
	struct run *run = &fill->run;
	unsigned long flags;

	if (run_is_worth_it(fill)) {
		local_irq_save(flags);
		space_ops->map(fill->mm->context.space, run->va, run->len, run->phys, run->prot);
		local_irq_restore(flags);
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

	if (run->len && (prot != run->prot || phys != run->phys + run->len))
		run_emit(fill);
	if (prot == HOST_PROT_NONE)
		return;
	if (!run->len)
		*run = (struct run) { .va = va, .phys = phys, .prot = prot };
	run->len += PAGE_SIZE;
}

void tlb_fill(struct mm_struct *mm, unsigned long addr)
{
	unsigned long va = ALIGN_DOWN(addr, FILL_WINDOW);
	struct fill fill = { .mm = mm, .addr = addr, .singles = FILL_SINGLES };
	spinlock_t *ptl;	/* of the page table that the window lies in */
	pte_t *ptep;
	int i;

	ptep = pgwalk_lock(mm, va, &ptl);
	if (!ptep)
		return;
	for (i = 0; i < FILL_WINDOW / PAGE_SIZE; i++)
		run_add(&fill, va + i * PAGE_SIZE, ptep_get(ptep + i));
	run_emit(&fill);
	pte_unmap_unlock(ptep, ptl);
}

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

	if (!mm->context.space)
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
	drop(vma->vm_mm, addr, addr + PAGE_SIZE);
}

void flush_tlb_all(void)
{
	/* guests' own entries are flushed through their mm; this is about the kernel's */
	flush_tlb_kernel_range(VMALLOC_START, VMALLOC_END);
}
