// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_direct.c - transfers between the guest's programs and the host, without
 * the guest's page cache: O_DIRECT, cache=none and files that only grow.
 *
 * Owns nothing. The pages of the program are held while the host reads or writes
 * them through the kernel's own mapping. There is nothing to align. The generic
 * code has written back and dropped what the page cache had of the range.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "hostfs.h"

/**
 * struct direct_pages - pages that a transfer goes to or comes from
 * @page:	them
 * @n:		how many
 * @pinned:	they are to be unpinned
 */
struct direct_pages {
	struct page *page[HOSTFS_IOVECS];
	unsigned int n;
	bool pinned;
};

/* the next piece of @iter: vectors in @io, pages in @dp. Bytes, or -errno */
static ssize_t direct_map(struct iov_iter *iter, struct direct_pages *dp, struct hostfs_io *io)
{
	struct page **pages = dp->page;
	ssize_t bytes, left;
	size_t at;

	bytes = iov_iter_extract_pages(iter, &pages, (HOSTFS_IOVECS - 1) * PAGE_SIZE,
				       HOSTFS_IOVECS, 0, &at);
	if (bytes <= 0)
		return bytes ?: -EFAULT;
	dp->pinned = iov_iter_extract_will_pin(iter);
	dp->n = DIV_ROUND_UP(at + bytes, PAGE_SIZE);
	for (left = bytes; left; at = 0, pages++) {
		size_t len = min_t(size_t, left, PAGE_SIZE - at);

		hostfs_io_add(io, page_address(*pages) + at, len);
		left -= len;
	}
	return bytes;
}

static void direct_unmap(struct direct_pages *dp, bool written)
{
	if (dp->pinned)
		unpin_user_pages_dirty_lock(dp->page, dp->n, written);
}

/* one transfer: bytes done, 0 at the end of the file, or -errno */
static ssize_t direct_step(struct inode *inode, struct direct_pages *dp, struct hostfs_io *io,
			   struct iov_iter *iter, loff_t pos)
{
	bool reading = io->req.op == HOST_AIO_READ;
	ssize_t bytes;
	int err;

	io->n = 0;
	io->len = 0;
	io->done = 0;
	io->error = 0;
	io->pos = pos;
	bytes = direct_map(iter, dp, io);
	if (bytes < 0)
		return bytes;
	err = hostfs_io_wait(io);
	direct_unmap(dp, reading);
	if (io->done < bytes)
		iov_iter_revert(iter, bytes - io->done);
	return io->done ?: err;
}

static ssize_t direct_transfer(struct kiocb *iocb, struct iov_iter *iter, int fd)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	bool reading = iov_iter_rw(iter) == READ;
	ssize_t total = 0, n = -ENOMEM;
	struct direct_pages *dp = kmalloc(sizeof(*dp), GFP_KERNEL);
	struct hostfs_io *io = hostfs_io_alloc(inode, HOSTFS_IOVECS, GFP_KERNEL);

	if (!dp || !io)
		goto out;
	io->req.op = reading ? HOST_AIO_READ : HOST_AIO_WRITE;
	io->req.fd = fd;
	n = 0;
	while (iov_iter_count(iter)) {
		n = direct_step(inode, dp, io, iter, iocb->ki_pos + total);
		if (n <= 0)
			break;
		total += n;
	}
out:
	kfree(io);
	kfree(dp);
	return total ?: n;
}

ssize_t hostfs_direct_io(struct kiocb *iocb, struct iov_iter *iter)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	bool reading = iov_iter_rw(iter) == READ;
	ssize_t n;
	int fd;

	if (!reading) {
		/* open files that may write hold the writer */
		hostfs_changed(inode);
		n = direct_transfer(iocb, iter, hostfs_i(inode)->wfd);
		hostfs_changed(inode);
		if (n > 0)
			hostfs_mirror_data(inode, iocb->ki_pos, n);
		return n;
	}
	fd = hostfs_get_reader(inode);
	if (fd < 0)
		return fd;
	n = direct_transfer(iocb, iter, fd);
	hostfs_put(inode);
	return n;
}
