/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tscline.h - the host's monotonic clock as a line over the time stamp counter.
 *
 * Kernel and vDSO read the same line, so that what one says never lies behind
 * what the other said. kernel/tsc.c bends the line from time to time, always at
 * a point that lies on it.
 */
#ifndef __ASM_USERMODE_VDSO_TSCLINE_H
#define __ASM_USERMODE_VDSO_TSCLINE_H

#include <linux/types.h>

/* a count of less than 256 ns, in 64 bits of fixed point */
#define TSC_LINE_SHIFT	56

/**
 * struct tsc_line - nanoseconds as a function of the counter
 * @tsc:	the counter at a point of the line
 * @ns:		the nanoseconds there
 * @mult:	nanoseconds a count, shifted left by TSC_LINE_SHIFT
 */
struct tsc_line {
	u64 tsc;
	u64 ns;
	u64 mult;
};

/* the counter, read neither before what precedes nor after what follows */
static __always_inline u64 tsc_read(void)
{
	u32 low, high;

	asm volatile("lfence\n\trdtsc" : "=a" (low), "=d" (high) : : "memory");
	return low | (u64)high << 32;
}

/* before its point the line is level: a counter that was reset goes nowhere */
static __always_inline u64 tsc_line_ns(const struct tsc_line *line, u64 tsc)
{
	u64 counts = tsc - line->tsc;

	if ((s64)counts < 0)
		return line->ns;
	return line->ns + (u64)(((u128)counts * line->mult) >> TSC_LINE_SHIFT);
}

#endif
