/* SPDX-License-Identifier: GPL-2.0 */
/* traps.h - exceptions of guest code and of the kernel. */
#ifndef __ASM_USERMODE_TRAPS_H
#define __ASM_USERMODE_TRAPS_H

#include <linux/types.h>
#include <asm/exceptions.h>

struct guest;
struct kernel_trap;
struct pt_regs;

/* context: the task, interrupts on */
void guest_fault(struct pt_regs *regs, struct guest *guest);	/* mm/fault.c */
/* true: the access of kernel code to guest memory may be repeated. Interrupts off */
bool kernel_guest_fault(struct pt_regs *regs, unsigned long addr, unsigned int error);
void guest_exception(struct pt_regs *regs, struct guest *guest);
void kernel_trap(struct pt_regs *regs, struct kernel_trap *trap);

#endif
