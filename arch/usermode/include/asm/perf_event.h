/* SPDX-License-Identifier: GPL-2.0 */
/* perf_event.h - software events only: the host's counters are not passed on. */
#ifndef __ASM_USERMODE_PERF_EVENT_H
#define __ASM_USERMODE_PERF_EVENT_H

#include <linux/ptrace.h>
#include <asm/segment.h>

#define perf_arch_fetch_caller_regs(regs, caller_ip)			\
do {									\
	struct pt_regs *regs_ = (regs);					\
									\
	regs_->ip = (caller_ip);					\
	regs_->bp = (unsigned long)__builtin_frame_address(0);		\
	regs_->sp = (unsigned long)__builtin_frame_address(0);		\
	regs_->cs = __KERNEL_CS;					\
	regs_->flags = 0;						\
} while (0)

#endif
