// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_mirror.c - mirror=DIR: every change is made once more in a second directory.
 *
 * Owns struct hostfs_mirror. A change is made on the first side; if that fails, this
 * is the answer, and the second side is left alone. Then it is made on the second. If
 * that fails, the two are no longer the same: the mirror is given up, which the log
 * and /proc/mounts tell, and the guest goes on with the first side.
 *
 * Objects of the second side are found by their paths of this moment, below a handle
 * of its root. So no directory may move between a path and its use:
 *
 * Locks: hostfs_mirror.moving, below the VFS's and above all of hostfs's: shared by who
 * uses a path, exclusive for a rename until the dentries are where the names are. Who
 * has it exclusively allocates without waiting for file systems.
 */
#include <linux/dcache.h>
#include <linux/fcntl.h>
#include <linux/fs_context.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "hostfs.h"

#define PIECE	(64UL << 10)	/* bytes that are copied at once */

/**
 * struct hostfs_mirror - the second side of a mount
 * @dir:	path below the confinement
 * @root:	handle of it
 * @failed:	given up
 * @moving:	see above
 */
struct hostfs_mirror {
	char *dir;
	int root;
	bool failed;
	struct rw_semaphore moving;
};

struct hostfs_mirror *hostfs_mirror_new(const char *dir)
{
	struct hostfs_mirror *mirror = kzalloc(sizeof(*mirror), GFP_KERNEL);

	if (!mirror)
		return NULL;
	mirror->root = -1;
	init_rwsem(&mirror->moving);
	mirror->dir = kstrdup(dir, GFP_KERNEL);
	if (!mirror->dir) {
		kfree(mirror);
		return NULL;
	}
	return mirror;
}

void hostfs_mirror_free(struct hostfs_mirror *mirror)
{
	if (!mirror)
		return;
	if (mirror->root >= 0)
		host_close(mirror->root);
	kfree(mirror->dir);
	kfree(mirror);
}

int hostfs_mirror_open(struct fs_context *fc, struct hostfs_mirror *mirror,
		       const struct host_attr *first)
{
	struct host_attr attr;
	int err;

	mirror->root = host_fs_resolve(hostfs_confinement(), mirror->dir);
	err = mirror->root < 0 ? mirror->root : host_fs_stat(mirror->root, NULL, &attr);
	if (!err && !S_ISDIR(attr.mode))
		err = -ENOTDIR;
	if (err) {
		errorfc(fc, "mirror=%s: %s", mirror->dir, host_error_text(err));
		return err;
	}
	if (attr.dev == first->dev && attr.ino == first->ino)
		return invalfc(fc, "mirror=%s: that is the first side", mirror->dir);
	return 0;
}

void hostfs_mirror_show(struct seq_file *m, const struct hostfs_mirror *mirror)
{
	seq_puts(m, ",mirror=");
	seq_escape(m, mirror->dir, " \t\n\\#,");
	if (READ_ONCE(mirror->failed))
		seq_puts(m, ",mirror_failed");
}

/* of a mount that still has one */
static struct hostfs_mirror *mirror_of(const struct super_block *sb)
{
	struct hostfs_mirror *mirror = hostfs_m(sb)->mirror;

	return mirror && !READ_ONCE(mirror->failed) ? mirror : NULL;
}

bool hostfs_mirrored(const struct inode *inode)
{
	return mirror_of(inode->i_sb);
}

/* @err of @what; 0: all is well */
static void mirror_result(struct hostfs_mirror *mirror, const char *what,
			  const struct dentry *dentry, int err)
{
	if (err >= 0 || xchg(&mirror->failed, true))
		return;
	pr_err("hostfs: mirror=%s: %s of %pd: %s: the mirror is given up\n", mirror->dir, what,
	       dentry, host_error_text(err));
}

/* handle of the directory @dentry on the second side */
static int mirror_dir(const struct hostfs_mirror *mirror, struct dentry *dentry)
{
	char *buf = kmalloc(PATH_MAX, GFP_NOFS), *path;
	int fd;

	if (!buf)
		return -ENOMEM;
	path = dentry_path_raw(dentry, buf, PATH_MAX);
	fd = IS_ERR(path) ? PTR_ERR(path) : host_fs_resolve(mirror->root, path);
	kfree(buf);
	return fd;
}

/* descriptor of @dentry on the second side */
static int mirror_object(const struct hostfs_mirror *mirror, struct dentry *dentry, int flags)
{
	struct dentry *parent;
	struct name_snapshot name;
	int dir, fd;

	if (IS_ROOT(dentry))
		return mirror_dir(mirror, dentry);
	parent = dget_parent(dentry);
	dir = mirror_dir(mirror, parent);
	dput(parent);
	if (dir < 0)
		return dir;
	take_dentry_name_snapshot(&name, dentry);
	fd = host_fs_open(dir, name.name.name, flags, 0);
	release_dentry_name_snapshot(&name);
	host_close(dir);
	return fd;
}

/* to write to, although its mode does not let us: the guest had it open before it was so */
static int mirror_writable(const struct hostfs_mirror *mirror, struct dentry *dentry, int flags)
{
	int handle = mirror_object(mirror, dentry, O_PATH), fd;
	struct host_attr attr;

	if (handle < 0)
		return handle;
	fd = host_fs_stat(handle, NULL, &attr);
	if (!fd)
		fd = host_fs_chmod(handle, (attr.mode & S_IALLUGO) | 0600);
	if (!fd) {
		fd = host_fs_reopen(handle, flags);
		host_fs_chmod(handle, attr.mode & S_IALLUGO);
	}
	host_close(handle);
	return fd;
}

void hostfs_mirror_make(struct inode *dir, struct dentry *dentry, const struct hostfs_new *new)
{
	struct hostfs_mirror *mirror = mirror_of(dir->i_sb);
	struct host_attr attr;
	int pfd, fd;

	if (!mirror)
		return;
	down_read(&mirror->moving);
	pfd = mirror_dir(mirror, dentry->d_parent);
	fd = pfd < 0 ? pfd : hostfs_plain.make(dir, pfd, dentry->d_name.name, new, &attr);
	up_read(&mirror->moving);
	mirror_result(mirror, "making", dentry, fd);
	if (fd >= 0)
		host_close(fd);
	if (pfd >= 0)
		host_close(pfd);
}

void hostfs_mirror_link(struct dentry *old, struct dentry *dentry)
{
	struct hostfs_mirror *mirror = mirror_of(dentry->d_sb);
	int fd, pfd, err;

	if (!mirror)
		return;
	down_read(&mirror->moving);
	fd = mirror_object(mirror, old, O_PATH);
	pfd = mirror_dir(mirror, dentry->d_parent);
	err = fd < 0 ? fd : pfd < 0 ? pfd : host_fs_link(fd, pfd, dentry->d_name.name);
	up_read(&mirror->moving);
	mirror_result(mirror, "linking", dentry, err);
	if (fd >= 0)
		host_close(fd);
	if (pfd >= 0)
		host_close(pfd);
}

void hostfs_mirror_unlink(struct dentry *dentry, bool is_dir)
{
	struct hostfs_mirror *mirror = mirror_of(dentry->d_sb);
	int pfd, err;

	if (!mirror)
		return;
	down_read(&mirror->moving);
	pfd = mirror_dir(mirror, dentry->d_parent);
	err = pfd < 0 ? pfd : host_fs_unlink(pfd, dentry->d_name.name, is_dir);
	up_read(&mirror->moving);
	mirror_result(mirror, "removal", dentry, err);
	if (pfd >= 0)
		host_close(pfd);
}

unsigned int hostfs_mirror_move_begin(struct super_block *sb)
{
	struct hostfs_mirror *mirror = hostfs_m(sb)->mirror;

	if (!mirror)
		return 0;
	down_write(&mirror->moving);
	return memalloc_nofs_save();
}

void hostfs_mirror_move_end(struct super_block *sb, unsigned int nofs)
{
	struct hostfs_mirror *mirror = hostfs_m(sb)->mirror;

	if (!mirror)
		return;
	memalloc_nofs_restore(nofs);
	up_write(&mirror->moving);
}

void hostfs_mirror_rename(struct dentry *old, struct dentry *new, unsigned int flags)
{
	struct hostfs_mirror *mirror = mirror_of(old->d_sb);
	int from, to, err;

	if (!mirror)
		return;
	lockdep_assert_held_write(&mirror->moving);
	from = mirror_dir(mirror, old->d_parent);
	to = mirror_dir(mirror, new->d_parent);
	err = from < 0 ? from : to < 0 ? to :
	      host_fs_rename(from, old->d_name.name, to, new->d_name.name, flags);
	mirror_result(mirror, "renaming", old, err);
	if (from >= 0)
		host_close(from);
	if (to >= 0)
		host_close(to);
}

/* bytes [pos, pos + len) of @from to @to; what is beyond the end is not there */
static int copy_range(int from, int to, loff_t pos, loff_t len)
{
	void *piece = kvmalloc(PIECE, GFP_NOFS);
	ssize_t n = 0;

	if (!piece)
		return -ENOMEM;
	while (len > 0) {
		struct iovec iov = { .iov_base = piece, .iov_len = min_t(loff_t, len, PIECE) };

		n = host_preadv(from, &iov, 1, pos);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			break;
		iov.iov_len = n;
		do
			n = host_pwritev(to, &iov, 1, pos);
		while (n == -EINTR);
		if (n <= 0) {
			n = n ?: -EIO;
			break;
		}
		pos += n;
		len -= n;
	}
	kvfree(piece);
	return min_t(ssize_t, n, 0);
}

/**
 * struct change - of an object that has a name, on the second side
 * @what:	in words
 * @flags:	to open the second side's object with
 * @make:	makes it, with a descriptor of that object
 */
struct change {
	const char *what;
	int flags;
	int (*make)(struct inode *inode, int fd, const void *how);
};

/* the data are as old on both sides */
static int copy_mtime(struct inode *inode, int to)
{
	const struct host_time omit = { .nsec = HOST_TIME_OMIT };
	int from = hostfs_get(inode), err;
	struct host_attr attr;

	if (from < 0)
		return from;
	err = host_fs_stat(from, NULL, &attr);
	hostfs_put(inode);
	return err ?: host_fs_utimes(to, &omit, &attr.mtime);
}

/* what has no name any more is not there on the second side */
static void mirror_change(struct inode *inode, const struct change *change, const void *how)
{
	struct hostfs_mirror *mirror = mirror_of(inode->i_sb);
	struct dentry *dentry = mirror ? d_find_alias(inode) : NULL;
	int fd, err;

	if (!dentry)
		return;
	down_read(&mirror->moving);
	/* removed, or replaced, between then and now */
	if (d_unhashed(dentry) && !IS_ROOT(dentry)) {
		up_read(&mirror->moving);
		dput(dentry);
		return;
	}
	fd = mirror_object(mirror, dentry, change->flags);
	if (fd == -EACCES && !(change->flags & O_PATH))
		fd = mirror_writable(mirror, dentry, change->flags);
	err = fd < 0 ? fd : change->make(inode, fd, how);
	if (!err && !(change->flags & O_PATH))
		err = copy_mtime(inode, fd);
	up_read(&mirror->moving);
	mirror_result(mirror, change->what, dentry, err);
	if (fd >= 0)
		host_close(fd);
	dput(dentry);
}

struct mirror_range {
	loff_t pos, len;
	int mode;
};

static int make_data(struct inode *inode, int fd, const void *how)
{
	const struct mirror_range *range = how;
	int from = hostfs_get_reader(inode), err;

	if (from < 0)
		return from;
	err = copy_range(from, fd, range->pos, range->len);
	hostfs_put(inode);
	return err;
}

void hostfs_mirror_data(struct inode *inode, loff_t pos, loff_t len)
{
	static const struct change change = { "writing", O_WRONLY, make_data };
	const struct mirror_range range = { .pos = pos, .len = len };

	mirror_change(inode, &change, &range);
}

static int make_space(struct inode *inode, int fd, const void *how)
{
	const struct mirror_range *range = how;
	int err;

	do
		err = host_fallocate(fd, range->mode, range->pos, range->len);
	while (err == -EINTR);
	return err;
}

void hostfs_mirror_fallocate(struct inode *inode, int mode, loff_t pos, loff_t len)
{
	static const struct change change = { "allocation", O_RDWR, make_space };
	const struct mirror_range range = { .pos = pos, .len = len, .mode = mode };

	mirror_change(inode, &change, &range);
}

static int make_size(struct inode *inode, int fd, const void *how)
{
	const struct mirror_range *range = how;

	return host_ftruncate(fd, range->len);
}

void hostfs_mirror_size(struct inode *inode, loff_t size)
{
	static const struct change change = { "truncation", O_WRONLY, make_size };
	const struct mirror_range range = { .len = size };

	mirror_change(inode, &change, &range);
}

struct owner {
	u32 uid, gid, mode;
};

static int make_owner(struct inode *inode, int fd, const void *how)
{
	const struct owner *owner = how;

	return hostfs_plain.own(inode, fd, owner->uid, owner->gid, owner->mode);
}

void hostfs_mirror_own(struct inode *inode, u32 uid, u32 gid, u32 mode)
{
	static const struct change change = { "owner or mode", O_PATH, make_owner };
	const struct owner owner = { uid, gid, mode };

	mirror_change(inode, &change, &owner);
}

static int make_times(struct inode *inode, int fd, const void *how)
{
	const struct host_time *times = how;

	return host_fs_utimes(fd, &times[0], &times[1]);
}

void hostfs_mirror_times(struct inode *inode, struct host_time atime, struct host_time mtime)
{
	static const struct change change = { "times", O_PATH, make_times };
	const struct host_time times[2] = { atime, mtime };

	mirror_change(inode, &change, times);
}

struct mirror_attribute {
	const char *name;
	const void *value;
	size_t size;
	int flags;
};

static int make_xattr(struct inode *inode, int fd, const void *how)
{
	const struct mirror_attribute *a = how;

	return a->value ? host_fs_setxattr(fd, a->name, a->value, a->size, a->flags)
			: host_fs_removexattr(fd, a->name);
}

void hostfs_mirror_xattr(struct inode *inode, const char *name, const void *value, size_t size,
			 int flags)
{
	static const struct change change = { "an attribute", O_PATH, make_xattr };
	const struct mirror_attribute attribute = { name, value, size, flags };

	mirror_change(inode, &change, &attribute);
}
