// SPDX-License-Identifier: GPL-2.0
/*
 * helper_relay.c - what a terminal emulator executes: it lends its terminal to us.
 *
 * "linux --terminal-relay=NAME" sends its standard input, a terminal, through the
 * abstract unix socket NAME, and from then on one byte for each change of the
 * window's size. It ends when the socket does, which closes the window; the window
 * closes when the user wills, which ends the relay. The guest itself reads and
 * writes the terminal.
 */
#include <linux/kernel.h>
#include <linux/signal.h>
#include <linux/sizes.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/un.h>
#include <asm/cmdline.h>
#include <asm/host_net.h>
#include "helper.h"

static char wait_stack[SZ_16K] __aligned(16);

static int sock;

static notrace void wait_for_end(void *unused)
{
	char byte;

	while (host_read(sock, &byte, 1) == -EINTR)
		;
	host_exit(0);
}

static void tell_sizes(void)
{
	for (;;)
		if (host_signal_wait(HOST_SIGMASK(SIGWINCH), -1) > 0)
			host_write(sock, "", 1);
}

static int __noreturn relay(const char *word, char *why, size_t n)
{
	const char *name = word + strlen(RELAY_SWITCH);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = min(strlen(name), sizeof(a.sun_path) - 1);

	memcpy(a.sun_path + 1, name, len);
	sock = host_stream_connect(&a, offsetof(struct sockaddr_un, sun_path) + 1 + len);
	if (sock < 0 || host_send_fd(sock, 0))
		host_exit(1);
	host_signal_hold(HOST_SIGMASK(SIGWINCH));
	if (host_thread_create(wait_for_end, NULL, wait_stack, sizeof(wait_stack)) < 0)
		host_exit(1);
	tell_sizes();
	unreachable();
}

USERMODE_SWITCH(relay, RELAY_SWITCH, relay, NULL);
