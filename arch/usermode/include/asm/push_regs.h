/* SPDX-License-Identifier: GPL-2.0 */
/*
 * push_regs.h - for assembly: groups of registers on a stack.
 */
#ifndef __ASM_USERMODE_PUSH_REGS_H
#define __ASM_USERMODE_PUSH_REGS_H

#ifdef __ASSEMBLY__

/* what a C function preserves; struct switch_frame */
.macro PUSH_PRESERVED
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
.endm

.macro POP_PRESERVED
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
.endm

/* rsp at a struct pt_regs; behind it at its orig_ax, with all general registers loaded */
.macro POP_GENERAL
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
.endm

#endif /* __ASSEMBLY__ */
#endif
