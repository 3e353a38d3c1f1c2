// SPDX-License-Identifier: GPL-2.0
/*
 * file.c - opens a file of the host that is, or is part of, a disk.
 *
 * Owns the rules about which files are fit: regular files and block devices,
 * writable unless asked otherwise, locked against other users. What is wrong is
 * said in words, for the one line that the user gets to see.
 *
 * Runs before there is a kernel (no printk, no kmalloc), or in a process. Knows
 * the host only.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <asm/host.h>
#include <asm/page.h>
#include "ubd.h"

#define SECTOR		512U		/* bytes */

static int blame(const struct ubd_why *why)
{
	if (!why->about)
		return 0;
	return scnprintf(why->text, why->len, "its backing file %.160s ", why->about);
}

int ubd_fail(const struct ubd_why *why, int err, const char *what)
{
	int n = blame(why);

	snprintf(why->text + n, why->len - n, "%s: %s", what, host_error_text(err));
	return err;
}

int ubd_refuse(const struct ubd_why *why, const char *format, ...)
{
	int n = blame(why);
	va_list args;

	va_start(args, format);
	vsnprintf(why->text + n, why->len - n, format, args);
	va_end(args);
	return -EINVAL;
}

static bool may_not_write(int err)
{
	return err == -EACCES || err == -EPERM || err == -EROFS || err == -ETXTBSY;
}

static int open_path(const char *path, bool write, const struct ubd_why *why)
{
	/* non-blocking: the name may be that of a pipe */
	int fd = host_open(path, O_NONBLOCK | (write ? O_RDWR : O_RDONLY), 0);
	int readable;

	if (fd >= 0)
		return fd;
	if (!write || !may_not_write(fd))
		return ubd_fail(why, fd, "cannot be opened");
	readable = host_open(path, O_NONBLOCK | O_RDONLY, 0);
	if (readable < 0)
		return ubd_fail(why, fd, "cannot be opened");
	host_close(readable);
	return ubd_fail(why, fd, "cannot be opened for writing (flag r: read-only)");
}

static int check_file(const struct ubd_setting *setting, struct ubd_file *file,
		      const struct ubd_why *why)
{
	struct host_stat st;
	int err = host_fstat(file->fd, &st);
	bool device;

	if (err)
		return ubd_fail(why, err, "cannot be examined");
	if (S_ISDIR(st.mode))
		return ubd_refuse(why, "is a directory");
	device = S_ISBLK(st.mode);
	if (!S_ISREG(st.mode) && !device)
		return ubd_refuse(why, "is neither a file nor a block device");
	if (!st.size)
		return ubd_refuse(why, device ? "has no medium" : "is an empty file");

	file->size = st.size;
	file->mtime = st.mtime;
	file->dev = device ? st.rdev : st.dev;
	file->ino = device ? 0 : st.ino;
	/* a device's sector is its own; a file has the customary one */
	file->sector = SECTOR;
	if (device && is_power_of_2(st.blksize))
		file->sector = clamp(st.blksize, SECTOR, (u32)PAGE_SIZE);
	if (setting->direct && is_power_of_2(st.dio_align))
		file->sector = clamp(st.dio_align, file->sector, (u32)PAGE_SIZE);
	file->block = PAGE_SIZE;
	if (!device && is_power_of_2(st.blksize))
		file->block = clamp(st.blksize, SECTOR, (u32)PAGE_SIZE);
	err = host_set_nonblock(file->fd, false);
	return err ? ubd_fail(why, err, "cannot be made blocking") : 0;
}

static int lock_file(const struct ubd_setting *setting, int fd, bool write,
		     const struct ubd_why *why)
{
	int err;

	if (setting->shared)
		return 0;
	err = host_lock_file(fd, write);
	if (err == -EAGAIN || err == -EACCES) {
		ubd_refuse(why, "is in use: it is locked by another program or device");
		return -EBUSY;
	}
	if (err)
		return ubd_fail(why, err, "cannot be locked (flag c: use it unlocked)");
	return 0;
}

/* a second opening of the same file, for data */
static int open_direct(struct ubd_file *file, bool write, const struct ubd_why *why)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->meta);
	fd = host_open(path, O_DIRECT | (write ? O_RDWR : O_RDONLY), 0);
	if (fd < 0)
		return ubd_fail(why, fd, "cannot be opened with O_DIRECT (flag o)");
	file->fd = fd;
	return 0;
}

int ubd_file_adopt(const struct ubd_setting *setting, int fd, bool write,
		   struct ubd_file *file, const struct ubd_why *why)
{
	int err;

	file->fd = fd;
	file->meta = fd;
	err = check_file(setting, file, why);
	if (!err)
		err = lock_file(setting, fd, write, why);
	if (!err && setting->direct)
		err = open_direct(file, write, why);
	if (err)
		ubd_file_close(file);
	return err;
}

int ubd_file_open(const struct ubd_setting *setting, const char *path, bool write,
		  struct ubd_file *file, const struct ubd_why *why)
{
	int fd = open_path(path, write, why);

	return fd < 0 ? fd : ubd_file_adopt(setting, fd, write, file, why);
}

void ubd_file_close(struct ubd_file *file)
{
	if (file->fd >= 0 && file->fd != file->meta)
		host_close(file->fd);
	if (file->meta >= 0)
		host_close(file->meta);
	file->fd = -1;
	file->meta = -1;
}
