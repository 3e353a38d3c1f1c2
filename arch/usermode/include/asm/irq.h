/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irq.h - interrupt lines of the usermode machine.
 *
 * A line is a bit that a host thread or a signal handler sets (host_upcall_irq)
 * and that the virtual CPU turns into the Linux interrupt of the same number.
 */
#ifndef __ASM_USERMODE_IRQ_H
#define __ASM_USERMODE_IRQ_H

#define NR_IRQS		256

#define TIMER_IRQ	0	/* clock event of the virtual CPU */
#define RESCHEDULE_IRQ	1	/* another CPU asks this one to schedule */
#define CALL_IRQ	2	/* another CPU asks this one to call functions */
#define FIRST_FREE_IRQ	8

/**
 * usermode_irq_alloc - take a free interrupt line
 * @name: for /proc/interrupts until request_irq() names it
 *
 * The number returned is both the Linux interrupt for request_irq() and the
 * line for host_event_add(). Context: process or boot. Return: number or -ENOSPC.
 */
int usermode_irq_alloc(const char *name);
void usermode_irq_free(int irq);

struct vcpu;

/* raise @line on @vcpu; context: any host thread, signal handlers */
void irq_raise(struct vcpu *vcpu, unsigned int line);

#include <asm-generic/irq.h>

#endif
