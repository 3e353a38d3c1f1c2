/* SPDX-License-Identifier: GPL-2.0 */
/* ptrace_stop.h - why a traced host process stopped, in terms of its guest code. */
#ifndef __USERMODE_PLATFORM_PTRACE_STOP_H
#define __USERMODE_PLATFORM_PTRACE_STOP_H

#include <uapi/asm/signal.h>
#include <asm/host.h>
#include <asm/platform.h>

struct host_thread;
struct pt_regs;

/* wait statuses >> 8 */
#define CALL_STOP	(SIGTRAP | 0x80)	/* PTRACE_O_TRACESYSGOOD */
#define INTERRUPT_STOP	(HOST_PTRACE_EVENT_STOP << 8 | SIGTRAP)

/* @ht has stopped with @stop while @guest ran in it; EXIT_NONE: let it go on */
enum guest_exit ptrace_stopped(struct host_thread *ht, struct guest *guest, int stop);

/* all its registers but FP state, to @guest; @ht knows them then. 0 or -errno */
int ptrace_regs_store(struct host_thread *ht, struct guest *guest);

/*
 * Once: @pt was seen after a system call for which rcx and r11 had been something
 * else. Can calls be told from what is none?
 */
bool ptrace_calls_probe(struct host_thread *ht, const struct pt_regs *pt);

#endif
