/* SPDX-License-Identifier: GPL-2.0 */
/* The task that runs on this virtual CPU. */
#ifndef __ASM_USERMODE_CURRENT_H
#define __ASM_USERMODE_CURRENT_H

#include <linux/compiler.h>
#include <asm/vcpu.h>

struct task_struct;

static __always_inline struct task_struct *get_current(void)
{
	return this_vcpu()->current_task;
}

#define current get_current()

#endif
