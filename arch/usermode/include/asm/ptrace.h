/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ptrace.h - what generic code asks of a pt_regs.
 *
 * The structure itself is in guest_regs.h, which host/ and platform/ share. It
 * holds either a guest's registers (at the top of its task's kernel stack) or
 * those of interrupted kernel code; cs tells which.
 */
#ifndef __ASM_USERMODE_PTRACE_H
#define __ASM_USERMODE_PTRACE_H

#include <uapi/asm/ptrace.h>

#ifndef __ASSEMBLY__

#include <linux/stddef.h>
#include <asm/guest_regs.h>
#include <asm/segment.h>
#include <asm/thread_info.h>

struct task_struct;

#define arch_has_single_step()	(1)

static __always_inline int user_mode(const struct pt_regs *regs)
{
	return (regs->cs & SEGMENT_RPL_MASK) == USER_RPL;
}

static __always_inline bool user_64bit_mode(const struct pt_regs *regs)
{
	return regs->cs == GUEST_CS;
}

static __always_inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->ip;
}

static __always_inline void instruction_pointer_set(struct pt_regs *regs,
						    unsigned long ip)
{
	regs->ip = ip;
}

static __always_inline unsigned long frame_pointer(const struct pt_regs *regs)
{
	return regs->bp;
}

static __always_inline unsigned long user_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

static __always_inline void user_stack_pointer_set(struct pt_regs *regs, unsigned long sp)
{
	regs->sp = sp;
}

static __always_inline unsigned long kernel_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

static __always_inline unsigned long regs_return_value(const struct pt_regs *regs)
{
	return regs->ax;
}

static __always_inline void regs_set_return_value(struct pt_regs *regs, unsigned long ax)
{
	regs->ax = ax;
}

static __always_inline bool regs_irqs_disabled(const struct pt_regs *regs)
{
	return !(regs->flags & X86_EFLAGS_IF);
}

#define profile_pc(regs)	instruction_pointer(regs)

/*
 * Whatever a hostile source (sigreturn, a debugger) put there, these are
 * values that guest code may run with. The address in ip is not looked at: one
 * that is out of range faults, as on hardware.
 */
static inline void regs_make_guest(struct pt_regs *regs)
{
	regs->cs = GUEST_CS;
	regs->ss = GUEST_SS;
	regs->flags = (regs->flags & GUEST_FLAGS_MASK) | GUEST_FLAGS_FIXED;
}

/* registers by name, for kprobe events and the like (isa/x86/regs.c) */
#define MAX_REG_OFFSET	offsetof(struct pt_regs, ss)

int regs_query_register_offset(const char *name);
const char *regs_query_register_name(unsigned int offset);
unsigned long regs_get_kernel_stack_nth(struct pt_regs *regs, unsigned int n);

/* 0 if @offset does not lie in the structure */
static inline unsigned long regs_get_register(const struct pt_regs *regs,
					      unsigned int offset)
{
	if (offset > MAX_REG_OFFSET || offset % sizeof(long))
		return 0;
	return (&regs->r15)[offset / sizeof(long)];
}

static inline bool regs_within_kernel_stack(const struct pt_regs *regs, unsigned long addr)
{
	return !((addr ^ regs->sp) & ~(THREAD_SIZE - 1));
}

#endif /* __ASSEMBLY__ */
#endif
