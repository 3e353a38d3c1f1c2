/* SPDX-License-Identifier: GPL-2.0 */
/*
 * thread_info.h - flags of a task that the entry code looks at.
 */
#ifndef __ASM_USERMODE_THREAD_INFO_H
#define __ASM_USERMODE_THREAD_INFO_H

#include <asm/page.h>

#ifdef CONFIG_KASAN
#define THREAD_SIZE_ORDER	3
#else
#define THREAD_SIZE_ORDER	2
#endif
#define THREAD_SIZE		(PAGE_SIZE << THREAD_SIZE_ORDER)

#ifndef __ASSEMBLY__

struct thread_info {
	unsigned long flags;		/* TIF_* */
	unsigned long syscall_work;	/* SYSCALL_WORK_* */
	int preempt_count;
	unsigned int cpu;
};

#define INIT_THREAD_INFO(tsk) { .preempt_count = INIT_PREEMPT_COUNT }

#endif

#define TIF_NOTIFY_RESUME	1
#define TIF_SIGPENDING		2
#define TIF_NEED_RESCHED	3
#define TIF_NOTIFY_SIGNAL	4
#define TIF_UPROBE		5
#define TIF_MEMDIE		6
#define TIF_SINGLESTEP		7
#define TIF_PATCH_PENDING	8

#define _TIF_NOTIFY_RESUME	BIT(TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		BIT(TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	BIT(TIF_NEED_RESCHED)
#define _TIF_NOTIFY_SIGNAL	BIT(TIF_NOTIFY_SIGNAL)
#define _TIF_UPROBE		BIT(TIF_UPROBE)
#define _TIF_SINGLESTEP		BIT(TIF_SINGLESTEP)
#define _TIF_PATCH_PENDING	BIT(TIF_PATCH_PENDING)

#endif
