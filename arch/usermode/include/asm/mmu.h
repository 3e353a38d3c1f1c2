/* SPDX-License-Identifier: GPL-2.0 */
/* The port's part of an mm: the host's cache of its page tables. */
#ifndef __ASM_USERMODE_MMU_H
#define __ASM_USERMODE_MMU_H

struct space;

typedef struct {
	struct space *space;
	unsigned long vdso;	/* where [vdso] is, 0: nowhere */
} mm_context_t;

#endif
