// SPDX-License-Identifier: GPL-2.0
/*
 * switch.c - eth<n>= and vec<n>: on the command line, and hot plug.
 *
 * Owns the table of devices. Each word is understood, and its way to the host
 * opened, before there is a kernel (asm/cmdline.h), so that a mistake costs the
 * user one line and no boot. device.c makes network devices of them.
 *
 * Locks: none; what the command line writes comes before other threads exist,
 * and hot plug is serialised by its caller.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/cmdline.h>
#include <asm/hotplug.h>
#include "card.h"

/* the two spellings: "eth0=tuntap,tap0" and "vec0:transport=tap,ifname=tap0" */
struct net_class {
	const char *name;
	char separator;
	struct net_slot slots[NET_DEVICES];
};

static struct net_class eth = { .name = "eth", .separator = '=' };
static struct net_class vec = { .name = "vec", .separator = ':' };

static int fill_slot(struct net_class *class, unsigned int n, const char *text, char *why,
		     size_t len)
{
	struct net_slot *slot = &class->slots[n];
	int err;

	if (slot->setting.backend)
		return net_refuse(why, len, "the device is already there");
	if (strscpy(slot->typed, text) < 0)
		return net_refuse(why, len, "longer than %d characters", NET_TEXT - 1);
	strscpy(slot->words, text);
	snprintf(slot->name, sizeof(slot->name), "%s%u", class->name, n);
	err = net_parse(slot->words, class == &vec, &slot->setting, why, len);
	if (!err) {
		slot->link.setting = &slot->setting;
		err = slot->setting.backend->open(&slot->link, why, len);
	}
	if (!err && slot->setting.mtu > slot->link.max_mtu) {
		net_refuse(why, len, "mtu=%u: %s carries no more than %u", slot->setting.mtu,
			   slot->setting.backend->name, slot->link.max_mtu);
		slot->setting.backend->close(&slot->link);
		err = -EINVAL;
	}
	if (err)
		slot->setting.backend = NULL;
	return err;
}

/* ---- the command line ---- */

static int parse_device(struct net_class *class, const char *word, char *why, size_t len)
{
	const char *p = word + strlen(class->name);
	char reason[240];
	unsigned int n = 0;
	int err;

	if (!isdigit(*p))
		return SWITCH_NOT_MINE;
	for (; isdigit(*p); p++)
		n = min(n * 10 + *p - '0', 10000U);
	if (n >= NET_DEVICES)
		err = net_refuse(reason, sizeof(reason), "no such device; they are %s0 to %s%d",
				 class->name, class->name, NET_DEVICES - 1);
	else if (*p != class->separator)
		err = net_refuse(reason, sizeof(reason), "write %s%u%c and how it is connected",
				 class->name, n, class->separator);
	else
		err = fill_slot(class, n, p + 1, reason, sizeof(reason));
	if (err)
		snprintf(why, len, "%.140s: %s", word, reason);
	return err;
}

static int parse_eth(const char *word, char *why, size_t len)
{
	return parse_device(&eth, word, why, len);
}

USERMODE_SWITCH(eth, "eth", parse_eth,
		"eth<n>=TRANSPORT,...     network device n (0-31), and how it is connected:\n"
		"                           user,hostfwd=tcp::2222-:22  the internet, without\n"
		"                                                   privilege (passt, slirp4netns)\n"
		"                           daemon,MAC,unix,SOCKET  a port of uml_switch\n"
		"                           fd,N,MAC                an inherited descriptor\n"
		"                           tuntap,DEV,MAC,IP       a tap device of the host\n"
		"                           fields may be left out; mac=, mtu=, depth=, gro=\n"
		"                           may follow");

static int parse_vec(const char *word, char *why, size_t len)
{
	return parse_device(&vec, word, why, len);
}

USERMODE_SWITCH(vec, "vec", parse_vec,
		"vec<n>:transport=T,KEY=VALUE,...  the same, with names for all fields");

/* ---- hot plug ---- */

static int plug(struct net_class *class, unsigned int n, const char *value, char *why,
		size_t len)
{
	struct net_slot *slot = &class->slots[n];
	int err;

	err = fill_slot(class, n, value, why, len);
	if (err)
		return err;
	err = net_card_create(slot);
	if (!err)
		return 0;
	snprintf(why, len, "no device was made (error %d)", -err);
	slot->setting.backend->close(&slot->link);
	slot->setting.backend = NULL;
	return err;
}

static int unplug(struct net_class *class, unsigned int n, char *why, size_t len)
{
	struct net_slot *slot = &class->slots[n];

	if (!slot->card) {
		strscpy(why, "no such device", len);
		return -ENODEV;
	}
	net_card_destroy(slot);
	slot->setting.backend->close(&slot->link);
	slot->setting.backend = NULL;
	return 0;
}

static int query(const struct net_class *class, unsigned int n, char *buf, size_t len)
{
	if (!class->slots[n].card)
		return -ENODEV;
	strscpy(buf, class->slots[n].typed, len);
	return 0;
}

static int eth_config(unsigned int n, char *value, char *why, size_t len)
{
	return plug(&eth, n, value, why, len);
}

static int eth_query(unsigned int n, char *buf, size_t len)
{
	return query(&eth, n, buf, len);
}

static int eth_remove(unsigned int n, char *why, size_t len)
{
	return unplug(&eth, n, why, len);
}

static struct hotplug_class eth_hotplug = {
	.name	= "eth",
	.count	= NET_DEVICES,
	.config	= eth_config,
	.query	= eth_query,
	.remove	= eth_remove,
};

static int vec_config(unsigned int n, char *value, char *why, size_t len)
{
	return plug(&vec, n, value, why, len);
}

static int vec_query(unsigned int n, char *buf, size_t len)
{
	return query(&vec, n, buf, len);
}

static int vec_remove(unsigned int n, char *why, size_t len)
{
	return unplug(&vec, n, why, len);
}

static struct hotplug_class vec_hotplug = {
	.name	= "vec",
	.count	= NET_DEVICES,
	.config	= vec_config,
	.query	= vec_query,
	.remove	= vec_remove,
};

/* ---- init ---- */

static void __init create_cards(struct net_class *class)
{
	unsigned int n;
	int err;

	for (n = 0; n < NET_DEVICES; n++) {
		if (!class->slots[n].setting.backend)
			continue;
		err = net_card_create(&class->slots[n]);
		if (err)
			pr_err("%s%u: no device was made (error %d)\n", class->name, n, -err);
	}
}

static int __init net_init(void)
{
	create_cards(&eth);
	create_cards(&vec);
	hotplug_register(&eth_hotplug);
	hotplug_register(&vec_hotplug);
	return 0;
}
device_initcall(net_init);
