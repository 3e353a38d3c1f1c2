/* SPDX-License-Identifier: GPL-2.0 */
/*
 * entry.h - what the entry code and the interrupt code share.
 */
#ifndef __ASM_USERMODE_ENTRY_H
#define __ASM_USERMODE_ENTRY_H

#include <linux/types.h>

struct pt_regs;
struct task_struct;

/* an exception in kernel code, as the host's signal told it */
struct kernel_trap {
	int sig, code;
	unsigned long addr;
	unsigned long nr, err;		/* x86 exception number and error code */
};

/*
 * A trap may have told only a system call's number, arguments and address: bring
 * the task's other registers too. Context: the task itself, between guest code and
 * the first who looks at them. They may not have been changed before.
 */
void guest_regs_complete(void);

/* handle all pending interrupts; context: interrupts off, after irqentry_enter() */
void irq_dispatch(struct pt_regs *regs);

/* the last step before interrupted kernel code goes on: its interrupt flag */
void irq_resume(struct pt_regs *regs);

/* the exception that was diverted; context: interrupts still off */
void irq_take_trap(struct kernel_trap *trap);

/* an unmasked interrupt waits for this virtual CPU */
bool irq_is_pending(void);

/* struct platform_params, @moved */
void irq_vcpu_moved(int pid, int timer);

/* called by isa/x86/irq_entry.S on the interrupted stack, interrupts off */
void kernel_interrupt(struct pt_regs *regs);
void kernel_exception(struct pt_regs *regs);

/* isa/x86/irq_entry.S */
extern char interrupt_entry[], exception_entry[];

#endif
