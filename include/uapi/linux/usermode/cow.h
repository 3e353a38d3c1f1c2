/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * cow.h - wire format of copy-on-write files.
 *
 * A header, a bitmap with one bit for each sector (bit i is bit i % 8 of byte
 * i / 8), and the sectors. A sector whose bit is set is in this file, at the
 * same distance from the start of the data as it has from the start of the
 * disk; any other is in the backing file.
 *
 * version	bitmap at			data at
 * 1, 2		the header's end		the bitmap's end, rounded up to @sector
 * 3		that, rounded up to @align	the bitmap's end, rounded up to @align
 *
 * Versions 2 and 3 are big-endian; 1 has the byte order of the machine that
 * wrote it, which the magic number tells.
 */
#ifndef _UAPI_LINUX_USERMODE_COW_H
#define _UAPI_LINUX_USERMODE_COW_H

#include <linux/types.h>

#define COW_MAGIC	0x4f4f4f4d

#define COW_PATH_V1	256	/* bytes, the terminating NUL among them */
#define COW_PATH	4096

struct cow_header_v1 {
	__u32 magic;
	__u32 version;
	char backing[COW_PATH_V1];
	__u32 mtime;		/* of the backing file, seconds since the epoch */
	__u64 size;		/* of the disk, bytes */
	__u32 sector;		/* bytes */
} __attribute__((packed));

struct cow_header_v2 {
	__be32 magic;
	__be32 version;
	char backing[COW_PATH];
	__be32 mtime;
	__be64 size;
	__be32 sector;
} __attribute__((packed));

struct cow_header_v3 {
	__be32 magic;
	__be32 version;
	__be32 mtime;
	__be64 size;
	__be32 sector;
	__be32 align;		/* bytes */
	__be32 format;		/* COW_BITMAP */
	char backing[COW_PATH];
} __attribute__((packed));

/*
 * Version 3 as some programs wrote it that had a wider time and did not pack
 * the structure. @format stands where @backing should begin, and no path
 * begins with a zero.
 */
struct cow_header_v3_wide {
	__be32 magic;
	__be32 version;
	__be64 mtime;
	__be64 size;
	__be32 sector;
	__be32 align;
	__be32 format;
	char backing[COW_PATH];
	__u8 padding[4];
} __attribute__((packed));

#define COW_BITMAP	0	/* the only format there is */

#endif /* _UAPI_LINUX_USERMODE_COW_H */
