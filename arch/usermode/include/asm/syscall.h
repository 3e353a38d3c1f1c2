/* SPDX-License-Identifier: GPL-2.0 */
/*
 * syscall.h - a task's system call as tracers, seccomp and audit see it.
 *
 * Number in orig_ax (-1: none; only 32 bits count), arguments in di, si, dx,
 * r10, r8, r9, result in ax: the x86-64 convention and no other.
 */
#ifndef __ASM_USERMODE_SYSCALL_H
#define __ASM_USERMODE_SYSCALL_H

#include <linux/err.h>
#include <linux/sched.h>
#include <uapi/linux/audit.h>
#include <asm/ptrace.h>
#include <asm/unistd.h>

/* NR_syscalls entries, called with the six argument registers */
typedef long (*sys_call_ptr_t)(unsigned long di, unsigned long si, unsigned long dx,
			       unsigned long r10, unsigned long r8, unsigned long r9);
extern const sys_call_ptr_t sys_call_table[];

static inline int syscall_get_nr(struct task_struct *task, struct pt_regs *regs)
{
	return (int)regs->orig_ax;
}

static inline void syscall_rollback(struct task_struct *task, struct pt_regs *regs)
{
	regs->ax = regs->orig_ax;
}

static inline long syscall_get_return_value(struct task_struct *task,
					    struct pt_regs *regs)
{
	return regs->ax;
}

static inline long syscall_get_error(struct task_struct *task, struct pt_regs *regs)
{
	return IS_ERR_VALUE(regs->ax) ? (long)regs->ax : 0;
}

static inline void syscall_set_return_value(struct task_struct *task,
					    struct pt_regs *regs, int error, long val)
{
	regs->ax = error ? error : val;
}

static inline void syscall_get_arguments(struct task_struct *task,
					 struct pt_regs *regs, unsigned long *args)
{
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

static inline int syscall_get_arch(struct task_struct *task)
{
	return AUDIT_ARCH_X86_64;
}

#endif
