/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest.S - guest programs. They are copied to TEXT_VA, so they know no address
 * of their own; DATA_VA is in rbx where they need it.
 */
	.section .rodata
	.balign	4096
	.globl	guest_start, guest_end
guest_start:

	.macro	program name
	.balign	16, 0xcc
	.globl	\name
\name:
	.endm

program g_syscall
	syscall
	jmp	g_syscall

program g_int80
	int	$0x80
	ud2

program g_sysenter
	sysenter
	ud2

program g_code32			/* a far jump to 32-bit code, which calls */
	pushq	$0x23
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
	.globl	g_code32_call
1:
g_code32_call:
	int	$0x80
	ud2

program g_ud2
	ud2
program g_hlt
	hlt
program g_int3
	int3
	.globl	g_int3_after
g_int3_after:
	nop
program g_icebp
	.byte	0xf1
	.globl	g_icebp_after
g_icebp_after:
	nop
program g_div0
	xorl	%ecx, %ecx
	movl	$1, %eax
	cltd
	.globl	g_div0_insn
g_div0_insn:
	idivl	%ecx
program g_x87
	fninit
	pushq	$0x37b			/* unmask division by zero */
	fldcw	(%rsp)
	fld1
	fldz
	fdivrp
	fwait
	ud2
program g_sse
	pushq	$0x1d80
	ldmxcsr	(%rsp)
	xorps	%xmm1, %xmm1
	movl	$1, %eax
	cvtsi2ss %eax, %xmm0
	divss	%xmm1, %xmm0
	ud2
program g_noncanonical
	movabsq	$0x8000000000000000, %rax
	movq	(%rax), %rax
program g_align
	pushfq
	orl	$0x40000, (%rsp)	/* AC */
	popfq
	movl	1(%rsp), %eax
	ud2
program g_popf_tf
	pushfq
	orl	$0x100, (%rsp)
	popfq
	nop
	.globl	g_popf_tf_after
g_popf_tf_after:
	nop
	hlt

program g_load
	movq	(%rbx), %rax
	.globl	g_load_after
g_load_after:
	syscall
program g_store
	movq	%rax, (%rbx)
	syscall
program g_push
	movq	%rbx, %rsp
	pushq	%rax
	syscall
program g_jump
	jmp	*%rbx

program g_count				/* never calls; all registers say the same */
	xorl	%eax, %eax
1:	incq	%rax
	movq	%rax, %rcx
	movq	%rax, %rdx
	movq	%rax, %rsi
	movq	%rax, %r8
	movq	%rax, %r15
	cmpq	%rax, %rcx
	jne	2f
	cmpq	%r8, %rdx
	jne	2f
	cmpq	%r15, %rsi
	jne	2f
	jmp	1b
2:	ud2

program g_touch				/* rbx: first page, rcx: pages; then a call */
	movq	%rcx, (%rbx)
	addq	$4096, %rbx
	decq	%rcx
	jnz	g_touch
	syscall

/*
 * Vector registers keep a value of the thread's own (r14) over everything: each
 * round touches a page at rbx, compares, calls.
 */
program g_fp
	movq	%r14, %xmm0
	movq	%r14, %xmm15
	pushq	%r14
	fildll	(%rsp)
	popq	%rax
1:	movq	(%rbx), %rax
	movq	%xmm0, %rax
	cmpq	%r14, %rax
	jne	9f
	movq	%xmm15, %rax
	cmpq	%r14, %rax
	jne	9f
	pushq	$0
	fistpll	(%rsp)
	popq	%rax
	cmpq	%r14, %rax
	jne	9f
	pushq	%r14
	fildll	(%rsp)
	popq	%rax
	movl	$1000, %eax
	syscall
	jmp	1b
9:	ud2

program g_avx512
	vpbroadcastq %r14, %zmm31
	kmovq	%r14, %k3
	vpbroadcastq %r14, %zmm7
1:	movq	(%rbx), %rax
	vpbroadcastq %r14, %zmm1
	vpcmpeqq %zmm31, %zmm1, %k1
	kmovw	%k1, %eax
	cmpl	$0xff, %eax
	jne	9f
	vpcmpeqq %zmm7, %zmm1, %k1
	kmovw	%k1, %eax
	cmpl	$0xff, %eax
	jne	9f
	kmovq	%k3, %rax
	cmpq	%r14, %rax
	jne	9f
	movl	$1000, %eax
	syscall
	jmp	1b
9:	ud2

program g_steps				/* for single steps: over a call and a fault */
	nop
	.globl	g_steps_call
g_steps_call:
	syscall
	.globl	g_steps_load
g_steps_load:
	movq	(%rbx), %rax
	pushfq
	popq	%rcx
	.globl	g_steps_end
g_steps_end:
	nop

program g_vsyscall
	movq	$0xffffffffff600000, %rax
	movq	%rbx, %rdi
	xorl	%esi, %esi
	call	*%rax
	.globl	g_vsyscall_after
g_vsyscall_after:
	ud2

	.balign	4096
guest_end:
	.section .note.GNU-stack, "", @progbits
