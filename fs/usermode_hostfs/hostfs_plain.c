// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_plain.c - owners, modes, types and attributes that are the host's own.
 *
 * Owns nothing. What the host's user may not do the guest's root may not either.
 */
#include <linux/types.h>
#include <linux/dirent.h>
#include <linux/fcntl.h>
#include "hostfs.h"

/*
 * What was made under the host's umask gets the mode that the guest wanted, and
 * where the host's user may give files away, the owner.
 */
static int made_attributes(int fd, const struct hostfs_new *new, struct host_attr *attr)
{
	int err = host_fs_stat(fd, NULL, attr);
	bool owner;

	if (err)
		return err;
	owner = !host_fs_user() && (attr->uid != new->uid || attr->gid != new->gid);
	if (owner)
		err = host_fs_chown(fd, new->uid, new->gid);
	if (!err && !S_ISLNK(attr->mode) && ((attr->mode ^ new->mode) & 0777 || owner))
		err = host_fs_chmod(fd, (new->mode & (0777 | S_ISUID | S_ISVTX)) |
				    (attr->mode & S_ISGID));
	return err ?: host_fs_stat(fd, NULL, attr);
}

static int make_file(struct inode *dir, int pfd, const char *name, umode_t mode)
{
	int append = hostfs_m(dir->i_sb)->append ? O_APPEND : 0;

	if (!name)
		return host_fs_tmpfile(pfd, O_RDWR, mode & 0777);
	return host_fs_open(pfd, name, O_RDWR | O_CREAT | O_EXCL | append, mode & 0777);
}

static int make_other(int pfd, const char *name, const struct hostfs_new *new)
{
	u64 rdev = (u64)MAJOR(new->dev) << 32 | MINOR(new->dev);
	int err;

	if (S_ISDIR(new->mode))
		err = host_fs_mkdir(pfd, name, new->mode & 0777);
	else if (S_ISLNK(new->mode))
		err = host_fs_symlink(pfd, name, new->target);
	else
		err = host_fs_mknod(pfd, name, new->mode & (S_IFMT | 0777), rdev);
	return err ?: host_fs_open(pfd, name, O_PATH, 0);
}

static int plain_make(struct inode *dir, int pfd, const char *name, const struct hostfs_new *new,
		      struct host_attr *attr)
{
	int fd, err;

	if (S_ISREG(new->mode))
		fd = make_file(dir, pfd, name, new->mode);
	else
		fd = make_other(pfd, name, new);
	if (fd < 0)
		return fd;
	err = made_attributes(fd, new, attr);
	if (err) {
		host_close(fd);
		return err;
	}
	return fd;
}

static int plain_own(struct inode *inode, int fd, u32 uid, u32 gid, u32 mode)
{
	int err = 0;

	if (uid != HOSTFS_KEEP || gid != HOSTFS_KEEP)
		err = host_fs_chown(fd, uid, gid);
	/* after the owner, which takes away setuid bits */
	if (!err && mode != HOSTFS_KEEP)
		err = host_fs_chmod(fd, mode);
	return err;
}

static unsigned char plain_type(int fd, const struct linux_dirent64 *entry)
{
	return entry->d_type;
}

const struct hostfs_store hostfs_plain = {
	.host_types	= true,
	.xattr_prefix	= "",
	.stat		= host_fs_stat,
	.make		= plain_make,
	.own		= plain_own,
	.readlink	= host_fs_readlink,
	.type		= plain_type,
};
