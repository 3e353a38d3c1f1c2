// SPDX-License-Identifier: GPL-2.0
/*
 * random.c - the host's random numbers as a hardware generator.
 *
 * At boot the kernel's own generator was seeded from the host (kernel/setup.c);
 * this refreshes it, and is /dev/hwrng. No locks: the host's call has none.
 */
#include <linux/hw_random.h>
#include <linux/init.h>
#include <asm/host.h>

static int random_read(struct hwrng *rng, void *buf, size_t len, bool wait)
{
	int err = host_random(buf, len);

	return err ?: len;
}

static struct hwrng host_rng = {
	.name	 = "host",
	.read	 = random_read,
	.quality = 1024,
};

static int __init random_init_device(void)
{
	return hwrng_register(&host_rng);
}
device_initcall(random_init_device);
