/* SPDX-License-Identifier: GPL-2.0 */
/* shutdown.h - the ways out of the program. */
#ifndef __ASM_USERMODE_SHUTDOWN_H
#define __ASM_USERMODE_SHUTDOWN_H

#include <linux/compiler.h>

/*
 * Give back what the program holds of the host (terminal settings, the umid
 * directory) and end it: with @status, or by SIGABRT. Any context, any host
 * thread, no lock; nothing of the guest is written back.
 */
void __noreturn shutdown_exit(int status);
void __noreturn shutdown_abort(void);

#endif
