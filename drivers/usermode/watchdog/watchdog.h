/* SPDX-License-Identifier: GPL-2.0 */
/* watchdog.h - for those who make the guest stand still on purpose. */
#ifndef __USERMODE_WATCHDOG_H
#define __USERMODE_WATCHDOG_H

#include <linux/types.h>

#ifdef CONFIG_USERMODE_WATCHDOG
/* the guest cannot ping for a while (true), or can again. Any context */
void watchdog_pause(bool pause);
#else
static inline void watchdog_pause(bool pause)
{
}
#endif

#endif
