// SPDX-License-Identifier: GPL-2.0
/*
 * jump_label.c - write static branches into the kernel's text.
 *
 * Context: jump_label_mutex held, or early boot.
 */
#include <linux/jump_label.h>
#include <linux/memory.h>
#include <linux/string.h>
#include <asm/text_patch.h>

static const u8 nop5[JUMP_LABEL_NOP_SIZE] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

void arch_jump_label_transform(struct jump_entry *entry, enum jump_label_type type)
{
	unsigned long at = jump_entry_code(entry);
	u8 insn[JUMP_LABEL_NOP_SIZE];
	s32 distance;

	if (type == JUMP_LABEL_NOP) {
		memcpy(insn, nop5, sizeof(insn));
	} else {
		distance = jump_entry_target(entry) - (at + sizeof(insn));
		insn[0] = 0xe9;
		memcpy(insn + 1, &distance, sizeof(distance));
	}
	text_patch((void *)at, insn, sizeof(insn));
}
