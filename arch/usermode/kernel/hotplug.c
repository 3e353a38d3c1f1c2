// SPDX-License-Identifier: GPL-2.0
/*
 * hotplug.c - the registry of devices that come and go (asm/hotplug.h).
 *
 * Classes are registered at init and stay; hotplug_lock guards the list and
 * makes the classes' operations run one at a time.
 */
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <asm/hotplug.h>

static DEFINE_MUTEX(hotplug_lock);
static LIST_HEAD(classes);

void hotplug_register(struct hotplug_class *class)
{
	mutex_lock(&hotplug_lock);
	list_add_tail(&class->list, &classes);
	mutex_unlock(&hotplug_lock);
}

static bool is_flags(const struct hotplug_class *class, const char *text)
{
	return !*text || (class->flags && strspn(text, class->flags) == strlen(text));
}

/*
 * "3", or "d" where the class takes letters, to a number of @class; *@flags is
 * what follows.
 */
static bool parse_number(const struct hotplug_class *class, const char *text,
			 unsigned int *n, const char **flags)
{
	const char *end = text;

	*n = 0;
	*flags = text;
	if (!class->count)
		return !*text;
	if (class->letters && islower(*text) && is_flags(class, text + 1))
		*n = *end++ - 'a';
	else
		for (; isdigit(*end) && end - text < 9; end++)
			*n = *n * 10 + *end - '0';
	*flags = end;
	return end != text && is_flags(class, end) && *n < class->count;
}

/* The class and number that @device names; the lock is held. */
static struct hotplug_class *find_class(const char *device, unsigned int *n,
					const char **flags, char *why, size_t len)
{
	struct hotplug_class *class;
	bool known = false;

	lockdep_assert_held(&hotplug_lock);
	list_for_each_entry(class, &classes, list) {
		size_t name = strlen(class->name);

		if (strncmp(device, class->name, name))
			continue;
		if (parse_number(class, device + name, n, flags))
			return class;
		known = true;
	}
	snprintf(why, len, known ? "no such number" : "unknown device");
	return NULL;
}

static int config_flags(struct hotplug_class *class, unsigned int n, const char *flags,
			const char *value, char *why, size_t len)
{
	char *both __free(kfree) = kasprintf(GFP_KERNEL, "%s=%s", flags, value);

	return both ? class->config(n, both, why, len) : -ENOMEM;
}

int hotplug_config(const char *device, char *value, char *why, size_t len)
{
	struct hotplug_class *class;
	const char *flags;
	unsigned int n;

	guard(mutex)(&hotplug_lock);
	class = find_class(device, &n, &flags, why, len);
	if (!class)
		return -ENODEV;
	if (!class->config) {
		snprintf(why, len, "cannot be changed while the guest runs");
		return -EOPNOTSUPP;
	}
	snprintf(why, len, "failed");
	if (class->flags)
		return config_flags(class, n, flags, value, why, len);
	return class->config(n, value, why, len);
}

int hotplug_query(const char *device, char *buf, size_t len)
{
	struct hotplug_class *class;
	const char *flags;
	unsigned int n;

	guard(mutex)(&hotplug_lock);
	class = find_class(device, &n, &flags, buf, len);
	if (!class)
		return -ENODEV;
	if (!class->query) {
		snprintf(buf, len, "cannot be read");
		return -EOPNOTSUPP;
	}
	snprintf(buf, len, "no such device");
	return class->query(n, buf, len);
}

int hotplug_remove(const char *device, char *why, size_t len)
{
	struct hotplug_class *class;
	const char *flags;
	unsigned int n;

	guard(mutex)(&hotplug_lock);
	class = find_class(device, &n, &flags, why, len);
	if (!class)
		return -ENODEV;
	if (!class->remove) {
		snprintf(why, len, "cannot be removed");
		return -EOPNOTSUPP;
	}
	snprintf(why, len, "failed");
	return class->remove(n, why, len);
}
