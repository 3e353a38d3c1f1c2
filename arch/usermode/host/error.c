// SPDX-License-Identifier: GPL-2.0
/*
 * error.c - the host's errors in words, for the one line that a user gets.
 */
#include <uapi/linux/errno.h>
#include <asm/host.h>
#include "array_size.h"

struct error_text {
	int err;
	const char *text;
};

static const struct error_text error_texts[] = {
	{ -EACCES,	"permission denied" },
	{ -EADDRINUSE,	"the address is in use" },
	{ -EADDRNOTAVAIL, "the host has no such address" },
	{ -EBADF,	"the descriptor is not open" },
	{ -EBUSY,	"the device is busy" },
	{ -ECONNREFUSED, "nobody listens there" },
	{ -EFBIG,	"the file is too large for the host" },
	{ -EIO,		"the host has an I/O error" },
	{ -EISDIR,	"it is a directory" },
	{ -ELOOP,	"too many symbolic links" },
	{ -EMFILE,	"too many open files (ulimit -n)" },
	{ -ENAMETOOLONG, "the name is too long" },
	{ -ENETUNREACH,	"the network cannot be reached" },
	{ -ENODEV,	"no such device" },
	{ -ENOENT,	"no such file" },
	{ -ENOLCK,	"the host has no locks left" },
	{ -ENOTDIR,	"a part of the path is not a directory" },
	{ -ENOMEM,	"the host has no memory left" },
	{ -ENOSPC,	"no space is left on the host" },
	{ -ENXIO,	"it is no file that can be used here" },
	{ -EPERM,	"operation not permitted" },
	{ -EROFS,	"the host's file system is read-only" },
	{ -ETXTBSY,	"it is a program that runs" },
};

const char *host_error_text(int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(error_texts); i++)
		if (error_texts[i].err == err)
			return error_texts[i].text;
	return "the host refuses it, for a reason that has no words here";
}
