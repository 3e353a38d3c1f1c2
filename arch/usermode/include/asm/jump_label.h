/* SPDX-License-Identifier: GPL-2.0 */
/*
 * jump_label.h - static branches: a 5-byte nop or a 5-byte jump.
 *
 * kernel/jump_label.c writes them through the writable alias of the text.
 */
#ifndef __ASM_USERMODE_JUMP_LABEL_H
#define __ASM_USERMODE_JUMP_LABEL_H

#ifndef __ASSEMBLY__

#include <linux/types.h>
#include <linux/stringify.h>

#define JUMP_LABEL_NOP_SIZE	5

#define JUMP_TABLE_ENTRY			\
	".pushsection __jump_table, \"aw\"\n"	\
	".balign 8\n"				\
	".long 1b - .\n"			\
	".long %l[l_yes] - .\n"			\
	".quad %c0 + %c1 - .\n"			\
	".popsection\n"

static __always_inline bool arch_static_branch(struct static_key * const key,
					       const bool branch)
{
	asm goto("1: .byte 0x0f,0x1f,0x44,0x00,0x00\n"
		 JUMP_TABLE_ENTRY
		 : : "i" (key), "i" (branch) : : l_yes);
	return false;
l_yes:
	return true;
}

static __always_inline bool arch_static_branch_jump(struct static_key * const key,
						    const bool branch)
{
	asm goto("1: .byte 0xe9\n"
		 ".long %l[l_yes] - (. + 4)\n"
		 JUMP_TABLE_ENTRY
		 : : "i" (key), "i" (branch) : : l_yes);
	return false;
l_yes:
	return true;
}

#endif
#endif
