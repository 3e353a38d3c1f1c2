/* SPDX-License-Identifier: GPL-2.0 */
/* mman.h - MAP_32BIT needs its own placement of mappings (isa/x86/mmap.c). */
#ifndef __ASM_USERMODE_MMAN_H
#define __ASM_USERMODE_MMAN_H

#include <uapi/asm/mman.h>

#define HAVE_ARCH_UNMAPPED_AREA
#define HAVE_ARCH_UNMAPPED_AREA_TOPDOWN

#endif
