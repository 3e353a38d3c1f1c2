/* SPDX-License-Identifier: GPL-2.0 */
/* console.h - the first console, before there are drivers. */
#ifndef __ASM_USERMODE_CONSOLE_H
#define __ASM_USERMODE_CONSOLE_H

/* drivers/usermode/console: register the boot console, from setup_arch() */
void usermode_early_console(void);

#endif
