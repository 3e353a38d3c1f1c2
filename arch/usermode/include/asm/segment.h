/* SPDX-License-Identifier: GPL-2.0 */
/*
 * segment.h - selectors in a pt_regs.
 *
 * Kernel code runs with the same selectors as guest code, being an ordinary
 * program; the signal handler writes __KERNEL_CS into the pt_regs of
 * interrupted kernel code so that user_mode() can tell.
 */
#ifndef __ASM_USERMODE_SEGMENT_H
#define __ASM_USERMODE_SEGMENT_H

#include <asm/guest_regs.h>

#define __KERNEL_CS	0x10
#define __KERNEL_DS	0x18
#define __USER_CS	GUEST_CS
#define __USER_DS	GUEST_SS

#define SEGMENT_RPL_MASK	3
#define USER_RPL		3

#endif
