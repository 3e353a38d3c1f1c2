/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * mconsole.h - what is said on the management console's socket.
 *
 * A Unix datagram socket; the client binds an address of its own to be answered
 * at. Numbers are in the host's byte order.
 */
#ifndef _UAPI_LINUX_USERMODE_MCONSOLE_H
#define _UAPI_LINUX_USERMODE_MCONSOLE_H

#include <linux/types.h>

#define MCONSOLE_MAGIC		0xcafebabe
#define MCONSOLE_VERSION	2
#define MCONSOLE_MAX_DATA	512

/* Clients that send no magic are of a time before the format had a version. */
#define MCONSOLE_V0_REPLY	"ERR Version 0 mconsole clients are not supported"

/**
 * struct mconsole_request - client to guest
 * @magic:	MCONSOLE_MAGIC
 * @version:	MCONSOLE_VERSION
 * @len:	bytes of @data, less than MCONSOLE_MAX_DATA
 * @data:	a command and what it takes: "config ubd3=root.img"
 */
struct mconsole_request {
	__u32 magic;
	__u32 version;
	__u32 len;
	char data[MCONSOLE_MAX_DATA];
};

/**
 * struct mconsole_reply - guest to client, one or several
 * @err:	of the first packet: 0, or the command failed
 * @more:	1: another packet follows
 * @len:	bytes of @data, the NUL at its end included
 * @data:	text; bytes behind @len are not sent
 */
struct mconsole_reply {
	__u32 err;
	__u32 more;
	__u32 len;
	char data[MCONSOLE_MAX_DATA];
};

#define MCONSOLE_HEADER		12	/* bytes before data in both */

/* struct mconsole_notify.type, and what data then says */
#define MCONSOLE_SOCKET		0	/* path of the console's socket: it listens */
#define MCONSOLE_PANIC		1	/* why the guest panicked */
#define MCONSOLE_HANG		2	/* why somebody thinks that it hangs */
#define MCONSOLE_USER_NOTIFY	3	/* what the guest wrote to /proc/mconsole */

/**
 * struct mconsole_notify - guest to the socket of mconsole=notify:SOCKET
 * @magic:	MCONSOLE_MAGIC
 * @version:	MCONSOLE_VERSION
 * @type:	what happened
 * @len:	bytes of @data
 * @data:	text; all of the structure is sent
 */
struct mconsole_notify {
	__u32 magic;
	__u32 version;
	__u32 type;
	__u32 len;
	char data[MCONSOLE_MAX_DATA];
};

#endif
