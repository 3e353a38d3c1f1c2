// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_readdir.c - reading directories.
 *
 * Owns, for each open directory, a descriptor of the host with a position of its
 * own and what was read from it ahead. Positions are the host's, which stay
 * right while the directory changes. Runs with the directory's i_rwsem and the
 * file's f_pos_lock held.
 */
#include <linux/types.h>
#include <linux/dirent.h>
#include <linux/fcntl.h>
#include <linux/fs_types.h>
#include <linux/slab.h>
#include "hostfs.h"

#define READDIR_BYTES	32768

/**
 * struct hostfs_readdir - an open directory
 * @fd:		of the host
 * @next:	position of the record at @used; where @fd stands when none is left
 * @used:	bytes of @buf that have been handed on
 * @filled:	bytes of @buf
 * @buf:	records of the host
 */
struct hostfs_readdir {
	int fd;
	loff_t next;
	unsigned int used, filled;
	char buf[READDIR_BYTES] __aligned(8);
};

static int hostfs_dir_open(struct inode *inode, struct file *file)
{
	struct hostfs_readdir *rd;
	int fd = hostfs_get(inode);

	if (fd < 0)
		return fd;
	fd = host_fs_reopen(fd, O_RDONLY | O_DIRECTORY);
	hostfs_put(inode);
	if (fd < 0)
		return fd;
	rd = kvmalloc(sizeof(*rd), GFP_KERNEL);
	if (!rd) {
		host_close(fd);
		return -ENOMEM;
	}
	rd->fd = fd;
	rd->next = 0;
	rd->used = 0;
	rd->filled = 0;
	file->private_data = rd;
	return 0;
}

static int hostfs_dir_release(struct inode *inode, struct file *file)
{
	struct hostfs_readdir *rd = file->private_data;

	host_close(rd->fd);
	kvfree(rd);
	return 0;
}

/* more records: bytes, 0 at the end, or -errno */
static ssize_t readdir_fill(struct hostfs_readdir *rd)
{
	ssize_t n = host_fs_getdents(rd->fd, rd->buf, sizeof(rd->buf));

	rd->used = 0;
	rd->filled = max_t(ssize_t, n, 0);
	return n;
}

static int readdir_seek(struct hostfs_readdir *rd, loff_t pos)
{
	s64 err = host_fs_lseek(rd->fd, pos, SEEK_SET);

	rd->used = 0;
	rd->filled = 0;
	rd->next = pos;
	return min_t(s64, err, 0);
}

static bool readdir_emit(struct file *file, struct dir_context *ctx,
			 const struct linux_dirent64 *d)
{
	const struct hostfs_inode *hi = hostfs_i(file_inode(file));
	const struct hostfs_readdir *rd = file->private_data;

	if (!strcmp(d->d_name, "."))
		return dir_emit(ctx, ".", 1, hi->vfs.i_ino, DT_DIR);
	if (!strcmp(d->d_name, ".."))
		return dir_emit(ctx, "..", 2, d_parent_ino(file->f_path.dentry), DT_DIR);
	return dir_emit(ctx, d->d_name, strlen(d->d_name),
			hostfs_ino(hostfs_m(hi->vfs.i_sb), hi->dev, d->d_ino),
			hostfs_store(&hi->vfs)->type(rd->fd, d));
}

static int hostfs_iterate(struct file *file, struct dir_context *ctx)
{
	struct hostfs_readdir *rd = file->private_data;
	ssize_t n = 0;

	/* somebody moved: what was read ahead is of another place */
	if (ctx->pos != rd->next)
		n = readdir_seek(rd, ctx->pos);
	while (n >= 0) {
		while (rd->used < rd->filled) {
			const struct linux_dirent64 *d = (void *)rd->buf + rd->used;

			if (!readdir_emit(file, ctx, d))
				return 0;
			rd->used += d->d_reclen;
			rd->next = d->d_off;
			ctx->pos = d->d_off;
		}
		n = readdir_fill(rd);
		if (!n)
			break;
	}
	return n;
}

/* positions are the host's: hashes, of which the end is unknown */
static loff_t hostfs_dir_llseek(struct file *file, loff_t pos, int whence)
{
	if (whence == SEEK_CUR)
		pos += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	return vfs_setpos(file, pos, LLONG_MAX);
}

static int hostfs_dir_fsync(struct file *file, loff_t from, loff_t to, int datasync)
{
	struct hostfs_readdir *rd = file->private_data;

	return hostfs_io_sync(file_inode(file), rd->fd);
}

const struct file_operations hostfs_dir_fops = {
	.open		= hostfs_dir_open,
	.release	= hostfs_dir_release,
	.read		= generic_read_dir,
	.iterate_shared	= hostfs_iterate,
	.llseek		= hostfs_dir_llseek,
	.fsync		= hostfs_dir_fsync,
};
