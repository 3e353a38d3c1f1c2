/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guard.h - the host process that waits for the guest's pings.
 *
 * It is this executable in another role. What it reads from its standard input
 * are words of 32 bits: the seconds within which the next one is to come, 0: not
 * before further notice. At the end of the input the guest is gone, and so is it.
 */
#ifndef __USERMODE_WATCHDOG_GUARD_H
#define __USERMODE_WATCHDOG_GUARD_H

#include <linux/types.h>

/* start it: a descriptor to write to, or -errno. Task context, may sleep */
int guard_open(void);

/* one word for it; the host never makes the guest wait. Any context. 0 or -errno */
int guard_tell(int fd, u32 seconds);

#endif
