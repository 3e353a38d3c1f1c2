// SPDX-License-Identifier: GPL-2.0
/*
 * door.c - the interrupt that says that somebody has come, to whatever line.
 *
 * Listening sockets, opening watches and the like share it: it is rare, and each
 * line looks for itself (link.c). Owns the interrupt. Locks: door_lock.
 */
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <asm/host.h>
#include <asm/irq.h>
#include "door.h"
#include "line.h"

static DEFINE_MUTEX(door_lock);
static int door_irq;		/* 0: none yet; -errno: there is none to be had */

static irqreturn_t door_interrupt(int irq, void *unused)
{
	lines_look();
	return IRQ_HANDLED;
}

static int take_irq(void)
{
	int irq = usermode_irq_alloc("console-doors");
	int err = irq;

	if (irq > 0)
		err = request_irq(irq, door_interrupt, 0, "console-doors", &door_irq);
	if (err < 0)
		pr_warn("consoles: no interrupt line is free; nobody can connect\n");
	return err < 0 ? err : irq;
}

int door_watch(int fd)
{
	int err;

	guard(mutex)(&door_lock);
	if (!door_irq)
		door_irq = take_irq();
	if (door_irq < 0)
		return door_irq;
	err = host_event_arm(fd, HOST_EVENT_IN, door_irq);
	return err == -ENOENT ? host_event_add(fd, HOST_EVENT_IN, door_irq) : err;
}

void door_unwatch(int fd)
{
	host_event_del(fd);
}
