/* SPDX-License-Identifier: GPL-2.0 */
/* pause.h - times when the host did not let the machine run. */
#ifndef __ASM_USERMODE_PAUSE_H
#define __ASM_USERMODE_PAUSE_H

#include <linux/types.h>

/* the CPU's timer is due then, host's CLOCK_MONOTONIC in ns; 0: never. Interrupts off. */
void pause_expect(u64 due);

/* the timer's interrupt is here, for what was expected last. Interrupts off. */
void pause_notice(void);

#endif
