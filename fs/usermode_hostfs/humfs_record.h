/* SPDX-License-Identifier: GPL-2.0 */
/*
 * humfs_record.h - what humfs writes on the host: docs/humfs.md has the layout.
 *
 * Compiled into the kernel and into tools/humfs. What is read may be anything.
 */
#ifndef __HUMFS_RECORD_H
#define __HUMFS_RECORD_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/sprintf.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <sys/stat.h>
#include <compat.h>
#endif

/* below the directory that is mounted */
#define HUMFS_SUPER	"superblock"
#define HUMFS_DATA	"data"
#define HUMFS_STAGE	"tmp"

#define HUMFS_SUPER_TEXT	"version 3\nmetadata xattr\n"
#define HUMFS_SUPER_MAX		512	/* bytes */

#define HUMFS_XATTR	"user.humfs"	/* of each object: its record */
#define HUMFS_PREFIX	"user.humfs."	/* before the names of the guest's own */
#define HUMFS_RECORD_MAX	64	/* bytes */

/**
 * struct humfs_record - what the guest says that an object is
 * @mode:	type and permissions
 * @uid:	owner
 * @gid:	group
 * @major:	of a device
 * @minor:	likewise
 */
struct humfs_record {
	u32 mode, uid, gid, major, minor;
};

/**
 * humfs_record_parse() - read a record
 * @text:	bytes, not ended by anything
 * @len:	how many
 * @record:	filled in on success, with what makes sense
 *
 * Return: 0, or -EINVAL.
 */
int humfs_record_parse(const char *text, size_t len, struct humfs_record *record);

/**
 * humfs_record_format() - write a record
 * @text:	room for HUMFS_RECORD_MAX bytes
 * @record:	what to write
 *
 * Return: bytes written; there is a NUL after them.
 */
size_t humfs_record_format(char *text, const struct humfs_record *record);

/**
 * humfs_super_version() - which layout it is
 * @text:	what the file HUMFS_SUPER holds
 * @len:	bytes
 *
 * Return: 3 is ours, 2 and 1 are the old ones of humfsify; -EINVAL: none.
 */
int humfs_super_version(const char *text, size_t len);

/**
 * humfs_old_parse() - read a record of the old layouts
 * @text:	what a file below file_metadata or dir_metadata holds
 * @len:	bytes
 * @record:	filled in on success; its type only if it is a device
 *
 * Return: 0, or -EINVAL.
 */
int humfs_old_parse(const char *text, size_t len, struct humfs_record *record);

#endif /* __HUMFS_RECORD_H */
