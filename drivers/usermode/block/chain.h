/* SPDX-License-Identifier: GPL-2.0 */
/*
 * chain.h - files of the host, and chains of copy-on-write files on one another.
 *
 *   file.c	opens, checks and locks one file
 *   chain.c	opens a copy-on-write file and what it is based on, or makes it
 *
 * Plain C, see plain.h.
 */
#ifndef __USERMODE_BLOCK_CHAIN_H
#define __USERMODE_BLOCK_CHAIN_H

#include "cow.h"

/**
 * struct ubd_setting - what the user asked for: ubd<n>[rsdcto]=FILE[,BACKING][,SERIAL]
 * @file:	path on the host; NULL: there is no such device
 * @backing:	path of the file that @file is a copy-on-write of, or NULL
 * @serial:	what sysfs shows as the disk's serial number, or NULL
 * @read_only:	r
 * @sync:	s: a write is on stable storage before it completes
 * @data:	d: take the file as data even if it looks like a COW file
 * @shared:	c: take no lock
 * @no_trim:	t: never give space back to the host's file system
 * @merging:	a merge that was interrupted is to be finished; no option
 * @direct:	o: past the host's page cache (O_DIRECT)
 */
struct ubd_setting {
	const char *file, *backing, *serial;
	bool read_only, sync, data, shared, no_trim, direct, merging;
};

/* ---- an open file (file.c) ---- */

/**
 * struct ubd_why - where the reason for a refusal goes
 * @text:	one line, without the option's name
 * @len:	size of @text
 * @about:	the file at fault, if it is not the one that the option names
 */
struct ubd_why {
	char *text;
	size_t len;
	const char *about;
};

/* Note a reason: "@what: @err in words" without a colon. Returns @err, < 0. */
int ubd_fail(const struct ubd_why *why, int err, const char *what);
/* Note a reason that stands for itself. Returns -EINVAL. */
__printf(2, 3) int ubd_refuse(const struct ubd_why *why, const char *format, ...);

/**
 * struct ubd_file - a file that was found fit to hold an image
 * @fd:		for data; O_DIRECT if the setting says so
 * @meta:	for all else; never O_DIRECT, may be the same as @fd
 * @size:	bytes
 * @mtime:	seconds since the epoch
 * @dev, @ino:	which file it is
 * @sector:	bytes; the smallest unit of I/O
 * @block:	bytes; the unit in which the host allocates, >= @sector
 */
struct ubd_file {
	int fd, meta;
	u64 size;
	s64 mtime;
	u64 dev, ino;
	unsigned int sector, block;
};

/*
 * Open the file @path as @setting says, checked and locked. -errno, and the
 * reason in @why. May block.
 */
int ubd_file_open(const struct ubd_setting *setting, const char *path, bool write,
		  struct ubd_file *file, const struct ubd_why *why);
/* The same for a file with @fd open for writing, which becomes the file's. */
int ubd_file_adopt(const struct ubd_setting *setting, int fd, bool write,
		   struct ubd_file *file, const struct ubd_why *why);
/* the lock goes with the descriptors */
void ubd_file_close(struct ubd_file *file);

/* ---- copy-on-write (chain.c) ---- */

#define UBD_LAYERS	16	/* copy-on-write files on one another, and the last one's base */

/**
 * struct ubd_layer - one file of a chain
 * @file:	it
 * @is_cow:	it has a bitmap; else it is plain, and the last
 * @header, @cow: the copy-on-write file
 */
struct ubd_layer {
	struct ubd_file file;
	bool is_cow;
	struct cow_header header;
	struct cow cow;
};

/* @layer[0] is written to; each is based on the next */
struct ubd_chain {
	unsigned int n;
	struct ubd_layer layer[UBD_LAYERS];
};

/*
 * Open @setting's file, which is or is to become a copy-on-write file; @file
 * is that file if it exists (and is then the chain's), or NULL. Return: 0 and
 * the chain in *@chain, or -errno and the reason in @why. One at a time.
 */
int ubd_chain_open(const struct ubd_setting *setting, struct ubd_file *file,
		   struct ubd_chain **chain, const struct ubd_why *why);

/*
 * The file that has byte @pos of the disk: the first layer below @layer, or
 * that itself, that has it. *@len, at least 1, is how many bytes there are to
 * ask for, and is made the number for which the answer is the same.
 */
const struct ubd_layer *ubd_chain_find(const struct ubd_layer *layer, u64 pos, u64 *len);
void ubd_chain_close(struct ubd_chain *chain);

#endif /* __USERMODE_BLOCK_CHAIN_H */
