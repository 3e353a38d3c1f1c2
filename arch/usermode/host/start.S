/* SPDX-License-Identifier: GPL-2.0 */
/*
 * start.S - where the host's exec enters the program.
 *
 * rsp points to argc, argv, envp and the auxiliary vector.
 */
#include <linux/linkage.h>

	.section .head.text, "ax"
SYM_CODE_START(_start)
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	usermode_main
	ud2
SYM_CODE_END(_start)

	.section .note.GNU-stack, "", @progbits
