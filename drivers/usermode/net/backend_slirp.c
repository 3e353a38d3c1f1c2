// SPDX-License-Identifier: GPL-2.0
/*
 * backend_slirp.c - the internet by a program that speaks SLIP: "eth0=slirp,,CMD".
 *
 * CMD has its serial line as standard input and output, here one end of a pair of
 * sockets, and ends when the other end is closed; so it does not outlive us, and
 * when it dies it is started again. Debian's package slirp has such a program,
 * slirp-fullbolt; the one that is called slirp wants a real terminal.
 *
 * It says nothing that would tell that it is up, so it is sent a ping.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/string.h>
#include <uapi/linux/if_ether.h>
#include <asm/host_net.h>
#include "backend_user.h"

#define PATIENCE_MS	10000	/* it looks up names of its own first */
#define COMMAND		256	/* bytes of CMD, with NUL */
#define DEFAULT_COMMAND	"slirp-fullbolt nozeros"	/* data may look like its way out */

/* from 10.0.2.15 to 10.0.2.2, which is slirp itself, between two ends */
static const u8 ping[] = {
	0xc0,
	0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0x62, 0xd0, 10, 0, 2, 15, 10, 0, 2, 2,
	8, 0, 0xf7, 0xfd, 0, 1, 0, 1,
	0xc0,
};

/* it runs if it answers, or says anything at all */
static bool is_up(int fd)
{
	u8 byte;

	return host_send(fd, ping, sizeof(ping)) == sizeof(ping) &&
	       net_wait_input(fd, PATIENCE_MS) && host_receive(fd, &byte, 1, true) == 1;
}

/* words are apart by spaces; @text is cut up */
static void describe(struct net_program *program, char *text)
{
	char *word;

	net_program_init(program, strsep(&text, " "));
	while ((word = strsep(&text, " ")))
		if (*word)
			net_program_add(program, word);
}

/* run @command with the line @theirs, which is closed here; 0 when it is up */
static int start(const char *command, int ours, int theirs, char *why, size_t len)
{
	struct net_program program;
	char text[COMMAND];
	int err;

	strscpy(text, command);
	describe(&program, text);
	err = net_program_start(&program, theirs, theirs);
	host_close(theirs);
	if (err == -ENOENT) {
		net_refuse(why, len, "%s is not there (apt install slirp has slirp-fullbolt)",
			   text);
		return err;
	}
	if (err)
		return net_fail(why, len, err, text);
	if (!is_up(ours)) {
		net_program_complaint(&program, why, len);
		err = -ECONNREFUSED;
	}
	host_close(program.log);
	return err;
}

static void slirp_close(struct net_link *link)
{
	net_serial_close(link);
	net_link_close(link);
}

static int slirp_open(struct net_link *link, char *why, size_t len)
{
	const char *command = link->setting->value[NET_KEY_COMMAND] ?: DEFAULT_COMMAND;
	int pair[2];
	int err;

	net_link_init(link, -1);
	if (strlen(command) >= COMMAND)
		return net_refuse(why, len, "the command is longer than %d bytes", COMMAND - 1);
	err = host_socketpair(SOCK_STREAM, pair);
	if (err)
		return net_fail(why, len, err, "no sockets");
	link->fd[0] = pair[0];
	link->max_mtu = ETH_DATA_LEN;
	net_socket_buffers(pair[0]);
	err = net_serial_open(link);
	if (err) {
		host_close(pair[1]);
		net_fail(why, len, err, "no memory");
	} else {
		err = start(command, pair[0], pair[1], why, len);
	}
	if (err)
		slirp_close(link);
	return err;
}

static const enum net_key fields[] = { NET_KEY_MAC, NET_KEY_COMMAND, NET_KEY_NONE };

const struct net_backend net_slirp = {
	.name		= "slirp",
	.fields		= fields,
	.open		= slirp_open,
	.close		= slirp_close,
	.send		= net_serial_send,
	.receive	= net_serial_receive,
};
