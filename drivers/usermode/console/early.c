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
#define PATIENCE	(NSEC_PER_SEC)	/* with a standard output that is non-blocking and full */

static struct console *successor;
static bool terminal;

/* all of it, unless standard output is broken or nobody reads it */
static void put(const char *text, size_t len)
{
	while (len) {
		ssize_t n = host_write(STDOUT, text, len);

		if (n == -EAGAIN && host_poll(STDOUT, HOST_EVENT_OUT, PATIENCE) > 0)
			continue;
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= n;
	}
}

static void early_write(struct console *con, const char *text, unsigned int count)
{
	struct console *next = READ_ONCE(successor);
	size_t left = count;
	char buf[256];

	if (next && !hlist_unhashed_lockless(&next->node))
		return;
	while (left)
		put(buf, crlf_copy(&text, &left, buf, sizeof(buf), terminal));
}

static struct console stdout_console = {
	.name	= "stdout",
	.write	= early_write,
	.flags	= CON_BOOT | CON_PRINTBUFFER | CON_ANYTIME,
	.index	= -1,
};

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
