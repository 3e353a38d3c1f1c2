// SPDX-License-Identifier: GPL-2.0
/*
 * last_words.c - why the kernel panicked, for a user who sees none of its consoles.
 *
 * If no console that is in use leads to the program's own output, the end of the
 * log goes to standard error. Runs once, in panic(); no locks.
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/kmsg_dump.h>
#include <linux/sizes.h>
#include <asm/host.h>
#include "crlf.h"
#include "early.h"

#define STDERR	2

static char text[SZ_16K];

static bool is_seen(void)
{
	struct console *con;
	bool seen = false;
	int cookie = console_srcu_read_lock();

	for_each_console_srcu(con)
		seen |= early_console_is(con) || line_console_is_seen(con);
	console_srcu_read_unlock(cookie);
	return seen;
}

static void dump(struct kmsg_dumper *dumper, struct kmsg_dump_detail *detail)
{
	struct kmsg_dump_iter iter;
	size_t len;

	if (is_seen())
		return;
	kmsg_dump_rewind(&iter);
	if (kmsg_dump_get_buffer(&iter, false, text, sizeof(text), &len))
		crlf_put(STDERR, text, len, host_isatty(STDERR));
}

static struct kmsg_dumper dumper = {
	.dump		= dump,
	.max_reason	= KMSG_DUMP_PANIC,
};

static int __init last_words_init(void)
{
	return kmsg_dump_register(&dumper);
}
early_initcall(last_words_init);
