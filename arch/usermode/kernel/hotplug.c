// SPDX-License-Identifier: GPL-2.0
/*
 * hotplug.c - the registry of devices that come and go (asm/hotplug.h).
 *
 * Classes are registered at init and stay; hotplug_lock guards the list and
 * makes the classes' operations run one at a time.
 */
#include <linux/kernel.h>
#include <linux/mutex.h>
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

/* "3", or "d" where the class takes letters, to a number of @class. */
static bool parse_number(const struct hotplug_class *class, const char *text,
			 unsigned int *n)
{
	*n = 0;
	if (!class->count)
		return !*text;
	if (class->letters && text[0] >= 'a' && text[0] <= 'z' && !text[1])
		*n = text[0] - 'a';
	else if (kstrtouint(text, 10, n))
		return false;
	return *n < class->count;
}

/* The class and number that @device names; the lock is held. */
static struct hotplug_class *find_class(const char *device, unsigned int *n,
					char *why, size_t len)
{
	struct hotplug_class *class;
	bool known = false;

	lockdep_assert_held(&hotplug_lock);
	list_for_each_entry(class, &classes, list) {
		size_t name = strlen(class->name);

		if (strncmp(device, class->name, name))
			continue;
		if (parse_number(class, device + name, n))
			return class;
		known = true;
	}
	snprintf(why, len, known ? "no such number" : "unknown device");
	return NULL;
}

int hotplug_config(const char *device, char *value, char *why, size_t len)
{
	struct hotplug_class *class;
	unsigned int n;

	guard(mutex)(&hotplug_lock);
	class = find_class(device, &n, why, len);
	if (!class)
		return -ENODEV;
	if (!class->config) {
		snprintf(why, len, "cannot be changed while the guest runs");
		return -EOPNOTSUPP;
	}
	snprintf(why, len, "failed");
	return class->config(n, value, why, len);
}

int hotplug_query(const char *device, char *buf, size_t len)
{
	struct hotplug_class *class;
	unsigned int n;

	guard(mutex)(&hotplug_lock);
	class = find_class(device, &n, buf, len);
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
	unsigned int n;

	guard(mutex)(&hotplug_lock);
	class = find_class(device, &n, why, len);
	if (!class)
		return -ENODEV;
	if (!class->remove) {
		snprintf(why, len, "cannot be removed");
		return -EOPNOTSUPP;
	}
	snprintf(why, len, "failed");
	return class->remove(n, why, len);
}
