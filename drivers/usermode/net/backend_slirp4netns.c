// SPDX-License-Identifier: GPL-2.0
/*
 * backend_slirp4netns.c - "eth0=user" by slirp4netns.
 *
 * slirp4netns listens for one connection of sequential packets, and for orders,
 * on sockets that need names; we connect and remove the names at once. Its
 * standard input is a pipe that only we can write to: it ends when that is closed.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/un.h>
#include <uapi/linux/if_ether.h>
#include <asm/cmdline.h>
#include <asm/host_net.h>
#include "backend_user.h"

#define TRIES		200
#define TRY_MS		10
#define PATIENCE_MS	2000
#define SOCKET_NAME	108			/* bytes, with NUL */
#define GUEST_ADDRESS	"10.0.2.15"	/* what its DHCP gives first */

struct names {
	char frames[SOCKET_NAME], orders[SOCKET_NAME];
};

static const char *temporary_dir(void)
{
	static const char *const names[] = { "TMPDIR=", "TMP=", "TEMP=" };
	unsigned int i;
	char **var;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		for (var = host_envp; *var; var++)
			if (!strncmp(*var, names[i], strlen(names[i])))
				return *var + strlen(names[i]);
	return "/tmp";
}

static int choose_names(struct names *names)
{
	const char *dir = temporary_dir();
	u64 number;
	int err = host_random(&number, sizeof(number));
	int n;

	if (err)
		return err;
	snprintf(names->orders, sizeof(names->orders), "%s/usermode-%016llx.api", dir, number);
	n = snprintf(names->frames, sizeof(names->frames), "%s/usermode-%016llx.net", dir, number);
	return n < sizeof(names->frames) ? 0 : -ENAMETOOLONG;
}

static int connect_once(const char *path, int type)
{
	struct sockaddr_un addr;
	unsigned int n;
	int fd, err;

	err = net_unix_address(&addr, &n, path);
	if (err)
		return err;
	fd = host_socket(AF_UNIX, type, 0);
	if (fd < 0)
		return fd;
	err = host_connect(fd, &addr, n);
	if (!err)
		return fd;
	host_close(fd);
	return err;
}

/* the far end of @pipe is closed; what was written to it does not matter */
static bool has_ended(int pipe, unsigned int ms)
{
	char text[128];

	return net_wait_input(pipe, ms) && host_read(pipe, text, sizeof(text)) <= 0;
}

/* it needs a moment until it listens; @ended is closed when it dies */
static int connect_soon(const char *path, int type, int ended)
{
	int fd = -ECONNREFUSED, i;

	for (i = 0; i < TRIES; i++) {
		fd = connect_once(path, type);
		if (fd >= 0 || (fd != -ENOENT && fd != -ECONNREFUSED))
			break;
		if (has_ended(ended, TRY_MS))
			break;
	}
	return fd;
}

static int order_forward(const char *path, const struct net_forward *forward, int ended)
{
	char text[320];
	ssize_t n;
	int fd;

	fd = connect_soon(path, SOCK_STREAM, ended);
	if (fd < 0)
		return fd;
	n = snprintf(text, sizeof(text),
		     "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"%s\",\"host_addr\":\"%s\",\"host_port\":%u,\"guest_addr\":\"%s\",\"guest_port\":%u}}",
		     forward->udp ? "udp" : "tcp", *forward->host ? forward->host : "0.0.0.0",
		     forward->host_port, *forward->guest ? forward->guest : GUEST_ADDRESS,
		     forward->guest_port);
	n = host_send(fd, text, n);
	if (n >= 0 && net_wait_input(fd, PATIENCE_MS))
		n = host_receive(fd, text, sizeof(text) - 1, false);
	host_close(fd);
	if (n <= 0)
		return -EPROTO;
	text[n] = 0;
	return strstr(text, "\"error\"") ? -EADDRINUSE : 0;
}

static int order_forwards(const struct net_setting *setting, const char *path, int ended,
			  char *why, size_t len)
{
	struct net_forward forward;
	unsigned int i;
	int err = 0;

	for (i = 0; i < setting->n_forwards && !err; i++) {
		err = net_parse_forward(setting->forwards[i], &forward, why, len);
		if (err)
			return err;
		err = order_forward(path, &forward, ended);
		if (err)
			net_refuse(why, len,
				   "hostfwd=%s: slirp4netns cannot do that; is the port in use?",
				   setting->forwards[i]);
	}
	return err;
}

static int start(struct net_program *program, const struct names *names, int in, int out)
{
	net_program_init(program, "slirp4netns");
	net_program_add(program, "--target-type=bess");
	net_program_add(program, "--enable-ipv6");
	net_program_add(program, "--exit-fd=0");
	net_program_add(program, "-a");
	net_program_add(program, names->orders);
	net_program_add(program, names->frames);
	return net_program_start(program, in, out);
}

/* it runs: be its one client */
static int attach(struct net_link *link, const struct names *names, int ended, char *why,
		  size_t len)
{
	int fd = connect_soon(names->frames, SOCK_SEQPACKET, ended);
	int err = 0;

	if (fd < 0)
		return fd;
	link->fd[0] = fd;
	link->ends = true;
	link->max_mtu = ETH_DATA_LEN;
	net_socket_buffers(fd);
	if (link->setting->n_forwards)
		err = order_forwards(link->setting, names->orders, ended, why, len);
	return err;
}

static int run_and_attach(struct net_link *link, const struct names *names, const int alive[2],
			  const int ended[2], char *why, size_t len)
{
	struct net_program program;
	int err;

	err = start(&program, names, alive[0], ended[1]);
	/* from here on it alone can write, or end */
	host_close(ended[1]);
	host_close(alive[0]);
	if (err == -ENOENT)
		return err;
	if (err)
		return net_fail(why, len, err, "slirp4netns cannot be started");
	err = attach(link, names, ended[0], why, len);
	if (err == -ENOENT || err == -ECONNREFUSED) {
		net_program_complaint(&program, why, len);
		err = -ECONNREFUSED;
	}
	host_unlink(names->frames);
	host_unlink(names->orders);
	host_close(program.log);
	return err;
}

static int slirp_open(struct net_link *link, char *why, size_t len)
{
	struct names names;
	int alive[2], ended[2];
	int err;

	err = choose_names(&names);
	if (err)
		return net_fail(why, len, err, "TMPDIR");
	err = host_pipe(alive);
	if (err)
		return net_fail(why, len, err, "no pipe");
	err = host_pipe(ended);
	if (err) {
		host_close(alive[0]);
		host_close(alive[1]);
		return net_fail(why, len, err, "no pipe");
	}
	link->own[OWN_LIFELINE] = alive[1];
	err = run_and_attach(link, &names, alive, ended, why, len);
	host_close(ended[0]);
	return err;
}

static void slirp_close(struct net_link *link)
{
	if (link->own[OWN_LIFELINE])
		host_close(link->own[OWN_LIFELINE]);
	link->own[OWN_LIFELINE] = 0;
	net_link_close(link);
}

const struct net_backend net_slirp4netns = {
	.name		= "slirp4netns",
	.open		= slirp_open,
	.close		= slirp_close,
	.send		= net_socket_send,
	.receive	= net_socket_receive,
};
