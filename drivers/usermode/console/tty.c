// SPDX-License-Identifier: GPL-2.0
/*
 * tty.c - the tty drivers "tty" and "ttyS", and the switches con= and ssl=.
 *
 * Owns the lines themselves. What happens in them is in line*.c; this file
 * translates between the tty layer and them. Locks: the tty layer's.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/signal.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <asm/cmdline.h>
#include <asm/host.h>
#include <asm/host_signals.h>
#include "line.h"

#define SSL_FIRST_MINOR	64

#define UNCONNECTED {			\
	.in.ops = &channel_none,	\
	.out.ops = &channel_none,	\
}

struct line con_lines[CON_LINES] = {
	[0] = {
		.in = { .ops = &channel_fd, .number = 0 },
		.out = { .ops = &channel_fd, .number = 1 },
	},
	[1 ... CON_LINES - 1] = UNCONNECTED,
};

struct line ssl_lines[SSL_LINES] = { [0 ... SSL_LINES - 1] = UNCONNECTED };

struct tty_driver *con_driver, *ssl_driver;

static struct line *line_of(struct tty_struct *tty)
{
	return container_of(tty->port, struct line, port);
}

/* ---- port: the first open, the last close ---- */

static int port_activate(struct tty_port *port, struct tty_struct *tty)
{
	struct line *line = container_of(port, struct line, port);
	int err = line_get(line);

	if (err)
		return err;
	line_winsize(line, &tty->winsize);
	line_in_start(line);
	return 0;
}

static void port_shutdown(struct tty_port *port)
{
	struct line *line = container_of(port, struct line, port);

	line_in_stop(line);
	line_put(line);
}

static const struct tty_port_operations port_ops = {
	.activate	= port_activate,
	.shutdown	= port_shutdown,
};

/* ---- tty ---- */

static int line_tty_open(struct tty_struct *tty, struct file *file)
{
	return tty_port_open(tty->port, tty, file);
}

static void line_tty_close(struct tty_struct *tty, struct file *file)
{
	tty_port_close(tty->port, tty, file);
}

static void line_tty_hangup(struct tty_struct *tty)
{
	tty_port_hangup(tty->port);
}

static ssize_t line_tty_write(struct tty_struct *tty, const u8 *buf, size_t len)
{
	return line_write(line_of(tty), buf, len);
}

static unsigned int line_tty_write_room(struct tty_struct *tty)
{
	return line_write_room(line_of(tty));
}

static unsigned int line_tty_chars_in_buffer(struct tty_struct *tty)
{
	return line_queued(line_of(tty));
}

static void line_tty_flush_buffer(struct tty_struct *tty)
{
	line_discard(line_of(tty));
	tty_wakeup(tty);
}

static void line_tty_throttle(struct tty_struct *tty)
{
	line_in_throttle(line_of(tty), true);
}

static void line_tty_unthrottle(struct tty_struct *tty)
{
	line_in_throttle(line_of(tty), false);
}

static const struct tty_operations line_tty_ops = {
	.open		= line_tty_open,
	.close		= line_tty_close,
	.hangup		= line_tty_hangup,
	.write		= line_tty_write,
	.write_room	= line_tty_write_room,
	.chars_in_buffer = line_tty_chars_in_buffer,
	.flush_buffer	= line_tty_flush_buffer,
	.throttle	= line_tty_throttle,
	.unthrottle	= line_tty_unthrottle,
};

/* ---- the host's window ---- */

static void resize(struct line *line)
{
	struct tty_struct *tty = tty_port_tty_get(&line->port);
	struct winsize ws;

	if (!tty)
		return;
	if (line_winsize(line, &ws))
		tty_do_resize(tty, &ws);
	tty_kref_put(tty);
}

static void resize_all(struct work_struct *work)
{
	int i;

	for (i = 0; i < CON_LINES; i++)
		resize(&con_lines[i]);
	for (i = 0; i < SSL_LINES; i++)
		resize(&ssl_lines[i]);
}

static DECLARE_WORK(resize_work, resize_all);

static void window_changed(int sig)
{
	schedule_work(&resize_work);
}

/* ---- switches ---- */

/* "con0=...", "con=...": anything else that begins alike is not ours */
static bool is_line_switch(const char *rest)
{
	size_t digits = strspn(rest, "0123456789");

	return rest[digits] == '=';
}

static int parse_lines(struct line *lines, int count, const char *prefix,
		       const char *word, char *why, size_t n)
{
	const char *rest = word + strlen(prefix);
	const char *spec = strchr(rest, '=') + 1;
	int i, err, first = 0, last = count - 1;

	if (*rest != '=') {
		for (first = 0; *rest != '=' && first < count; rest++)
			first = first * 10 + *rest - '0';
		last = first;
	}
	if (last >= count) {
		snprintf(why, n, "%.100s: there are %s0 to %s%d", word, prefix, prefix, count - 1);
		return -ENODEV;
	}
	for (i = first; i <= last; i++) {
		err = channel_parse(&lines[i].in, &lines[i].out, word, spec, why, n);
		if (err)
			return err;
	}
	return 0;
}

static int parse_con(const char *word, char *why, size_t n)
{
	if (!is_line_switch(word + 3))
		return SWITCH_NOT_MINE;
	return parse_lines(con_lines, CON_LINES, "con", word, why, n);
}

USERMODE_SWITCH(con, "con", parse_con,
		"con[n]=IN[,OUT]          console n, or all 16: fd:N, null, none (default con0=fd:0,fd:1)");

static int parse_ssl(const char *word, char *why, size_t n)
{
	if (!is_line_switch(word + 3))
		return SWITCH_NOT_MINE;
	return parse_lines(ssl_lines, SSL_LINES, "ssl", word, why, n);
}

USERMODE_SWITCH(ssl, "ssl", parse_ssl,
		"ssl[n]=IN[,OUT]          serial line n, or all 64, as con (default none)");

/* ---- boot ---- */

static void __init init_some(struct line *lines, int count, const char *kind)
{
	int i;

	for (i = 0; i < count; i++) {
		tty_port_init(&lines[i].port);
		lines[i].port.ops = &port_ops;
		line_init(&lines[i], kind, i);
	}
}

void __init lines_init(void)
{
	init_some(con_lines, CON_LINES, "con");
	init_some(ssl_lines, SSL_LINES, "ssl");
}

static struct tty_driver *__init add_driver(struct line *lines, int count, const char *name,
					    const char *kind, int minor, short type)
{
	struct tty_driver *driver;
	int err, i;

	driver = tty_alloc_driver(count, TTY_DRIVER_REAL_RAW);
	if (IS_ERR(driver))
		return driver;
	driver->driver_name = kind;
	driver->name = name;
	driver->major = TTY_MAJOR;
	driver->minor_start = minor;
	driver->type = type;
	driver->init_termios = tty_std_termios;
	driver->init_termios.c_cflag |= CLOCAL;
	tty_set_operations(driver, &line_tty_ops);
	for (i = 0; i < count; i++)
		tty_port_link_device(&lines[i].port, driver, i);
	err = tty_register_driver(driver);
	if (err) {
		tty_driver_kref_put(driver);
		return ERR_PTR(err);
	}
	return driver;
}

static int __init tty_lines_init(void)
{
	con_driver = add_driver(con_lines, CON_LINES, "tty", "usermode-con", 0,
				TTY_DRIVER_TYPE_CONSOLE);
	if (IS_ERR(con_driver))
		panic("cannot register the consoles (error %ld)\n", PTR_ERR(con_driver));
	ssl_driver = add_driver(ssl_lines, SSL_LINES, "ttyS", "usermode-ssl", SSL_FIRST_MINOR,
				TTY_DRIVER_TYPE_SERIAL);
	if (IS_ERR(ssl_driver))
		panic("cannot register the serial lines (error %ld)\n", PTR_ERR(ssl_driver));
	host_signals_handle(SIGWINCH, window_changed);
	return 0;
}
device_initcall(tty_lines_init);
