/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hotplug.h - devices that come and go while the guest runs.
 *
 * A driver registers one class for each name that users type ("ubd", "con",
 * "eth", "mem"). The management console knows no driver: it hands "ubd3" and
 * what follows the "=" to hotplug_config(), hotplug_query() or
 * hotplug_remove(), which find the class and call it.
 */
#ifndef _ASM_USERMODE_HOTPLUG_H
#define _ASM_USERMODE_HOTPLUG_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct hotplug_class - the devices of one driver
 * @name:	what stands before the number, "ubd"
 * @count:	numbers are 0 .. @count - 1; 0: the name takes no number, "mem"
 * @letters:	the number may also be a letter, a for 0
 * @flags:	letters that may stand behind the number, "ubd3r"; NULL: none. If
 *		there may, @config's value is these letters, "=" and the value
 * @config:	plug device @n in, or change it, as @value says; @value may be cut up
 * @query:	write the present setting to @buf, the text that config would take;
 *		-ENODEV where there is no such device
 * @remove:	unplug device @n; -EBUSY while it is in use
 * @list:	the registry's own
 *
 * Each returns 0 or -errno; on failure @why (@query: @buf) holds the reason in
 * one line without newline and without the device's name. An operation that is
 * NULL is answered with -EOPNOTSUPP. They are called one at a time, in task
 * context, and may sleep.
 */
struct hotplug_class {
	const char *name;
	unsigned int count;
	bool letters;
	const char *flags;
	int (*config)(unsigned int n, char *value, char *why, size_t len);
	int (*query)(unsigned int n, char *buf, size_t len);
	int (*remove)(unsigned int n, char *why, size_t len);
	struct list_head list;
};

/* Make @class known for good. Context: init, once for each class. */
void hotplug_register(struct hotplug_class *class);

/**
 * hotplug_config - plug in or change a device
 * @device:	name and number, "ubd3"
 * @value:	what the class takes; is cut up
 * @why:	the reason for a refusal, one line
 * @len:	size of @why
 *
 * Context: task, may sleep. Return: 0; -ENODEV for an unknown name or number
 * beyond the class's range; what the class says.
 */
int hotplug_config(const char *device, char *value, char *why, size_t len);

/* The setting of @device in @buf, or the reason there. As hotplug_config(). */
int hotplug_query(const char *device, char *buf, size_t len);

/* Unplug @device. As hotplug_config(). */
int hotplug_remove(const char *device, char *why, size_t len);

#endif /* _ASM_USERMODE_HOTPLUG_H */
