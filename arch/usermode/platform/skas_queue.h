/* SPDX-License-Identifier: GPL-2.0 */
/*
 * skas_queue.h - mapping operations that wait until guest code runs next.
 *
 * Plain data; whoever serialises a space serialises its queue.
 */
#ifndef __USERMODE_PLATFORM_SKAS_QUEUE_H
#define __USERMODE_PLATFORM_SKAS_QUEUE_H

#include <linux/types.h>

#define SKAS_ORDERS	60

/**
 * struct skas_order - one operation
 * @va, @len:	guest addresses
 * @phys:	offset in physical memory, if it maps
 * @prot:	HOST_PROT_*; HOST_PROT_NONE: unmap
 */
struct skas_order {
	unsigned long va;
	unsigned long len;
	u64 phys;
	int prot;
};

/**
 * struct skas_queue - operations in the order in which they take effect
 * @drop_all:	unmap everything first
 * @nr:		orders in use
 * @order:	the operations
 */
struct skas_queue {
	bool drop_all;
	unsigned int nr;
	struct skas_order order[SKAS_ORDERS];
};

/* false: the queue is full, and unchanged */
bool skas_queue_add(struct skas_queue *queue, const struct skas_order *order);

/* forget what is queued and unmap everything instead */
void skas_queue_drop_all(struct skas_queue *queue);

#endif
