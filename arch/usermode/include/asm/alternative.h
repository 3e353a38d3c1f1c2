/* SPDX-License-Identifier: GPL-2.0 */
/*
 * alternative.h - the lock prefix, for the headers shared with x86.
 *
 * There is no patching of alternatives here. Other host threads write kernel
 * memory too (the event thread, I/O workers), but only through the explicitly
 * atomic helpers of the host layer, so a kernel for one virtual CPU may leave
 * the prefix out as x86 does.
 */
#ifndef __ASM_USERMODE_ALTERNATIVE_H
#define __ASM_USERMODE_ALTERNATIVE_H

#include <asm/asm.h>

#ifdef CONFIG_SMP
#define LOCK_PREFIX_HERE ""
#define LOCK_PREFIX "lock; "
#else
#define LOCK_PREFIX_HERE ""
#define LOCK_PREFIX ""
#endif

#endif
