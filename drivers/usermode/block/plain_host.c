// SPDX-License-Identifier: GPL-2.0
/*
 * plain_host.c - what image formats need, inside the kernel: calls of the host.
 *
 * Runs before there is a kernel, in processes, and on host threads that know
 * nothing of the kernel; blocks the host thread that it runs on. The lock is a
 * futex word: 0 free, 1 taken, 2 taken and waited for.
 */
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/types.h>
#include <uapi/linux/falloc.h>
#include <linux/uio.h>
#include <linux/zlib.h>
#include <asm/host.h>
#include <asm/page.h>
#include "plain.h"

int plain_open(const char *path, int flags)
{
	int how = flags & PLAIN_WRITE ? O_RDWR : O_RDONLY;

	if (flags & PLAIN_LOOK)
		return host_open(path, O_PATH, 0);
	if (flags & PLAIN_DIRECT)
		how |= O_DIRECT;
	if (flags & PLAIN_NEW)
		how |= O_CREAT | O_EXCL;
	if (flags & PLAIN_NAMELESS)
		how |= O_TMPFILE;
	return host_open(path, how | O_NONBLOCK, 0644);
}

void plain_close(int fd)
{
	host_close(fd);
}

static enum plain_kind kind_of(u32 mode)
{
	if (S_ISREG(mode))
		return PLAIN_FILE;
	if (S_ISBLK(mode))
		return PLAIN_DEVICE;
	return S_ISDIR(mode) ? PLAIN_DIRECTORY : PLAIN_OTHER;
}

int plain_stat(int fd, struct plain_stat *st)
{
	struct host_stat host;
	int err = host_fstat(fd, &host);

	if (err)
		return err;
	st->kind = kind_of(host.mode);
	st->size = host.size;
	st->mtime = host.mtime;
	st->dev = st->kind == PLAIN_DEVICE ? host.rdev : host.dev;
	st->ino = st->kind == PLAIN_DEVICE ? 0 : host.ino;
	st->block = host.blksize;
	st->dio_align = host.dio_align;
	return 0;
}

int plain_lock_file(int fd, bool exclusive)
{
	return host_lock_file(fd, exclusive);
}

static void link_of(int fd, char link[32])
{
	snprintf(link, 32, "/proc/self/fd/%d", fd);
}

int plain_path(int fd, char *path, size_t len)
{
	char link[32];
	ssize_t n;

	link_of(fd, link);
	n = host_readlink(link, path, len - 1);
	if (n < 0)
		return n;
	path[n] = '\0';
	return 0;
}

int plain_reopen(int fd, int flags)
{
	char link[32];

	link_of(fd, link);
	return plain_open(link, flags);
}

int plain_link(int fd, const char *path)
{
	return host_link_fd(fd, path);
}

int plain_unlink(const char *path)
{
	return host_unlink(path);
}

static int read_some(int fd, u8 *buf, size_t len, u64 pos)
{
	struct iovec iov = { .iov_base = (void __user *)buf, .iov_len = len };
	ssize_t n;

	do
		n = host_preadv(fd, &iov, 1, pos);
	while (n == -EINTR);
	return n;
}

int plain_read(int fd, void *buf, size_t len, u64 pos)
{
	u8 *at = buf;
	int n;

	for (; len; at += n, pos += n, len -= n) {
		n = read_some(fd, at, min_t(size_t, len, INT_MAX & PAGE_MASK), pos);
		if (n < 0)
			return n;
		if (!n) {
			memset(at, 0, len);
			return 0;
		}
	}
	return 0;
}

int plain_write(int fd, const void *buf, size_t len, u64 pos)
{
	const u8 *at = buf;
	ssize_t n;

	for (; len; at += n, pos += n, len -= n) {
		struct iovec iov = { .iov_base = (void __user *)at, .iov_len = len };

		do
			n = host_pwritev(fd, &iov, 1, pos);
		while (n == -EINTR);
		if (n <= 0)
			return n ?: -EIO;
	}
	return 0;
}

int plain_sync(int fd)
{
	int err;

	do
		err = host_fdatasync(fd);
	while (err == -EINTR);
	return err;
}

int plain_resize(int fd, u64 size)
{
	return host_ftruncate(fd, size);
}

void plain_punch(int fd, u64 pos, u64 len)
{
	host_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, pos, len);
}

int plain_inflate(void *to, size_t to_len, const void *from, size_t from_len)
{
	size_t bytes = zlib_inflate_workspacesize();
	z_stream stream = {
		.next_in = from,
		.avail_in = from_len,
		.next_out = to,
		.avail_out = to_len,
		.workspace = plain_alloc(bytes),
	};
	int err;

	if (!stream.workspace)
		return -ENOMEM;
	err = zlib_inflateInit2(&stream, -MAX_WBITS);
	if (err == Z_OK)
		err = zlib_inflate(&stream, Z_FINISH);
	plain_free(stream.workspace, bytes);
	return (err == Z_STREAM_END || err == Z_OK || err == Z_BUF_ERROR) &&
	       !stream.avail_out ? 0 : -EIO;
}

void *plain_alloc(size_t bytes)
{
	long at = host_shared_alloc(ALIGN(bytes, PAGE_SIZE));

	return at < 0 ? NULL : (void *)at;
}

void plain_free(void *at, size_t bytes)
{
	if (at)
		host_shared_free(at, ALIGN(bytes, PAGE_SIZE));
}

void plain_lock(u32 *lock)
{
	u32 seen = 0;

	if (__atomic_compare_exchange_n(lock, &seen, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(lock, 2, __ATOMIC_ACQUIRE))
		host_futex_wait(lock, 2, -1);
}

void plain_unlock(u32 *lock)
{
	if (__atomic_exchange_n(lock, 0, __ATOMIC_RELEASE) == 2)
		host_futex_wake(lock, 1);
}

const char *plain_error_text(int err)
{
	return host_error_text(err);
}
