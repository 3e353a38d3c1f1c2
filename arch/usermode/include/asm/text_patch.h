/* SPDX-License-Identifier: GPL-2.0 */
/* text_patch.h - changing kernel text while it runs (kernel/text_patch.c). */
#ifndef __ASM_USERMODE_TEXT_PATCH_H
#define __ASM_USERMODE_TEXT_PATCH_H

#include <linux/types.h>

/**
 * text_patch - replace bytes of the kernel's text
 * @at:		address in the image or in a module
 * @insn:	new bytes
 * @len:	how many, at most 16
 *
 * Writes through the writable alias in the linear map, and where a debugger
 * has made the page private to itself, there as well. Context: text_mutex or
 * jump_label_mutex held, or early boot; no other virtual CPU runs the bytes.
 */
void text_patch(void *at, const void *insn, size_t len);

#endif
