// SPDX-License-Identifier: GPL-2.0
/*
 * wire.c - frames over the serial line to the host.
 *
 * Owns the line's descriptor. Everything blocks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>
#include "init.h"

static int line = -1;

void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

void wire_open(const char *path)
{
	struct termios t;

	line = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line < 0 || tcgetattr(line, &t)) {
		fprintf(stderr, "umlrun-init: %s: %s\n", path, strerror(errno));
		power_off();
	}
	cfmakeraw(&t);
	tcsetattr(line, TCSANOW, &t);
	wire_send('r', "", 0);
}

int wire_fd(void)
{
	return line;
}

static void wire_get(void *data, size_t len)
{
	while (len) {
		ssize_t n = read(line, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			power_off();	/* nobody is there any more */
		data = (char *)data + n;
		len -= n;
	}
}

void wire_read(struct frame *frame)
{
	unsigned char head[5];

	wire_get(head, sizeof(head));
	frame->kind = head[0];
	frame->len = head[1] | head[2] << 8 | head[3] << 16 | (size_t)head[4] << 24;
	if (frame->len > FRAME_MAX)
		give_up(false, "a frame of %zu bytes", frame->len);
	wire_get(frame->data, frame->len);
	frame->data[frame->len] = 0;
}

static void wire_put(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(line, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			power_off();
		data += n;
		len -= n;
	}
}

void wire_send(char kind, const void *data, size_t len)
{
	char head[5] = { kind, len, len >> 8, len >> 16, len >> 24 };

	wire_put(head, sizeof(head));
	wire_put(data, len);
}

void wire_send_number(char kind, int number)
{
	char text[16];

	wire_send(kind, text, snprintf(text, sizeof(text), "%d", number));
}

void give_up(bool with_errno, const char *fmt, ...)
{
	const char *why = with_errno ? strerror(errno) : NULL;
	char text[512];
	va_list args;
	size_t n;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	n = strlen(text);
	if (why)
		snprintf(text + n, sizeof(text) - n, ": %s", why);
	wire_send('f', text, strlen(text));
	power_off();
}
