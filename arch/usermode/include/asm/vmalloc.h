/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __ASM_USERMODE_VMALLOC_H
#define __ASM_USERMODE_VMALLOC_H
#endif
