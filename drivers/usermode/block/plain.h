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
#include <linux/sprintf.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#else
#include <compat.h>
#endif

enum plain_kind {
	PLAIN_FILE,
	PLAIN_DEVICE,	/* a block device */
	PLAIN_DIRECTORY,
	PLAIN_OTHER,
};

/**
 * struct plain_stat - what there is to know about an open file
 * @kind:	of it
 * @size:	bytes; of a device, its capacity
 * @mtime:	seconds since the epoch
 * @dev, @ino:	which file it is; of a device, itself and 0
 * @block:	bytes; the unit that the host prefers; of a device, its sector
 * @dio_align:	bytes; of places and memory with O_DIRECT; 0: not known
 */
struct plain_stat {
	enum plain_kind kind;
	u64 size, dev, ino;
	s64 mtime;
	u32 block, dio_align;
};

#define PLAIN_WRITE	0x1	/* and read */
#define PLAIN_DIRECT	0x2	/* O_DIRECT */
#define PLAIN_NEW	0x4	/* create it, -EEXIST if it is there */
#define PLAIN_NAMELESS	0x8	/* a file without a name, in the directory "path" */
#define PLAIN_LOOK	0x10	/* for plain_stat() alone */

/* A descriptor or -errno. It does not wait for the other end of a pipe. */
int plain_open(const char *path, int flags);
void plain_close(int fd);
int plain_stat(int fd, struct plain_stat *st);
/* -EAGAIN, -EACCES: another has it */
int plain_lock_file(int fd, bool exclusive);
/* the absolute path of an open file, without links on the way */
int plain_path(int fd, char *path, size_t len);
/* the same file, opened once more */
int plain_reopen(int fd, int flags);
/* give a file that has none its name; -EEXIST */
int plain_link(int fd, const char *path);
int plain_unlink(const char *path);

/* all of [pos, pos + len); what lies beyond the end of the file reads as zeros */
int plain_read(int fd, void *buf, size_t len, u64 pos);
int plain_write(int fd, const void *buf, size_t len, u64 pos);
/* what was written before is on stable storage afterwards: fdatasync */
int plain_sync(int fd);
int plain_resize(int fd, u64 size);

/* give space back, if the file system can; the range then reads as zeros */
void plain_punch(int fd, u64 pos, u64 len);
/*
 * Exactly @to_len bytes out of @from, a deflate stream without a header, whose
 * end may be followed by anything. -EIO if it is none.
 */
int plain_inflate(void *to, size_t to_len, const void *from, size_t from_len);

/* zeroed memory, spent as it is touched; NULL: there is none */
void *plain_alloc(size_t bytes);
void plain_free(void *at, size_t bytes);	/* @at may be NULL */

/* a lock between threads that may block; initially 0 */
void plain_lock(u32 *lock);
void plain_unlock(u32 *lock);

const char *plain_error_text(int err);

#endif /* __USERMODE_BLOCK_PLAIN_H */
