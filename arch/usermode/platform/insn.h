/* SPDX-License-Identifier: GPL-2.0 */
/* insn.h - what a guest's faulting instruction does to memory. */
#ifndef __USERMODE_PLATFORM_INSN_H
#define __USERMODE_PLATFORM_INSN_H

#include <linux/types.h>

struct guest_regs;

/*
 * Does the 64-bit instruction at @code, of which @len bytes are known, store at
 * @addr, where it faulted? true: certainly, and *@length is its length in bytes.
 * false: no, or it is none of those that are known here.
 */
bool insn_stores(const u8 *code, unsigned int len, const struct guest_regs *regs,
		 unsigned long addr, unsigned int *length);

#endif
