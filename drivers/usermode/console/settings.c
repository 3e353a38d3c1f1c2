// SPDX-License-Identifier: GPL-2.0
/*
 * settings.c - which line is connected to what: the switches con= and ssl=.
 *
 * Owns the lines themselves. Switches are only noted while the command line is
 * read, since a later one may replace them; lines_attach() then takes from the
 * host what they name. Runs alone, before there is a kernel.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/boot.h>
#include <asm/cmdline.h>
#include "early.h"
#include "line.h"
#include "settings.h"

#define UNCONNECTED {				\
	.in = CHANNEL_UNCONNECTED,		\
	.out = CHANNEL_UNCONNECTED,		\
}

#define STANDARD(n) {				\
	.ops = &channel_fd,			\
	.value = #n,				\
	.number = n,				\
	.base = -1,				\
	.fd = -1,				\
	.control = -1,				\
}

struct line con_lines[CON_LINES] = {
	[0] = { .in = STANDARD(0), .out = STANDARD(1) },
	[1 ... CON_LINES - 1] = UNCONNECTED,
};

struct line ssl_lines[SSL_LINES] = { [0 ... SSL_LINES - 1] = UNCONNECTED };

/* @i from 0; NULL behind the last one */
static struct line *line_number(int i)
{
	if (i < CON_LINES)
		return &con_lines[i];
	return i < CON_LINES + SSL_LINES ? &ssl_lines[i - CON_LINES] : NULL;
}

/* ---- noted ---- */

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
	int i, first = 0, last = count - 1;
	char reason[200];

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
		struct line *line = &lines[i];
		int err = channel_parse(&line->in, &line->out, &line->shared, spec, reason,
					sizeof(reason));

		if (err) {
			snprintf(why, n, "%.100s: %s", word, reason);
			return err;
		}
		line->word = word;
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
		"con[n]=IN[,OUT]          console n, or all 16 (default con0=fd:0,fd:1): fd:N, null,\n"
		"                           none, port:[ADDRESS:]N, pty, pts, tty:/dev/X, xterm, unix:PATH");

static int parse_ssl(const char *word, char *why, size_t n)
{
	if (!is_line_switch(word + 3))
		return SWITCH_NOT_MINE;
	return parse_lines(ssl_lines, SSL_LINES, "ssl", word, why, n);
}

USERMODE_SWITCH(ssl, "ssl", parse_ssl,
		"ssl[n]=IN[,OUT]          serial line n, or all 64, as con (default none)");

/* ---- attached ---- */

/*
 * Who else reads what @in would read; input would go to either, at random. Those
 * whose turn to be attached has not come yet will be asked themselves.
 */
static struct line *other_reader(const struct line *self, const struct channel *in)
{
	struct line *line;
	int i;

	for (i = 0; (line = line_number(i)); i++)
		if (line != self && line->in.line && line->in.ops == in->ops &&
		    in->ops->same && in->ops->same(&line->in, in))
			return line;
	return NULL;
}

static int attach(struct channel *ch, const char *name, char *why, size_t n)
{
	ch->line = name;
	return ch->ops->attach ? ch->ops->attach(ch, why, n) : 0;
}

static void detach(struct channel *ch)
{
	if (ch->ops->detach)
		ch->ops->detach(ch);
}

int settings_attach(struct line *line, struct channel *in, struct channel *out, bool shared,
		    char *why, size_t n)
{
	struct line *other = other_reader(line, in);
	int err;

	out->line = line->name;
	if (other) {
		snprintf(why, n, "%s reads from there already", other->name);
		return -EBUSY;
	}
	err = attach(in, line->name, why, n);
	if (err || shared)
		return err;
	err = attach(out, line->name, why, n);
	if (err)
		detach(in);
	return err;
}

void settings_detach(struct line *line)
{
	detach(&line->in);
	if (!line->shared)
		detach(&line->out);
}

static void __init attach_one(struct line *line)
{
	char reason[160], why[300];

	if (!settings_attach(line, &line->in, &line->out, line->shared, reason, sizeof(reason)))
		return;
	snprintf(why, sizeof(why), "%.100s: %s: %s", line->word ?: "con0=fd:0,fd:1", line->name,
		 reason);
	boot_fail(why);
}

static void __init name_lines(struct line *lines, int count, const char *kind)
{
	int i;

	for (i = 0; i < count; i++)
		snprintf(lines[i].name, sizeof(lines[i].name), "%s%d", kind, i);
}

void __init lines_attach(void)
{
	struct line *line;
	int i;

	name_lines(con_lines, CON_LINES, "con");
	name_lines(ssl_lines, SSL_LINES, "ssl");
	for (i = 0; (line = line_number(i)); i++)
		attach_one(line);
}

/* ---- told ---- */

void settings_print(struct line *line, char *buf, size_t n)
{
	channel_print(&line->in, buf, n);
	if (line->shared || line->in.ops == &channel_none ||
	    (line->in.ops == line->out.ops && !strcmp(line->in.value, line->out.value)))
		return;
	strlcat(buf, ",", n);
	channel_print(&line->out, buf + strlen(buf), n - strlen(buf));
}

void settings_announce(struct line *line)
{
	char text[2 * CHANNEL_VALUE + 32];

	settings_print(line, text, sizeof(text));
	pr_info("%s: %s\n", line->name, text);
}

/* those whose other end has to be found by somebody */
void __init lines_announce(void)
{
	struct line *line;
	int i;

	for (i = 0; (line = line_number(i)); i++)
		if (line->in.base >= 0 || line->out.base >= 0)
			settings_announce(line);
}

void lines_look(void)
{
	struct line *line;
	int i;

	for (i = 0; (line = line_number(i)); i++)
		if (READ_ONCE(line->users) && (line->in.ops->duplex || line->out.ops->duplex))
			link_look(line);
}
