// SPDX-License-Identifier: GPL-2.0
/*
 * watchdog.c - /dev/watchdog: the kernel's watchdog core in front, a process of the
 * host behind (guard.h).
 *
 * The guard is started with the watchdog and lives as long as the machine. The
 * operations are serialised by the core; watchdog_pause() may come in between from
 * an interrupt, and writes one word as they do.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/watchdog.h>
#include <asm/host.h>
#include "guard.h"
#include "watchdog.h"

#define TIMEOUT_DEFAULT	60	/* seconds */
#define TIMEOUT_MAX	86400

static int guard_fd = -1;

static bool nowayout = WATCHDOG_NOWAYOUT;
module_param(nowayout, bool, 0444);
MODULE_PARM_DESC(nowayout, "once started it cannot be stopped");

static int guard_ping(struct watchdog_device *wdd)
{
	int err = guard_tell(guard_fd, wdd->timeout);

	/* its pipe is full: it has much to read, and is not waiting in vain */
	return err == -EAGAIN ? 0 : err;
}

static int guard_start(struct watchdog_device *wdd)
{
	if (guard_fd < 0) {
		int fd = guard_open();

		if (fd < 0)
			return fd;
		guard_fd = fd;
	}
	return guard_ping(wdd);
}

static int guard_stop(struct watchdog_device *wdd)
{
	return guard_tell(guard_fd, 0);
}

static int guard_set_timeout(struct watchdog_device *wdd, unsigned int timeout)
{
	wdd->timeout = timeout;
	return watchdog_active(wdd) ? guard_ping(wdd) : 0;
}

static const struct watchdog_info guard_info = {
	.identity = "host process",
	.options  = WDIOF_SETTIMEOUT | WDIOF_KEEPALIVEPING | WDIOF_MAGICCLOSE,
};

static const struct watchdog_ops guard_ops = {
	.owner	     = THIS_MODULE,
	.start	     = guard_start,
	.stop	     = guard_stop,
	.ping	     = guard_ping,
	.set_timeout = guard_set_timeout,
};

static struct watchdog_device guard_device = {
	.info	     = &guard_info,
	.ops	     = &guard_ops,
	.timeout     = TIMEOUT_DEFAULT,
	.min_timeout = 1,
	.max_timeout = TIMEOUT_MAX,
};

void watchdog_pause(bool pause)
{
	if (!watchdog_active(&guard_device))
		return;
	guard_tell(guard_fd, pause ? 0 : guard_device.timeout);
}

static int __init watchdog_device_init(void)
{
	watchdog_set_nowayout(&guard_device, nowayout);
	watchdog_stop_on_reboot(&guard_device);
	return watchdog_register_device(&guard_device);
}
device_initcall(watchdog_device_init);
