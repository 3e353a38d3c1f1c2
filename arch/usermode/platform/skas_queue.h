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
#define SKAS_RECENT	4

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
 * @recent:	runs of memory that will be mapped once all of that is done, or have
 *		been since; those that grew last. @len 0: none
 * @oldest:	of these, the one to be replaced
 */
struct skas_queue {
	bool drop_all;
	unsigned int nr;
	struct skas_order order[SKAS_ORDERS];
	struct skas_order recent[SKAS_RECENT];
	unsigned int oldest;
};

/*
 * Queue @order, or what of it is not there yet. False: the queue is full, and
 * unchanged.
 */
bool skas_queue_add(struct skas_queue *queue, const struct skas_order *order);

/* unmap everything, then do what is queued */
void skas_queue_begin_again(struct skas_queue *queue);

/* forget what is queued and unmap everything instead */
void skas_queue_drop_all(struct skas_queue *queue);

/* forget what is queued, where nothing is mapped */
void skas_queue_forget(struct skas_queue *queue);

/* all of it is done */
void skas_queue_done(struct skas_queue *queue);

#endif
