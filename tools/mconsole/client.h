/* SPDX-License-Identifier: GPL-2.0 */
/* client.h - one request to a management console, and its answer. */
#ifndef UMLCTL_CLIENT_H
#define UMLCTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct answer - what a guest said
 * @err:  0, or its reason's errno: the command failed
 * @text: all packets, with a NUL behind; to be freed
 * @len:  bytes of @text
 */
struct answer {
	unsigned int err;
	char *text;
	size_t len;
};

/* longest command, without NUL */
#define CLIENT_COMMAND_MAX	511

/**
 * client_ask - send a command and wait for the whole answer
 * @path:    the console's socket; may be longer than an address
 * @command: text, up to CLIENT_COMMAND_MAX bytes
 * @timeout: ms to wait for each packet, -1: for ever
 * @answer:  to be freed with answer_free() when 0 was returned
 *
 * Return: 0; -errno: -ETIMEDOUT, -ECONNREFUSED (nobody listens any more),
 * -ENOENT, -EACCES, -EMSGSIZE, -EPROTO.
 */
int client_ask(const char *path, const char *command, int timeout, struct answer *answer);
void answer_free(struct answer *answer);

#endif
