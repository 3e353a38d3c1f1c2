// SPDX-License-Identifier: GPL-2.0
/*
 * skas_queue.c - the order queue: mapping operations, merged while they wait.
 *
 * Owns nothing; no locks, no host calls. An order that a later one covers is
 * dropped, and neighbours become one: a host mapping more is a host mapping
 * that counts against vm.max_map_count.
 */
#include <asm/host.h>
#include "skas_queue.h"

/* how far back an order is looked for that the new one makes useless */
#define LOOK_BACK	8

static bool covers(const struct skas_order *a, const struct skas_order *b)
{
	return a->va <= b->va && b->va + b->len <= a->va + a->len;
}

static void forget(struct skas_queue *queue, unsigned int i)
{
	for (queue->nr--; i < queue->nr; i++)
		queue->order[i] = queue->order[i + 1];
}

/* make @last do what @next does too, if one host call can */
static bool merge(struct skas_order *last, const struct skas_order *next)
{
	unsigned long last_end = last->va + last->len;
	unsigned long next_end = next->va + next->len;

	if (last->prot != next->prot)
		return false;

	if (next->prot == HOST_PROT_NONE) {
		if (next->va > last_end || next_end < last->va)
			return false;
		if (next->va < last->va)
			last->va = next->va;
		last->len = (next_end > last_end ? next_end : last_end) - last->va;
		return true;
	}
	/* one run of physical memory, whichever end grows */
	if (next->va - last->va != next->phys - last->phys)
		return false;
	if (next->va == last_end) {
		last->len += next->len;
		return true;
	}
	if (next_end == last->va) {
		last->va = next->va;
		last->phys = next->phys;
		last->len += next->len;
		return true;
	}
	return covers(last, next);
}

bool skas_queue_add(struct skas_queue *queue, const struct skas_order *order)
{
	unsigned int i = queue->nr;
	unsigned int stop = i > LOOK_BACK ? i - LOOK_BACK : 0;

	while (i-- > stop)
		if (covers(order, &queue->order[i]))
			forget(queue, i);

	if (queue->nr && merge(&queue->order[queue->nr - 1], order))
		return true;
	if (queue->nr == SKAS_ORDERS)
		return false;
	queue->order[queue->nr++] = *order;
	return true;
}

void skas_queue_drop_all(struct skas_queue *queue)
{
	queue->nr = 0;
	queue->drop_all = true;
}
