// SPDX-License-Identifier: GPL-2.0
/*
 * ring.c - frames in memory that two processes share.
 *
 * Owns nothing. Each function is the producer's or the consumer's; the other one
 * runs at the same time, and may write anything at any time: what is read from
 * shared memory is read once, checked, and used as it was read.
 */
#include <string.h>
#include "../compiler.h"
#include "ring.h"

#define LENGTH	sizeof(uint32_t)

static uint32_t room_of(uint32_t len)
{
	return (LENGTH + len + SWITCH_RING_ALIGN - 1) & ~(SWITCH_RING_ALIGN - 1);
}

static void copy_in(struct switch_ring *shared, uint32_t at, const uint8_t *from, uint32_t len)
{
	uint32_t offset = at % SWITCH_RING_SIZE, first = SWITCH_RING_SIZE - offset;

	if (first > len)
		first = len;
	memcpy(shared->data + offset, from, first);
	memcpy(shared->data, from + first, len - first);
}

static void copy_out(uint8_t *to, const struct switch_ring *shared, uint32_t at, uint32_t len)
{
	uint32_t offset = at % SWITCH_RING_SIZE, first = SWITCH_RING_SIZE - offset;

	if (first > len)
		first = len;
	memcpy(to, shared->data + offset, first);
	memcpy(to + first, shared->data, len - first);
}

/* a flag that the other side has set is cleared by whoever acts on it */
static bool take_flag(uint32_t *flag)
{
	/* what was written before must be seen by who sets it and then looks */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!READ_ONCE(*flag))
		return false;
	WRITE_ONCE(*flag, 0);
	return true;
}

static void set_flag(uint32_t *flag)
{
	WRITE_ONCE(*flag, 1);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* ---- producer ---- */

/* bytes that are taken; more than there are: nonsense */
static uint32_t look_at_tail(struct ring *ring)
{
	ring->other = __atomic_load_n(&ring->shared->tail.value, __ATOMIC_ACQUIRE);
	return ring->own - ring->other;
}

int ring_put(struct ring *ring, const struct iovec *iov, unsigned int n)
{
	uint32_t len = 0, at = ring->own + LENGTH;
	unsigned int i;

	for (i = 0; i < n; i++)
		len += iov[i].iov_len;
	if (SWITCH_RING_SIZE - (ring->own - ring->other) < room_of(len)) {
		if (look_at_tail(ring) > SWITCH_RING_SIZE)
			return RING_BROKEN;
		if (SWITCH_RING_SIZE - (ring->own - ring->other) < room_of(len))
			return 0;
	}
	memcpy(ring->shared->data + ring->own % SWITCH_RING_SIZE, &len, sizeof(len));
	for (i = 0; i < n; i++) {
		copy_in(ring->shared, at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	ring->own += room_of(len);
	return 1;
}

bool ring_publish(struct ring *ring)
{
	__atomic_store_n(&ring->shared->head.value, ring->own, __ATOMIC_RELEASE);
	return take_flag(&ring->shared->sleeping.value);
}

bool ring_wait_room(struct ring *ring)
{
	uint32_t before = ring->other;

	set_flag(&ring->shared->full.value);
	look_at_tail(ring);
	return ring->other == before;
}

/* ---- consumer ---- */

int ring_get(struct ring *ring, void *to, unsigned int size)
{
	uint32_t there = ring->other - ring->own, len;

	if (!there) {
		ring->other = __atomic_load_n(&ring->shared->head.value, __ATOMIC_ACQUIRE);
		there = ring->other - ring->own;
		if (!there)
			return 0;
		if (there > SWITCH_RING_SIZE)
			return RING_BROKEN;
	}
	len = READ_ONCE(*(uint32_t *)(ring->shared->data + ring->own % SWITCH_RING_SIZE));
	/* so that room_of() does not overflow, and that the copy has room */
	if (!len || len > size || room_of(len) > there || ring->own % SWITCH_RING_ALIGN)
		return RING_BROKEN;
	copy_out(to, ring->shared, ring->own + LENGTH, len);
	ring->own += room_of(len);
	return len;
}

bool ring_release(struct ring *ring)
{
	__atomic_store_n(&ring->shared->tail.value, ring->own, __ATOMIC_RELEASE);
	return take_flag(&ring->shared->full.value);
}

bool ring_sleep(struct ring *ring)
{
	set_flag(&ring->shared->sleeping.value);
	ring->other = __atomic_load_n(&ring->shared->head.value, __ATOMIC_ACQUIRE);
	return ring->other == ring->own;
}
