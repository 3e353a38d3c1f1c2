/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tt_entry.S - from the kernel to guest code in the same host process, and back.
 *
 * Context: a virtual CPU's host thread, interrupts off. The selector says that
 * guest code runs as soon as a signal is to be taken for guest code's: a handler
 * that finds it set and the instruction pointer between tt_exit_begin and
 * tt_exit_end need not save registers, for those in memory are still the truth.
 * No stack is needed on the way out: pt_regs itself is popped.
 */
#include <linux/linkage.h>
#include <asm/push_regs.h>
#include <asm/ptrace-abi.h>
#include "tt.h"

#define SELECTOR	(AREA_START + AREA_SELECTOR)
#define KERNEL_SP	(AREA_START + AREA_KERNEL_SP)
#define NEXT_IP		(AREA_START + AREA_IP)
#define ATTENTION	(AREA_START + AREA_ATTENTION)

#define BLOCK		1
#define ALLOW		0
#define EXIT_INTERRUPT	3	/* enum guest_exit */

/* int tt_enter(struct guest_regs *regs, bool odd) */
SYM_FUNC_START(tt_enter)
	PUSH_PRESERVED
	movq	%rsp, KERNEL_SP
	movq	RIP(%rdi), %rax
	movq	%rax, NEXT_IP
	movq	ATTENTION, %rax
	movzbl	%sil, %esi
SYM_INNER_LABEL(tt_exit_begin, SYM_L_GLOBAL)
	movb	$BLOCK, SELECTOR
	cmpl	$0, (%rax)
	jne	pending
	movq	%rdi, %rsp
	testl	%esi, %esi
	jnz	1f
	POP_GENERAL
	leaq	(EFLAGS - ORIG_RAX)(%rsp), %rsp
	popfq
	movq	(%rsp), %rsp
	jmpq	*NEXT_IP
1:	POP_GENERAL
	leaq	(RIP - ORIG_RAX)(%rsp), %rsp
	iretq
SYM_INNER_LABEL(tt_exit_end, SYM_L_GLOBAL)

pending:
	movb	$ALLOW, SELECTOR
	movl	$EXIT_INTERRUPT, %eax
SYM_INNER_LABEL(tt_resume, SYM_L_GLOBAL)
	movq	KERNEL_SP, %rsp
	POP_PRESERVED
	ret
SYM_FUNC_END(tt_enter)

/* void tt_leave(enum guest_exit why) */
SYM_CODE_START(tt_leave)
	movl	%edi, %eax
	jmp	tt_resume
SYM_CODE_END(tt_leave)

	.section .note.GNU-stack, "", @progbits
