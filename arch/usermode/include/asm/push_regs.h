/* SPDX-License-Identifier: GPL-2.0 */
/*
 * push_regs.h - for assembly: groups of registers on a stack.
 */
#ifndef __ASM_USERMODE_PUSH_REGS_H
#define __ASM_USERMODE_PUSH_REGS_H

#ifdef __ASSEMBLY__

/* what a C function preserves; struct switch_frame */
.macro PUSH_PRESERVED
	.irp	reg, rbp, rbx, r12, r13, r14, r15
	pushq	%\reg
	.endr
.endm

.macro POP_PRESERVED
	.irp	reg, r15, r14, r13, r12, rbx, rbp
	popq	%\reg
	.endr
.endm

/* rsp at a struct pt_regs; behind it at its orig_ax, with all general registers loaded */
.macro POP_GENERAL
	.irp	reg, r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi
	popq	%\reg
	.endr
.endm

#endif /* __ASSEMBLY__ */
#endif
