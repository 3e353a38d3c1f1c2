// SPDX-License-Identifier: GPL-2.0
/*
 * backend_qcow2.c - the qcow2 format: each operation is one call that blocks, on
 * a host thread.
 *
 * Owns no state: it is in the image's struct qcow2, which has its own locks.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/uio.h>
#include <asm/host.h>
#include "qcow2.h"
#include "ubd.h"

static int transfer(struct ubd_io *io)
{
	struct qcow2 *q = io->image->qcow2;
	u64 pos = io->pos;
	unsigned int i;
	int err = 0;

	for (i = 0; i < io->n && !err; i++) {
		void *at = (__force void *)io->iov[i].iov_base;
		size_t len = io->iov[i].iov_len;

		err = io->op == UBD_READ ? qcow2_read(q, at, len, pos) :
					   qcow2_write(q, at, len, pos);
		pos += len;
	}
	return err;
}

static s64 perform(void *arg)
{
	struct ubd_io *io = arg;
	int err = 0;

	switch (io->op) {
	case UBD_READ:
	case UBD_WRITE:
		err = transfer(io);
		break;
	case UBD_DISCARD:
	case UBD_CLEAR:
	case UBD_ZERO:
		err = qcow2_clear(io->image->qcow2, io->pos, io->len, io->op == UBD_DISCARD);
		break;
	case UBD_FLUSH:
		break;
	}
	if (!err && io->sync)
		err = qcow2_flush(io->image->qcow2);
	return err;
}

static bool qcow2_next(const struct ubd_image *image, struct ubd_io *io,
		       struct host_aio_req *req)
{
	if (!io->len && !io->sync)
		return false;
	req->op = HOST_AIO_CALL;
	req->call = perform;
	req->arg = io;
	return true;
}

static int qcow2_result(const struct ubd_image *image, struct ubd_io *io, s64 res)
{
	io->len = 0;
	io->sync = false;
	return res;
}

const struct ubd_format ubd_format_qcow2 = {
	.name	= "qcow2",
	.calls	= true,
	.lazy	= true,
	.next	= qcow2_next,
	.result	= qcow2_result,
};
