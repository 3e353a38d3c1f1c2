// SPDX-License-Identifier: GPL-2.0
/*
 * queue_test.c - a queue of mapping operations means what its operations mean.
 *
 * Random operations are applied to a model page by page, and to a queue, which
 * is applied to a second model whenever it is full. Both must agree. A walk, page
 * after page, must not map again what it has mapped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <asm/host.h>
#include "skas_queue.h"

#define PAGES	64
#define PAGE	4096UL

struct page {
	u64 phys;
	int prot;
};

static void apply(struct page *model, const struct skas_order *o)
{
	unsigned long i;

	for (i = 0; i < o->len / PAGE; i++) {
		model[o->va / PAGE + i].phys = o->prot ? o->phys + i * PAGE : 0;
		model[o->va / PAGE + i].prot = o->prot;
	}
}

static void apply_queue(struct page *model, struct skas_queue *queue)
{
	unsigned int i;

	if (queue->drop_all)
		memset(model, 0, PAGES * sizeof(*model));
	for (i = 0; i < queue->nr; i++)
		apply(model, &queue->order[i]);
	skas_queue_done(queue);
}

/* faults of a walk, each for all of the run up to there: bytes that are mapped */
static unsigned long walk(struct skas_queue *queue)
{
	unsigned long bytes = 0, n;
	unsigned int i;

	for (n = 1; n <= PAGES; n++) {
		struct skas_order o = { .len = n * PAGE, .phys = PAGE, .prot = HOST_PROT_READ };

		if (!skas_queue_add(queue, &o))
			return 0;
		for (i = 0; i < queue->nr; i++)
			bytes += queue->order[i].len;
		skas_queue_done(queue);
	}
	return bytes;
}

int main(void)
{
	static struct page want[PAGES], have[PAGES];
	static struct skas_queue queue;
	unsigned long n, orders = 0, executed = 0;
	unsigned int i;

	srandom(1);
	for (n = 0; n < 2000000; n++) {
		struct skas_order o = { .va = random() % PAGES * PAGE };
		unsigned long max = PAGES - o.va / PAGE;

		o.len = (random() % 4 ? 1 : random() % max + 1) * PAGE;
		if (random() % 3) {
			o.prot = random() % 2 ? HOST_PROT_READ : HOST_PROT_READ | HOST_PROT_WRITE;
			/* often what continues its neighbour */
			o.phys = random() % 3 ? o.va + PAGES * PAGE : random() % 256 * PAGE;
		}
		orders++;
		apply(want, &o);
		if (!skas_queue_add(&queue, &o)) {
			executed += queue.nr;
			apply_queue(have, &queue);
			if (!skas_queue_add(&queue, &o))
				return 1;
		}
		if (random() % 1000 == 0) {
			/* the host had no room: nothing but what is queued is there */
			skas_queue_begin_again(&queue);
			memset(want, 0, sizeof(want));
			for (i = 0; i < queue.nr; i++)
				apply(want, &queue.order[i]);
		}
		if (random() % 1000 == 0) {
			skas_queue_drop_all(&queue);
			memset(want, 0, sizeof(want));
		}
		if (random() % 50 == 0) {
			executed += queue.nr;
			apply_queue(have, &queue);
			if (memcmp(want, have, sizeof(want))) {
				printf("FAIL after %lu orders\n", n);
				return 1;
			}
		}
	}
	memset(&queue, 0, sizeof(queue));
	if (walk(&queue) != PAGES * PAGE) {
		printf("FAIL: a walk maps again what it has mapped\n");
		return 1;
	}
	printf("queue: %lu orders, %lu executed\n", orders, executed);
	return 0;
}
