/* SPDX-License-Identifier: GPL-2.0 */
/*
 * event_abi.h - the part of the epoll interface that the port uses.
 *
 * The host's ABI as in uapi/linux/eventpoll.h, which cannot be included here: it
 * includes linux/fcntl.h, and in the kernel that is the kernel's own one.
 */
#ifndef __USERMODE_HOST_EVENT_ABI_H
#define __USERMODE_HOST_EVENT_ABI_H

#include <linux/types.h>

struct epoll_event_abi {
	u32 events;
	u64 data;
} __packed;			/* x86-64 shares the 32-bit layout */

#define EPOLL_ABI_ADD		1
#define EPOLL_ABI_DEL		2
#define EPOLL_ABI_MOD		3
#define EPOLL_ABI_ONESHOT	0x40000000

#endif /* __USERMODE_HOST_EVENT_ABI_H */
