/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irq_entry.S - where the host's signal handler sends interrupted kernel code.
 *
 * The handler (divert.c) runs on an alternate stack. It pushes on the
 * interrupted kernel stack, from high to low addresses, the interrupted ip, the
 * interrupted flags and a complete struct pt_regs, points rsp at the latter and
 * ip at one of the two entries below. For the interrupted code it is as if the
 * CPU had taken an interrupt: these are ordinary kernel code on its stack, may
 * be interrupted again once kernel_interrupt() enables interrupts, and may be
 * preempted. The kernel is compiled without a red zone.
 */
/* offsets in struct pt_regs (R15 .. SS, FRAME_SIZE) are those of the guest ABI */
#include <linux/linkage.h>
#include <asm/processor-flags.h>
#include <asm/ptrace-abi.h>
#include <asm/push_regs.h>
#include <asm/segment.h>

/* the two words above the pt_regs */
#define DIVERTED_FLAGS	FRAME_SIZE
#define DIVERTED_IP	(FRAME_SIZE + 8)

.macro DIVERTED_ENTRY name, handler
SYM_CODE_START(\name)
	cld
	movq	%rsp, %rbx
	/* a frame record that leads the unwinder on into the interrupted function */
	pushq	RIP(%rbx)
	pushq	RBP(%rbx)
	movq	%rsp, %rbp
	andq	$-16, %rsp
	movq	%rbx, %rdi
	call	\handler
	movq	%rbx, %rsp
	jmp	diverted_return
SYM_CODE_END(\name)
.endm

/* pt_regs at rsp; the handler may have changed any of them but sp */
SYM_CODE_START_LOCAL(diverted_return)
	movq	EFLAGS(%rsp), %rax
	movq	%rax, DIVERTED_FLAGS(%rsp)
	movq	RIP(%rsp), %rax
	movq	%rax, DIVERTED_IP(%rsp)
	POP_GENERAL
	leaq	(DIVERTED_FLAGS - ORIG_RAX)(%rsp), %rsp
	popfq
	ret
SYM_CODE_END(diverted_return)

DIVERTED_ENTRY interrupt_entry, kernel_interrupt
DIVERTED_ENTRY exception_entry, kernel_exception

/*
 * void irq_replay(void): interrupts were just enabled and some are pending.
 * kernel_interrupt() gets registers that say "interrupted behind the call".
 */
SYM_FUNC_START(irq_replay)
	pushq	%rbp
	movq	%rsp, %rbp
	pushfq
	orq	$X86_EFLAGS_IF, (%rsp)
	popq	%rax
	subq	$FRAME_SIZE, %rsp
	movq	%rax, EFLAGS(%rsp)
	movq	%r15, R15(%rsp)
	movq	%r14, R14(%rsp)
	movq	%r13, R13(%rsp)
	movq	%r12, R12(%rsp)
	movq	%rbx, RBX(%rsp)
	movq	(%rbp), %rax
	movq	%rax, RBP(%rsp)
	movq	8(%rbp), %rax
	movq	%rax, RIP(%rsp)
	leaq	16(%rbp), %rax
	movq	%rax, RSP(%rsp)
	movq	$__KERNEL_CS, CS(%rsp)
	movq	$__KERNEL_DS, SS(%rsp)
	movq	$-1, ORIG_RAX(%rsp)
	/* registers that a call does not preserve have no value worth reporting */
	xorl	%eax, %eax
	movq	%rax, RAX(%rsp)
	movq	%rax, RCX(%rsp)
	movq	%rax, RDX(%rsp)
	movq	%rax, RSI(%rsp)
	movq	%rax, RDI(%rsp)
	movq	%rax, R8(%rsp)
	movq	%rax, R9(%rsp)
	movq	%rax, R10(%rsp)
	movq	%rax, R11(%rsp)
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	kernel_interrupt
	leave
	ret
SYM_FUNC_END(irq_replay)

	.section .note.GNU-stack, "", @progbits
