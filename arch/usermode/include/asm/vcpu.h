/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vcpu.h - a virtual CPU: one host thread that runs the kernel.
 *
 * What real hardware keeps in the CPU is kept here: the interrupt flag, the
 * pending interrupts, the running task. Other host threads write only the
 * pending bits and @attention, atomically (kernel/irq.c says how).
 */
#ifndef __ASM_USERMODE_VCPU_H
#define __ASM_USERMODE_VCPU_H

#include <linux/types.h>
#include <linux/threads.h>

struct task_struct;

#define VCPU_LINES	256

/**
 * struct vcpu - a virtual CPU
 * @current_task: the task that runs on it
 * @cpu:	  its number
 * @irq_enabled:  the interrupt flag; written by its own thread only
 * @attention:	  1: some pending bit is set. The futex that an idle CPU sleeps on
 * @idle:	  the thread sleeps on @attention: wake it by futex, not by signal
 * @tid:	  host thread
 * @pending:	  one bit for each interrupt line
 * @trap_sig:	  the exception being diverted: host signal, ...
 * @trap_code:	  ... its si_code, ...
 * @trap_addr:	  ... its address, ...
 * @trap_nr:	  ... x86 exception number ...
 * @trap_err:	  ... and error code
 * @timer:	  host timer of the clock event
 */
struct vcpu {
	struct task_struct *current_task;
	unsigned int cpu;
	unsigned long irq_enabled;
	u32 attention;
	u32 idle;
	int tid;
	int timer;
	unsigned long pending[VCPU_LINES / 64];
	int trap_sig;
	int trap_code;
	unsigned long trap_addr;
	unsigned long trap_nr;
	unsigned long trap_err;
};

extern struct vcpu vcpus[NR_CPUS];

/* the caller's virtual CPU; context: interrupts off, or the answer may be stale */
static __always_inline struct vcpu *this_vcpu(void)
{
	return &vcpus[0];
}

#endif
