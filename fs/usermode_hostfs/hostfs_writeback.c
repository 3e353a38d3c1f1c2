// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_writeback.c - dirty folios to the host.
 *
 * Owns nothing. Neighbouring folios go in one transfer. A file is written up to
 * its size and never beyond, so the host's file has no size that the guest's has
 * not. The descriptor is the inode's writer, which stays open while there are
 * dirty folios (hostfs_handle.c).
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/writeback.h>
#include "hostfs.h"

/* a transfer from folios ended */
static void write_end(struct hostfs_io *io)
{
	struct address_space *mapping = io->inode->i_mapping;
	loff_t end = io->pos + io->len, pos = io->pos;

	if (io->error)
		mapping_set_error(mapping, io->error);
	while (pos < end) {
		/* under writeback, so they stay where they are */
		struct folio *folio = xa_load(&mapping->i_pages, pos >> PAGE_SHIFT);

		pos = folio_pos(folio) + folio_size(folio);
		folio_end_writeback(folio);
	}
	kfree(io);
}

/* bytes of @folio that are to be written; what is behind the end becomes zero */
static size_t write_size(struct inode *inode, struct folio *folio)
{
	loff_t left = i_size_read(inode) - folio_pos(folio);

	if (left <= 0)
		return 0;
	if (left < folio_size(folio))
		folio_zero_segment(folio, left, folio_size(folio));
	return min_t(loff_t, left, folio_size(folio));
}

static struct hostfs_io *write_begin(struct inode *inode, loff_t pos, int fd, bool awaited)
{
	struct hostfs_io *io = hostfs_io_alloc(inode, HOSTFS_IOVECS, GFP_NOFS | __GFP_NOWARN);

	if (!io)
		io = hostfs_io_alloc(inode, 1, GFP_NOFS | __GFP_NOFAIL);
	io->req.op = HOST_AIO_WRITE;
	io->req.fd = fd;
	io->end = write_end;
	io->awaited = awaited;
	io->pos = pos;
	return io;
}

/* the second side has its own copy of what the first side has */
static void write_submit(struct hostfs_io *io)
{
	if (!hostfs_mirrored(io->inode)) {
		hostfs_io_submit(io);
		return;
	}
	if (!hostfs_io_wait(io))
		hostfs_mirror_data(io->inode, io->pos, io->len);
	write_end(io);
}

/* add @folio to *iop, or begin another transfer with it */
static void write_folio(struct inode *inode, struct folio *folio, struct hostfs_io **iop, int fd,
			bool awaited)
{
	size_t size = write_size(inode, folio);
	struct hostfs_io *io = *iop;

	folio_start_writeback(folio);
	folio_unlock(folio);
	if (!size) {
		folio_end_writeback(folio);
		return;
	}
	if (io && (io->pos + io->len != folio_pos(folio) || io->n == io->room)) {
		write_submit(io);
		io = NULL;
	}
	if (!io)
		io = write_begin(inode, folio_pos(folio), fd, awaited);
	hostfs_io_add(io, folio_address(folio), size);
	*iop = io;
}

static int write_pages(struct address_space *mapping, struct writeback_control *wbc, int fd)
{
	struct inode *inode = mapping->host;
	struct hostfs_io *io = NULL;
	struct folio *folio = NULL;
	int err = 0;

	set_bit(HOSTFS_UNSEEN, &hostfs_i(inode)->flags);
	while ((folio = writeback_iter(mapping, wbc, folio, &err)))
		write_folio(inode, folio, &io, fd, wbc->sync_mode == WB_SYNC_ALL);
	if (io)
		write_submit(io);
	hostfs_io_start();
	set_bit(HOSTFS_UNSEEN, &hostfs_i(inode)->flags);
	return err;
}

int hostfs_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct inode *inode = mapping->host;
	int fd = READ_ONCE(hostfs_i(inode)->wfd), err;

	if (fd >= 0)
		return write_pages(mapping, wbc, fd);
	/* dirtied after the last file was closed, by who held the page for I/O */
	err = hostfs_get(inode);
	if (err < 0)
		return err;
	err = hostfs_writer_get(inode);
	if (!err) {
		err = write_pages(mapping, wbc, hostfs_i(inode)->wfd);
		hostfs_writer_put(inode);
	}
	hostfs_put(inode);
	return err;
}

int hostfs_flush(struct inode *inode)
{
	int err = filemap_write_and_wait(inode->i_mapping), times;

	times = hostfs_push_times(inode);
	return err ?: times;
}
