// SPDX-License-Identifier: GPL-2.0
/*
 * humfs_mount.c - the directory of the host that a humfs is kept in.
 *
 * Owns, in struct hostfs_mount, the file that names the layout, and with it the
 * lock: shared while the tree is read, exclusive while it may be changed. It is
 * the host's, and gone with this process. And the staging directory, in which
 * nothing is left when a mount begins that may write.
 */
#include <linux/types.h>
#include <linux/dirent.h>
#include <linux/fcntl.h>
#include <linux/fs_context.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "hostfs.h"
#include "humfs_record.h"

static int fail(struct fs_context *fc, const struct hostfs_mount *mount, const char *what, int err)
{
	errorfc(fc, "%s: %s: %s", mount->dir ?: "/", what, host_error_text(err));
	return err;
}

/* is it a humfs, and one of ours? */
static int check_super(struct fs_context *fc, const struct hostfs_mount *mount)
{
	char text[HUMFS_SUPER_MAX];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
	ssize_t n = host_preadv(mount->super, &iov, 1, 0);
	int version;

	if (n < 0)
		return fail(fc, mount, HUMFS_SUPER, n);
	version = humfs_super_version(text, n);
	if (version == 3)
		return 0;
	if (version > 0)
		return invalfc(fc, "%s: the old layout, version %d: %s", mount->dir ?: "/", version,
			       "humfs import makes a new one of it");
	return invalfc(fc, "%s: no humfs: %s says something else", mount->dir ?: "/", HUMFS_SUPER);
}

static int open_super(struct fs_context *fc, struct hostfs_mount *mount, int base)
{
	int fd = host_fs_open(base, HUMFS_SUPER, O_RDWR, 0);

	/* whose user may only read it can have it read-only */
	if (fd == -EACCES || fd == -EROFS)
		fd = host_fs_open(base, HUMFS_SUPER, O_RDONLY, 0);
	if (fd < 0)
		return fail(fc, mount, HUMFS_SUPER, fd);
	mount->super = fd;
	return check_super(fc, mount);
}

/* the names in @buf: what was being made when a guest or the tool was killed */
static void stage_remove(int fd, const char *buf, ssize_t n)
{
	ssize_t at;

	for (at = 0; at < n; ) {
		const struct linux_dirent64 *d = (const void *)buf + at;

		at += d->d_reclen;
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			host_fs_unlink(fd, d->d_name, d->d_type == DT_DIR);
	}
}

static int stage_clear(int stage)
{
	int fd = host_fs_reopen(stage, O_RDONLY | O_DIRECTORY);
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t n = fd < 0 ? fd : buf ? 1 : -ENOMEM;

	while (n > 0) {
		n = host_fs_getdents(fd, buf, PAGE_SIZE);
		stage_remove(fd, buf, n);
	}
	kfree(buf);
	if (fd >= 0)
		host_close(fd);
	return n;
}

int humfs_claim(struct fs_context *fc, struct hostfs_mount *mount)
{
	int err = host_fs_lock(mount->super, F_WRLCK, 0, 0);

	if (err == -EBADF)	/* opened for reading */
		err = -EROFS;
	if (err == -EAGAIN || err == -EACCES) {
		errorfc(fc, "%s: another guest, or the program humfs, uses it", mount->dir ?: "/");
		return -EBUSY;
	}
	if (!err)
		err = stage_clear(mount->stage);
	return err ? fail(fc, mount, HUMFS_SUPER, err) : 0;
}

static int share(struct fs_context *fc, const struct hostfs_mount *mount)
{
	int err = host_fs_lock(mount->super, F_RDLCK, 0, 0);

	if (!err)
		return 0;
	errorfc(fc, "%s: another guest, or the program humfs, changes it", mount->dir ?: "/");
	return -EBUSY;
}

static int enter(struct fs_context *fc, struct hostfs_mount *mount, int base)
{
	int err = open_super(fc, mount, base);

	if (err)
		return err;
	mount->stage = host_fs_open(base, HUMFS_STAGE, O_PATH | O_DIRECTORY, 0);
	if (mount->stage < 0)
		return fail(fc, mount, HUMFS_STAGE, mount->stage);
	if (fc->sb_flags & SB_RDONLY)
		err = share(fc, mount);
	else
		err = humfs_claim(fc, mount);
	if (err)
		return err;
	err = host_fs_open(base, HUMFS_DATA, O_PATH | O_DIRECTORY, 0);
	return err < 0 ? fail(fc, mount, HUMFS_DATA, err) : err;
}

int humfs_enter(struct fs_context *fc, struct hostfs_mount *mount, int base)
{
	int fd;

	if (mount->append) {
		host_close(base);
		return invalfc(fc, "hostfs=%s,append: a humfs changes more than that",
			      mount->dir ?: "/");
	}
	fd = enter(fc, mount, base);
	host_close(base);
	return fd;
}

void humfs_leave(struct hostfs_mount *mount)
{
	if (mount->stage >= 0)
		host_close(mount->stage);
	if (mount->super >= 0)
		host_close(mount->super);
}
