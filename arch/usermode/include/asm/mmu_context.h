/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu_context.h - binding an mm to a space of the platform.
 *
 * Where the kernel runs in the host process of the guest's (tt), switching the
 * mm moves this virtual CPU to the one of the next; elsewhere there is nothing
 * to switch: enter() is told the space each time.
 */
#ifndef __ASM_USERMODE_MMU_CONTEXT_H
#define __ASM_USERMODE_MMU_CONTEXT_H

#include <linux/irqflags.h>
#include <linux/mm_types.h>
#include <asm/platform.h>

#define init_new_context init_new_context
int init_new_context(struct task_struct *tsk, struct mm_struct *mm);

#define destroy_context destroy_context
void destroy_context(struct mm_struct *mm);

static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next,
			     struct task_struct *tsk)
{
	unsigned long flags;

	if (!space_ops->activate)
		return;
	local_irq_save(flags);
	space_ops->activate(next->context.space);
	local_irq_restore(flags);
}

/* ---- forks (mm/fork.c) ---- */

/* @parent's page tables have been copied; what that write-protected is flushed next */
void fork_copied(const struct mm_struct *parent, const struct mm_struct *child);

/* the flush of everything: true if it was a fork's, and is done */
bool fork_flush(struct mm_struct *mm);

/* has @mm been in a fork since guest code ran in it? */
bool fork_is_fresh(const struct mm_struct *mm);

/* copy and cache what @mm, current's, will use after a fork. Context: may sleep */
void fork_refill(struct mm_struct *mm);

/* @addr faulted, for a store if @write, and was no part of a walk */
void fork_note_fault(const struct mm_struct *mm, unsigned long addr, bool write);

static inline int arch_dup_mmap(struct mm_struct *parent, struct mm_struct *child)
{
	fork_copied(parent, child);
	return 0;
}

static inline void arch_exit_mmap(struct mm_struct *mm)
{
}

static inline bool arch_vma_access_permitted(struct vm_area_struct *vma, bool write,
					     bool execute, bool foreign)
{
	return true;
}

#include <asm-generic/mmu_context.h>

#endif
