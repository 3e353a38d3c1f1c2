// SPDX-License-Identifier: GPL-2.0
/*
 * raid6.c - why RAID 6 and btrfs compute with integers here.
 *
 * lib/raid6 takes every x86-64 for one whose kernel may use vector registers. In
 * this one they always belong to guest code; each of these is passed over.
 */
#include <linux/raid/pq.h>

static int never(void)
{
	return 0;
}

const struct raid6_calls raid6_sse2x1 = { .valid = never, .name = "sse2x1" };
const struct raid6_calls raid6_sse2x2 = { .valid = never, .name = "sse2x2" };
const struct raid6_calls raid6_sse2x4 = { .valid = never, .name = "sse2x4" };
const struct raid6_calls raid6_avx2x1 = { .valid = never, .name = "avx2x1" };
const struct raid6_calls raid6_avx2x2 = { .valid = never, .name = "avx2x2" };
const struct raid6_calls raid6_avx2x4 = { .valid = never, .name = "avx2x4" };
