// SPDX-License-Identifier: GPL-2.0
/*
 * tty.c - the tty drivers "tty" and "ttyS".
 *
 * What happens in the lines is in line*.c; this file translates between the tty
 * layer and them. Locks: the tty layer's.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/signal.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <asm/host_signals.h>
#include "line.h"

#define SSL_FIRST_MINOR	64

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
	mutex_lock(&line->mutex);
	line_winsize(line, &tty->winsize);
	mutex_unlock(&line->mutex);
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

/* ^S and ^Q, tcflow(3) */
static void line_tty_stop(struct tty_struct *tty)
{
	line_stop(line_of(tty), true);
}

static void line_tty_start(struct tty_struct *tty)
{
	line_stop(line_of(tty), false);
}

/* what a modem would say */
static int line_tty_tiocmget(struct tty_struct *tty)
{
	return TIOCM_DTR | TIOCM_RTS |
	       (READ_ONCE(line_of(tty)->in.up) ? TIOCM_CAR | TIOCM_DSR | TIOCM_CTS : 0);
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
	.stop		= line_tty_stop,
	.start		= line_tty_start,
	.tiocmget	= line_tty_tiocmget,
};

/* ---- the host's window, and its shell ---- */

static void resize(struct line *line)
{
	mutex_lock(&line->mutex);
	line_resize(line);
	mutex_unlock(&line->mutex);
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

/* the shell has set its terminal as it likes it */
static void continued(int sig)
{
	int i;

	for (i = 0; i < CON_LINES; i++)
		line_in_raw_again(&con_lines[i]);
	for (i = 0; i < SSL_LINES; i++)
		line_in_raw_again(&ssl_lines[i]);
	schedule_work(&resize_work);
}

/* ---- boot ---- */

static void __init init_some(struct line *lines, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		tty_port_init(&lines[i].port);
		lines[i].port.ops = &port_ops;
		line_init(&lines[i]);
	}
}

void __init lines_init(void)
{
	init_some(con_lines, CON_LINES);
	init_some(ssl_lines, SSL_LINES);
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
	host_signals_handle(SIGCONT, continued);
	lines_announce();
	return 0;
}
device_initcall(tty_lines_init);
