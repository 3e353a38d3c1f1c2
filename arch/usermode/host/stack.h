/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stack.h - stacks for the host layer's own threads.
 *
 * Private memory of the program's own host process, with a page below that faults;
 * mapping and unmapping may block (home.h).
 */
#ifndef __USERMODE_HOST_STACK_H
#define __USERMODE_HOST_STACK_H

#include <linux/types.h>

#define HOST_STACK_SIZE	16384		/* bytes; the layer's own threads stay far below */

/* lowest usable address of @size bytes (a multiple of the page size), or -errno */
long host_stack_map(size_t size);
void host_stack_unmap(void *stack, size_t size);

#endif /* __USERMODE_HOST_STACK_H */
