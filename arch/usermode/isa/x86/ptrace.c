// SPDX-License-Identifier: GPL-2.0
/*
 * ptrace.c - the requests of ptrace(2) that are x86-64's own.
 *
 * Context: process; the child is stopped and stays so (ptrace_freeze_traced).
 */
#include <linux/nospec.h>
#include <linux/ptrace.h>
#include <linux/regset.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <linux/user.h>
#include <asm/processor.h>
#include <asm/syscalls.h>
#include "regset.h"

#define NR_DEBUG_REGS	8
#define DR6_IDLE	0xffff0ff0UL	/* nothing hit: the bits that always read 1 */
#define DR7_ENABLES	0xffUL

/*
 * A step ends in EXIT_SIGNAL with SIGTRAP; a system call that is stepped over
 * is reported by the generic exit code instead. The guest's own trap flag is
 * left alone.
 */
void user_enable_single_step(struct task_struct *child)
{
	child->thread.guest.single_step = true;
	set_task_syscall_work(child, SYSCALL_EXIT_TRAP);
}

void user_disable_single_step(struct task_struct *child)
{
	child->thread.guest.single_step = false;
	clear_task_syscall_work(child, SYSCALL_EXIT_TRAP);
}

void ptrace_disable(struct task_struct *child)
{
	user_disable_single_step(child);
}

/* guests have no debug registers yet: all read as idle, none can be switched on */
static unsigned long debugreg_get(unsigned int nr)
{
	return nr == 6 ? DR6_IDLE : 0;
}

static int debugreg_set(unsigned int nr, unsigned long value)
{
	switch (nr) {
	case 0 ... 3:
		return value ? -ENOSPC : 0;
	case 6:
		return 0;
	case 7:
		return value & DR7_ENABLES ? -ENOSPC : 0;
	}
	return -EIO;
}

/* the debug register at @addr of struct user, or -1 */
static int debugreg_at(unsigned long addr)
{
	unsigned long nr = (addr - offsetof(struct user, u_debugreg)) / sizeof(long);

	return addr >= offsetof(struct user, u_debugreg) && nr < NR_DEBUG_REGS ? nr : -1;
}

static bool user_addr_valid(unsigned long addr)
{
	return addr < sizeof(struct user) && IS_ALIGNED(addr, sizeof(long));
}

static int peek_user(struct task_struct *child, unsigned long addr,
		     unsigned long __user *result)
{
	unsigned long value = 0;

	if (!user_addr_valid(addr))
		return -EIO;
	if (addr < sizeof(struct user_regs_struct)) {
		addr = array_index_nospec(addr, sizeof(struct user_regs_struct));
		value = guest_reg_get(child, addr);
	} else if (debugreg_at(addr) >= 0) {
		value = debugreg_get(debugreg_at(addr));
	}
	return put_user(value, result);
}

static int poke_user(struct task_struct *child, unsigned long addr, unsigned long value)
{
	if (!user_addr_valid(addr))
		return -EIO;
	if (addr < sizeof(struct user_regs_struct)) {
		addr = array_index_nospec(addr, sizeof(struct user_regs_struct));
		return guest_reg_set(child, addr, value);
	}
	if (debugreg_at(addr) >= 0)
		return debugreg_set(debugreg_at(addr), value);
	return -EIO;
}

long arch_ptrace(struct task_struct *child, long request, unsigned long addr,
		 unsigned long data)
{
	const struct user_regset_view *view = &guest_regset_view;
	void __user *buf = (void __user *)data;

	switch (request) {
	case PTRACE_PEEKUSR:
		return peek_user(child, addr, buf);
	case PTRACE_POKEUSR:
		return poke_user(child, addr, data);
	case PTRACE_GETREGS:
		return copy_regset_to_user(child, view, REGSET_GENERAL, 0,
					   sizeof(struct user_regs_struct), buf);
	case PTRACE_SETREGS:
		return copy_regset_from_user(child, view, REGSET_GENERAL, 0,
					     sizeof(struct user_regs_struct), buf);
	case PTRACE_GETFPREGS:
		return copy_regset_to_user(child, view, REGSET_FX, 0,
					   sizeof(struct user_i387_struct), buf);
	case PTRACE_SETFPREGS:
		return copy_regset_from_user(child, view, REGSET_FX, 0,
					     sizeof(struct user_i387_struct), buf);
	case PTRACE_ARCH_PRCTL:
		/* arguments the other way round than in arch_prctl(2) */
		return do_arch_prctl(child, data, addr);
	}
	return ptrace_request(child, request, addr, data);
}
