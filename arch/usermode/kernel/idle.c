// SPDX-License-Identifier: GPL-2.0
/*
 * idle.c - a virtual CPU with nothing to do sleeps on a futex.
 *
 * The generic code lets the tick run on into each idle period, and stops it only
 * when that has come: stopping it costs, and most periods of a busy machine are
 * short. For one that sleeps, that is a second wake-up for each timer. So where the
 * last period was as long as a tick, the next one is taken to be, and the tick
 * stopped at once.
 *
 * Locks: none. Context: the idle task, interrupts off.
 */
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>
#include <linux/sched/idle.h>
#include <linux/tick.h>
#include <asm/host.h>
#include <asm/vcpu.h>

static DEFINE_PER_CPU(u64, sleep_ns);	/* the last period */

void arch_cpu_idle_enter(void)
{
	if (this_cpu_read(sleep_ns) >= TICK_NSEC)
		tick_nohz_idle_stop_tick();
}

/* irq.c says why no wake-up is lost */
void arch_cpu_idle(void)
{
	struct vcpu *vcpu = this_vcpu();
	u64 begin = sched_clock();

	xchg(&vcpu->idle, 1);
	if (!READ_ONCE(vcpu->attention))
		host_futex_wait(&vcpu->attention, 0, -1);
	xchg(&vcpu->idle, 0);
	this_cpu_write(sleep_ns, sched_clock() - begin);
}
