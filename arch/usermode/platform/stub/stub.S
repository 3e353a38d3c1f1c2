/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stub.S - the code of a guest's host process that is not the guest's.
 *
 * It has no data but what the kernel lets it read. Guest code can jump to any
 * byte of it, with any registers: nothing here may do for it what it could not
 * do by itself.
 *
 * Trap ptrace uses the first half, on no stack. Registers on the way out of a
 * list: rbx is the call that failed, rax what it returned.
 *
 * Trap seccomp uses the second half. Every system call here blocks until the
 * kernel has answered or approved it (seccomp_process.c). Until the answer to a
 * report comes, rsp stays below the signal's frame: a second signal's frame must
 * not destroy it. Afterwards rsp is in struct stub_load. What the answer is does
 * not matter.
 */
#include <asm/push_regs.h>
#include "stub.h"

#define NR_MMAP		9
#define NR_PAUSE	34
#define PROT_READ	1
#define MAP_FLAGS	0x8011		/* SHARED, FIXED, POPULATE */

	.section .text, "ax"
	.code64

	.macro	load_args
	movq	STUB_CALL_ARGS + 0(%rbx), %rdi
	movq	STUB_CALL_ARGS + 8(%rbx), %rsi
	movq	STUB_CALL_ARGS + 16(%rbx), %rdx
	movq	STUB_CALL_ARGS + 24(%rbx), %r10
	movq	STUB_CALL_ARGS + 32(%rbx), %r8
	movq	STUB_CALL_ARGS + 40(%rbx), %r9
	.endm

	/* the image begins with its ELF header; see stub.lds */
	.globl	stub_entry
stub_entry:
	movl	$NR_PAUSE, %eax
	syscall
	testq	%rax, %rax		/* an answer, or -EINTR */
	js	stub_entry
	jmp	hello

	/* ---- trap ptrace ---- */

	.org	STUB_CALL - STUB_ENTRY, 0xcc
	syscall
	int3

	.org	STUB_RUN - STUB_ENTRY, 0xcc
	movabsq	$STUB_PAGE, %rbx
next:
	movq	STUB_CALL_NR(%rbx), %rax
	cmpq	$STUB_CALL_END, %rax
	je	end
	load_args
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

	/* ---- trap seccomp ---- */

	.org	STUB_HELLO - STUB_ENTRY, 0xcc
hello:					/* rax: where our pages are in the kernel's memory */
	movq	%rax, %r9
	movl	$STUB_CALL_LENGTH, %eax
	syscall
	movq	%rax, %rsi
	movabsq	$STUB_PAGE, %rdi
	movl	$PROT_READ, %edx
	movl	$MAP_FLAGS, %r10d
	xorl	%r8d, %r8d
	movl	$NR_MMAP, %eax
	syscall
	movl	$STUB_CALL_IDLE, %eax
	jmp	report

	.org	STUB_HANDLER - STUB_ENTRY, 0xcc
	rdfsbase %r10
	rdgsbase %r8
	movl	$STUB_CALL_REPORT, %eax
	jmp	report

	.org	STUB_REPORT - STUB_ENTRY, 0xcc
report:
	syscall
	movabsq	$STUB_LOAD, %rsp
	movq	STUB_LOAD_CALLS(%rsp), %rbx
1:	movq	STUB_CALL_NR(%rbx), %rax
	cmpq	$STUB_CALL_END, %rax
	je	4f
	load_args
	jmp	2f
	.org	STUB_LIST - STUB_ENTRY, 0xcc
2:	syscall
	movq	STUB_CALL_WANT(%rbx), %rcx
	cmpq	%rcx, %rax
	je	3f
	cmpq	$STUB_ANY, %rcx
	jne	6f
3:	addq	$STUB_CALL_SIZE, %rbx
	jmp	1b
4:	cmpq	$0, STUB_LOAD_GO(%rsp)
	jne	5f
	movl	$STUB_CALL_IDLE, %eax
	jmp	report

6:	movq	%rax, %rdi
	movl	$STUB_CALL_FAILED, %eax
	jmp	report

	/* no trap flag, no alignment checks, and no nested task, which iretq would refuse */
	.org	STUB_LOADING - STUB_ENTRY, 0xcc
5:	popfq
	movl	STUB_LOAD_FEATURES - 8(%rsp), %eax
	movl	STUB_LOAD_FEATURES - 4(%rsp), %edx
	xrstor64 STUB_LOAD_FP - 8(%rsp)
	movq	STUB_LOAD_FS - 8(%rsp), %rcx
	wrfsbase %rcx
	movq	STUB_LOAD_GS - 8(%rsp), %rcx
	wrgsbase %rcx
	addq	$STUB_LOAD_REGS - 8, %rsp
	POP_GENERAL
	addq	$8, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
