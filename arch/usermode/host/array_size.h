/* SPDX-License-Identifier: GPL-2.0 */
/* array_size.h - the kernel's ARRAY_SIZE(), whose header needs more of the kernel. */
#ifndef __USERMODE_HOST_ARRAY_SIZE_H
#define __USERMODE_HOST_ARRAY_SIZE_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif
