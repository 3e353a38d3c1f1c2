// SPDX-License-Identifier: GPL-2.0
/*
 * forward.c - which frame goes to which ports.
 *
 * A frame comes into a virtual network by its port and tag, its source is learnt
 * there, and it leaves by the port where its destination was seen, or by all of
 * that network.
 */
#include <string.h>
#include "switch.h"

#define TAG_TYPE	0x8100
#define TAG		4		/* bytes: type, and priority and number */

bool hub;
struct port *mirror;

static unsigned int get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

/* false: the port does not take it */
static bool classify(const struct port *from, struct frame *frame)
{
	unsigned int tag = 0;

	frame->vlan = 0;
	frame->tagged = false;
	if (from->mode == PORT_PLAIN)
		return true;
	if (frame->len >= FRAME_MIN + TAG && get16(frame->data + 2 * MAC) == TAG_TYPE) {
		frame->tagged = true;
		tag = get16(frame->data + 2 * MAC + 2) % VLANS;
	}
	/* number 0 is a priority only */
	frame->vlan = tag ? tag : from->pvid;
	if (from->mode == PORT_ACCESS)
		return !tag;
	return frame->vlan && port_has_vlan(from, frame->vlan);
}

static void flood(const struct port *from, const struct frame *frame)
{
	unsigned int i;

	for (i = 0; i < n_ports; i++)
		if (ports[i] && ports[i] != from && ports[i] != mirror &&
		    port_has_vlan(ports[i], frame->vlan))
			port_assign(ports[i], frame);
}

static void forward_one(struct port *from, struct frame *frame)
{
	struct port *to;

	if (!classify(from, frame)) {
		from->stats.rx_filtered++;
		return;
	}
	if (capture_runs())
		capture_frame(from, frame);
	if (mirror && mirror != from)
		port_assign(mirror, frame);
	if (hub) {
		flood(from, frame);
		return;
	}
	table_learn(frame->data + MAC, frame->vlan, from);
	to = frame->data[0] & 1 ? NULL : table_find(frame->data, frame->vlan);
	if (!to)
		flood(from, frame);
	else if (to == from || to == mirror || !port_has_vlan(to, frame->vlan))
		from->stats.rx_filtered++;
	else
		port_assign(to, frame);
}

void forward(struct port *from, struct frame *frames, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		from->stats.rx_frames++;
		from->stats.rx_bytes += frames[i].len;
		forward_one(from, &frames[i]);
	}
	ports_send();
}
