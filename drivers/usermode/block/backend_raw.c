// SPDX-License-Identifier: GPL-2.0
/*
 * backend_raw.c - the format of a plain image: byte n of the disk is byte n of
 * the file.
 *
 * Owns no state: what is left to do stands in the struct ubd_io. First comes
 * the range, in as many pieces as the host makes of it, then the sync.
 * Runs under the queue's lock.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <asm/host.h>
#include "ubd.h"

static enum host_aio_op raw_op(const struct ubd_io *io)
{
	switch (io->op) {
	case UBD_READ:
		return HOST_AIO_READ;
	case UBD_WRITE:
		return HOST_AIO_WRITE;
	case UBD_DISCARD:
	case UBD_CLEAR:
		return HOST_AIO_PUNCH;
	case UBD_ZERO:
		return HOST_AIO_ZERO;
	case UBD_FLUSH:
		break;
	}
	return HOST_AIO_SYNC;
}

static bool raw_next(const struct ubd_image *image, struct ubd_io *io,
		     struct host_aio_req *req)
{
	if (!io->len && !io->sync)
		return false;
	req->op = io->len ? raw_op(io) : HOST_AIO_SYNC;
	req->fd = image->file.fd;
	req->cached = image->file.fd == image->file.meta;
	req->iov = io->iov;
	req->n = io->n;
	req->pos = io->pos;
	req->len = io->len;
	return true;
}

static int raw_result(const struct ubd_image *image, struct ubd_io *io, s64 res)
{
	if (!io->len) {
		io->sync = false;
		return res;
	}
	/* a file system may be able to zero a range, but not to punch a hole */
	if (res == -EOPNOTSUPP && io->op == UBD_CLEAR) {
		io->op = UBD_ZERO;
		return 0;
	}
	if (res < 0)
		return res;
	if (io->op != UBD_READ && io->op != UBD_WRITE) {
		io->len = 0;
		return 0;
	}
	/* nothing read: somebody made the file shorter; the data are gone */
	if (!res || res > io->len)
		return -EIO;
	ubd_io_advance(io, res);
	return 0;
}

const struct ubd_format ubd_format_raw = {
	.name	= "raw",
	.resizes = true,
	.next	= raw_next,
	.result	= raw_result,
};
