/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stub_image.S - the stub, linked as a program of its own (stub/).
 *
 * A space behind .incbin, not a tab: by that ccache knows that there is more to the
 * object file than its source.
 */

	.section .rodata, "a"
	.globl	stub_image, stub_image_end
	.balign	16
stub_image:
	.incbin STUB_ELF
stub_image_end:

	.section .note.GNU-stack, "", @progbits
