// SPDX-License-Identifier: GPL-2.0
/*
 * plain_host.c - what image formats need, inside the kernel: calls of the host.
 *
 * Runs before there is a kernel, in processes, and on host threads that know
 * nothing of the kernel; blocks the host thread that it runs on. The lock is a
 * futex word: 0 free, 1 taken, 2 taken and waited for.
 */
#include <linux/uio.h>
#include <asm/host.h>
#include <asm/page.h>
#include "plain.h"

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

int plain_size(int fd, u64 *size)
{
	struct host_stat st;
	int err = host_fstat(fd, &st);

	if (!err)
		*size = st.size;
	return err;
}

int plain_resize(int fd, u64 size)
{
	return host_ftruncate(fd, size);
}

void *plain_alloc(size_t bytes)
{
	long at = host_map(NULL, ALIGN(bytes, PAGE_SIZE), HOST_PROT_READ | HOST_PROT_WRITE,
			   HOST_MAP_SHARED | HOST_MAP_ANON | HOST_MAP_NORESERVE, -1, 0);

	return at < 0 ? NULL : (void *)at;
}

void plain_free(void *at, size_t bytes)
{
	if (at)
		host_unmap(at, ALIGN(bytes, PAGE_SIZE));
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
