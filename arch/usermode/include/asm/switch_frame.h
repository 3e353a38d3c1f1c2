/* SPDX-License-Identifier: GPL-2.0 */
/*
 * switch_frame.h - what lies on the kernel stack of a task that does not run.
 */
#ifndef __ASM_USERMODE_SWITCH_FRAME_H
#define __ASM_USERMODE_SWITCH_FRAME_H

struct task_struct;

/**
 * struct switch_frame - top of a sleeping task's stack (isa/x86/switch.S)
 * @r15: to @bx: callee-saved registers
 * @bp:	frame pointer; the pair @bp, @ret continues the frame chain
 * @ret: where __switch_to_asm() returns to
 *
 * A new task starts with @ret = ret_from_fork_asm, @bp = 0, @r12 and @r13 the
 * last two arguments of ret_from_fork(), which is called with an aligned stack
 * if the frame's end is a multiple of 16.
 */
struct switch_frame {
	unsigned long r15, r14, r13, r12, bx, bp, ret;
};

void ret_from_fork_asm(void);

/* kernel/process.c: @fn is NULL for a user thread; does not return */
void ret_from_fork(struct task_struct *prev, int (*fn)(void *arg), void *arg);

#endif
