/* SPDX-License-Identifier: GPL-2.0 */
/*
 * request.h - understanding a datagram.
 *
 * Plain C without state, so that tests can compile it by itself.
 */
#ifndef __USERMODE_MCONSOLE_REQUEST_H
#define __USERMODE_MCONSOLE_REQUEST_H

#include <linux/types.h>
#include <linux/usermode/mconsole.h>

/* what to do with a datagram */
enum request_verdict {
	REQUEST_RUN,		/* a command */
	REQUEST_PLAIN,		/* of a client that knows no magic: answer in plain text */
	REQUEST_REFUSE,		/* answer with the reason */
};

/**
 * struct request - a command, cut into its word and the rest
 * @text:    holds both
 * @command: "config"; "" if nothing was said
 * @rest:    what it takes, without white space around it
 */
struct request {
	char text[MCONSOLE_MAX_DATA];
	char *command;
	char *rest;
};

/**
 * request_parse - understand a datagram
 * @packet: the first @have bytes of it
 * @have:   bytes there are to look at, sizeof(*packet) at most
 * @size:   bytes that were sent
 * @req:    the command
 * @why:    the reason of REQUEST_REFUSE
 *
 * Nothing of the packet is trusted. Context: any.
 */
enum request_verdict request_parse(const struct mconsole_request *packet, size_t have,
				   size_t size, struct request *req, const char **why);

#endif
