/* SPDX-License-Identifier: GPL-2.0 */
/*
 * extable.h - the exception table's entries (asm/asm.h makes them).
 *
 * Each number is relative to its own address. The word behind the two is what
 * the kernel's sorting tool expects in executables for x86-64.
 */
#ifndef __ASM_USERMODE_EXTABLE_H
#define __ASM_USERMODE_EXTABLE_H

#define ARCH_HAS_RELATIVE_EXTABLE

struct exception_table_entry {
	int insn;
	int fixup;
	int unused;
};

struct pt_regs;

/* continue where the table says; 0: it says nothing about this instruction */
int fixup_exception(struct pt_regs *regs);

#endif
