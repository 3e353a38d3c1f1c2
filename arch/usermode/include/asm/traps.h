/* SPDX-License-Identifier: GPL-2.0 */
/* traps.h - exceptions of guest code and of the kernel. */
#ifndef __ASM_USERMODE_TRAPS_H
#define __ASM_USERMODE_TRAPS_H

#include <linux/types.h>

struct guest;
struct kernel_trap;
struct pt_regs;

/* x86 exception numbers */
#define TRAP_DE		0
#define TRAP_DB		1
#define TRAP_BP		3
#define TRAP_UD		6
#define TRAP_GP		13
#define TRAP_PF		14
#define TRAP_MF		16
#define TRAP_AC		17
#define TRAP_XF		19

/* x86 page fault error code */
#define FAULT_PROTECTION	0x01
#define FAULT_WRITE		0x02
#define FAULT_USER		0x04
#define FAULT_EXEC		0x10
#define FAULT_KEY		0x20	/* protection key of user code */

/* context: the task, interrupts on */
void guest_fault(struct pt_regs *regs, struct guest *guest);	/* mm/fault.c */
/* true: the access of kernel code to guest memory may be repeated. Interrupts off */
bool kernel_guest_fault(struct pt_regs *regs, unsigned long addr, unsigned int error);
void guest_exception(struct pt_regs *regs, struct guest *guest);
void kernel_trap(struct pt_regs *regs, struct kernel_trap *trap);

#endif
