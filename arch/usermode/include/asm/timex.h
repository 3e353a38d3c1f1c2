/* SPDX-License-Identifier: GPL-2.0 */
/* Cycles are the host CPU's time stamp counter. */
#ifndef __ASM_USERMODE_TIMEX_H
#define __ASM_USERMODE_TIMEX_H

#define get_cycles get_cycles
static inline unsigned long get_cycles(void)
{
	unsigned int lo, hi;

	asm volatile("rdtsc" : "=a" (lo), "=d" (hi));
	return lo | ((unsigned long)hi << 32);
}

#define CLOCK_TICK_RATE	1193182UL

#include <asm-generic/timex.h>

#endif
