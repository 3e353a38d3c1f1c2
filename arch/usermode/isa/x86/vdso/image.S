/* SPDX-License-Identifier: GPL-2.0 */
/* image.S - the linked vDSO, in whole pages of the kernel's read-only data. */
#include <linux/linkage.h>
#include <asm/page.h>

	.section .rodata, "a", @progbits
	.globl	vdso_start, vdso_end
	.balign	PAGE_SIZE
vdso_start:
	.incbin "arch/usermode/isa/x86/vdso/vdso.so"
	.balign	PAGE_SIZE
vdso_end:

	.section .note.GNU-stack, "", @progbits
