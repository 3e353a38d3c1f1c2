/* SPDX-License-Identifier: GPL-2.0 */
/* settings.h - the settings of a line, at boot and later. */
#ifndef __USERMODE_SETTINGS_H
#define __USERMODE_SETTINGS_H

#include "line.h"

/*
 * Take from the host what two parsed channels of @line name; they need not be in
 * it yet. 0, or -errno and the reason in @why, with nothing taken. Serialised by
 * the caller.
 */
int settings_attach(struct line *line, struct channel *in, struct channel *out, bool shared,
		    char *why, size_t n);
/* give it back; the line is down */
void settings_detach(struct line *line);

/* "IN[,OUT]", as it would be typed; @n > 0 */
void settings_print(struct line *line, char *buf, size_t n);
void settings_announce(struct line *line);

#endif
