/* SPDX-License-Identifier: GPL-2.0 */
/*
 * switch.h - a virtual Ethernet switch.
 *
 *	control.c	clients ask for ports (linux/usermode/switch.h)
 *	port.c		ports: frames in and out, queues, impairments
 *	forward.c	which frame goes to which ports
 *	shared.c	ports that share memory with their client
 *	ring.c		frames in shared memory (ring.h)
 *	table.c		which address was seen where
 *	capture.c	frames to a pcapng file
 *	tap.c		a tap device of the host as a port
 *	manage.c	orders and statistics as JSON on a socket
 *	loop.c		descriptors and the time
 *
 * One thread. A burst of frames is received from a port, each is assigned to
 * ports, and each of these sends its share in one call. All that comes from
 * clients is hostile.
 */
#ifndef SWITCH_H
#define SWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../compiler.h"

#define BURST		64		/* frames that are handled at once */
#define FRAME_MAX	65600		/* bytes of a frame */
#define FRAME_MIN	14
#define VLANS		4096
#define MAC		6

/* ---- loop.c: descriptors and the time ---- */

/* what to call when a descriptor is ready; lives in its owner */
struct watch {
	int fd;
	void (*ready)(struct watch *watch);
};

int watch_add(struct watch *watch);		/* 0 or -errno */
void watch_del(struct watch *watch);
uint64_t now_ns(void);				/* as of this round of the loop */
void loop_init(void);
/* until loop_stop(); @round is called once a round and says when again, in ns, 0: no matter */
void loop_run(uint64_t (*round)(void));
void loop_stop(void);

/* ---- port.c ---- */

/* of a received burst; valid until the next one */
struct frame {
	uint8_t *data;
	unsigned int len;
	unsigned int vlan;	/* the virtual network that it is in; 0: the plain one */
	bool tagged;		/* bytes 12 to 15 are an 802.1q tag that is not the frame's own */
};

/* frames that wait for their time or for room */
struct queued {
	struct queued *next;
	uint64_t due;		/* now_ns() */
	unsigned int len;
	uint8_t data[];
};

enum port_mode {
	PORT_PLAIN,		/* in network 0; tags are the clients' own affair */
	PORT_ACCESS,		/* in network pvid, without tags */
	PORT_TRUNK,		/* in all networks of the map, with tags; pvid, if not 0, without */
};

struct impairment {
	uint64_t delay, jitter;	/* ns */
	double loss;		/* 0 to 1 */
	uint64_t rate;		/* bit/s, 0: no limit */
	unsigned int limit;	/* frames that wait */
};

struct port_stats {
	uint64_t rx_frames, rx_bytes, rx_bad, rx_filtered;
	uint64_t tx_frames, tx_bytes, tx_dropped, tx_lost;
};

struct port {
	struct watch data;		/* frames */
	struct watch control;		/* its end is the port's; fd -1: there is none */
	unsigned int number;
	bool tap;			/* a descriptor of read and write */
	struct shared *shared;		/* frames are in memory; NULL: they are datagrams */
	enum port_mode mode;
	unsigned int pvid;
	uint8_t vlans[VLANS / 8];	/* PORT_TRUNK: the networks */
	struct impairment impairment;
	bool impaired;
	struct port_stats stats;
	struct queued *first, **last;
	unsigned int waiting;
	uint64_t rate_free;		/* when the line is free again */
	uint64_t last_due;
	const struct frame *pending[BURST];
	unsigned int n_pending;
	int capture_id;			/* of the capture's interface, -1: none yet */
	struct port *touched;		/* in the list of those with pending frames */
	bool is_touched;
	bool dead;
};

extern struct port **ports;		/* by number; NULL: free */
extern unsigned int n_ports;

/* a port for the descriptors; it owns them. NULL: no memory */
struct port *port_create(int data, int control, bool tap);
void port_kill(struct port *port);	/* it goes at the end of the round */
/* send @frame in this round; at most BURST times a round */
void port_assign(struct port *port, const struct frame *frame);
void ports_send(void);			/* what was assigned */
uint64_t ports_round(void);		/* what is due; when again */
bool port_has_vlan(const struct port *port, unsigned int vlan);

/* ---- shared.c ---- */

struct mmsghdr;

/* as many as there are, BURST at most; -EAGAIN: none, and the bell will ring; 0: look again */
int shared_receive(struct port *port, struct frame *frames, uint8_t memory[][FRAME_MAX]);
/* the number that found room; the bell rings when there is room for the others */
unsigned int shared_transmit(struct port *port, const struct mmsghdr *messages, unsigned int n);
/* something came on the port's stream, a request perhaps; false: it has ended */
bool shared_request(struct port *port);
/* there may be frames, and no bell will ring for them */
bool shared_awake(const struct port *port);
void shared_close(struct port *port);

/* ---- forward.c ---- */

extern bool hub;
extern struct port *mirror;		/* gets a copy of everything, or NULL */
void forward(struct port *from, struct frame *frames, unsigned int n);

/* ---- table.c ---- */

extern unsigned int ageing;		/* seconds */
void table_learn(const uint8_t *mac, unsigned int vlan, struct port *port);
struct port *table_find(const uint8_t *mac, unsigned int vlan);
void table_forget(const struct port *port);	/* NULL: all */
void table_each(void (*fn)(const uint8_t *mac, unsigned int vlan, unsigned int port,
			   unsigned int age, void *arg), void *arg);

/* ---- the others ---- */

int control_listen(const char *path);	/* 0 or -errno */
void control_close(void);

/* a name that others connect to */
struct listener {
	struct watch watch;
	char path[108];
};

/* takes over a dead one's name; 0 or -errno */
int listener_open(struct listener *l, const char *path, void (*ready)(struct watch *watch));
void listener_close(const struct listener *l);		/* its name goes, too */

int manage_listen(const char *path);
void manage_close(void);

int capture_start(const char *path);	/* 0 or -errno */
void capture_stop(void);
bool capture_runs(void);
void capture_frame(struct port *port, const struct frame *frame);

int tap_open(const char *name);		/* a port; 0 or -errno */

#endif
