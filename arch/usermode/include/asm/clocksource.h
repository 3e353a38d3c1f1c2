/* SPDX-License-Identifier: GPL-2.0 */
/* Clock sources have nothing of the port's own but how programs read them. */
#ifndef __ASM_USERMODE_CLOCKSOURCE_H
#define __ASM_USERMODE_CLOCKSOURCE_H

#include <asm/vdso/clocksource.h>

#endif
