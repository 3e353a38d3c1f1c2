/* SPDX-License-Identifier: GPL-2.0 */
/*
 * switch.S - from one kernel stack to another.
 *
 * Context: interrupts off, runqueue lock held. Only what the C calling
 * convention preserves is saved; the layout is struct switch_frame.
 */
#include <linux/linkage.h>
#include <asm/push_regs.h>

/*
 * struct task_struct *__switch_to_asm(prev, next, unsigned long *save_sp,
 *				       unsigned long new_sp)
 */
SYM_FUNC_START(__switch_to_asm)
	PUSH_PRESERVED
	movq	%rsp, (%rdx)
	movq	%rcx, %rsp
	POP_PRESERVED
	movq	%rdi, %rax
	ret
SYM_FUNC_END(__switch_to_asm)

/* a new task's first instruction: prev in rax, ret_from_fork()'s rest in r12, r13 */
SYM_CODE_START(ret_from_fork_asm)
	xorl	%ebp, %ebp
	andq	$-16, %rsp
	movq	%rax, %rdi
	movq	%r12, %rsi
	movq	%r13, %rdx
	call	ret_from_fork
	ud2
SYM_CODE_END(ret_from_fork_asm)

	.section .note.GNU-stack, "", @progbits
