/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cow.h - copy-on-write files: a bitmap, and the sectors that differ from those
 * of a backing file. See uapi/linux/usermode/cow.h for the layout.
 *
 *   cow_header.c	the header: bytes to struct cow_header and back
 *   cow_bitmap.c	an open file: which sectors it has, and making that durable
 *
 * Plain C, see plain.h.
 */
#ifndef __USERMODE_BLOCK_COW_H
#define __USERMODE_BLOCK_COW_H

#include "plain.h"
#include <linux/usermode/cow.h>

#define COW_SECTOR	512U	/* of new files */
#define COW_ALIGN	4096U	/* of new files */

/**
 * struct cow_header - a header, understood
 * @version:	1, 2 or 3
 * @wide:	version 3 with the wide layout
 * @high:	in that, the time's 32 bits are in the first half of their 64
 * @little:	version 1 of a little-endian machine
 * @mtime:	of the backing file; its low 32 bits are what counts
 * @size:	bytes of the disk
 * @sector:	bytes, a power of two, 512 to 4096
 * @align:	bytes, a power of two; version 3
 * @bitmap_at:	where the bitmap begins
 * @bitmap_bytes: its length: a bit for each sector
 * @data_at:	where the data begin
 * @backing:	path of the backing file
 */
struct cow_header {
	u32 version;
	bool wide, high, little;
	s64 mtime;
	u64 size;
	u32 sector, align;
	u64 bitmap_at, bitmap_bytes, data_at;
	char backing[COW_PATH + 1];
};

/* the longest header of all, bytes */
#define COW_HEADER_MAX	sizeof(struct cow_header_v3_wide)

/* does a file that begins with these bytes say that it is a COW file? */
bool cow_magic(const void *bytes, size_t len);

/**
 * cow_header_decode - understand a header
 * @bytes:	the start of the file, and zeros up to COW_HEADER_MAX
 * @len:	how much of that the file has
 * @file_size:	bytes of the file
 * @header:	the result
 * @why:	the reason for a refusal, one line
 * @why_len:	size of @why
 *
 * Return: 0, or -EINVAL for a file that no use can be made of.
 */
int cow_header_decode(const void *bytes, size_t len, u64 file_size,
		      struct cow_header *header, char *why, size_t why_len);

/* the bytes of @header, zeros behind: how many there are */
size_t cow_header_encode(const struct cow_header *header, u8 bytes[COW_HEADER_MAX]);

/*
 * The header of a new file for a disk of @size bytes whose backing file is
 * @backing. -ENAMETOOLONG; -EINVAL for a size of 0 or an absurd one.
 */
int cow_header_make(struct cow_header *header, const char *backing, s64 mtime, u64 size);

/* write @header to an empty file that is then as long as it is meant to be */
int cow_format(int fd, const struct cow_header *header);

/*
 * Write another path and time of the backing file to a header on disk.
 * -ENAMETOOLONG if @backing does not fit this version.
 */
int cow_header_update(int fd, struct cow_header *header, const char *backing, s64 mtime);

/* is @mtime the time in the header? Most versions have but 32 bits of it */
bool cow_same_mtime(const struct cow_header *header, s64 mtime);

/*
 * The time in the header while the file is merged into its backing file: that
 * is no more what it was, and may not be used under this one until the merge
 * has been done again and finished.
 */
#define COW_MERGING	(-1)
bool cow_merging(const struct cow_header *header);

/**
 * struct cow - an open file
 * @data:	descriptor for the sectors
 * @meta:	descriptor for the bitmap; may be the same
 * @size:	bytes of the disk
 * @sector:	bytes
 * @bitmap_at:	where the bitmap begins in the file
 * @data_at:	where sector 0 is in the file
 * @bytes:	of the bitmap
 * @have:	the bitmap: sectors that are in the file
 * @stable:	the pages of it that a flush is writing
 * @flags:	of each page of the bitmap: COW_DIRTY, COW_FLUSHING. Atomic
 * @unsettled:	number of pages that have any flag. Atomic
 * @lock:	one flush at a time
 * @broken:	data were lost on the way to stable storage: no bit is written
 *		any more until the file is opened again
 *
 * cow_run(), cow_add() and cow_settled() never block, and run beside all others.
 */
struct cow {
	int data, meta;
	u64 size;
	u32 sector;
	u64 bitmap_at, data_at, bytes;
	u8 *have, *stable, *flags;
	u32 unsettled, lock;
	bool broken;
};

/*
 * Read the bitmap of the file that @header describes. -ENOMEM, or what reading
 * says. Nothing is held afterwards that cow_close() does not free; the
 * descriptors stay the caller's.
 */
int cow_open(struct cow *cow, const struct cow_header *header, int data, int meta);
/* does not flush */
void cow_close(struct cow *cow);

/*
 * Are the bytes from @pos on in the file? *@len, at least 1, is how many there
 * are to ask for, and is made the number for which the answer is the same.
 * @pos must be inside the disk.
 */
bool cow_run(const struct cow *cow, u64 pos, u64 *len);

/*
 * The sectors of [pos, pos + len) have been written to the file (they may still
 * be in the host's cache). Sectors must be whole, but for the disk's last one.
 */
void cow_add(struct cow *cow, u64 pos, u64 len);

/* is all of the bitmap on stable storage if the file's data are? */
bool cow_settled(const struct cow *cow);

/*
 * What was written and added before is on stable storage afterwards: first the
 * data, then the bits that say so. May block.
 */
int cow_flush(struct cow *cow);

#endif /* __USERMODE_BLOCK_COW_H */
