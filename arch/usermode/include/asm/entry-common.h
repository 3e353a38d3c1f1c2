/* SPDX-License-Identifier: GPL-2.0 */
/* entry-common.h - what the generic entry code asks of the port. */
#ifndef __ASM_USERMODE_ENTRY_COMMON_H
#define __ASM_USERMODE_ENTRY_COMMON_H

#include <linux/sched/task_stack.h>

static __always_inline bool on_thread_stack(void)
{
	unsigned long at = (unsigned long)__builtin_frame_address(0);

	return at - (unsigned long)current->stack < THREAD_SIZE;
}

#endif
