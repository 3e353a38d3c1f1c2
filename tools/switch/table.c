// SPDX-License-Identifier: GPL-2.0
/*
 * table.c - which address was seen where.
 *
 * Owns a table of fixed size: each address has a bucket of a few places, and a
 * new one takes the oldest. So neither a flood of addresses nor their choice (the
 * hash has a secret) makes it grow or slow.
 */
#include <string.h>
#include <sys/random.h>
#include "switch.h"

#define BUCKETS	4096		/* a power of two */
#define WAYS	8
#define SECOND	1000000000ULL

struct entry {
	uint8_t mac[MAC];
	uint16_t vlan;
	struct port *port;	/* NULL: free */
	uint64_t seen;
};

unsigned int ageing = 300;

static struct entry table[BUCKETS][WAYS];
static uint64_t secret;

static struct entry *bucket_of(const uint8_t *mac, unsigned int vlan)
{
	uint64_t x = vlan;

	while (!secret)
		if (getrandom(&secret, sizeof(secret), 0) < 0)
			secret = now_ns() | 1;
	memcpy((uint8_t *)&x + 2, mac, MAC);
	x = (x ^ secret) * 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 32 ^ secret) * 0xd6e8feb86659fd93ULL;
	return table[(x >> 40) % BUCKETS];
}

static bool is_it(const struct entry *entry, const uint8_t *mac, unsigned int vlan)
{
	return entry->port && entry->vlan == vlan && !memcmp(entry->mac, mac, MAC);
}

void table_learn(const uint8_t *mac, unsigned int vlan, struct port *port)
{
	struct entry *bucket = bucket_of(mac, vlan), *oldest = bucket;
	unsigned int i;

	if (mac[0] & 1)
		return;		/* a group sends nothing */
	for (i = 0; i < WAYS; i++) {
		if (is_it(&bucket[i], mac, vlan)) {
			bucket[i].port = port;
			bucket[i].seen = now_ns();
			return;
		}
		if (!bucket[i].port)
			oldest = &bucket[i];
		else if (oldest->port && bucket[i].seen < oldest->seen)
			oldest = &bucket[i];
	}
	memcpy(oldest->mac, mac, MAC);
	oldest->vlan = vlan;
	oldest->port = port;
	oldest->seen = now_ns();
}

struct port *table_find(const uint8_t *mac, unsigned int vlan)
{
	struct entry *bucket = bucket_of(mac, vlan);
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		if (!is_it(&bucket[i], mac, vlan))
			continue;
		if (now_ns() - bucket[i].seen > ageing * SECOND)
			bucket[i].port = NULL;
		return bucket[i].port;
	}
	return NULL;
}

void table_forget(const struct port *port)
{
	unsigned int b, i;

	for (b = 0; b < BUCKETS; b++)
		for (i = 0; i < WAYS; i++)
			if (!port || table[b][i].port == port)
				table[b][i].port = NULL;
}

void table_each(void (*fn)(const uint8_t *mac, unsigned int vlan, unsigned int port,
			   unsigned int age, void *arg), void *arg)
{
	unsigned int b, i;

	for (b = 0; b < BUCKETS; b++) {
		for (i = 0; i < WAYS; i++) {
			const struct entry *entry = &table[b][i];
			uint64_t age = (now_ns() - entry->seen) / SECOND;

			if (entry->port && age <= ageing)
				fn(entry->mac, entry->vlan, entry->port->number, age, arg);
		}
	}
}
