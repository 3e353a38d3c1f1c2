/* SPDX-License-Identifier: GPL-2.0 */
/* The host's cache lines. */
#ifndef __ASM_USERMODE_CACHE_H
#define __ASM_USERMODE_CACHE_H

#define L1_CACHE_SHIFT	6
#define L1_CACHE_BYTES	64

#endif
