/* SPDX-License-Identifier: GPL-2.0 */
/*
 * process_switch.S - from one host process to another, on the same stack.
 *
 * The stack is in memory that all of them share: from the moment in which the
 * next may go on, it belongs to that one. So the one that parks itself touches
 * no stack any more; a signal finds it on its alternate stack. Offsets are those
 * of struct host_process.
 */
#include <linux/linkage.h>
#include <asm/push_regs.h>

#define GO	0
#define SP	8

#define NR_FUTEX	202
#define FUTEX_WAIT	0
#define FUTEX_WAKE	1

/* void host_process_switch(struct host_process *from, struct host_process *to) */
SYM_FUNC_START(host_process_switch)
	PUSH_PRESERVED
	movq	%rdi, %rbx
	movq	%rsp, SP(%rsi)
	movl	$1, GO(%rsi)

	movl	$NR_FUTEX, %eax
	leaq	GO(%rsi), %rdi
	movl	$FUTEX_WAKE, %esi
	movl	$1, %edx
	syscall
	jmp	park
SYM_FUNC_END(host_process_switch)

/* void host_process_park(struct host_process *self): where a new one begins */
SYM_CODE_START(host_process_park)
	movq	%rdi, %rbx
park:
	xorl	%eax, %eax
	xchgl	%eax, GO(%rbx)
	testl	%eax, %eax
	jnz	1f
	movl	$NR_FUTEX, %eax
	leaq	GO(%rbx), %rdi
	movl	$FUTEX_WAIT, %esi
	xorl	%edx, %edx
	xorl	%r10d, %r10d
	syscall
	jmp	park
1:	movq	SP(%rbx), %rsp
	POP_PRESERVED
	ret
SYM_CODE_END(host_process_park)

	.section .note.GNU-stack, "", @progbits
