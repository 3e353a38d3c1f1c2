/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * switch_ring.h - frames between a machine and a switch through shared memory.
 *
 * An addition to the protocol of uml_switch v3 (switch.h). A switch that has it
 * says so in the name of its data socket, which begins with SWITCH_RING_OFFER. A
 * client that knows it too may then send a struct switch_ring_request on the
 * stream, and with it the descriptor of a memory file that holds a struct
 * switch_rings, all zero, and that cannot shrink (F_SEAL_SHRINK). The answer is a
 * byte: SWITCH_RING_YES, and frames go through the rings from then on, or another
 * one, and all stays as it was.
 *
 * A ring has a producer and a consumer. @head counts the bytes that were put in,
 * @tail those that were taken out, modulo 2^32; byte n is data[n % SWITCH_RING_SIZE].
 * A frame is its length as a __u32, its bytes, and what it takes to the next
 * multiple of SWITCH_RING_ALIGN. Who finds the ring empty and will sleep sets
 * @sleeping and looks again; who has put something in behind that flag clears it
 * and rings the consumer's bell. In the same way @full asks for the producer's bell
 * when there is room again. A bell is a datagram, whatever is in it, between the two
 * data sockets; sent without waiting, for one that finds no room has been rung.
 * Neither side believes what the other writes.
 */
#ifndef _UAPI_LINUX_USERMODE_SWITCH_RING_H
#define _UAPI_LINUX_USERMODE_SWITCH_RING_H

#include <linux/types.h>

#define SWITCH_RING_OFFER	"\0usermode-switch-"
#define SWITCH_RING_OFFER_LEN	17
#define SWITCH_RING_REQUEST	0x72696e67	/* the type */
#define SWITCH_RING_YES		1
#define SWITCH_RING_SIZE	(1U << 19)	/* bytes */
#define SWITCH_RING_ALIGN	8U
#define SWITCH_RING_LINE	64		/* bytes; what two sides write is apart by it */

struct switch_ring_request {
	__u32 magic;		/* SWITCH_MAGIC */
	__u32 version;		/* SWITCH_VERSION */
	__u32 type;
};

struct switch_ring_word {
	__u32 value;
	__u32 unused[SWITCH_RING_LINE / 4 - 1];
};

struct switch_ring {
	struct switch_ring_word head, tail, sleeping, full;
	__u8 data[SWITCH_RING_SIZE];
};

struct switch_rings {
	struct switch_ring to_switch, to_client;
};

#endif /* _UAPI_LINUX_USERMODE_SWITCH_RING_H */
