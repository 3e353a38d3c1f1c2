// SPDX-License-Identifier: GPL-2.0
/*
 * time.c - the host's clock as clocksource, a host timer as clock event.
 *
 * The clocksource counts nanoseconds of the host's CLOCK_MONOTONIC, read
 * through the host's vDSO; where the host's CPU can be read instead, tsc.c
 * registers a better one. The clock event is a one-shot host timer that signals
 * the virtual CPU's host thread (TIMER_IRQ).
 */
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <asm/boot.h>
#include <asm/host.h>
#include <asm/irq.h>
#include <asm/pause.h>
#include <asm/platform.h>
#include <asm/tsc.h>
#include <asm/vcpu.h>

/* how often, while it is busy, a virtual CPU looks for a host CPU with more room */
#define REPIN_NS	(NSEC_PER_SEC / 2)

/* set before start_kernel(): printk asks for the time of its first line */
u64 boot_ns __ro_after_init;

unsigned long long notrace sched_clock(void)
{
	return clock_ns() - boot_ns;
}

static u64 host_clock_read(struct clocksource *cs)
{
	return host_monotonic_ns();
}

static struct clocksource host_clock = {
	.name	= "host",
	.rating	= 400,
	.read	= host_clock_read,
	.mask	= CLOCKSOURCE_MASK(64),
	.flags	= CLOCK_SOURCE_IS_CONTINUOUS | CLOCK_SOURCE_VALID_FOR_HRES,
};

static int event_set(unsigned long delta, struct clock_event_device *dev)
{
	u64 due = host_monotonic_ns() + delta;

	pause_expect(due);
	return host_timer_set(this_vcpu()->timer, due);
}

static int event_off(struct clock_event_device *dev)
{
	pause_expect(0);
	return host_timer_set(this_vcpu()->timer, 0);
}

static struct clock_event_device host_timer = {
	.name			= "host-timer",
	.features		= CLOCK_EVT_FEAT_ONESHOT,
	.rating			= 400,
	.set_next_event		= event_set,
	.set_state_shutdown	= event_off,
	.set_state_oneshot	= event_off,
};

/* somebody wants to run, and has wanted for a while: where is there room? */
static void look_for_room(void)
{
	static u64 next;
	u64 now = clock_ns();

	if (is_idle_task(current) || now < next)
		return;
	next = now + REPIN_NS;
	platform_repin();
}

static irqreturn_t timer_interrupt(int irq, void *dev)
{
	pause_notice();
	look_for_room();
	host_timer.event_handler(&host_timer);
	return IRQ_HANDLED;
}

void read_persistent_clock64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(host_realtime_ns());
}

void __init time_init(void)
{
	if (request_irq(TIMER_IRQ, timer_interrupt, IRQF_TIMER | IRQF_NOBALANCING,
			"timer", &host_timer))
		panic("no timer interrupt");
	/* one count is one nanosecond; deltas between 1 us and an hour */
	clocksource_register_hz(&host_clock, NSEC_PER_SEC);
	tsc_init();
	host_timer.cpumask = cpumask_of(0);
	clockevents_config_and_register(&host_timer, NSEC_PER_SEC, 1000, 3600ULL * NSEC_PER_SEC);
}

/* ---- delays: wait on the clock, nothing is calibrated ---- */

void calibrate_delay(void)
{
	loops_per_jiffy = NSEC_PER_SEC / HZ;	/* one "loop" is a nanosecond */
}

void __ndelay(unsigned long ns)
{
	u64 end = clock_ns() + ns;

	while (clock_ns() < end)
		cpu_relax();
}
EXPORT_SYMBOL(__ndelay);

void __udelay(unsigned long us)
{
	__ndelay(us * NSEC_PER_USEC);
}
EXPORT_SYMBOL(__udelay);

void __delay(unsigned long loops)
{
	__ndelay(loops);
}
EXPORT_SYMBOL(__delay);
