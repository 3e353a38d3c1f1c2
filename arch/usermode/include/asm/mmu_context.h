/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu_context.h - binding an mm to a space of the platform.
 *
 * There is nothing to switch: enter() is told the space each time.
 */
#ifndef __ASM_USERMODE_MMU_CONTEXT_H
#define __ASM_USERMODE_MMU_CONTEXT_H

#include <linux/mm_types.h>

#define init_new_context init_new_context
int init_new_context(struct task_struct *tsk, struct mm_struct *mm);

#define destroy_context destroy_context
void destroy_context(struct mm_struct *mm);

static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next,
			     struct task_struct *tsk)
{
}

#include <asm-generic/mm_hooks.h>
#include <asm-generic/mmu_context.h>

#endif
