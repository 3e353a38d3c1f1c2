/* SPDX-License-Identifier: GPL-2.0 */
/* stacktrace.h - walking kernel stacks by frame pointers (kernel/stacktrace.c). */
#ifndef __ASM_USERMODE_STACKTRACE_H
#define __ASM_USERMODE_STACKTRACE_H

#include <linux/types.h>

struct task_struct;
struct pt_regs;

/**
 * stack_walk - call @fn for each return address on @task's kernel stack
 * @task:	current, or a task that does not run
 * @regs:	registers to start from, or NULL: the caller's own, or the saved ones
 * @fn:		called with the address; false ends the walk
 * @arg:	handed to @fn
 */
void stack_walk(struct task_struct *task, struct pt_regs *regs,
		bool (*fn)(void *arg, unsigned long addr), void *arg);

#endif
