/* SPDX-License-Identifier: GPL-2.0 */
/*
 * asm.h - fragments for inline assembly: operand sizes, the exception table.
 */
#ifndef __ASM_USERMODE_ASM_H
#define __ASM_USERMODE_ASM_H

/* for the headers shared with x86: operand size, condition codes as outputs */
#define __ASM_SIZE(inst, ...)	" " #inst "q" #__VA_ARGS__ " "
#define CC_SET(c)		"/* " #c " */"
#define CC_OUT(c)		"=@cc" #c

/* a fault at label @from continues at label @to, two strings */
#define EXTABLE_ENTRY(from, to)			\
	" .pushsection \"__ex_table\", \"a\"\n"	\
	" .balign 4\n"				\
	" .long (" from ") - .\n"		\
	" .long (" to ") - .\n"			\
	" .long 0\n"				\
	" .popsection\n"

#endif
