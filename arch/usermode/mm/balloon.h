/* SPDX-License-Identifier: GPL-2.0 */
/* balloon.h - memory that the guest has lent back to the host. */
#ifndef __USERMODE_MM_BALLOON_H
#define __USERMODE_MM_BALLOON_H

#include <linux/types.h>

/*
 * balloon_inflate - take @bytes of memory from the guest, give them to the host
 *
 * Takes what is free or can be reclaimed, waits a while for more, and leaves the
 * guest enough to go on. Return: bytes that were taken. The callers of all three
 * serialise. Context: task, may sleep for long.
 */
u64 balloon_inflate(u64 bytes);

/* give up to @bytes back to the guest; returns how many it was */
u64 balloon_deflate(u64 bytes);

/* bytes that the guest has lent */
u64 balloon_bytes(void);

#endif
