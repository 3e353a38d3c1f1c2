/* SPDX-License-Identifier: GPL-2.0 */
/* shutdown.h - the ways out of the program. */
#ifndef __ASM_USERMODE_SHUTDOWN_H
#define __ASM_USERMODE_SHUTDOWN_H

#include <linux/compiler.h>
#include <linux/types.h>

/*
 * Give back what the program holds of the host (terminal settings, the umid
 * directory) and end it: with @status, or by SIGABRT. Any context, any host
 * thread, no lock; nothing of the guest is written back.
 */
void __noreturn shutdown_exit(int status);
void __noreturn shutdown_abort(void);

/* what the program exits with at halt and power-off, as /proc/exitcode */
void shutdown_status(int status);

/*
 * shutdown=SECONDS: how long SIGTERM waits for the guest's init before the machine
 * is ended without it; 0: it is not asked.
 */
extern unsigned int shutdown_seconds;

/*
 * End the machine, or start it again, without asking its init: a task writes the
 * file systems back first. Any context of the kernel. Returns at once.
 */
void shutdown_now(bool restart);

/* the same by force, writing nothing back: any context, any host thread, no lock */
void __noreturn shutdown_force(bool restart);

/* tell the host's service manager, if one listens (readiness.c); task context */
void readiness_stopping(void);

#endif
