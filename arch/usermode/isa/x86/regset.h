/* SPDX-License-Identifier: GPL-2.0 */
/* regset.h - access to one register of a stopped guest thread, and to all. */
#ifndef __ISA_X86_REGSET_H
#define __ISA_X86_REGSET_H

struct task_struct;
struct user_regset_view;

enum {
	REGSET_GENERAL,
	REGSET_FX,
	REGSET_XSTATE,
};

extern const struct user_regset_view guest_regset_view;

/* @offset: in struct user_regs_struct, a multiple of 8 */
unsigned long guest_reg_get(struct task_struct *task, unsigned int offset);
/* 0, or -EIO for a value that guest code may not have there */
int guest_reg_set(struct task_struct *task, unsigned int offset, unsigned long value);

#endif
