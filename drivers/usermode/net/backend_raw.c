// SPDX-License-Identifier: GPL-2.0
/*
 * backend_raw.c - a network device of the host as it is: "vec0:transport=raw,ifname=veth0".
 *
 * A packet socket sees and sends all frames of the device, with a virtio header
 * before each; the host's own addresses on it are none of our affair. It takes
 * privilege (CAP_NET_RAW). bpffile= names a file of struct sock_filter, a classic
 * BPF program that says which frames we see.
 */
#include <linux/byteorder/little_endian.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/asm-generic/socket.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/if_packet.h>
#include <asm/host_net.h>
#include "net.h"

#define FILTER_MAX	4096		/* instructions that a classic program may have */

/* of linux/filter.h, which backends do not see */
struct raw_instruction {
	u16 code;
	u8 jt, jf;
	u32 k;
};

struct raw_program {
	u16 n;
	struct raw_instruction *code;
};

static struct raw_instruction code[FILTER_MAX];

static int attach_filter(int fd, const char *path, char *why, size_t len)
{
	struct iovec iov = { .iov_base = (void __user *)code, .iov_len = sizeof(code) };
	struct raw_program program = { .code = code };
	int file = host_open(path, O_RDONLY, 0);
	ssize_t n;
	int err;

	if (file < 0)
		return net_fail(why, len, file, path);
	n = host_preadv(file, &iov, 1, 0);
	host_close(file);
	if (n <= 0 || n % sizeof(code[0]))
		return net_refuse(why, len, "%.80s: no BPF program", path);
	program.n = n / sizeof(code[0]);
	err = host_setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	return err ? net_refuse(why, len, "%.80s: the host refuses the BPF program", path) : 0;
}

static int bind_device(int fd, int index, char *why, size_t len)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = index,
	};
	struct packet_mreq all = { .mr_ifindex = index, .mr_type = PACKET_MR_PROMISC };
	const int one = 1;
	int err;

	err = host_setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one));
	if (!err)
		err = host_setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	if (!err)
		err = host_setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all));
	if (!err)
		err = host_bind(fd, &addr, sizeof(addr));
	return err ? net_fail(why, len, err, "the device") : 0;
}

static int raw_open(struct net_link *link, char *why, size_t len)
{
	const char *name = link->setting->value[NET_KEY_IFNAME];
	const char *filter = link->setting->value[NET_KEY_BPFFILE];
	int index, err;

	net_link_init(link, -1);
	if (!name)
		return net_refuse(why, len, "no device is named; write ifname=NAME");
	index = host_interface_index(name);
	if (index < 0)
		return net_fail(why, len, index, name);
	link->fd[0] = host_socket(AF_PACKET, SOCK_RAW, 0);
	if (link->fd[0] == -EPERM)
		return net_refuse(why, len, "packet sockets take privilege (CAP_NET_RAW)");
	if (link->fd[0] < 0)
		return net_fail(why, len, link->fd[0], "no socket");
	net_socket_buffers(link->fd[0]);
	link->lossy = true;
	net_link_vnet(link);
	err = filter ? attach_filter(link->fd[0], filter, why, len) : 0;
	if (!err)
		err = bind_device(link->fd[0], index, why, len);
	if (err)
		net_link_close(link);
	return err;
}

/* a device that is down comes up again, one that is not there needs a new socket */
static int result_of(const struct net_link *link, int ret)
{
	if (ret != -ENETDOWN && ret != -ENXIO && ret != -ENODEV)
		return ret;
	return host_interface_index(link->setting->value[NET_KEY_IFNAME]) < 0 ? -EPIPE : ret;
}

static int raw_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n)
{
	return result_of(link, net_socket_send(link, queue, v, n));
}

static int raw_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n)
{
	return result_of(link, net_socket_receive(link, queue, v, n));
}

static const enum net_key fields[] = { NET_KEY_IFNAME, NET_KEY_MAC, NET_KEY_NONE };
static const enum net_key keys[] = { NET_KEY_BPFFILE, NET_KEY_NONE };

const struct net_backend net_raw = {
	.name		= "raw",
	.fields		= fields,
	.keys		= keys,
	.open		= raw_open,
	.close		= net_link_close,
	.send		= raw_send,
	.receive	= raw_receive,
};
