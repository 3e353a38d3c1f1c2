/* SPDX-License-Identifier: GPL-2.0 */
/*
 * linux/types.h - the kernel's basic types over the C library's headers, so that
 * the sources of arch/usermode/host compile as part of an ordinary program.
 */
#ifndef __TESTS_HOST_LINUX_TYPES_H
#define __TESTS_HOST_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include_next <linux/types.h>
#include "../../../../tools/compiler.h"

/* as in sys/types.h, which would bring a struct timeval that is in the way */
typedef long ssize_t;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#endif
