// SPDX-License-Identifier: GPL-2.0
/*
 * early.c - the boot console: kernel messages on standard output.
 *
 * Works from setup_arch() on, needs nothing but host.h, and blocks the host
 * thread while standard output is full. It falls silent when a line that writes
 * to the same place has become a console, so that no message comes out twice.
 *
 * Locks: printk's console lock serialises early_write().
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <asm/console.h>
#include <asm/host.h>
#include "crlf.h"
#include "early.h"

#define STDOUT		1

static struct console *successor;
static bool terminal;

static void early_write(struct console *con, const char *text, unsigned int count)
{
	struct console *next = READ_ONCE(successor);

	if (next && !hlist_unhashed_lockless(&next->node))
		return;
	crlf_put(STDOUT, text, count, terminal);
}

static struct console stdout_console = {
	.name	= "stdout",
	.write	= early_write,
	.flags	= CON_BOOT | CON_PRINTBUFFER | CON_ANYTIME,
	.index	= -1,
};

void early_console_stop(void)
{
	unregister_console(&stdout_console);
}

bool early_console_is(struct console *con)
{
	return con == &stdout_console;
}

void early_console_succeeded_by(struct console *con)
{
	WRITE_ONCE(successor, con);
}

void __init usermode_early_console(void)
{
	if (IS_ENABLED(CONFIG_USERMODE_CONSOLE))
		lines_attach();
	terminal = host_isatty(STDOUT);
	register_console(&stdout_console);
}
