// SPDX-License-Identifier: GPL-2.0
/*
 * image.c - opens a file of the host as a disk.
 *
 * Owns the rules about which files are fit: regular files and block devices,
 * not empty, writable unless asked otherwise, locked against other users. What
 * is wrong is said in words, for the one line that the user gets to see.
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
#include <linux/uio.h>
#include <asm/host.h>
#include <asm/page.h>
#include "ubd.h"

#define SECTOR		512U		/* bytes */
#define COW_MAGIC	0x4f4f4f4dU	/* at the start of a COW file, either order */

/* "@what: @err in words" */
static int fail(char *why, size_t len, int err, const char *what)
{
	snprintf(why, len, "%s: %s", what, host_error_text(err));
	return err;
}

static int refuse(char *why, size_t len, const char *text)
{
	strscpy(why, text, len);
	return -EINVAL;
}

static int open_file(const struct ubd_setting *setting, char *why, size_t len)
{
	/* non-blocking: the name may be that of a pipe */
	int fd = host_open(setting->file, O_NONBLOCK | (setting->read_only ? O_RDONLY : O_RDWR), 0);
	int readable;

	if (fd >= 0)
		return fd;
	if (setting->read_only || (fd != -EACCES && fd != -EPERM && fd != -EROFS &&
				   fd != -ETXTBSY))
		return fail(why, len, fd, "cannot be opened");
	readable = host_open(setting->file, O_NONBLOCK | O_RDONLY, 0);
	if (readable < 0)
		return fail(why, len, fd, "cannot be opened");
	host_close(readable);
	return fail(why, len, fd, "cannot be opened for writing (flag r: read-only)");
}

static int check_size(struct ubd_image *image, const struct host_stat *st,
		      char *why, size_t len)
{
	bool device = S_ISBLK(st->mode);

	if (!st->size)
		return refuse(why, len, device ? "the device has no medium" : "the file is empty");

	/* a device's sector is its own; a file has the customary one */
	image->sector = SECTOR;
	if (device && is_power_of_2(st->blksize))
		image->sector = clamp(st->blksize, SECTOR, (u32)PAGE_SIZE);
	image->block = PAGE_SIZE;
	if (!device && is_power_of_2(st->blksize))
		image->block = clamp(st->blksize, SECTOR, (u32)PAGE_SIZE);

	image->size = round_down(st->size, (u64)image->sector);
	image->excess = st->size - image->size;
	if (!image->size)
		return refuse(why, len, "the file is smaller than a sector");
	return 0;
}

static int check_file(struct ubd_image *image, char *why, size_t len)
{
	struct host_stat st;
	int err = host_fstat(image->fd, &st);

	if (err)
		return fail(why, len, err, "cannot be examined");
	if (S_ISDIR(st.mode))
		return refuse(why, len, "it is a directory");
	if (!S_ISREG(st.mode) && !S_ISBLK(st.mode))
		return refuse(why, len, "neither a file nor a block device");
	err = host_set_nonblock(image->fd, false);
	if (err)
		return fail(why, len, err, "cannot be made blocking");
	return check_size(image, &st, why, len);
}

static int lock_file(const struct ubd_setting *setting, int fd, char *why, size_t len)
{
	int err;

	if (setting->shared)
		return 0;
	err = host_lock_file(fd, !setting->read_only);
	if (err == -EAGAIN || err == -EACCES) {
		refuse(why, len, "in use: it is locked by another program or device");
		return -EBUSY;
	}
	if (err)
		return fail(why, len, err, "cannot be locked (flag c: use it unlocked)");
	return 0;
}

/* a COW file taken for plain data would be destroyed */
static int check_format(const struct ubd_setting *setting, struct ubd_image *image,
			char *why, size_t len)
{
	u32 magic = 0;
	struct iovec iov = {
		.iov_base = (void __user *)&magic,
		.iov_len = sizeof(magic),
	};
	ssize_t n;

	image->format = &ubd_format_raw;
	if (setting->data)
		return 0;
	n = host_preadv(image->fd, &iov, 1, 0);
	if (n < 0)
		return fail(why, len, n, "cannot be read");
	if (magic == COW_MAGIC || magic == swab32(COW_MAGIC))
		return refuse(why, len,
			      "copy-on-write is not built yet (flag d: take the file as plain data)");
	return 0;
}

int ubd_image_open(const struct ubd_setting *setting, struct ubd_image *image,
		   char *why, size_t len)
{
	int err;

	if (setting->backing)
		return refuse(why, len, "copy-on-write is not built yet");

	image->fd = open_file(setting, why, len);
	if (image->fd < 0)
		return image->fd;
	image->read_only = setting->read_only;
	image->sync = setting->sync;
	image->no_trim = setting->no_trim;

	err = check_file(image, why, len);
	if (!err)
		err = lock_file(setting, image->fd, why, len);
	if (!err)
		err = check_format(setting, image, why, len);
	if (err)
		ubd_image_close(image);
	return err;
}

/* the lock goes with the descriptor */
void ubd_image_close(struct ubd_image *image)
{
	host_close(image->fd);
	image->fd = -1;
}
