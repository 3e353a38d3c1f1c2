/* SPDX-License-Identifier: GPL-2.0 */
/* alternative.h - the lock prefix, for the headers shared with x86: never patched out. */
#ifndef __ASM_USERMODE_ALTERNATIVE_H
#define __ASM_USERMODE_ALTERNATIVE_H

#include <asm/asm.h>

#define LOCK_PREFIX_HERE ""
#define LOCK_PREFIX "lock; "

#endif
