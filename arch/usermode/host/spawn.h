/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spawn.h - children that share the caller's memory until they execute.
 *
 * The caller sleeps meanwhile, as with vfork(2), and has every signal blocked: no
 * handler may run in the child.
 */
#ifndef __USERMODE_HOST_SPAWN_H
#define __USERMODE_HOST_SPAWN_H

#include <linux/types.h>

/*
 * Call @fn with @arg in a child, on @stack, @size bytes, a multiple of 16. Returns
 * the child's pid or -errno when the child has executed something or has ended.
 */
long spawn_call(void (*fn)(void *arg), void *arg, void *stack, size_t size);

/* in a child: no descriptor survives its exec, unless it is passed after this */
void spawn_close_on_exec(void);

#endif /* __USERMODE_HOST_SPAWN_H */
