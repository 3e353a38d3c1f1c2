/* SPDX-License-Identifier: GPL-2.0 */
/*
 * plain_memory.h - what image formats need (plain.h), on one file in memory; for
 * the one program that includes it. Other files do not exist.
 */
#include <stdlib.h>
#include <zlib.h>
#include "plain.h"

#define MEMORY_FILE	(4U << 20)	/* bytes, at most */
#define MEMORY_ALLOC	(64U << 20)

static u8 memory[MEMORY_FILE];
static u64 memory_size;

int plain_open(const char *path, int flags)
{
	(void)path;
	(void)flags;
	return -ENOENT;
}

void plain_close(int fd)
{
	(void)fd;
}

int plain_stat(int fd, struct plain_stat *st)
{
	(void)fd;
	*st = (struct plain_stat){ .kind = PLAIN_FILE, .size = memory_size, .ino = 1,
				   .block = 4096 };
	return 0;
}

int plain_lock_file(int fd, bool exclusive)
{
	(void)fd;
	(void)exclusive;
	return 0;
}

int plain_path(int fd, char *path, size_t len)
{
	(void)fd;
	snprintf(path, len, "/memory/file");
	return 0;
}

int plain_reopen(int fd, int flags)
{
	(void)flags;
	return fd;
}

int plain_link(int fd, const char *path)
{
	(void)fd;
	(void)path;
	return -EEXIST;
}

int plain_unlink(const char *path)
{
	(void)path;
	return -ENOENT;
}

int plain_read(int fd, void *buf, size_t len, u64 pos)
{
	size_t there = pos < memory_size ? min_t(u64, len, memory_size - pos) : 0;

	(void)fd;
	if (there)
		memcpy(buf, memory + pos, there);
	memset((u8 *)buf + there, 0, len - there);
	return 0;
}

int plain_write(int fd, const void *buf, size_t len, u64 pos)
{
	(void)fd;
	if (pos > MEMORY_FILE || len > MEMORY_FILE - pos)
		return -ENOSPC;
	memcpy(memory + pos, buf, len);
	memory_size = max(memory_size, pos + len);
	return 0;
}

int plain_sync(int fd)
{
	(void)fd;
	return 0;
}

int plain_resize(int fd, u64 size)
{
	(void)fd;
	if (size > MEMORY_FILE)
		return -EFBIG;
	if (size < memory_size)
		memset(memory + size, 0, memory_size - size);
	memory_size = size;
	return 0;
}

void plain_punch(int fd, u64 pos, u64 len)
{
	(void)fd;
	if (pos < memory_size)
		memset(memory + pos, 0, min_t(u64, len, memory_size - pos));
}

int plain_inflate(void *to, size_t to_len, const void *from, size_t from_len)
{
	z_stream stream = {
		.next_in = (Bytef *)from,
		.avail_in = from_len,
		.next_out = to,
		.avail_out = to_len,
	};

	if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
		return -ENOMEM;
	inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	return stream.avail_out ? -EIO : 0;
}

void *plain_alloc(size_t bytes)
{
	return bytes > MEMORY_ALLOC ? NULL : calloc(1, bytes ?: 1);
}

void plain_free(void *at, size_t bytes)
{
	(void)bytes;
	free(at);
}

void plain_lock(u32 *lock)
{
	/* one thread: whoever takes it twice would wait for ever */
	if (*lock)
		abort();
	*lock = 1;
}

void plain_unlock(u32 *lock)
{
	*lock = 0;
}

const char *plain_error_text(int err)
{
	return strerror(-err);
}
