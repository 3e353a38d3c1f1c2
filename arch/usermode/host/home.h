/* SPDX-License-Identifier: GPL-2.0 */
/*
 * home.h - host calls that must be made in the program's own host process.
 *
 * Host threads, their stacks and children that are waited for belong to one host
 * process. Where the kernel runs in many (host/process.c), these are made by a
 * thread of the first one.
 */
#ifndef __USERMODE_HOST_HOME_H
#define __USERMODE_HOST_HOME_H

#include <linux/types.h>

/*
 * @fn(@arg), in the program's own host process. @arg, and what it points to, must
 * lie in memory that all host processes share, as kernel stacks do. May block.
 */
long host_home_call(long (*fn)(void *arg), void *arg);

/* are there other host processes that the kernel runs in? Once true, always */
bool host_home_needed(void);

#endif /* __USERMODE_HOST_HOME_H */
