/* SPDX-License-Identifier: GPL-2.0 */
/*
 * string.S - memcpy, memmove, memset.
 *
 * Up to 32 bytes by two overlapping pairs of words, beyond by the string
 * instructions, which every host of the last ten years has fast (ERMS).
 */
#include <linux/export.h>
#include <linux/linkage.h>

	.text

/* rdi to, rsi from, rdx length; returns to */
SYM_FUNC_START(__memcpy)
	movq	%rdi, %rax
	cmpq	$32, %rdx
	ja	.Lcpy_string
.Lcpy_short:
	cmpl	$16, %edx
	jae	.Lcpy_16
	cmpl	$8, %edx
	jae	.Lcpy_8
	cmpl	$4, %edx
	jae	.Lcpy_4
	testl	%edx, %edx
	jz	.Lcpy_0
	movzbl	(%rsi), %ecx
	movzbl	-1(%rsi,%rdx), %r8d
	cmpl	$2, %edx
	jbe	.Lcpy_2
	movzbl	1(%rsi), %r9d
	movb	%r9b, 1(%rdi)
.Lcpy_2:
	movb	%cl, (%rdi)
	movb	%r8b, -1(%rdi,%rdx)
.Lcpy_0:
	ret
.Lcpy_4:
	movl	(%rsi), %ecx
	movl	-4(%rsi,%rdx), %r8d
	movl	%ecx, (%rdi)
	movl	%r8d, -4(%rdi,%rdx)
	ret
.Lcpy_8:
	movq	(%rsi), %rcx
	movq	-8(%rsi,%rdx), %r8
	movq	%rcx, (%rdi)
	movq	%r8, -8(%rdi,%rdx)
	ret
	/* all loads before the first store: right for overlapping memory as well */
.Lcpy_16:
	movq	(%rsi), %rcx
	movq	8(%rsi), %r8
	movq	-16(%rsi,%rdx), %r9
	movq	-8(%rsi,%rdx), %r10
	movq	%rcx, (%rdi)
	movq	%r8, 8(%rdi)
	movq	%r9, -16(%rdi,%rdx)
	movq	%r10, -8(%rdi,%rdx)
	ret
.Lcpy_string:
	movq	%rdx, %rcx
	rep movsb
	ret
SYM_FUNC_END(__memcpy)
EXPORT_SYMBOL(__memcpy)
SYM_FUNC_ALIAS_WEAK(memcpy, __memcpy)
EXPORT_SYMBOL(memcpy)

SYM_FUNC_START(__memmove)
	movq	%rdi, %rax
	cmpq	$32, %rdx
	jbe	.Lcpy_short
	movq	%rdi, %rcx
	subq	%rsi, %rcx
	cmpq	%rdx, %rcx		/* unsigned: to - from >= length is safe forward */
	jae	.Lcpy_string
	/* backward, eight bytes at a time, then the head that is left */
	leaq	(%rsi,%rdx), %r8
	leaq	(%rdi,%rdx), %r9
1:	movq	-8(%r8), %rcx
	movq	%rcx, -8(%r9)
	subq	$8, %r8
	subq	$8, %r9
	subq	$8, %rdx
	cmpq	$8, %rdx
	jae	1b
	jmp	.Lcpy_short
SYM_FUNC_END(__memmove)
EXPORT_SYMBOL(__memmove)
SYM_FUNC_ALIAS_WEAK(memmove, __memmove)
EXPORT_SYMBOL(memmove)

/* rdi to, esi byte, rdx length; returns to */
SYM_FUNC_START(__memset)
	movq	%rdi, %r8
	movl	%esi, %eax
	movq	%rdx, %rcx
	rep stosb
	movq	%r8, %rax
	ret
SYM_FUNC_END(__memset)
EXPORT_SYMBOL(__memset)
SYM_FUNC_ALIAS_WEAK(memset, __memset)
EXPORT_SYMBOL(memset)

	.section .note.GNU-stack, "", @progbits
