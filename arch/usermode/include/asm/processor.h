/* SPDX-License-Identifier: GPL-2.0 */
/*
 * processor.h - a task as the port sees it.
 */
#ifndef __ASM_USERMODE_PROCESSOR_H
#define __ASM_USERMODE_PROCESSOR_H

#include <linux/cache.h>
#include <asm/page.h>
#include <asm/guest.h>
#include <asm/ptrace.h>
#include <asm/vdso/processor.h>

#define TASK_SIZE		TASK_SIZE_MAX
#define STACK_TOP		TASK_SIZE
#define STACK_TOP_MAX		TASK_SIZE
#define TASK_UNMAPPED_BASE	PAGE_ALIGN(TASK_SIZE / 3)

/**
 * struct thread_struct - what the port keeps for each task
 * @guest:	its guest registers and FP state, as platform/ sees it
 * @sp:		kernel stack pointer while it does not run
 * @cr2:	address of the last page fault that became a signal
 * @trap_nr:	x86 number of the last exception, for signal frames
 * @error_code:	x86 error code of it
 */
struct thread_struct {
	struct guest guest;
	unsigned long sp;
	unsigned long cr2;
	unsigned long trap_nr;
	unsigned long error_code;
};

#define INIT_THREAD { }

/* a task's guest registers lie at the top of its kernel stack */
#define task_guest_regs(task)						\
	((struct guest_regs *)((unsigned long)task_stack_page(task) +	\
			       THREAD_SIZE - 16 - sizeof(struct guest_regs)))
#define task_pt_regs(task)	(&task_guest_regs(task)->pt)
#define current_guest_regs()	task_guest_regs(current)

#define KSTK_EIP(task)		(task_pt_regs(task)->ip)
#define KSTK_ESP(task)		(task_pt_regs(task)->sp)

void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp);
unsigned long arch_align_stack(unsigned long sp);
unsigned long __get_wchan(struct task_struct *task);

#endif
