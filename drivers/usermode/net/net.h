/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net.h - network devices whose wire is the host's.
 *
 *   switch.c		eth<n>= and vec<n>: on the command line, and hot plug
 *   setting.c		the words of one device to struct net_setting
 *   device.c		front end: the net_device, its life, its link's state
 *   queue_rx.c, _tx.c	front end: frames in and out
 *   ethtool.c		front end: what ethtool shows
 *   backend_*.c	ways to the host: struct net_link
 *
 * The front end hands a backend bursts of struct host_message, whose vectors
 * point at the pages where the kernel has the frames. A backend knows
 * descriptors and vectors, never an sk_buff. What stands before a frame on its
 * wire (a virtio header, a tunnel's) has a vector of its own, the first one.
 */
#ifndef __USERMODE_NET_H
#define __USERMODE_NET_H

#include <linux/types.h>

struct host_message;
struct net_link;

#define NET_DEVICES	32	/* of each class, eth and vec */
#define NET_QUEUES	8	/* of one device */
#define NET_BATCH	64	/* frames in one host call */
#define NET_HEAD	64	/* bytes that a backend may put before a frame */
#define NET_FRAME_MAX	65535	/* bytes of the longest frame */
#define NET_ETH_HEAD	18	/* bytes of an Ethernet header with a VLAN tag */
#define NET_SPEED	10000	/* Mbit/s, of a wire that is memory */
#define NET_TEXT	512	/* bytes of a setting as typed, with NUL */
#define NET_FORWARDS	16	/* hostfwd= of one device */

/* ---- what the user asked for (setting.c) ---- */

/* keys of "key=value"; setting.c knows their names */
enum net_key {
	NET_KEY_NONE,		/* ends a list of keys */
	/* of every transport */
	NET_KEY_MAC,
	NET_KEY_MTU,
	NET_KEY_GRO,
	NET_KEY_DEPTH,
	NET_KEY_VEC,
	NET_KEY_HEADROOM,
	/* of some */
	NET_KEY_IFNAME,
	NET_KEY_ADDRESS,
	NET_KEY_FD,
	NET_KEY_TYPE,
	NET_KEY_PATH,
	NET_KEY_SRC,
	NET_KEY_DST,
	NET_KEY_SRCPORT,
	NET_KEY_DSTPORT,
	NET_KEY_TTL,
	NET_KEY_V6,
	NET_KEY_UDP,
	NET_KEY_RX_KEY,
	NET_KEY_TX_KEY,
	NET_KEY_RX_SESSION,
	NET_KEY_TX_SESSION,
	NET_KEY_RX_COOKIE,
	NET_KEY_TX_COOKIE,
	NET_KEY_COOKIE64,
	NET_KEY_COUNTER,
	NET_KEY_PIN_SEQUENCE,
	NET_KEY_BPFFILE,
	NET_KEY_VNL,
	NET_KEY_VNET,
	NET_KEY_PORT,
	NET_KEY_HELPER,
	NET_KEY_HOSTFWD,
	NET_KEY_QUEUES,
	NET_KEY_COMMAND,
	NET_KEY_RING,
	NET_KEYS
};

/**
 * struct net_setting - one device as the user wants it
 * @backend:	the transport
 * @value:	what stands behind each key, NULL where it was not given
 * @forwards:	hostfwd= values, which may come often
 * @n_forwards:	number of them
 * @has_mac:	@mac was given
 * @mac:	address
 * @mtu:	bytes; 0: what the backend proposes
 * @batch:	frames in one host call, 1 to NET_BATCH
 * @headroom:	bytes to leave free before each received frame
 * @gro:	merge received segments
 */
struct net_setting {
	const struct net_backend *backend;
	const char *value[NET_KEYS];
	const char *forwards[NET_FORWARDS];
	unsigned int n_forwards;
	bool has_mac;
	u8 mac[6];
	unsigned int mtu;
	unsigned int batch;
	unsigned int headroom;
	bool gro;
};

/*
 * Understand one setting: @text is what follows "eth0=" (positions) or "vec0:"
 * (keys, @keyed); it is cut up and @setting points into it. On failure -errno,
 * and in @why the reason in one line without the device's name. Context: any,
 * also before there is a kernel.
 */
int net_parse(char *text, bool keyed, struct net_setting *setting, char *why, size_t len);

/*
 * The number behind @key, @fallback if it is not given; decimal, or hexadecimal
 * with 0x. -EINVAL and a reason unless it is one between @min and @max.
 */
int net_number(const struct net_setting *setting, enum net_key key, u64 min, u64 max,
	       u64 fallback, u64 *n, char *why, size_t len);
/* "key=1" or "key=0", also true and false, on and off */
int net_flag(const struct net_setting *setting, enum net_key key, bool fallback, bool *on,
	     char *why, size_t len);
/* a numeric address, IPv4 or IPv6 (@v6), to 4 or 16 bytes in network order; false: it is none */
bool net_address(const char *text, bool v6, void *address);

/**
 * struct net_forward - a port of the host that leads to the guest (forward.c)
 * @udp:	else TCP
 * @host:	address of the host to listen on, "" for all
 * @guest:	address of the guest, "" for the one it has
 */
struct net_forward {
	bool udp;
	char host[48], guest[48];
	u16 host_port, guest_port;
};

/* understand "tcp::2222-:22". Context and errors as net_parse() */
int net_parse_forward(const char *text, struct net_forward *forward, char *why, size_t len);

/* write a reason; returns -EINVAL */
__printf(3, 4) int net_refuse(char *why, size_t len, const char *format, ...);
/* "@what: @err in words"; returns @err */
int net_fail(char *why, size_t len, int err, const char *what);

/* ---- an open way to the host (backend_*.c) ---- */

/**
 * struct net_link - a backend that is open
 * @setting:	what it was opened for
 * @fd:		descriptors of its queues, for host_event_add()
 * @queues:	number of them
 * @control:	a descriptor whose input or end is news about the link, or -1
 * @lossy:	that nobody listens is passing trouble
 * @ends:	an empty message is the end of the connection
 * @rings_for_room: input of the descriptor is also how room for more is told of
 * @ip_only:	a line between two hosts: packets of IPv4 and IPv6 without a header
 * @vnet:	the head of each frame begins with a struct virtio_net_hdr, and
 *		frames may lack checksums and be up to 64 KiB long
 * @vnet_udp:	and UDP may be cut up by the host
 * @head_tx:	bytes before a frame that is sent: the message's first vector
 * @head_rx:	bytes before a frame that is received
 * @mtu:	what it proposes when the user says nothing, bytes
 * @max_mtu:	the most that it can carry
 * @speed:	Mbit/s that ethtool shows
 * @ring:	memory that is shared with a switch, or NULL; stays when the link is
 *		opened again (backend_ring.c)
 * @own:	the backend's own
 */
struct net_link {
	const struct net_setting *setting;
	struct net_ring *ring;
	int fd[NET_QUEUES];
	unsigned int queues;
	int control;
	bool lossy, ends, ip_only, rings_for_room;
	bool vnet, vnet_udp;
	unsigned int head_tx, head_rx;
	unsigned int mtu, max_mtu;
	unsigned int speed;
	u64 own[2 * NET_QUEUES + 1];
};

/**
 * struct net_backend - a transport
 * @name:	as users type it
 * @alias:	another spelling, or NULL
 * @fields:	keys of the positions in "eth0=NAME,...", ends with NET_KEY_NONE
 * @keys:	the other keys that it knows, ends with NET_KEY_NONE
 * @once:	what was lost cannot be opened again
 * @open:	get the descriptors. On failure -errno and a reason. May be called
 *		before there is a kernel, and from a process; may block shortly
 * @close:	give back all that open() took. Process context
 * @send:	transfer the messages in order, as far as it goes without waiting:
 *		their number, > 0; -EAGAIN: none now, when the descriptor is
 *		ready for output; -EPIPE: the far side has gone; another -errno:
 *		the first one cannot be sent, now or ever
 * @receive:	fill messages, whose vectors are as long as the longest frame:
 *		the number that was looked at, > 0. Those with len 0 hold nothing.
 *		len counts the head. -EAGAIN: there is none; -EPIPE: the far
 *		side has gone; another -errno: passing trouble, try again
 * @lost:	something happened to @control: has the far side gone?
 *
 * send and receive run in softirq context, each one at a time for a queue.
 */
struct net_backend {
	const char *name, *alias;
	const enum net_key *fields, *keys;
	bool once;
	int (*open)(struct net_link *link, char *why, size_t len);
	void (*close)(struct net_link *link);
	int (*send)(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n);
	int (*receive)(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n);
	bool (*lost)(struct net_link *link);
};

/* the transport called @name, or NULL and a reason */
const struct net_backend *net_find_backend(const char *name, char *why, size_t len);

extern const struct net_backend net_bess, net_daemon, net_fd, net_gre, net_l2tpv3, net_mcast,
				net_raw, net_slip, net_slirp, net_tap, net_ucast, net_user,
				net_vde;

/* a link with one descriptor and the defaults of a local wire */
void net_link_init(struct net_link *link, int fd);
/* frames have a virtio header; checksums and segmentation are left to the far side */
void net_link_vnet(struct net_link *link);
/* closes descriptors of queues and @control, as far as they are open */
void net_link_close(struct net_link *link);
/* wait until there is input; false: @ms are over. May sleep; blocks before there is a kernel */
bool net_wait_input(int fd, unsigned int ms);

/* ---- tap and tun devices (backend_tap.c) ---- */

/* take the device whose queues are the descriptors of @link */
int net_tap_use(struct net_link *link, bool vnet, char *why, size_t len);
bool net_is_tap(const struct net_link *link);
/*
 * Attach to the device @name ("%d" in it: of a free number), or create it, and
 * bring it up. @ip_only: a tun device. @address of the host's end, perhaps with
 * "/PREFIX", or NULL; @prefix is the one if it is not said, 0: the host chooses.
 */
int net_tap_attach(struct net_link *link, const char *name, bool ip_only, const char *address,
		   unsigned int prefix, char *why, size_t len);

/* ---- bursts on sockets that keep message boundaries (backend_socket.c) ---- */

int net_socket_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n);
int net_socket_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n);
/* room for frames of 64 KiB, as far as the host permits */
void net_socket_buffers(int fd);
/* nothing but its end is ever read from @control */
bool net_control_lost(struct net_link *link);
/* the address of a unix socket, its length in *@addrlen; @ in front: abstract */
struct sockaddr_un;
int net_unix_address(struct sockaddr_un *addr, unsigned int *addrlen, const char *path);

/* ---- frames on streams, each after its length (backend_stream.c) ---- */

/* fd[0] is the stream. 0 or -errno */
int net_stream_open(struct net_link *link);
void net_stream_close(struct net_link *link);
int net_stream_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n);
int net_stream_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n);
/* @m has received @len bytes @from here, or as many as it has room for */
void net_fill_message(struct host_message *m, const u8 *from, unsigned int len);
/* the front end's errors from those of a stream socket */
int net_stream_error(int err);

/* ---- frames in memory that is shared with a switch (backend_ring.c) ---- */

/*
 * Ask the switch at the other end of @control, if its data socket's @name offers
 * it. 1: from now on the descriptor of the link is a bell, and frames go by
 * net_ring_send() and net_ring_receive(); 0: all is as before; -errno: nobody knows.
 * Process context, blocks shortly.
 */
int net_ring_open(struct net_link *link, int control, const char *name);
int net_ring_send(struct net_link *link, unsigned int queue, struct host_message *v,
		  unsigned int n);
int net_ring_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		     unsigned int n);

/* ---- packets on a serial line, as SLIP has them (backend_serial.c) ---- */

/* fd[0] is the line, a stream socket. 0 or -errno */
int net_serial_open(struct net_link *link);
void net_serial_close(struct net_link *link);
int net_serial_send(struct net_link *link, unsigned int queue, struct host_message *v,
		    unsigned int n);
int net_serial_receive(struct net_link *link, unsigned int queue, struct host_message *v,
		       unsigned int n);

#endif
