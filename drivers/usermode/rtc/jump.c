// SPDX-License-Identifier: GPL-2.0
/*
 * jump.c - the host's wall clock is set, or the host sleeps: the guest's follows.
 *
 * The guest's monotonic clock is a line that nothing of that moves (tsc.c). So it is
 * looked at how far the host's wall clock and its clock of the time since boot are
 * ahead of that line: when the host says that something has happened, what changed is
 * added to the guest's. What the guest did to its own clock stays.
 *
 * Owns a descriptor of the host's that becomes readable at a jump. All is done in one
 * delayed work, which never runs twice at once; no locks.
 */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/printk.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include <asm/host.h>
#include <asm/irq.h>
#include <asm/tsc.h>

/*
 * A host that wakes up may have a counter that began anew: the line is bent every two
 * seconds, and is not worth looking at before.
 */
#define SETTLE		(3 * HZ)

#define NOTHING		(10 * (s64)NSEC_PER_MSEC)	/* less than that is no jump */

/* how much the host's clocks are ahead of the line, as far as the guest knows; ns */
static struct {
	s64 wall;
	s64 boot;
} ahead;

static int watch_fd;

static s64 wall_ahead(void)
{
	return host_realtime_ns() - clock_ns();
}

static s64 boot_ahead(void)
{
	return host_boottime_ns() - clock_ns();
}

/* the host slept for @ns: that is time since boot for the guest, too */
static void add_sleep(s64 ns)
{
	struct timespec64 delta = ns_to_timespec64(ns);

	timekeeping_inject_sleeptime64(&delta);
	ahead.boot += ns;
	ahead.wall += ns;
	pr_info("the host slept for %lld ms\n", ns / (s64)NSEC_PER_MSEC);
}

static void step_wall(s64 ns)
{
	struct timespec64 now;
	int err;

	ktime_get_real_ts64(&now);
	now = ns_to_timespec64(timespec64_to_ns(&now) + ns);
	err = do_settimeofday64(&now);
	ahead.wall += ns;
	if (err)
		pr_warn("the host's clock was set, the guest's cannot be (error %d)\n", -err);
	else
		pr_info("the host's clock was set by %lld ms\n", ns / (s64)NSEC_PER_MSEC);
}

static void catch_up(struct work_struct *unused)
{
	s64 slept = boot_ahead() - ahead.boot;
	s64 stepped;

	if (slept > NOTHING)
		add_sleep(slept);
	else if (slept < -NOTHING)
		ahead.boot += slept;	/* the counter leapt, and the line with it */
	stepped = wall_ahead() - ahead.wall;
	if (abs(stepped) > NOTHING)
		step_wall(stepped);
}

static DECLARE_DELAYED_WORK(catch_up_work, catch_up);

static irqreturn_t jump_interrupt(int irq, void *unused)
{
	host_clock_watch_clear(watch_fd);
	mod_delayed_work(system_wq, &catch_up_work, SETTLE);
	host_event_arm(watch_fd, HOST_EVENT_IN, irq);
	return IRQ_HANDLED;
}

static int __init watch(void)
{
	int irq = usermode_irq_alloc("host-clock");
	int err;

	if (irq < 0)
		return irq;
	err = request_irq(irq, jump_interrupt, 0, "host-clock", &ahead);
	if (err)
		goto err_line;
	err = host_event_add(watch_fd, HOST_EVENT_IN, irq);
	if (!err)
		return 0;
	free_irq(irq, &ahead);
err_line:
	usermode_irq_free(irq);
	return err;
}

static int __init jump_init(void)
{
	int err;

	ahead.wall = wall_ahead();
	ahead.boot = boot_ahead();
	watch_fd = host_clock_watch();
	err = watch_fd < 0 ? watch_fd : watch();
	if (err)
		pr_warn("rtc: jumps of the host's clock are not noticed (error %d)\n", -err);
	return err;
}
device_initcall(jump_init);
