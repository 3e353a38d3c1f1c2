// SPDX-License-Identifier: GPL-2.0
/*
 * rtc.c - the host's clock as a real-time clock with an alarm.
 *
 * Time is the host's CLOCK_REALTIME plus an offset, which is what the guest sets;
 * it lasts until the machine ends. The alarm is a timer of the host's on the same
 * clock, so it is right also when the host's clock is set or the host sleeps.
 *
 * The operations are serialised by the RTC core; the interrupt only reads.
 */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/platform_device.h>
#include <linux/pm_wakeirq.h>
#include <linux/rtc.h>
#include <linux/time64.h>
#include <asm/host.h>
#include <asm/irq.h>

struct host_rtc {
	struct rtc_device *rtc;
	int fd;			/* of the timer */
	int irq;
	s64 offset;		/* seconds that the guest's clock is ahead */
	time64_t alarm;		/* in the guest's time */
	bool armed;
};

static time64_t host_seconds(void)
{
	return div_u64(host_realtime_ns(), NSEC_PER_SEC);
}

static int rtc_read(struct device *dev, struct rtc_time *tm)
{
	struct host_rtc *clock = dev_get_drvdata(dev);

	rtc_time64_to_tm(host_seconds() + clock->offset, tm);
	return 0;
}

static int arm(struct host_rtc *clock)
{
	s64 at = clock->alarm - clock->offset;

	if (!clock->armed)
		return host_alarm_set(clock->fd, 0);
	return host_alarm_set(clock->fd, at > 0 ? at * NSEC_PER_SEC : 1);
}

static int rtc_set(struct device *dev, struct rtc_time *tm)
{
	struct host_rtc *clock = dev_get_drvdata(dev);

	clock->offset = rtc_tm_to_time64(tm) - host_seconds();
	return arm(clock);
}

static int rtc_read_wake(struct device *dev, struct rtc_wkalrm *alarm)
{
	struct host_rtc *clock = dev_get_drvdata(dev);

	rtc_time64_to_tm(clock->alarm, &alarm->time);
	alarm->enabled = clock->armed;
	return 0;
}

static int rtc_set_wake(struct device *dev, struct rtc_wkalrm *alarm)
{
	struct host_rtc *clock = dev_get_drvdata(dev);

	clock->alarm = rtc_tm_to_time64(&alarm->time);
	clock->armed = alarm->enabled;
	return arm(clock);
}

static int rtc_enable_wake(struct device *dev, unsigned int enabled)
{
	struct host_rtc *clock = dev_get_drvdata(dev);

	clock->armed = enabled;
	return arm(clock);
}

static const struct rtc_class_ops rtc_ops = {
	.read_time	  = rtc_read,
	.set_time	  = rtc_set,
	.read_alarm	  = rtc_read_wake,
	.set_alarm	  = rtc_set_wake,
	.alarm_irq_enable = rtc_enable_wake,
};

static irqreturn_t rtc_interrupt(int irq, void *data)
{
	struct host_rtc *clock = data;
	u64 expirations;

	if (host_read(clock->fd, &expirations, sizeof(expirations)) > 0)
		rtc_update_irq(clock->rtc, 1, RTC_AF | RTC_IRQF);
	host_event_arm(clock->fd, HOST_EVENT_IN, irq);
	return IRQ_HANDLED;
}

static int __init start_interrupt(struct host_rtc *clock, struct device *dev)
{
	int err;

	clock->irq = usermode_irq_alloc("rtc");
	if (clock->irq < 0)
		return clock->irq;
	err = devm_request_irq(dev, clock->irq, rtc_interrupt, 0, "rtc", clock);
	if (err)
		goto err_line;
	err = host_event_add(clock->fd, HOST_EVENT_IN, clock->irq);
	if (err)
		goto err_line;
	device_init_wakeup(dev, true);
	return dev_pm_set_wake_irq(dev, clock->irq);

err_line:
	usermode_irq_free(clock->irq);
	return err;
}

static int __init rtc_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct host_rtc *clock = devm_kzalloc(dev, sizeof(*clock), GFP_KERNEL);
	int err;

	if (!clock)
		return -ENOMEM;
	platform_set_drvdata(pdev, clock);
	clock->rtc = devm_rtc_allocate_device(dev);
	if (IS_ERR(clock->rtc))
		return PTR_ERR(clock->rtc);
	clock->rtc->ops = &rtc_ops;
	clock->rtc->range_max = U32_MAX;
	clock->fd = host_alarm_create();
	if (clock->fd < 0)
		return clock->fd;
	err = start_interrupt(clock, dev);
	if (err)
		goto err_fd;
	err = devm_rtc_register_device(clock->rtc);
	if (!err)
		return 0;
	host_event_del(clock->fd);
err_fd:
	host_close(clock->fd);
	return err;
}

static struct platform_driver rtc_driver = {
	.driver	= { .name = "rtc-host" },
};

static int __init rtc_init(void)
{
	struct platform_device *pdev;

	pdev = platform_device_register_simple("rtc-host", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	return platform_driver_probe(&rtc_driver, rtc_probe);
}
device_initcall(rtc_init);
