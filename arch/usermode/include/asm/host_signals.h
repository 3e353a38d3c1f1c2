/* SPDX-License-Identifier: GPL-2.0 */
/* host_signals.h - signals that the host's user sends to the program. */
#ifndef __ASM_USERMODE_HOST_SIGNALS_H
#define __ASM_USERMODE_HOST_SIGNALS_H

/*
 * Take SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGPIPE, SIGTSTP and SIGCONT out of the
 * hands of the host's defaults. Called once, on the first virtual CPU's host thread, before
 * any other host thread exists. 0 or -errno.
 */
int host_signals_start(void);

/*
 * Call @fn for each SIGWINCH, SIGCONT, SIGINT or SIGTERM that comes in, in hard interrupt
 * context. One handler a signal; context: any after early initcalls.
 */
void host_signals_handle(int sig, void (*fn)(int sig));

#endif
