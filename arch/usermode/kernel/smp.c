// SPDX-License-Identifier: GPL-2.0
/*
 * smp.c - virtual CPUs among each other.
 *
 * An inter-processor interrupt is a line raised on the other CPU's host thread.
 * The machine has one virtual CPU so far: no other is ever possible, and
 * __cpu_up() says so should anybody ask.
 */
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/irq.h>
#include <asm/smp.h>
#include <asm/vcpu.h>

void arch_smp_send_reschedule(int cpu)
{
	irq_raise(&vcpus[cpu], RESCHEDULE_IRQ);
}

void arch_send_call_function_single_ipi(int cpu)
{
	irq_raise(&vcpus[cpu], CALL_IRQ);
}

void arch_send_call_function_ipi_mask(const struct cpumask *mask)
{
	int cpu;

	for_each_cpu(cpu, mask)
		irq_raise(&vcpus[cpu], CALL_IRQ);
}

static irqreturn_t reschedule_interrupt(int irq, void *dev)
{
	scheduler_ipi();
	return IRQ_HANDLED;
}

static irqreturn_t call_interrupt(int irq, void *dev)
{
	generic_smp_call_function_interrupt();
	return IRQ_HANDLED;
}

void __init smp_prepare_boot_cpu(void)
{
}

void __init smp_prepare_cpus(unsigned int max_cpus)
{
	if (request_irq(RESCHEDULE_IRQ, reschedule_interrupt, IRQF_PERCPU, "reschedule", NULL) ||
	    request_irq(CALL_IRQ, call_interrupt, IRQF_PERCPU, "function call", NULL))
		panic("no inter-processor interrupts");
	init_cpu_present(cpumask_of(0));
}

void __init smp_cpus_done(unsigned int max_cpus)
{
}

int __cpu_up(unsigned int cpu, struct task_struct *idle)
{
	return -ENODEV;
}

/* each CPU that can be online takes the devices' interrupts: none may go */
int __cpu_disable(void)
{
	return -EBUSY;
}

/* never called: __cpu_disable() has refused */
void __cpu_die(unsigned int cpu)
{
}

/* the others are stopped before a panic or a shutdown goes on: there are none */
void smp_send_stop(void)
{
	WARN_ON_ONCE(num_online_cpus() > 1);
}
