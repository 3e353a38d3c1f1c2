/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __ASM_USERMODE_ENTRY_COMMON_H
#define __ASM_USERMODE_ENTRY_COMMON_H
#endif
