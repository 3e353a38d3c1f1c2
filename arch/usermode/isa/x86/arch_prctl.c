// SPDX-License-Identifier: GPL-2.0
/*
 * arch_prctl.c - arch_prctl(2): segment bases and what FP state there is.
 *
 * The bases live in the guest's registers at the top of its kernel stack and
 * nowhere else. Context: process; the task is current or stopped.
 */
#include <linux/sched/task_stack.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/prctl.h>
#include <asm/processor.h>
#include <asm/syscalls.h>
#include "xstate.h"

/* setting a base also clears the selector, as x86 does */
static long set_base(unsigned long *base, unsigned long *selector, unsigned long addr)
{
	if (addr >= TASK_SIZE_MAX)
		return -EPERM;
	*selector = 0;
	*base = addr;
	return 0;
}

long do_arch_prctl(struct task_struct *tsk, int option, unsigned long arg)
{
	struct guest_regs *regs = task_guest_regs(tsk);

	switch (option) {
	case ARCH_SET_FS:
		return set_base(&regs->fs_base, &regs->fs, arg);
	case ARCH_SET_GS:
		return set_base(&regs->gs_base, &regs->gs, arg);
	case ARCH_GET_FS:
		return put_user(regs->fs_base, (unsigned long __user *)arg);
	case ARCH_GET_GS:
		return put_user(regs->gs_base, (unsigned long __user *)arg);
	}
	return -EINVAL;
}

/*
 * FP features that a process must ask for. The host process was given what it
 * was given before the guest ran, so asking changes nothing.
 */
static long request_feature(unsigned long feature)
{
	if (feature >= XSTATE_MAX)
		return -EINVAL;
	if (feature != ARCH_XCOMP_TILEDATA || !(xstate.features & BIT_ULL(feature)))
		return -EOPNOTSUPP;
	return 0;
}

SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg)
{
	switch (option) {
	case ARCH_GET_CPUID:
		return 1;		/* never faults */
	case ARCH_SET_CPUID:
		return -ENODEV;
	case ARCH_GET_XCOMP_SUPP:
	case ARCH_GET_XCOMP_PERM:
		return put_user(xstate.features, (u64 __user *)arg);
	case ARCH_REQ_XCOMP_PERM:
		return request_feature(arg);
	}
	return do_arch_prctl(current, option, arg);
}
