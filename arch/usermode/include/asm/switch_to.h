/* SPDX-License-Identifier: GPL-2.0 */
/* Switching kernel stacks; the guest's own state stays with the platform. */
#ifndef __ASM_USERMODE_SWITCH_TO_H
#define __ASM_USERMODE_SWITCH_TO_H

struct task_struct;

/* isa/x86/switch.S: saves callee-saved registers and rsp; returns prev in next's context */
struct task_struct *__switch_to_asm(struct task_struct *prev, struct task_struct *next,
				    unsigned long *save_sp, unsigned long new_sp);
struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next);

#define switch_to(prev, next, last) ((last) = __switch_to((prev), (next)))

#endif
