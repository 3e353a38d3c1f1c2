// SPDX-License-Identifier: GPL-2.0
/*
 * backend_cow.c - the format of a copy-on-write file over a chain of others.
 *
 * Owns no state: it is in the chain's struct cow. A write goes to the first
 * file, whole, and its sectors are added to the bitmap when the host has them;
 * clearing is a write of zeros that takes no space. A read is cut into runs of
 * sectors that are in the same file. Flushing blocks and is done by a host
 * thread (cow_flush()), unless no bit is new.
 *
 * next() and result() run under the queue's lock; several queues may run them
 * at once for different operations.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/uio.h>
#include <asm/host.h>
#include "ubd.h"

static struct cow *top(const struct ubd_image *image)
{
	return &image->chain->layer[0].cow;
}

static s64 flush_call(void *arg)
{
	return cow_flush(arg);
}

static void next_flush(const struct ubd_image *image, struct host_aio_req *req)
{
	struct cow *cow = top(image);

	req->op = HOST_AIO_SYNC;
	req->fd = cow->data;
	if (cow_settled(cow))
		return;
	req->op = HOST_AIO_CALL;
	req->call = flush_call;
	req->arg = cow;
}

static void next_read(const struct ubd_image *image, struct ubd_io *io,
		      struct host_aio_req *req)
{
	u64 len = io->len;
	const struct ubd_layer *layer = ubd_chain_find(image->chain->layer, io->pos, &len);

	req->op = HOST_AIO_READ;
	req->fd = layer->file.fd;
	req->cached = layer->file.fd == layer->file.meta;
	req->pos = io->pos + (layer->is_cow ? layer->cow.data_at : 0);
	req->iov = io->iov;
	req->n = ubd_io_limit(io, len);
}

static enum host_aio_op modify_op(const struct ubd_io *io)
{
	switch (io->op) {
	case UBD_WRITE:
		return HOST_AIO_WRITE;
	case UBD_ZERO:
		return HOST_AIO_ZERO;
	default:
		return HOST_AIO_PUNCH;
	}
}

static bool cow_next(const struct ubd_image *image, struct ubd_io *io,
		     struct host_aio_req *req)
{
	const struct cow *cow = top(image);

	if (!io->len && !io->sync)
		return false;
	if (!io->len) {
		next_flush(image, req);
	} else if (io->op == UBD_READ) {
		next_read(image, io, req);
	} else {
		req->op = modify_op(io);
		req->fd = cow->data;
		req->pos = cow->data_at + io->pos;
		req->len = io->len;
		req->iov = io->iov;
		req->n = io->n;
	}
	return true;
}

static int modified(const struct ubd_image *image, struct ubd_io *io, u64 done)
{
	if (io->op == UBD_WRITE)
		done = round_down(done, (u64)image->sector);
	else
		done = io->len;
	if (!done)
		return -EIO;
	/* what has been discarded is not wanted from the backing file either way */
	if (io->op != UBD_DISCARD)
		cow_add(top(image), io->pos, done);
	if (io->op == UBD_WRITE)
		ubd_io_advance(io, done);
	else
		io->len = 0;
	return 0;
}

static int cow_result(const struct ubd_image *image, struct ubd_io *io, s64 res)
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
	if (io->op != UBD_READ)
		return modified(image, io, res);
	/* nothing read: somebody made the file shorter; the data are gone */
	if (!res || res > io->len)
		return -EIO;
	ubd_io_advance(io, res);
	return 0;
}

const struct ubd_format ubd_format_cow = {
	.name	= "copy-on-write",
	.calls	= true,
	.lazy	= true,
	.next	= cow_next,
	.result	= cow_result,
};
