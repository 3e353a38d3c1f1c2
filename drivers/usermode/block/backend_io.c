// SPDX-License-Identifier: GPL-2.0
/*
 * backend_io.c - the vectors of an operation, as they are consumed.
 *
 * Owns nothing. Runs under the queue's lock.
 */
#include <linux/uio.h>
#include "ubd.h"

static void restore(struct ubd_io *io)
{
	if (!io->cut)
		return;
	io->cut->iov_len += io->cut_len;
	io->cut = NULL;
}

unsigned int ubd_io_limit(struct ubd_io *io, u64 len)
{
	struct iovec *iov = io->iov;

	restore(io);
	while (len > iov->iov_len) {
		len -= iov->iov_len;
		iov++;
	}
	io->cut = iov;
	io->cut_len = iov->iov_len - len;
	iov->iov_len = len;
	return iov - io->iov + 1;
}

void ubd_io_advance(struct ubd_io *io, u64 done)
{
	restore(io);
	io->pos += done;
	io->len -= done;
	while (done && done >= io->iov->iov_len) {
		done -= io->iov->iov_len;
		io->iov++;
		io->n--;
	}
	if (done) {
		io->iov->iov_base += done;
		io->iov->iov_len -= done;
	}
}
