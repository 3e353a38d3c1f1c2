// SPDX-License-Identifier: GPL-2.0
/*
 * backend_passt.c - "eth0=user" by passt.
 *
 * passt has one end of a pair of stream sockets as its standard input and ends
 * when the other end is closed. Its process number on standard output says that
 * all it was asked for is there.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/string.h>
#include <asm/host.h>
#include <asm/host_net.h>
#include "backend_user.h"

#define PATIENCE_MS	5000
#define PASST_MTU	65520

static void add_forward(struct net_program *program, const struct net_forward *forward)
{
	net_program_add(program, forward->udp ? "-u" : "-t");
	net_program_print(program, "%s%s%u:%u", forward->host, *forward->host ? "/" : "",
			  forward->host_port, forward->guest_port);
}

static void describe(struct net_program *program, const struct net_setting *setting)
{
	static const char *const always[] = {
		"-q", "-f", "-F", "0", "-P", "/proc/self/fd/1",
	};
	struct net_forward forward;
	char why[160];
	unsigned int i;

	net_program_init(program, "passt");
	for (i = 0; i < ARRAY_SIZE(always); i++)
		net_program_add(program, always[i]);
	/* it would become nobody, who may not open the pipe that tells us */
	if (!host_geteuid()) {
		net_program_add(program, "--runas");
		net_program_add(program, "0:0");
	}
	for (i = 0; i < setting->n_forwards; i++)
		if (!net_parse_forward(setting->forwards[i], &forward, why, sizeof(why)))
			add_forward(program, &forward);
}

static bool is_up(int ready)
{
	char pid[16];

	return net_wait_input(ready, PATIENCE_MS) && host_read(ready, pid, sizeof(pid)) > 0;
}

/* start it with @theirs; 0 when it is up */
static int start(const struct net_setting *setting, int theirs, char *why, size_t len)
{
	struct net_program program;
	int ready[2];
	int err;

	err = host_pipe(ready);
	if (err)
		return net_fail(why, len, err, "no pipe");
	describe(&program, setting);
	err = net_program_start(&program, theirs, ready[1]);
	host_close(ready[1]);
	if (err && err != -ENOENT)
		net_fail(why, len, err, "passt cannot be started");
	if (!err) {
		if (!is_up(ready[0])) {
			net_program_complaint(&program, why, len);
			err = -ECONNREFUSED;
		}
		host_close(program.log);
	}
	host_close(ready[0]);
	return err;
}

static int passt_open(struct net_link *link, char *why, size_t len)
{
	int pair[2];
	int err;

	err = host_socketpair(SOCK_STREAM, pair);
	if (err)
		return net_fail(why, len, err, "no sockets");
	link->fd[0] = pair[0];
	link->mtu = PASST_MTU;
	link->max_mtu = PASST_MTU;
	net_socket_buffers(pair[0]);
	err = net_stream_open(link);
	if (err)
		net_fail(why, len, err, "no memory");
	else
		err = start(link->setting, pair[1], why, len);
	host_close(pair[1]);
	return err;
}

static void passt_close(struct net_link *link)
{
	net_stream_close(link);
	net_link_close(link);
}

const struct net_backend net_passt = {
	.name		= "passt",
	.open		= passt_open,
	.close		= passt_close,
	.send		= net_stream_send,
	.receive	= net_stream_receive,
};
