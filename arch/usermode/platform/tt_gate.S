/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tt_gate.S - where guest code comes in by a jump instead of a system call.
 *
 * Of the guest's registers rcx and r11 are free, as behind any system call. There
 * are two kinds of sites, and two stubs for each number: one loads eax as the site
 * did, the other r9. No flag is changed before the registers are saved; nothing is
 * written to the guest's stack, so its red zone stays.
 *
 * A signal of the host's before the selector is set finds an instruction pointer
 * in here while guest code is said to run: an interrupt waits, an exception (a
 * single step, a fault of the load) is one of the site (trap_dispatch.c).
 * Afterwards it finds the kernel with interrupts off. Offsets are those of struct
 * guest_regs.
 */
#include <linux/linkage.h>
#include <asm/ptrace-abi.h>
#include <asm/guest_regs.h>
#include "tt.h"
#include "tt_sites.h"

#define SELECTOR	(AREA_START + AREA_SELECTOR)
#define KERNEL_SP	(AREA_START + AREA_KERNEL_SP)
#define REGS		(AREA_START + AREA_REGS)
#define SLOTS		(AREA_START + AREA_SLOTS)
#define GUEST_SP	(AREA_START + AREA_GUEST_SP)

#define FS_BASE		168
#define GS_BASE		176
#define DS		184
#define ES		192
#define FS		200
#define GS		208

/* TF, DF, NT, AC: no kernel code runs with these */
#define FLAGS_ODD	0x44500

	.balign TT_STUB_BYTES
SYM_CODE_START(tt_stubs)
	.set	site, 0
	.rept	SITES
	.balign	TT_STUB_BYTES
	movl	$site, %ecx
	jmp	gate_number
	.set	site, site + 1
	.endr
	.set	site, 0
	.rept	SITES
	.balign	TT_STUB_BYTES
	movq	8(%rsp), %r9
	movl	$site, %ecx
	jmp	gate
	.set	site, site + 1
	.endr
	.balign	TT_STUB_BYTES
SYM_INNER_LABEL(tt_stubs_end, SYM_L_GLOBAL)

	.balign 64
gate_number:
	movl	tt_site(,%rcx,8), %eax
gate:
	movb	$0, SELECTOR		/* HOST_DISPATCH_ALLOW */
	movq	%rsp, GUEST_SP
	movq	KERNEL_SP, %rsp
	pushfq
	popq	%r11
	pushq	%rdi
	movq	REGS, %rdi
	movq	%r15, R15(%rdi)
	movq	%r14, R14(%rdi)
	movq	%r13, R13(%rdi)
	movq	%r12, R12(%rdi)
	movq	%rbp, RBP(%rdi)
	movq	%rbx, RBX(%rdi)
	movq	%r11, R11(%rdi)
	movq	%r10, R10(%rdi)
	movq	%r9, R9(%rdi)
	movq	%r8, R8(%rdi)
	movq	%rdx, RDX(%rdi)
	movq	%rsi, RSI(%rdi)
	popq	RDI(%rdi)
	movq	%rax, RAX(%rdi)
	movq	%rax, ORIG_RAX(%rdi)
	movq	GUEST_SP, %rax
	movq	%rax, RSP(%rdi)
	movq	%r11, EFLAGS(%rdi)
	movq	$GUEST_CS, CS(%rdi)
	movq	$GUEST_SS, SS(%rdi)

	movl	tt_site + TT_SITE_END / 8(,%rcx,8), %edx
	movzwl	%dx, %esi
	shrl	$(TT_SITE_SLOT - TT_SITE_END), %edx
	movq	SLOTS, %rax
	addq	(%rax,%rdx,8), %rsi
	movq	%rsi, RIP(%rdi)
	movq	%rsi, RCX(%rdi)

	rdfsbase %rax
	movq	%rax, FS_BASE(%rdi)
	rdgsbase %rax
	movq	%rax, GS_BASE(%rdi)
	movl	%ds, %eax
	movq	%rax, DS(%rdi)
	movl	%es, %eax
	movq	%rax, ES(%rdi)
	movl	%fs, %eax
	movq	%rax, FS(%rdi)
	movl	%gs, %eax
	movq	%rax, GS(%rdi)

	movl	$TT_BY_GATE, %eax
	testl	$FLAGS_ODD, %r11d
	jz	tt_resume
	pushq	$2
	popfq
	jmp	tt_resume
SYM_INNER_LABEL(tt_gate_end, SYM_L_GLOBAL)
SYM_CODE_END(tt_stubs)

	.section .note.GNU-stack, "", @progbits
