// SPDX-License-Identifier: GPL-2.0
/*
 * setting.c - the words of one network device.
 *
 * Owns the names of keys, and the rules by which both spellings become a struct
 * net_setting: "eth0=TRANSPORT,FIELD,..." has fields by position, "vec0:" has
 * "key=value" only; in the first, key=value may stand anywhere, too.
 *
 * Runs before there is a kernel, or in a process. Knows nothing but words.
 */
#include <linux/errno.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <uapi/linux/if_ether.h>
#include <asm/host.h>
#include "net.h"

#define BATCH_MAX	1024	/* depth= that is accepted; no more than NET_BATCH is used */
#define HEADROOM_MAX	512

static const char *const key_names[NET_KEYS] = {
	[NET_KEY_MAC] = "mac",
	[NET_KEY_MTU] = "mtu",
	[NET_KEY_GRO] = "gro",
	[NET_KEY_DEPTH] = "depth",
	[NET_KEY_VEC] = "vec",
	[NET_KEY_HEADROOM] = "headroom",
	[NET_KEY_IFNAME] = "ifname",
	[NET_KEY_ADDRESS] = "address",
	[NET_KEY_FD] = "fd",
	[NET_KEY_TYPE] = "type",
	[NET_KEY_PATH] = "path",
	[NET_KEY_SRC] = "src",
	[NET_KEY_DST] = "dst",
	[NET_KEY_SRCPORT] = "srcport",
	[NET_KEY_DSTPORT] = "dstport",
	[NET_KEY_TTL] = "ttl",
	[NET_KEY_V6] = "v6",
	[NET_KEY_UDP] = "udp",
	[NET_KEY_RX_KEY] = "rx_key",
	[NET_KEY_TX_KEY] = "tx_key",
	[NET_KEY_RX_SESSION] = "rx_session",
	[NET_KEY_TX_SESSION] = "tx_session",
	[NET_KEY_RX_COOKIE] = "rx_cookie",
	[NET_KEY_TX_COOKIE] = "tx_cookie",
	[NET_KEY_COOKIE64] = "cookie64",
	[NET_KEY_COUNTER] = "counter",
	[NET_KEY_PIN_SEQUENCE] = "pin_sequence",
	[NET_KEY_BPFFILE] = "bpffile",
	[NET_KEY_VNL] = "vnl",
	[NET_KEY_VNET] = "vnet",
	[NET_KEY_PORT] = "port",
	[NET_KEY_HELPER] = "helper",
	[NET_KEY_HOSTFWD] = "hostfwd",
	[NET_KEY_QUEUES] = "queues",
	[NET_KEY_COMMAND] = "command",
	[NET_KEY_RING] = "ring",
};

static const enum net_key common_keys[] = {
	NET_KEY_MAC, NET_KEY_MTU, NET_KEY_GRO, NET_KEY_DEPTH, NET_KEY_VEC, NET_KEY_HEADROOM,
	NET_KEY_NONE
};

int net_refuse(char *why, size_t len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, len, format, args);
	va_end(args);
	return -EINVAL;
}

int net_fail(char *why, size_t len, int err, const char *what)
{
	snprintf(why, len, "%s: %s", what, host_error_text(err));
	return err;
}

/* ---- values ---- */

bool net_address(const char *text, bool v6, void *address)
{
	return v6 ? in6_pton(text, -1, address, -1, NULL) : in4_pton(text, -1, address, -1, NULL);
}

int net_number(const struct net_setting *setting, enum net_key key, u64 min, u64 max,
	       u64 fallback, u64 *n, char *why, size_t len)
{
	const char *value = setting->value[key];

	*n = fallback;
	if (!value)
		return 0;
	if (kstrtou64(value, 0, n) || *n < min || *n > max)
		return net_refuse(why, len, "%s=%.40s: not a number from %llu to %llu",
				  key_names[key], value, min, max);
	return 0;
}

int net_flag(const struct net_setting *setting, enum net_key key, bool fallback, bool *on,
	     char *why, size_t len)
{
	const char *value = setting->value[key];

	*on = fallback;
	if (!value || !kstrtobool(value, on))
		return 0;
	return net_refuse(why, len, "%s=%.40s: write %s=1 or %s=0", key_names[key], value,
			  key_names[key], key_names[key]);
}

static int parse_mac(struct net_setting *setting, char *why, size_t len)
{
	const char *value = setting->value[NET_KEY_MAC];

	if (!value)
		return 0;
	if (strlen(value) != 17 || !mac_pton(value, setting->mac))
		return net_refuse(why, len,
				  "%.40s: not a MAC address; write for example 02:00:00:00:00:01",
				  value);
	if (setting->mac[0] & 1)
		return net_refuse(why, len, "%s: a group's address, no device can have it", value);
	setting->has_mac = true;
	return 0;
}

static int parse_common(struct net_setting *setting, char *why, size_t len)
{
	u64 mtu, depth, headroom;
	bool many;

	if (parse_mac(setting, why, len) ||
	    net_number(setting, NET_KEY_MTU, ETH_MIN_MTU, NET_FRAME_MAX, 0, &mtu, why, len) ||
	    net_number(setting, NET_KEY_DEPTH, 1, BATCH_MAX, NET_BATCH, &depth, why, len) ||
	    net_number(setting, NET_KEY_HEADROOM, 0, HEADROOM_MAX, 0, &headroom, why, len) ||
	    net_flag(setting, NET_KEY_VEC, true, &many, why, len) ||
	    net_flag(setting, NET_KEY_GRO, true, &setting->gro, why, len))
		return -EINVAL;
	setting->mtu = mtu;
	setting->headroom = headroom;
	setting->batch = many ? min_t(u64, depth, NET_BATCH) : 1;
	return 0;
}

/* ---- words ---- */

static bool has_key(const enum net_key *keys, enum net_key key)
{
	for (; keys && *keys != NET_KEY_NONE; keys++)
		if (*keys == key)
			return true;
	return false;
}

static bool takes_key(const struct net_backend *backend, enum net_key key)
{
	return has_key(common_keys, key) || has_key(backend->fields, key) ||
	       has_key(backend->keys, key);
}

/* the key at the beginning of "key=value"; NET_KEY_NONE: there is none */
static enum net_key find_key(const char *word, char **value)
{
	char *equals = strchr(word, '=');
	size_t n = equals ? equals - word : 0;
	enum net_key key;

	for (key = NET_KEY_NONE + 1; equals && key < NET_KEYS; key++) {
		if (strlen(key_names[key]) == n && !strncmp(word, key_names[key], n)) {
			*value = equals + 1;
			return key;
		}
	}
	return NET_KEY_NONE;
}

static int add_value(struct net_setting *setting, enum net_key key, const char *value,
		     char *why, size_t len)
{
	if (!takes_key(setting->backend, key))
		return net_refuse(why, len, "%s= is not for the transport %s", key_names[key],
				  setting->backend->name);
	if (key == NET_KEY_HOSTFWD) {
		if (setting->n_forwards == NET_FORWARDS)
			return net_refuse(why, len, "more than %d hostfwd=", NET_FORWARDS);
		setting->forwards[setting->n_forwards++] = value;
		return 0;
	}
	if (setting->value[key])
		return net_refuse(why, len, "%s= is given twice", key_names[key]);
	setting->value[key] = value;
	return 0;
}

static int too_many(const struct net_setting *setting, char *why, size_t len)
{
	const enum net_key *field = setting->backend->fields;
	char names[80] = "none";
	size_t at = 0;

	for (; field && *field != NET_KEY_NONE; field++)
		at += scnprintf(names + at, sizeof(names) - at, "%s%s", at ? "," : "",
				key_names[*field]);
	return net_refuse(why, len, "too many fields; those of %s are: %s",
			  setting->backend->name, names);
}

static int parse_words(struct net_setting *setting, char *text, bool keyed, char *why,
		       size_t len)
{
	const enum net_key *field = setting->backend->fields;
	char *word, *value;
	enum net_key key;
	int err;

	while ((word = strsep(&text, ","))) {
		key = find_key(word, &value);
		if (key == NET_KEY_NONE && keyed) {
			if (!strncmp(word, "transport=", 10) || !*word)
				continue;
			return net_refuse(why, len, "%.60s: no such key", word);
		}
		if (key == NET_KEY_NONE) {
			if (!field || *field == NET_KEY_NONE)
				return too_many(setting, why, len);
			key = *field++;
			value = word;
			if (!*word)
				continue;	/* left out */
		}
		err = add_value(setting, key, value, why, len);
		if (err)
			return err;
	}
	return 0;
}

/* the value of "transport=" somewhere in @text, copied to @name */
static void find_transport(const char *text, char *name, size_t size)
{
	const char *at = text;

	*name = 0;
	while (at) {
		if (!strncmp(at, "transport=", 10)) {
			strscpy(name, at + 10, size);
			*strchrnul(name, ',') = 0;
			return;
		}
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
}

int net_parse(char *text, bool keyed, struct net_setting *setting, char *why, size_t len)
{
	char transport[32];
	int err;

	memset(setting, 0, sizeof(*setting));
	if (keyed) {
		find_transport(text, transport, sizeof(transport));
	} else {
		char *name = strsep(&text, ",");

		strscpy(transport, name);
	}
	setting->backend = net_find_backend(transport, why, len);
	if (!setting->backend)
		return -EINVAL;
	err = parse_words(setting, text, keyed, why, len);
	return err ?: parse_common(setting, why, len);
}
