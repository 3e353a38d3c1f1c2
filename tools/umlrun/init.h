/* SPDX-License-Identifier: GPL-2.0 */
/*
 * init.h - what the parts of umlrun-init share.
 *
 * scripts/umlrun on the host and this program talk over a serial line in raw
 * mode. A frame is one letter, the length of what follows as four bytes, least
 * significant first, and that. To the guest:
 *
 *   C path	working directory		A word	argument, in order
 *   E N=V	environment			R path	directory to mount writable
 *   O word	"overlay", "net", "tty ROWS COLUMNS", "uid UID GID"
 *   G		go
 *   i bytes	standard input; without bytes: its end
 *   k number	signal for the command, in decimal
 *   w R C	size of the terminal, in decimal
 *
 * From the guest:
 *
 *   r		the line is raw, frames may come
 *   o, e bytes	standard output, standard error output
 *   t		the last "i" frame is taken, another one may come
 *   f text	it cannot be run, for the reason given
 *   x number	it ended, with this status as a shell shows it
 */
#ifndef UMLRUN_INIT_H
#define UMLRUN_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "../compiler.h"

#define FRAME_MAX	65536

struct frame {
	char kind;
	size_t len;
	char data[FRAME_MAX + 1];	/* and a NUL */
};

struct job {
	char *cwd, **argv, **envp, **writable;
	size_t argc, envc, nr_writable;
	bool overlay, net, tty;
	unsigned short rows, columns;
	uid_t uid;
	gid_t gid;
};

/* wire.c: both end the machine if the line breaks */
void wire_open(const char *path);
int wire_fd(void);
void wire_read(struct frame *frame);
void wire_send(char kind, const void *data, size_t len);
void wire_send_number(char kind, int number);
/* sends "f", with errno in words if @with_errno, and ends the machine */
__noreturn void give_up(bool with_errno, const char *fmt, ...);
__noreturn void power_off(void);

/* mounts.c: the file systems that the command sees */
void mount_all(const struct job *job);

/* relay.c: run the command, carry its bytes, return its status */
int relay(const struct job *job);

#endif /* UMLRUN_INIT_H */
