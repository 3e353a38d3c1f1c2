/* SPDX-License-Identifier: GPL-2.0 */
/* tt_ops.h - what the choice of a pair (core.c) knows of space tt. */
#ifndef __USERMODE_PLATFORM_TT_OPS_H
#define __USERMODE_PLATFORM_TT_OPS_H

struct space_ops;

extern const struct space_ops tt_space_ops;

/* platform_home() and platform_stop() */
void tt_home(void);
void tt_stop(void);

#endif
