/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smp.h - virtual CPUs among each other (kernel/smp.c).
 */
#ifndef __ASM_USERMODE_SMP_H
#define __ASM_USERMODE_SMP_H

#include <linux/cpumask.h>
#include <asm/vcpu.h>

#define raw_smp_processor_id()	(this_vcpu()->cpu)

void arch_send_call_function_single_ipi(int cpu);
void arch_send_call_function_ipi_mask(const struct cpumask *mask);

/* CPU hotplug; context: the CPU itself, and whoever takes it down */
int __cpu_disable(void);
void __cpu_die(unsigned int cpu);

#endif
