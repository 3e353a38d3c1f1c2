// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_file.c - open files.
 *
 * Owns nothing but, for each open file, a pin of the inode's descriptors, and for
 * one that may write a share of the writer. What the host forbids shows at open.
 * Closing a file that was written hands its data to the host and waits: that is
 * where a full disk or a quota is reported that nobody had to ask before.
 */
#include <linux/fcntl.h>
#include <linux/falloc.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/splice.h>
#include "hostfs.h"

/* bytes that the host copies in one call, for which the virtual CPU stands still */
#define COPY_BYTES	(4UL << 20)

static bool file_uncached(const struct file *file)
{
	const struct inode *inode = file_inode(file);
	const struct hostfs_mount *mount = hostfs_m(inode->i_sb);

	return mount->cache == HOSTFS_CACHE_NONE || mount->append ||
	       (file->f_mode & FMODE_WRITE && test_bit(HOSTFS_NO_RMW, &hostfs_i(inode)->flags));
}

/* what was closed on the host is seen by who opens it here */
static int refresh_opened(struct inode *inode, const struct file *file)
{
	bool known = hostfs_m(inode->i_sb)->cache == HOSTFS_CACHE_ALWAYS ||
		     test_bit(HOSTFS_ASKED, &hostfs_i(inode)->flags) ||
		     file->f_mode & FMODE_CREATED;

	return hostfs_refresh(inode, !known);
}

static int hostfs_open(struct inode *inode, struct file *file)
{
	int err;

	clear_bit(HOSTFS_ASKED, &hostfs_i(inode)->flags);
	/* opened now, so that the host's refusal is open's; kept for the file */
	if (file->f_mode & FMODE_READ)
		err = hostfs_get_reader(inode);
	else
		err = hostfs_get(inode);
	if (err < 0)
		return err;
	if (file->f_mode & FMODE_WRITE) {
		err = hostfs_writer_get(inode);
		if (err)
			goto err_put;
	}
	err = refresh_opened(inode, file);
	if (err)
		goto err_writer;
	file->f_mode |= FMODE_CAN_ODIRECT;
	return 0;

err_writer:
	if (file->f_mode & FMODE_WRITE)
		hostfs_writer_put(inode);
err_put:
	hostfs_put(inode);
	return err;
}

static int hostfs_file_flush(struct file *file, fl_owner_t id)
{
	struct inode *inode = file_inode(file);
	int err;

	if (!(file->f_mode & FMODE_WRITE) || !hostfs_ahead(inode))
		return 0;
	if (!inode->i_nlink)		/* nobody will ever look */
		return 0;
	err = hostfs_flush(inode);
	return file_check_and_advance_wb_err(file) ?: err;
}

static int hostfs_release(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_WRITE) {
		/* what was written through a mapping that outlived close() */
		if (hostfs_ahead(inode) && inode->i_nlink)
			hostfs_flush(inode);
		hostfs_writer_put(inode);
	}
	hostfs_put(inode);
	return 0;
}

static int hostfs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct inode *inode = file_inode(file);
	int err = file_write_and_wait_range(file, start, end), fd;

	if (!err)
		err = hostfs_push_times(inode);
	if (err)
		return err;
	fd = hostfs_i(inode)->wfd;
	if (file->f_mode & FMODE_WRITE && fd >= 0)
		return hostfs_io_sync(inode, fd);
	fd = hostfs_get_reader(inode);
	if (fd < 0)
		return fd;
	err = hostfs_io_sync(inode, fd);
	hostfs_put(inode);
	return err;
}

static ssize_t hostfs_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct file *file = iocb->ki_filp;
	int err;

	if (file_uncached(file))
		iocb->ki_flags |= IOCB_DIRECT;
	err = hostfs_refresh(file_inode(file), false);
	if (err)
		return err;
	return generic_file_read_iter(iocb, iter);
}

static ssize_t hostfs_write_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct file *file = iocb->ki_filp;
	int err;

	if (file_uncached(file))
		iocb->ki_flags |= IOCB_DIRECT;
	/* the end may have moved */
	if (iocb->ki_flags & IOCB_APPEND) {
		err = hostfs_refresh(file_inode(file), false);
		if (err)
			return err;
	}
	return generic_file_write_iter(iocb, iter);
}

static int hostfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = hostfs_refresh(file_inode(file), false);

	return err ?: generic_file_mmap(file, vma);
}

static loff_t hostfs_llseek(struct file *file, loff_t pos, int whence)
{
	struct inode *inode = file_inode(file);
	int err = 0, fd;

	if (whence == SEEK_END)
		err = hostfs_refresh(inode, false);
	if (err)
		return err;
	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, pos, whence);

	/* only the host knows; it must know all */
	err = filemap_write_and_wait(inode->i_mapping);
	if (err)
		return err;
	fd = hostfs_get_reader(inode);
	if (fd < 0)
		return fd;
	pos = host_fs_lseek(fd, pos, whence);
	hostfs_put(inode);
	return pos < 0 ? pos : vfs_setpos(file, pos, inode->i_sb->s_maxbytes);
}

/* [pos, end) on the host is about to change behind the page cache; i_rwsem held */
static int data_begin(struct inode *inode, loff_t pos, loff_t end)
{
	int err;

	inode_dio_wait(inode);
	filemap_invalidate_lock(inode->i_mapping);
	err = filemap_write_and_wait(inode->i_mapping);
	if (!err)
		truncate_pagecache_range(inode, pos, end - 1);
	if (err)
		filemap_invalidate_unlock(inode->i_mapping);
	else
		hostfs_changed(inode);
	return err;
}

static void data_end(struct inode *inode)
{
	clear_bit(HOSTFS_OWN_MTIME, &hostfs_i(inode)->flags);
	hostfs_changed(inode);
	filemap_invalidate_unlock(inode->i_mapping);
	hostfs_refresh(inode, true);
}

static long hostfs_fallocate(struct file *file, int mode, loff_t pos, loff_t len)
{
	const int moves = FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE;
	struct inode *inode = file_inode(file);
	loff_t from, end;
	int err;

	inode_lock(inode);
	err = file_modified(file);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && !(mode & moves))
		err = inode_newsize_ok(inode, max(pos + len, i_size_read(inode)));
	if (err)
		goto out;
	from = round_down(pos, PAGE_SIZE);
	end = mode & moves ? LLONG_MAX : round_up(pos + len, PAGE_SIZE);
	err = data_begin(inode, from, end);
	if (err)
		goto out;
	do
		err = host_fallocate(hostfs_i(inode)->wfd, mode, pos, len);
	while (err == -EINTR);
	if (!err)
		hostfs_mirror_fallocate(inode, mode, pos, len);
	data_end(inode);
out:
	inode_unlock(inode);
	return err;
}

static ssize_t host_copy(int from, loff_t from_pos, int to, loff_t to_pos, size_t len)
{
	size_t done = 0;
	ssize_t n = 0;

	while (done < len) {
		n = host_fs_copy(from, from_pos + done, to, to_pos + done,
				 min(len - done, COPY_BYTES));
		if (n == -EINTR)
			continue;
		if (n <= 0)
			break;
		done += n;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done ?: n;
}

static ssize_t hostfs_copy_file_range(struct file *in, loff_t in_pos, struct file *out,
				      loff_t out_pos, size_t len, unsigned int flags)
{
	struct inode *from = file_inode(in), *to = file_inode(out);
	ssize_t n;
	int fd;

	if (from->i_sb != to->i_sb)
		return splice_copy_file_range(in, in_pos, out, out_pos, len);
	n = filemap_write_and_wait_range(from->i_mapping, in_pos, in_pos + len - 1);
	if (n)
		return n;
	fd = hostfs_get_reader(from);
	if (fd < 0)
		return fd;
	inode_lock(to);
	n = file_modified(out);
	if (!n)
		n = data_begin(to, round_down(out_pos, PAGE_SIZE),
			       round_up(out_pos + len, PAGE_SIZE));
	if (!n) {
		n = host_copy(fd, in_pos, hostfs_i(to)->wfd, out_pos, len);
		if (n > 0)
			hostfs_mirror_data(to, out_pos, n);
		data_end(to);
	}
	inode_unlock(to);
	hostfs_put(from);
	/* not on this pair of the host's file systems */
	if (n == -EXDEV || n == -EOPNOTSUPP || n == -EINVAL)
		n = splice_copy_file_range(in, in_pos, out, out_pos, len);
	return n;
}

static loff_t hostfs_remap(struct file *in, loff_t in_pos, struct file *out, loff_t out_pos,
			   loff_t len, unsigned int flags)
{
	struct inode *from = file_inode(in), *to = file_inode(out);
	int fd, err;

	/* comparing and sharing is for the host's own programs */
	if (flags & ~REMAP_FILE_ADVISORY)
		return -EOPNOTSUPP;
	err = filemap_write_and_wait(from->i_mapping);
	if (err)
		return err;
	fd = hostfs_get_reader(from);
	if (fd < 0)
		return fd;
	inode_lock(to);
	err = file_modified(out);
	if (!err)
		err = data_begin(to, round_down(out_pos, PAGE_SIZE),
				 len ? round_up(out_pos + len, PAGE_SIZE) : LLONG_MAX);
	if (!err) {
		err = host_fs_clone(fd, in_pos, len, hostfs_i(to)->wfd, out_pos);
		if (!err)
			hostfs_mirror_data(to, out_pos, len ?: i_size_read(from) - in_pos);
		data_end(to);
	}
	inode_unlock(to);
	hostfs_put(from);
	return err ?: len ?: i_size_read(from) - in_pos;
}

const struct inode_operations hostfs_file_iops = {
	.getattr	= hostfs_getattr,
	.setattr	= hostfs_setattr,
	.update_time	= hostfs_update_time,
	.listxattr	= hostfs_listxattr,
};

const struct file_operations hostfs_file_fops = {
	.open		= hostfs_open,
	.flush		= hostfs_file_flush,
	.release	= hostfs_release,
	.read_iter	= hostfs_read_iter,
	.write_iter	= hostfs_write_iter,
	.splice_read	= filemap_splice_read,
	.splice_write	= iter_file_splice_write,
	.mmap		= hostfs_mmap,
	.llseek		= hostfs_llseek,
	.fsync		= hostfs_fsync,
	.fallocate	= hostfs_fallocate,
	.copy_file_range = hostfs_copy_file_range,
	.remap_file_range = hostfs_remap,
};
