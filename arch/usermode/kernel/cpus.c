// SPDX-License-Identifier: GPL-2.0
/*
 * cpus.c - "config cpu": how many of the virtual CPUs are online.
 *
 * Owns nothing; the kernel's CPU hotplug has the locks. The first CPU stays.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <asm/hotplug.h>

/* the next one up, or the last one down */
static int step(unsigned int target, char *why, size_t len)
{
	bool more = num_online_cpus() < target;
	unsigned int cpu, chosen = 0;
	int err;

	for_each_present_cpu(cpu) {
		if (cpu_online(cpu) == more)
			continue;
		chosen = cpu;
		if (more)
			break;
	}
	err = more ? add_cpu(chosen) : remove_cpu(chosen);
	if (err)
		snprintf(why, len, "CPU %u does not go %s (error %d)", chosen,
			 more ? "online" : "offline", -err);
	return err;
}

static int cpu_config(unsigned int n, char *value, char *why, size_t len)
{
	unsigned int target;
	int err = 0;

	if (kstrtouint(value, 10, &target) || !target || target > num_present_cpus()) {
		snprintf(why, len,
			 "this machine has %u virtual CPUs; write how many are to be online",
			 num_present_cpus());
		return -EINVAL;
	}
	while (!err && num_online_cpus() != target)
		err = step(target, why, len);
	return err;
}

static int cpu_query(unsigned int n, char *buf, size_t len)
{
	snprintf(buf, len, "%u", num_online_cpus());
	return 0;
}

static struct hotplug_class cpu_class = {
	.name	= "cpu",
	.config	= cpu_config,
	.query	= cpu_query,
};

static int __init cpus_init(void)
{
	hotplug_register(&cpu_class);
	return 0;
}
subsys_initcall(cpus_init);
