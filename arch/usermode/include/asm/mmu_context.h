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

#include <asm-generic/mm_hooks.h>
#include <asm-generic/mmu_context.h>

#endif
