// SPDX-License-Identifier: GPL-2.0
/*
 * capture.c - frames to a pcapng file, one interface for each port.
 *
 * Owns the file. It is written through a buffer, which is flushed when a second
 * has passed and when the capture ends; an error ends it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "switch.h"

#define SECTION		0x0a0d0d0a
#define INTERFACE	1
#define PACKET		6
#define ETHERNET	1
#define OPT_NAME	2
#define OPT_TSRESOL	9
#define SECOND		1000000000ULL

static FILE *file;
static unsigned int interfaces;
static uint64_t flushed;

static void put(const void *data, unsigned int len)
{
	static const char zeros[4];

	fwrite(data, 1, len, file);
	fwrite(zeros, 1, -len & 3, file);
}

static void put32(uint32_t value)
{
	put(&value, sizeof(value));
}

static void put_option(uint16_t code, uint16_t len, const void *data)
{
	put32(code | (uint32_t)len << 16);
	put(data, len);
}

static void put_section(void)
{
	put32(SECTION);
	put32(28);
	put32(0x1a2b3c4d);
	put32(1);		/* version 1.0 */
	put32(~0);
	put32(~0);
	put32(28);
}

static void put_interface(const struct port *port)
{
	const uint8_t nanoseconds = 9;
	char name[16];
	unsigned int n = snprintf(name, sizeof(name), "port%u", port->number);
	uint32_t size = 20 + 4 + ((n + 3) & ~3U) + 8 + 4;

	put32(INTERFACE);
	put32(size);
	put32(ETHERNET);
	put32(0);
	put_option(OPT_NAME, n, name);
	put_option(OPT_TSRESOL, 1, &nanoseconds);
	put32(0);
	put32(size);
}

static void forget_interfaces(void)
{
	unsigned int i;

	for (i = 0; i < n_ports; i++)
		if (ports[i])
			ports[i]->capture_id = -1;
	interfaces = 0;
}

bool capture_runs(void)
{
	return file;
}

void capture_frame(struct port *port, const struct frame *frame)
{
	uint32_t size = 32 + ((frame->len + 3) & ~3U);
	struct timespec t;
	uint64_t ns;

	if (port->capture_id < 0) {
		put_interface(port);
		port->capture_id = interfaces++;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	ns = t.tv_sec * SECOND + t.tv_nsec;
	put32(PACKET);
	put32(size);
	put32(port->capture_id);
	put32(ns >> 32);
	put32(ns);
	put32(frame->len);
	put32(frame->len);
	put(frame->data, frame->len);
	put32(size);
	if (now_ns() - flushed > SECOND) {
		fflush(file);
		flushed = now_ns();
	}
	if (ferror(file))
		capture_stop();
}

int capture_start(const char *path)
{
	capture_stop();
	file = fopen(path, "we");
	if (!file)
		return -errno;
	put_section();
	fflush(file);
	return 0;
}

void capture_stop(void)
{
	if (file)
		fclose(file);
	file = NULL;
	forget_interfaces();
}
