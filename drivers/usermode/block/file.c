// SPDX-License-Identifier: GPL-2.0
/*
 * file.c - opens a file of the host that is, or is part of, a disk.
 *
 * Owns the rules about which files are fit: regular files and block devices,
 * writable unless asked otherwise, locked against other users. What is wrong is
 * said in words, for the one line that the user gets to see.
 *
 * Plain C, see plain.h; no locks.
 */
#include "chain.h"

#define SECTOR		512U		/* bytes */
#define BLOCK		4096U		/* bytes, the largest that I/O is aligned to */

static int blame(const struct ubd_why *why)
{
	if (!why->about)
		return 0;
	return scnprintf(why->text, why->len, "its backing file %.160s ", why->about);
}

int ubd_fail(const struct ubd_why *why, int err, const char *what)
{
	int n = blame(why);

	snprintf(why->text + n, why->len - n, "%s: %s", what, plain_error_text(err));
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
	int fd = plain_open(path, write ? PLAIN_WRITE : 0);
	int readable;

	if (fd >= 0)
		return fd;
	if (!write || !may_not_write(fd))
		return ubd_fail(why, fd, "cannot be opened");
	readable = plain_open(path, 0);
	if (readable < 0)
		return ubd_fail(why, fd, "cannot be opened");
	plain_close(readable);
	return ubd_fail(why, fd, "cannot be opened for writing (flag r: read-only)");
}

static int check_file(const struct ubd_setting *setting, struct ubd_file *file,
		      const struct ubd_why *why)
{
	struct plain_stat st;
	int err = plain_stat(file->fd, &st);
	bool device;

	if (err)
		return ubd_fail(why, err, "cannot be examined");
	if (st.kind == PLAIN_DIRECTORY)
		return ubd_refuse(why, "is a directory");
	device = st.kind == PLAIN_DEVICE;
	if (st.kind != PLAIN_FILE && !device)
		return ubd_refuse(why, "is neither a file nor a block device");
	if (!st.size)
		return ubd_refuse(why, device ? "has no medium" : "is an empty file");

	file->size = st.size;
	file->mtime = st.mtime;
	file->dev = st.dev;
	file->ino = st.ino;
	/* a device's sector is its own; a file has the customary one */
	file->sector = SECTOR;
	if (device && is_power_of_2(st.block))
		file->sector = clamp(st.block, SECTOR, BLOCK);
	if (setting->direct && is_power_of_2(st.dio_align))
		file->sector = clamp(st.dio_align, file->sector, BLOCK);
	file->block = BLOCK;
	if (!device && is_power_of_2(st.block))
		file->block = clamp(st.block, SECTOR, BLOCK);
	return 0;
}

static int lock_file(const struct ubd_setting *setting, int fd, bool write,
		     const struct ubd_why *why)
{
	int err;

	if (setting->shared)
		return 0;
	err = plain_lock_file(fd, write);
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
	int fd = plain_reopen(file->meta, PLAIN_DIRECT | (write ? PLAIN_WRITE : 0));

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
		plain_close(file->fd);
	if (file->meta >= 0)
		plain_close(file->meta);
	file->fd = -1;
	file->meta = -1;
}
