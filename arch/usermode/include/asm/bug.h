/* SPDX-License-Identifier: GPL-2.0 */
/* BUG and WARN are an invalid opcode and an entry of the bug table. */
#ifndef __ASM_USERMODE_BUG_H
#define __ASM_USERMODE_BUG_H

#include <linux/stringify.h>

#ifdef CONFIG_GENERIC_BUG

#define HAVE_ARCH_BUG

#ifdef CONFIG_DEBUG_BUGVERBOSE
#define __BUG_LOCATION	"\t.long %c0 - .\n\t.word %c1\n"
#else
#define __BUG_LOCATION
#endif

/* matches struct bug_entry with GENERIC_BUG_RELATIVE_POINTERS */
#define __UD2_ENTRY(flags_) ({						\
	asm volatile("1:\t.byte 0x0f, 0x0b\n"				\
		     "\t.pushsection __bug_table, \"aw\"\n"		\
		     "\t.balign 4\n"					\
		     "2:\t.long 1b - .\n"				\
		     __BUG_LOCATION					\
		     "\t.word %c2\n"					\
		     "\t.org 2b + %c3\n"				\
		     "\t.popsection\n"					\
		     : : "i" (__FILE__), "i" (__LINE__), "i" (flags_),	\
			 "i" (sizeof(struct bug_entry)));		\
})

#define BUG()								\
do {									\
	__UD2_ENTRY(0);							\
	unreachable();							\
} while (0)

#define __WARN_FLAGS(flags)	__UD2_ENTRY(BUGFLAG_WARNING | (flags))

#endif

#include <asm-generic/bug.h>

struct pt_regs;
void die(const char *what, struct pt_regs *regs, long err);

#endif
