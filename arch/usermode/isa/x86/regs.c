// SPDX-License-Identifier: GPL-2.0
/*
 * regs.c - registers of a pt_regs by name and by offset, and interrupted
 * kernel stacks: what kprobe events and similar tracers use.
 */
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/* in the order of struct pt_regs */
static const char * const reg_names[] = {
	"r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8",
	"ax", "cx", "dx", "si", "di", "orig_ax", "ip", "cs", "flags", "sp", "ss",
};

static_assert(ARRAY_SIZE(reg_names) * sizeof(long) == sizeof(struct pt_regs));

int regs_query_register_offset(const char *name)
{
	int i = match_string(reg_names, ARRAY_SIZE(reg_names), name);

	return i < 0 ? -EINVAL : i * (int)sizeof(long);
}

const char *regs_query_register_name(unsigned int offset)
{
	if (offset > MAX_REG_OFFSET || offset % sizeof(long))
		return NULL;
	return reg_names[offset / sizeof(long)];
}

/* the @n-th word above the interrupted stack pointer, 0 if it is elsewhere */
unsigned long regs_get_kernel_stack_nth(struct pt_regs *regs, unsigned int n)
{
	unsigned long *word = (unsigned long *)kernel_stack_pointer(regs) + n;
	unsigned long value;

	if (!regs_within_kernel_stack(regs, (unsigned long)word) ||
	    get_kernel_nofault(value, word))
		return 0;
	return value;
}
