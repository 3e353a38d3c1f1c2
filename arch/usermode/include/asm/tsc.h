/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tsc.h - the host's monotonic clock, read from the CPU's time stamp counter.
 */
#ifndef __ASM_USERMODE_TSC_H
#define __ASM_USERMODE_TSC_H

#include <asm/vdso/tscline.h>

/* boot, as early as can be: the first look at both clocks, after host_vdso_init() */
void tsc_observe_boot(void);

/**
 * tsc_init - find out whether the counter can be used, and if so register it
 *
 * Context: boot, once, some milliseconds after tsc_observe_boot().
 */
void tsc_init(void);

/**
 * tsc_bend - make the line follow the host's clock again, if it is time to
 *
 * Return: the line as it is from now on.
 * Context: the update of the vDSO's data: timekeeper_lock held, interrupts off.
 */
const struct tsc_line *tsc_bend(void);

/* nanoseconds of the host's monotonic clock, whichever way is fastest; any context */
u64 clock_ns(void);

#endif
