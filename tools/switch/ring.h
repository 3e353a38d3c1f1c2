/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.h - frames in memory that two processes share (linux/usermode/switch_ring.h).
 *
 * A struct ring is one side's view of one ring: it keeps its own position to
 * itself, because the other side can write to all of the memory.
 */
#ifndef SWITCH_RING_H
#define SWITCH_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include <linux/usermode/switch_ring.h>

/**
 * struct ring - an end of a ring
 * @shared:	the memory
 * @own:	head of a producer, tail of a consumer: what was done
 * @other:	the opposite, as it was last seen
 */
struct ring {
	struct switch_ring *shared;
	uint32_t own, other;
};

#define RING_BROKEN	(-1)	/* the other side has written nonsense */

/* producer: 1: the frame is in, 0: there is no room, RING_BROKEN */
int ring_put(struct ring *ring, const struct iovec *iov, unsigned int n);
/* producer: let the other side see what was put in; true: ring its bell */
bool ring_publish(struct ring *ring);
/* producer: be told when there is room; false: there is some now */
bool ring_wait_room(struct ring *ring);
/* consumer: bytes of the next frame, copied to @to; 0: none, RING_BROKEN */
int ring_get(struct ring *ring, void *to, unsigned int size);
/* consumer: give back the room of what was taken out; true: ring the other's bell */
bool ring_release(struct ring *ring);
/* consumer: be told when there is something; false: there is something now */
bool ring_sleep(struct ring *ring);

#endif
