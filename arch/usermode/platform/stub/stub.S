/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stub.S - the code of a guest's host process that is not the guest's.
 *
 * It runs on no stack, and has no data but the list that it is told to run.
 * Registers on the way out of a list: rbx is the call that failed, rax what it
 * returned.
 */
#include "stub.h"

#define NR_PAUSE	34

	.section .text, "ax"
	.code64

	/* the image begins with its ELF header; see stub.lds */
	.globl	stub_entry
stub_entry:
	movl	$NR_PAUSE, %eax
	syscall
	jmp	stub_entry

	.org	STUB_CALL - STUB_ENTRY, 0xcc
	syscall
	int3

	.org	STUB_RUN - STUB_ENTRY, 0xcc
	movabsq	$STUB_PAGE, %rbx
next:
	movq	STUB_CALL_NR(%rbx), %rax
	cmpq	$STUB_CALL_END, %rax
	je	end
	movq	STUB_CALL_ARGS + 0(%rbx), %rdi
	movq	STUB_CALL_ARGS + 8(%rbx), %rsi
	movq	STUB_CALL_ARGS + 16(%rbx), %rdx
	movq	STUB_CALL_ARGS + 24(%rbx), %r10
	movq	STUB_CALL_ARGS + 32(%rbx), %r8
	movq	STUB_CALL_ARGS + 40(%rbx), %r9
	syscall
	movq	STUB_CALL_WANT(%rbx), %rcx
	cmpq	%rcx, %rax
	je	1f
	cmpq	$STUB_ANY, %rcx
	jne	failed
1:	addq	$STUB_CALL_SIZE, %rbx
	jmp	next
	.org	STUB_DONE - STUB_ENTRY - 3, 0xcc
end:
	syscall			/* a filter stops us here, where there is one */
	int3			/* or else this does, at STUB_DONE */

	.org	STUB_FAILED - STUB_ENTRY, 0xcc
failed:
	ud2

	.section .note.GNU-stack, "", @progbits
