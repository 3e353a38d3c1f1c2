/* SPDX-License-Identifier: GPL-2.0 */
/* Clock sources that guest code can read by itself. */
#ifndef __ASM_USERMODE_VDSO_CLOCKSOURCE_H
#define __ASM_USERMODE_VDSO_CLOCKSOURCE_H

/* the host CPU's time stamp counter, by a line of the host's clock (tscline.h) */
#define VDSO_ARCH_CLOCKMODES	VDSO_CLOCKMODE_TSC

#endif
