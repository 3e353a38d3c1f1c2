/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __USERMODE_EARLY_H
#define __USERMODE_EARLY_H

#include <linux/types.h>

struct console;

/* @con writes to standard output too: the boot console is silent once it is registered */
void early_console_succeeded_by(struct console *con);

/* whoever comes next shows everything from the beginning */
void early_console_stop(void);

/* is it the boot console, and not silent? */
bool early_console_is(struct console *con);

/* console.c: is it one of ours that somebody sees who sees the program's output? */
bool line_console_is_seen(struct console *con);

/* settings.c: take what the command line named; ends the program if that fails */
void lines_attach(void);

#endif
