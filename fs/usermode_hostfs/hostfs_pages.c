// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_pages.c - file data in the guest's page cache: filling it, writing to it.
 *
 * Owns nothing. A read is one transfer of the host for as many folios as the
 * generic readahead asks for. Bytes that the host has not, because its file is
 * shorter than the guest knows (the guest's own data are still on their way), are
 * zeros. Folios are locked by the VFS while they are filled, and unlocked when
 * the transfer ends, perhaps in an interrupt; a pin keeps the descriptor.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/writeback.h>
#include "hostfs.h"

/* a transfer into folios ended */
static void read_end(struct hostfs_io *io)
{
	struct inode *inode = io->inode;
	struct address_space *mapping = inode->i_mapping;
	loff_t end = io->pos + io->len, valid = io->pos + io->done, pos = io->pos;

	/* first: after the last folio the inode may go */
	hostfs_put(inode);
	while (pos < end) {
		/* locked by us, so they stay where they are */
		struct folio *folio = xa_load(&mapping->i_pages, pos >> PAGE_SHIFT);
		size_t size = folio_size(folio);

		if (!io->error && valid < pos + size)
			folio_zero_segment(folio, max(valid - pos, 0LL), size);
		folio_end_read(folio, !io->error);
		pos += size;
	}
	kfree(io);
}

static int read_fd(struct inode *inode)
{
	int fd;

	/* open files have one already; only what is idle may have lost it */
	if (hostfs_pin_reader(inode, &fd))
		return fd;
	return hostfs_get_reader(inode);
}

/* a transfer that begins at @pos, with a pinned descriptor, or ERR_PTR */
static struct hostfs_io *read_begin(struct inode *inode, loff_t pos, unsigned int room, gfp_t gfp)
{
	struct hostfs_io *io = hostfs_io_alloc(inode, room, gfp);
	int fd = io ? read_fd(inode) : -ENOMEM;

	if (fd < 0) {
		kfree(io);
		return ERR_PTR(fd);
	}
	io->req.op = HOST_AIO_READ;
	io->req.fd = fd;
	io->end = read_end;
	io->pos = pos;
	return io;
}

static void hostfs_readahead(struct readahead_control *rac)
{
	gfp_t gfp = mapping_gfp_constraint(rac->mapping, GFP_KERNEL) | __GFP_NORETRY | __GFP_NOWARN;
	struct hostfs_io *io = NULL;
	struct folio *folio;

	while ((folio = readahead_folio(rac))) {
		if (io && io->n == io->room) {
			hostfs_io_submit(io);
			io = NULL;
		}
		if (!io)
			io = read_begin(rac->mapping->host, folio_pos(folio),
					readahead_count(rac), gfp);
		if (IS_ERR(io)) {		/* to be read when it is needed */
			folio_unlock(folio);
			return;
		}
		hostfs_io_add(io, folio_address(folio), folio_size(folio));
	}
	if (io)
		hostfs_io_submit(io);
	hostfs_io_start();
}

static int hostfs_read_folio(struct file *file, struct folio *folio)
{
	struct hostfs_io *io = read_begin(folio->mapping->host, folio_pos(folio), 1, GFP_KERNEL);

	if (IS_ERR(io)) {
		folio_unlock(folio);
		return PTR_ERR(io);
	}
	hostfs_io_add(io, folio_address(folio), folio_size(folio));
	hostfs_io_submit(io);
	hostfs_io_start();
	return 0;
}

/* fill @folio, which stays locked */
static int folio_fill(struct inode *inode, struct folio *folio)
{
	struct hostfs_io *io = read_begin(inode, folio_pos(folio), 1, GFP_KERNEL);
	int err;

	if (IS_ERR(io))
		return PTR_ERR(io);
	hostfs_io_add(io, folio_address(folio), folio_size(folio));
	err = hostfs_io_wait(io);
	hostfs_put(inode);
	if (!err) {
		if (io->done < folio_size(folio))
			folio_zero_segment(folio, io->done, folio_size(folio));
		folio_mark_uptodate(folio);
	}
	kfree(io);
	return err;
}

/* make @folio fit for a write of [from, to) to it */
static int folio_prepare(struct inode *inode, struct folio *folio, size_t from, size_t to)
{
	loff_t size = i_size_read(inode), pos = folio_pos(folio);

	if (folio_test_uptodate(folio) || (!from && to == folio_size(folio)))
		return 0;
	/* nothing of the file is there, or it will be overwritten */
	if (pos >= size || (!from && pos + to >= size)) {
		folio_zero_segments(folio, 0, from, to, folio_size(folio));
		return 0;
	}
	return folio_fill(inode, folio);
}

int hostfs_zero_tail(struct inode *inode, loff_t pos)
{
	struct folio *folio;
	size_t from;

	if (!(pos & (PAGE_SIZE - 1)))
		return 0;
	folio = filemap_lock_folio(inode->i_mapping, pos >> PAGE_SHIFT);
	if (IS_ERR(folio))
		return 0;
	from = offset_in_folio(folio, pos);
	if (folio_test_uptodate(folio))
		folio_zero_segment(folio, from, folio_size(folio));
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

static int hostfs_write_begin(struct file *file, struct address_space *mapping, loff_t pos,
			      unsigned int len, struct folio **foliop, void **fsdata)
{
	struct inode *inode = mapping->host;
	struct folio *folio;
	size_t from;
	int err;

	if (pos > i_size_read(inode))
		hostfs_zero_tail(inode, i_size_read(inode));
	folio = __filemap_get_folio(mapping, pos >> PAGE_SHIFT, FGP_WRITEBEGIN | fgf_set_order(len),
				    mapping_gfp_mask(mapping));
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	from = offset_in_folio(folio, pos);
	len = min_t(size_t, len, folio_size(folio) - from);
	err = folio_prepare(inode, folio, from, from + len);
	if (err) {
		folio_unlock(folio);
		folio_put(folio);
		return err;
	}
	*foliop = folio;
	return 0;
}

static int hostfs_write_end(struct file *file, struct address_space *mapping, loff_t pos,
			    unsigned int len, unsigned int copied, struct folio *folio,
			    void *fsdata)
{
	struct inode *inode = mapping->host;

	/* what was to be overwritten is not there: all of it, or none */
	if (!folio_test_uptodate(folio) && copied < len)
		copied = 0;
	if (copied) {
		folio_mark_uptodate(folio);
		hostfs_changed(inode);
		if (pos + copied > i_size_read(inode))
			i_size_write(inode, pos + copied);
		folio_mark_dirty(folio);
	}
	folio_unlock(folio);
	folio_put(folio);
	return copied;
}

const struct address_space_operations hostfs_aops = {
	.read_folio	= hostfs_read_folio,
	.readahead	= hostfs_readahead,
	.write_begin	= hostfs_write_begin,
	.write_end	= hostfs_write_end,
	.writepages	= hostfs_writepages,
	.dirty_folio	= filemap_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
	.direct_IO	= hostfs_direct_io,
};
