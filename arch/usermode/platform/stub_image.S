/* SPDX-License-Identifier: GPL-2.0 */
/* stub_image.S - the stub, linked as a program of its own (stub/) */

	.section .rodata, "a"
	.globl	stub_image, stub_image_end
	.balign	16
stub_image:
	.incbin	STUB_ELF
stub_image_end:

	.section .note.GNU-stack, "", @progbits
