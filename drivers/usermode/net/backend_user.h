/* SPDX-License-Identifier: GPL-2.0 */
/*
 * backend_user.h - the helpers of "eth0=user" and of slirp, and how they are started.
 *
 * A helper has one descriptor to watch us by, and its messages go to a memory
 * file, from which the reason is read when it does not come up.
 */
#ifndef __USERMODE_NET_BACKEND_USER_H
#define __USERMODE_NET_BACKEND_USER_H

#include "net.h"

/* of link->own */
enum { OWN_STREAM, OWN_HELPER, OWN_LIFELINE };

/* backends, of which "user" takes the one that can be opened; -ENOENT: not installed */
extern const struct net_backend net_passt, net_slirp4netns;

#define NET_ARGUMENTS	48

/**
 * struct net_program - a program of the host that is being started
 * @argv:	its arguments, @n so far; the first is its name, looked up in PATH unless
 *		it has a slash
 * @text:	room for arguments that are made up, @used bytes of it
 * @log:	a memory file: what it says on its standard error
 */
struct net_program {
	char *argv[NET_ARGUMENTS + 1];
	unsigned int n;
	char text[1024];
	size_t used;
	int log;
};

void net_program_init(struct net_program *program, const char *name);
/* an argument; those that find no room are dropped, and the start fails */
void net_program_add(struct net_program *program, const char *argument);
__printf(2, 3) void net_program_print(struct net_program *program, const char *format, ...);
/*
 * Start it with @in and @out as descriptors 0 and 1. 0, -ENOENT: it is not
 * installed, -E2BIG: too many arguments, -errno. program->log is open afterwards
 * if it returns 0.
 */
int net_program_start(struct net_program *program, int in, int out);
/* the last line that it said, or "it ends without a word" */
void net_program_complaint(struct net_program *program, char *why, size_t len);

#endif
