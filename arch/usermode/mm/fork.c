// SPDX-License-Identifier: GPL-2.0
/*
 * fork.c - two processes that go on where one was.
 *
 * A fork write-protects private memory, and the child has nothing mapped in the
 * host yet. Faults for the pages that both use at once would be most of a fork's
 * cost. So a table remembers for the mms that ran last where they faulted; after a
 * fork those pages are copied and cached for both, before guest code runs.
 *
 * All of that is hints: an mm is known by its address only, which is compared and
 * not followed, and whatever is lost or stale costs faults or copies.
 *
 * Context: the task itself, interrupts on. No lock: one virtual CPU, and preemption
 * between two tasks that share a row harms nothing.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <asm/mmu_context.h>
#include <asm/pgwalk.h>
#include <asm/traps.h>
#include "fault.h"

#define ROWS_BITS	7
#define RECENT		16	/* pages of an mm */
#define RECENT_WRITE	1UL	/* in an entry: it was written to */

/* private areas that are dropped one by one; of more, everything is dropped at once */
#define DROP_PIECES	100

/**
 * struct row - what is known of an mm
 * @mm:	    whose it is
 * @page:   the pages that faulted last, walks apart; a ring
 * @next:   of that
 * @forked: the flush that comes is that of a fork
 * @refill: what to cache before guest code runs next
 */
struct row {
	const struct mm_struct *mm;
	unsigned long page[RECENT];
	unsigned int next;
	bool forked;
	enum { REFILL_NONE, REFILL_WRITTEN, REFILL_ALL } refill;
};

static struct row rows[1 << ROWS_BITS];

static struct row *row_of(const struct mm_struct *mm)
{
	return &rows[hash_ptr(mm, ROWS_BITS)];
}

void fork_note_fault(const struct mm_struct *mm, unsigned long addr, bool write)
{
	unsigned long page = (addr & PAGE_MASK) | (write ? RECENT_WRITE : 0);
	struct row *row = row_of(mm);

	if (row->mm != mm)
		*row = (struct row) { .mm = mm };
	for (unsigned int i = 0; i < RECENT; i++) {
		if ((row->page[i] ^ page) < PAGE_SIZE) {
			row->page[i] |= page;
			return;
		}
	}
	row->page[row->next++ % RECENT] = page;
}

void fork_copied(const struct mm_struct *parent, const struct mm_struct *child)
{
	struct row *from = row_of(parent), *to = row_of(child);

	if (from->mm != parent || from == to)
		return;
	*to = *from;
	to->mm = child;
	to->forked = false;
	to->refill = REFILL_ALL;
	from->forked = true;
	from->refill = REFILL_WRITTEN;
}

bool fork_is_fresh(const struct mm_struct *mm)
{
	const struct row *row = row_of(mm);

	return row->mm == mm && row->refill != REFILL_NONE;
}

/* copy it, if it is shared with the other process */
static void own_page(struct mm_struct *mm, unsigned long page)
{
	struct vm_area_struct *vma = vma_lookup(mm, page);

	if (vma && vma->vm_flags & VM_WRITE && vma->anon_vma)
		fault_ahead(vma, page, page + PAGE_SIZE, FAULT_WRITE);
}

void fork_refill(struct mm_struct *mm)
{
	struct row row = *row_of(mm);	/* others may take it over meanwhile */

	row_of(mm)->refill = REFILL_NONE;
	mmap_read_lock(mm);
	for (unsigned int i = 0; i < RECENT; i++) {
		unsigned long page = row.page[i] & PAGE_MASK;
		bool written = row.page[i] & RECENT_WRITE;

		if (!page || !(written || row.refill == REFILL_ALL))
			continue;
		if (written)
			own_page(mm, page);
		tlb_fill(mm, page);
	}
	mmap_read_unlock(mm);
}

bool fork_flush(struct mm_struct *mm)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;
	struct row *row = row_of(mm);

	if (row->mm != mm || !row->forked)
		return false;
	row->forked = false;
	if (mm->map_count > DROP_PIECES)
		return false;
	for_each_vma(vmi, vma)
		if (is_cow_mapping(vma->vm_flags) && vma->anon_vma)
			flush_tlb_range(vma, vma->vm_start, vma->vm_end);
	return true;
}
