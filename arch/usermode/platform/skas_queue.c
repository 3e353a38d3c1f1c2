// SPDX-License-Identifier: GPL-2.0
/*
 * skas_queue.c - the order queue: mapping operations, merged while they wait.
 *
 * Owns nothing; no locks, no host calls. An order that a later one covers is
 * dropped, and neighbours become one: a host mapping more is a host mapping
 * that counts against vm.max_map_count. Of a run that grows, fault by fault, only
 * what is new is mapped: the host would unmap all the rest first.
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

/* ---- what is there already ---- */

static unsigned long end_of(const struct skas_order *o)
{
	return o->va + o->len;
}

static bool overlap(const struct skas_order *a, const struct skas_order *b)
{
	return a->va < end_of(b) && b->va < end_of(a);
}

/* is @o of the same run of memory as @recent, with no hole between them? */
static bool continues(const struct skas_order *recent, const struct skas_order *o)
{
	return recent->len && recent->prot == o->prot &&
	       o->va - recent->va == o->phys - recent->phys &&
	       o->va <= end_of(recent) && recent->va <= end_of(o);
}

/*
 * Less what is there. Where that is all of it, it stays: somebody needs it, so it
 * cannot be there.
 */
static void trim(const struct skas_queue *queue, struct skas_order *o)
{
	const struct skas_order *r;
	unsigned long skip;

	for (r = queue->recent; r < queue->recent + SKAS_RECENT; r++) {
		if (o->prot == HOST_PROT_NONE || !continues(r, o) || covers(r, o))
			continue;
		if (o->va >= r->va) {
			skip = end_of(r) - o->va;
			o->va += skip;
			o->phys += skip;
			o->len -= skip;
		} else if (end_of(o) <= end_of(r)) {
			o->len = r->va - o->va;
		}
		return;
	}
}

/* @o is queued: what is there then? */
static void note(struct skas_queue *queue, const struct skas_order *o)
{
	bool known = o->prot == HOST_PROT_NONE;
	struct skas_order *r;
	unsigned long end;

	for (r = queue->recent; r < queue->recent + SKAS_RECENT; r++) {
		if (o->prot != HOST_PROT_NONE && continues(r, o)) {
			known = true;
			end = end_of(r) > end_of(o) ? end_of(r) : end_of(o);
			if (o->va < r->va) {
				r->va = o->va;
				r->phys = o->phys;
			}
			r->len = end - r->va;
		} else if (overlap(r, o)) {
			r->len = 0;
		}
	}
	if (!known)
		queue->recent[queue->oldest++ % SKAS_RECENT] = *o;
}

static void forget_recent(struct skas_queue *queue)
{
	unsigned int i;

	for (i = 0; i < SKAS_RECENT; i++)
		queue->recent[i].len = 0;
}

/* ---- the queue ---- */

bool skas_queue_add(struct skas_queue *queue, const struct skas_order *order)
{
	unsigned int i = queue->nr;
	unsigned int stop = i > LOOK_BACK ? i - LOOK_BACK : 0;
	struct skas_order rest = *order;

	/* first: what is there may be there because it is queued */
	trim(queue, &rest);
	while (i-- > stop)
		if (covers(&rest, &queue->order[i]))
			forget(queue, i);

	if (!queue->nr || !merge(&queue->order[queue->nr - 1], &rest)) {
		if (queue->nr == SKAS_ORDERS)
			return false;
		queue->order[queue->nr++] = rest;
	}
	note(queue, order);
	return true;
}

void skas_queue_begin_again(struct skas_queue *queue)
{
	queue->drop_all = true;
	forget_recent(queue);
}

void skas_queue_drop_all(struct skas_queue *queue)
{
	queue->nr = 0;
	skas_queue_begin_again(queue);
}

void skas_queue_forget(struct skas_queue *queue)
{
	queue->nr = 0;
	forget_recent(queue);
}

void skas_queue_done(struct skas_queue *queue)
{
	queue->nr = 0;
	queue->drop_all = false;
}
