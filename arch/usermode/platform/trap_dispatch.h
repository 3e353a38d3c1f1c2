/* SPDX-License-Identifier: GPL-2.0 */
/* trap_dispatch.h - guest code caught by syscall user dispatch and signals. */
#ifndef __USERMODE_PLATFORM_TRAP_DISPATCH_H
#define __USERMODE_PLATFORM_TRAP_DISPATCH_H

#include <linux/types.h>

struct host_thread;
struct sigcontext_64;
struct trap_ops;

extern const struct trap_ops dispatch_trap_ops;

int dispatch_probe(const char **why);
const char *dispatch_trusting(void);
bool dispatch_interrupt(struct sigcontext_64 *sc);

/* @thread goes away: whose FP state it holds gets it back */
void dispatch_evict(struct host_thread *thread);

/* @thread is lost, and with it the FP state that it holds */
void dispatch_forget(struct host_thread *thread);

#endif
