/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sparsemem.h - in what units memory comes while the guest runs.
 */
#ifndef __ASM_USERMODE_SPARSEMEM_H
#define __ASM_USERMODE_SPARSEMEM_H

#define SECTION_SIZE_BITS	25	/* 32 MiB */
#define MAX_PHYSMEM_BITS	43	/* PHYS_MAX */

#endif
