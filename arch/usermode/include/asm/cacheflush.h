/* SPDX-License-Identifier: GPL-2.0 */
/* Caches are coherent; the hooks for new kernel mappings tell the host. */
#ifndef __ASM_USERMODE_CACHEFLUSH_H
#define __ASM_USERMODE_CACHEFLUSH_H

#include <asm/tlbflush.h>

#define flush_cache_vmap(start, end)	kmap_sync(start, end)

#include <asm-generic/cacheflush.h>

#endif
