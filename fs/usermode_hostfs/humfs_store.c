// SPDX-License-Identifier: GPL-2.0
/*
 * humfs_store.c - owners, modes, types and attributes that are the guest's own.
 *
 * Owns nothing. Whatever the guest sees, the host has directories and regular
 * files of one user, each with a record (humfs_record.h) in an extended attribute:
 * it belongs to the object, so it goes with it through links and renames and ends
 * with it. An object is made in the staging directory and gets its name when all of
 * it is there. What has no record was put there by somebody on the host, and is the
 * guest's root's.
 */
#include <linux/types.h>
#include <linux/dirent.h>
#include <linux/fcntl.h>
#include <linux/fs_types.h>
#include <linux/printk.h>
#include <linux/uio.h>
#include "hostfs.h"
#include "humfs_record.h"

/* the host's user must get at everything, and nobody else at anything */
#define FILE_MODE	0600
#define DIR_MODE	0700

/* the record of @name in @dir, or of the handle itself: 0, 1 there is none, -errno */
static int record_read(int dir, const char *name, struct humfs_record *record)
{
	char text[HUMFS_RECORD_MAX];
	ssize_t n;

	if (name)
		n = host_fs_getxattr_at(dir, name, HUMFS_XATTR, text, sizeof(text));
	else
		n = host_fs_getxattr(dir, HUMFS_XATTR, text, sizeof(text));
	if (n == -ENODATA)
		return 1;
	if (n == -ERANGE || (n >= 0 && humfs_record_parse(text, n, record)))
		return -EUCLEAN;
	return min_t(ssize_t, n, 0);
}

static int record_write(int fd, const struct humfs_record *record)
{
	char text[HUMFS_RECORD_MAX];

	return host_fs_setxattr(fd, HUMFS_XATTR, text, humfs_record_format(text, record), 0);
}

/* @record says it of what the host describes by @mode */
static bool record_fits(const struct humfs_record *record, u32 mode)
{
	return S_ISDIR(record->mode) ? S_ISDIR(mode) : S_ISREG(mode);
}

static void record_apply(const struct humfs_record *record, struct host_attr *attr)
{
	attr->mode = record->mode;
	attr->uid = record->uid;
	attr->gid = record->gid;
	attr->rdev = (u64)record->major << 32 | record->minor;
}

static int store_stat(int dir, const char *name, struct host_attr *attr)
{
	struct humfs_record record;
	int err = host_fs_stat(dir, name, attr);

	if (err)
		return err;
	err = record_read(dir, name, &record);
	if (!err && !record_fits(&record, attr->mode))
		err = -EUCLEAN;
	if (!err) {
		record_apply(&record, attr);
	} else if (err > 0) {
		attr->mode &= S_IFMT | 0777;
		attr->uid = 0;
		attr->gid = 0;
		err = 0;
	} else if (err == -EUCLEAN) {
		pr_err_ratelimited("humfs: %s: its record is damaged; see humfs check\n",
				   name ?: "an open file");
	}
	return err;
}

static struct humfs_record record_of(const struct hostfs_new *new)
{
	return (struct humfs_record) {
		.mode = new->mode,
		.uid = new->uid,
		.gid = new->gid,
		.major = MAJOR(new->dev),
		.minor = MINOR(new->dev),
	};
}

/* all of @new but its name; what it is now */
static int fill(int fd, const struct hostfs_new *new, struct host_attr *attr)
{
	struct humfs_record record = record_of(new);
	int err = record_write(fd, &record);

	if (!err && S_ISLNK(new->mode)) {
		size_t len = strlen(new->target);
		ssize_t n = host_write(fd, new->target, len);

		err = n < 0 ? n : n < len ? -ENOSPC : 0;
	}
	if (!err)
		err = host_fs_stat(fd, NULL, attr);
	if (!err)
		record_apply(&record, attr);
	return err;
}

/* an empty object called @name in the staging directory: a descriptor */
static int stage_open(int stage, const char *name, umode_t mode)
{
	int err;

	if (!S_ISDIR(mode))
		return host_fs_open(stage, name, O_RDWR | O_CREAT | O_EXCL, FILE_MODE);
	err = host_fs_mkdir(stage, name, DIR_MODE);
	return err ?: host_fs_open(stage, name, O_PATH | O_DIRECTORY, 0);
}

/* some file systems cannot promise; nobody else makes names in this tree */
static int stage_publish(int stage, const char *from, int pfd, const char *name)
{
	int err = host_fs_rename(stage, from, pfd, name, RENAME_NOREPLACE);

	return err == -EINVAL ? host_fs_rename(stage, from, pfd, name, 0) : err;
}

static int make_named(struct hostfs_mount *mount, int pfd, const char *name,
		      const struct hostfs_new *new, struct host_attr *attr)
{
	char staged[24];
	int fd, err;

	snprintf(staged, sizeof(staged), "%llx", atomic64_inc_return(&mount->staged));
	fd = stage_open(mount->stage, staged, new->mode);
	if (fd < 0)
		return fd;
	err = fill(fd, new, attr);
	if (!err)
		err = stage_publish(mount->stage, staged, pfd, name);
	if (err) {
		host_close(fd);
		host_fs_unlink(mount->stage, staged, S_ISDIR(new->mode));
		return err;
	}
	return fd;
}

static int store_make(struct inode *dir, int pfd, const char *name, const struct hostfs_new *new,
		      struct host_attr *attr)
{
	int fd, err;

	if (name)
		return make_named(hostfs_m(dir->i_sb), pfd, name, new, attr);
	fd = host_fs_tmpfile(pfd, O_RDWR, FILE_MODE);
	if (fd < 0)
		return fd;
	err = fill(fd, new, attr);
	if (err) {
		host_close(fd);
		return err;
	}
	return fd;
}

static int store_own(struct inode *inode, int fd, u32 uid, u32 gid, u32 mode)
{
	struct humfs_record record = {
		.mode = mode == HOSTFS_KEEP ? inode->i_mode : (inode->i_mode & S_IFMT) | mode,
		.uid = uid == HOSTFS_KEEP ? i_uid_read(inode) : uid,
		.gid = gid == HOSTFS_KEEP ? i_gid_read(inode) : gid,
		.major = imajor(inode),
		.minor = iminor(inode),
	};

	return record_write(fd, &record);
}

static ssize_t store_readlink(int fd, char *buf, size_t len)
{
	ssize_t n = host_fs_readlink(fd, buf, len);

	/* somebody on the host made a link, or it is one of ours */
	if (n != -EINVAL && n != -ENOENT)
		return n;
	fd = host_fs_reopen(fd, O_RDONLY);
	if (fd < 0)
		return fd;
	n = host_read(fd, buf, len);
	host_close(fd);
	return n;
}

static unsigned char store_type(int fd, const struct linux_dirent64 *entry)
{
	struct humfs_record record;
	int err;

	if (entry->d_type != DT_REG)
		return entry->d_type;
	err = record_read(fd, entry->d_name, &record);
	if (err)
		return err > 0 ? DT_REG : DT_UNKNOWN;
	return fs_umode_to_dtype(record.mode);
}

const struct hostfs_store humfs_store = {
	.xattr_prefix	= HUMFS_PREFIX,
	.stat		= store_stat,
	.make		= store_make,
	.own		= store_own,
	.readlink	= store_readlink,
	.type		= store_type,
};
