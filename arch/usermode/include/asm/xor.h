/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xor.h - blocks exclusive-ored, for btrfs and md. One choice, so that no boot
 * spends its time on finding the fastest.
 */
#ifndef __ASM_USERMODE_XOR_H
#define __ASM_USERMODE_XOR_H

#include <asm-generic/xor.h>

#define XOR_SELECT_TEMPLATE(fastest)	((void)(fastest), &xor_block_32regs)

#endif /* __ASM_USERMODE_XOR_H */
