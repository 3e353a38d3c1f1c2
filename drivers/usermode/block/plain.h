/* SPDX-License-Identifier: GPL-2.0 */
/*
 * plain.h - what image formats are written in.
 *
 * The code of a format (cow_*.c, qcow2_*.c) is compiled twice: into the kernel,
 * where it runs on host threads and before there is a kernel, and into the
 * programs of tools/ and tests/. It knows the C language, the wire formats and
 * the functions below, which plain_host.c and tools/cow/plain_posix.c implement.
 *
 * All calls may block. Those that return int return 0 or -errno.
 */
#ifndef __USERMODE_BLOCK_PLAIN_H
#define __USERMODE_BLOCK_PLAIN_H

#ifdef __KERNEL__
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#else
#include <compat.h>
#endif

/* all of [pos, pos + len); what lies beyond the end of the file reads as zeros */
int plain_read(int fd, void *buf, size_t len, u64 pos);
int plain_write(int fd, const void *buf, size_t len, u64 pos);
/* what was written before is on stable storage afterwards: fdatasync */
int plain_sync(int fd);
int plain_size(int fd, u64 *size);
int plain_resize(int fd, u64 size);

/* zeroed memory, spent as it is touched; NULL: there is none */
void *plain_alloc(size_t bytes);
void plain_free(void *at, size_t bytes);	/* @at may be NULL */

/* a lock between threads that may block; initially 0 */
void plain_lock(u32 *lock);
void plain_unlock(u32 *lock);

const char *plain_error_text(int err);

#endif /* __USERMODE_BLOCK_PLAIN_H */
