/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __USERMODE_EARLY_H
#define __USERMODE_EARLY_H

struct console;

/* @con writes to standard output too: the boot console is silent once it is registered */
void early_console_succeeded_by(struct console *con);

/* settings.c: take what the command line named; ends the program if that fails */
void lines_attach(void);

#endif
