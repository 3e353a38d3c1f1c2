// SPDX-License-Identifier: GPL-2.0
/*
 * elf.c - what a new guest program starts with, and what its core says about
 * FP state.
 *
 * Owns the two words of hardware capabilities, constant after boot.
 */
#include <linux/cache.h>
#include <linux/coredump.h>
#include <linux/elf.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/hwcap2.h>
#include "xstate.h"

unsigned long elf_hwcap __ro_after_init;
unsigned long elf_hwcap2 __ro_after_init;

/* the guest's instructions are the host's, so its answers are, too */
void __init elf_hwcap_init(unsigned long host_hwcap, unsigned long host_hwcap2)
{
	elf_hwcap = host_hwcap;
	/* MONITOR in user mode would keep the host's CPU from everyone else */
	elf_hwcap2 = host_hwcap2 & HWCAP2_FSGSBASE;
}

void elf_clear_regs(struct pt_regs *regs)
{
	struct guest_regs *guest = container_of(regs, struct guest_regs, pt);

	/* ax is execve's return value, orig_ax its number */
	*guest = (struct guest_regs) {
		.pt.ax = regs->ax,
		.pt.orig_ax = regs->orig_ax,
		.pt.ip = regs->ip,
		.pt.sp = regs->sp,
		.pt.flags = GUEST_FLAGS_FIXED,
		.pt.cs = GUEST_CS,
		.pt.ss = GUEST_SS,
	};
}
