// SPDX-License-Identifier: GPL-2.0
/*
 * console.c - kernel messages on a console or serial line.
 *
 * Two consoles, "tty" and "ttyS", each on the line that console= names; without
 * console= it is tty0. In normal times a printer thread of printk's brings the
 * messages, and waits here for room in the line's queue when the reader is slow,
 * so printk() never does. In an emergency they are written on the spot.
 *
 * Locks: device_lock is the line's out_lock. console_atomic() may have
 * interrupted its holder; it then writes past the queue.
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/reboot.h>
#include <linux/serial.h>
#include <linux/tty_driver.h>
#include <asm/host.h>
#include "early.h"
#include "line.h"

#define STDOUT		1
#define STDERR		2
#define MESSAGE_MAX	4096		/* bytes of a message with its carriage returns */
#define FLUSH_LIMIT	(2 * NSEC_PER_SEC)

static int line_console_setup(struct console *con, struct line *lines, int count)
{
	struct line *line;
	int err;

	if (con->index < 0 || con->index >= count)
		return -ENODEV;
	line = &lines[con->index];
	line->console = true;
	err = line_get(line);
	if (err)
		goto err;
	con->data = line;
	/* the line is in use for ever: what is queued when a tty closes goes out by itself */
	line->port.closing_wait = ASYNC_CLOSING_WAIT_NONE;
	if (line->out.ops == &channel_fd && line->out.number == STDOUT)
		early_console_succeeded_by(con);
	return 0;

err:
	line->console = false;
	return err;
}

static int con_setup(struct console *con, char *options)
{
	return line_console_setup(con, con_lines, CON_LINES);
}

static int ssl_setup(struct console *con, char *options)
{
	return line_console_setup(con, ssl_lines, SSL_LINES);
}

static struct tty_driver *con_device(struct console *con, int *index)
{
	*index = con->index;
	return con_driver;
}

static struct tty_driver *ssl_device(struct console *con, int *index)
{
	*index = con->index;
	return ssl_driver;
}

/* the rest of a long queue is for ttys: messages keep in the log */
static bool has_room(struct line *line)
{
	return line_queued(line) + MESSAGE_MAX <= LINE_QUEUE;
}

/* Waits for room first, while the machine is up: the reader may take hours. Process context. */
static void console_lock_line(struct console *con, unsigned long *flags)
{
	struct line *line = con->data;

	while (system_state <= SYSTEM_RUNNING && !has_room(line))
		wait_event_timeout(line->out_room, has_room(line), HZ / 4);
	spin_lock_irqsave(&line->out_lock, *flags);
}

static void console_unlock_line(struct console *con, unsigned long flags)
{
	struct line *line = con->data;

	spin_unlock_irqrestore(&line->out_lock, flags);
}

static void console_thread(struct console *con, struct nbcon_write_context *ctxt)
{
	if (!nbcon_enter_unsafe(ctxt))
		return;
	line_print(con->data, ctxt->outbuf, ctxt->len, false);
	nbcon_exit_unsafe(ctxt);
}

static void console_atomic(struct console *con, struct nbcon_write_context *ctxt)
{
	struct line *line = con->data;
	bool locked;

	if (!nbcon_enter_unsafe(ctxt))
		return;
	locked = spin_trylock(&line->out_lock);
	if (locked)
		line_print(line, ctxt->outbuf, ctxt->len, true);
	else
		line->out.ops->write(&line->out, ctxt->outbuf, ctxt->len);
	if (locked)
		spin_unlock(&line->out_lock);
	nbcon_exit_unsafe(ctxt);
}

static struct console con_console = {
	.name		= "tty",
	.device		= con_device,
	.setup		= con_setup,
	.write_atomic	= console_atomic,
	.write_thread	= console_thread,
	.device_lock	= console_lock_line,
	.device_unlock	= console_unlock_line,
	.flags		= CON_PRINTBUFFER | CON_NBCON,
	.index		= -1,
};

static struct console ssl_console = {
	.name		= "ttyS",
	.device		= ssl_device,
	.setup		= ssl_setup,
	.write_atomic	= console_atomic,
	.write_thread	= console_thread,
	.device_lock	= console_lock_line,
	.device_unlock	= console_unlock_line,
	.flags		= CON_PRINTBUFFER | CON_NBCON,
	.index		= -1,
};

static bool is_output(struct line *line)
{
	return line->out.ops == &channel_fd && (line->out.number == STDOUT ||
						line->out.number == STDERR);
}

bool line_console_is_seen(struct console *con)
{
	return (con == &con_console || con == &ssl_console) && is_output(con->data);
}

static struct line *line_of_console(const char *name)
{
	unsigned int n;

	if (sscanf(name, "ttyS%u", &n) == 1)
		return n < SSL_LINES ? &ssl_lines[n] : NULL;
	if (sscanf(name, "tty%u", &n) == 1)
		return n < CON_LINES ? &con_lines[n] : NULL;
	return NULL;
}

/* the last console= that names one of ours, or else con0 */
static struct line *__init preferred_line(void)
{
	const char *at = boot_command_line;
	struct line *line = con_lines;

	while ((at = strstr(at, "console="))) {
		bool word = at == boot_command_line || at[-1] == ' ';

		at += strlen("console=");
		if (word)
			line = line_of_console(at) ?: line;
	}
	return line;
}

/* the first to be registered is the default */
static int __init usermode_console_init(void)
{
	struct line *line = preferred_line();

	lines_init();
	/* printk does not repeat there what standard output has shown; somebody else looks there */
	if (!is_output(line) && line->out.ops != &channel_none)
		early_console_stop();
	register_console(&con_console);
	register_console(&ssl_console);
	return 0;
}
console_initcall(usermode_console_init);

/* ---- the last words of ttys ---- */

static void flush_lines(struct line *lines, int count, u64 deadline)
{
	int i;

	for (i = 0; i < count; i++) {
		s64 left = deadline - host_monotonic_ns();

		if (lines[i].users)
			line_flush(&lines[i], max_t(s64, left, 0));
	}
}

static int console_reboot(struct notifier_block *nb, unsigned long what, void *unused)
{
	u64 deadline = host_monotonic_ns() + FLUSH_LIMIT;

	flush_lines(con_lines, CON_LINES, deadline);
	flush_lines(ssl_lines, SSL_LINES, deadline);
	return NOTIFY_DONE;
}

static struct notifier_block console_reboot_notifier = {
	.notifier_call	= console_reboot,
	.priority	= INT_MIN,
};

static int __init console_reboot_init(void)
{
	return register_reboot_notifier(&console_reboot_notifier);
}
device_initcall(console_reboot_init);
