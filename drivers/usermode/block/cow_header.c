// SPDX-License-Identifier: GPL-2.0
/*
 * cow_header.c - the header of a copy-on-write file, in all its versions.
 *
 * Owns no state. Bytes of a file are not to be trusted: whatever they say,
 * cow_header_decode() returns a description that is safe to compute with, or
 * one line that says why not. Plain C, see plain.h.
 */
#include "cow.h"

#define SIZE_MAX_BYTES	0x1000000000000000ULL	/* of a disk; sums of such do not overflow */
#define ALIGN_MAX	0x100000U	/* bytes */

union cow_bytes {
	u8 byte[COW_HEADER_MAX];
	struct cow_header_v1 v1;
	struct cow_header_v2 v2;
	struct cow_header_v3 v3;
	struct cow_header_v3_wide wide;
};

static const char little_magic[4] = "MOOO", big_magic[4] = "OOOM";

bool cow_magic(const void *bytes, size_t len)
{
	return len >= 4 && (!memcmp(bytes, big_magic, 4) || !memcmp(bytes, little_magic, 4));
}

static u64 sectors_of(const struct cow_header *h)
{
	return (h->size + h->sector - 1) / h->sector;
}

static size_t header_bytes(const struct cow_header *h)
{
	switch (h->version) {
	case 1:
		return sizeof(struct cow_header_v1);
	case 2:
		return sizeof(struct cow_header_v2);
	default:
		return h->wide ? sizeof(struct cow_header_v3_wide) :
				 sizeof(struct cow_header_v3);
	}
}

/* where bitmap and data are; @h's other fields have been checked */
static void place(struct cow_header *h)
{
	u64 sectors = sectors_of(h);

	h->bitmap_bytes = (sectors + 7) / 8;
	if (h->version == 3) {
		h->bitmap_at = ALIGN(header_bytes(h), (u64)h->align);
		h->data_at = ALIGN(h->bitmap_at + h->bitmap_bytes, (u64)h->align);
	} else {
		h->bitmap_at = header_bytes(h);
		/* who laid these out counted groups of eight sectors, rounded down */
		h->data_at = ALIGN(h->bitmap_at + (h->size + h->sector - 1) /
				   (8ULL * h->sector), (u64)h->sector);
	}
}

static void copy_path(struct cow_header *h, const char *path, size_t len)
{
	memcpy(h->backing, path, len);
	h->backing[len] = '\0';
}

static void decode_v1(const struct cow_header_v1 *v1, struct cow_header *h)
{
	__be32 mtime = (__force __be32)v1->mtime, sector = (__force __be32)v1->sector;
	__be64 size = (__force __be64)v1->size;

	if (h->little) {
		h->mtime = le32_to_cpu((__force __le32)mtime);
		h->size = le64_to_cpu((__force __le64)size);
		h->sector = le32_to_cpu((__force __le32)sector);
	} else {
		h->mtime = be32_to_cpu(mtime);
		h->size = be64_to_cpu(size);
		h->sector = be32_to_cpu(sector);
	}
	copy_path(h, v1->backing, sizeof(v1->backing));
}

static void decode_v2(const struct cow_header_v2 *v2, struct cow_header *h)
{
	h->mtime = be32_to_cpu(v2->mtime);
	h->size = be64_to_cpu(v2->size);
	h->sector = be32_to_cpu(v2->sector);
	copy_path(h, v2->backing, sizeof(v2->backing));
}

/*
 * A wide time is a big-endian number, or 32 such bits stored where a
 * little-endian machine has the low half of its 64.
 */
static void decode_wide_time(u64 time, struct cow_header *h)
{
	h->high = !(u32)time && time;
	h->mtime = h->high ? time >> 32 : time;
}

/* what is left of decoding is the format */
static u32 decode_v3(const union cow_bytes *b, struct cow_header *h)
{
	static const char zeros[4];

	h->wide = !memcmp(b->v3.backing, zeros, sizeof(zeros));
	if (h->wide) {
		decode_wide_time(be64_to_cpu(b->wide.mtime), h);
		h->size = be64_to_cpu(b->wide.size);
		h->sector = be32_to_cpu(b->wide.sector);
		h->align = be32_to_cpu(b->wide.align);
		copy_path(h, b->wide.backing, sizeof(b->wide.backing));
		return be32_to_cpu(b->wide.format);
	}
	h->mtime = be32_to_cpu(b->v3.mtime);
	h->size = be64_to_cpu(b->v3.size);
	h->sector = be32_to_cpu(b->v3.sector);
	h->align = be32_to_cpu(b->v3.align);
	copy_path(h, b->v3.backing, sizeof(b->v3.backing));
	return be32_to_cpu(b->v3.format);
}

static int check_fields(const struct cow_header *h, u32 format, char *why, size_t len)
{
	if (format != COW_BITMAP)
		snprintf(why, len, "its copy-on-write format is %u; only 0, a bitmap, is known",
			 format);
	else if (!is_power_of_2(h->sector) || h->sector < 512 || h->sector > 4096)
		snprintf(why, len, "its sectors have %u bytes; 512, 1024, 2048 or 4096 can be",
			 h->sector);
	else if (h->version == 3 && (!is_power_of_2(h->align) || h->align > ALIGN_MAX))
		snprintf(why, len, "its alignment is %u bytes; a power of two up to %u can be",
			 h->align, ALIGN_MAX);
	else if (!h->size || h->size > SIZE_MAX_BYTES)
		snprintf(why, len, "its header names an impossible disk of %llu bytes",
			 (unsigned long long)h->size);
	else if (!h->backing[0])
		snprintf(why, len, "its header names no backing file");
	else if (strnlen(h->backing, sizeof(h->backing)) >=
		 (h->version == 1 ? COW_PATH_V1 : COW_PATH))
		snprintf(why, len, "the backing file's name in its header has no end");
	else
		return 0;
	return -EINVAL;
}

static int check_place(const struct cow_header *h, u64 file_size, char *why, size_t len)
{
	u64 end = h->bitmap_at + h->bitmap_bytes;

	if (end > file_size)
		snprintf(why, len, "its bitmap would end at byte %llu, but the file at %llu",
			 (unsigned long long)end, (unsigned long long)file_size);
	else if (end > h->data_at)
		snprintf(why, len, "its bitmap has no room for the disk's last sectors");
	else
		return 0;
	return -EINVAL;
}

static int decode_version(const union cow_bytes *b, struct cow_header *h,
			  char *why, size_t len)
{
	if (!memcmp(b->byte, little_magic, 4)) {
		h->little = true;
		h->version = le32_to_cpu((__force __le32)b->v1.version);
	} else if (!memcmp(b->byte, big_magic, 4)) {
		h->version = be32_to_cpu(b->v2.version);
	} else {
		snprintf(why, len, "it is no copy-on-write file");
		return -EINVAL;
	}
	if (h->version >= 1 && h->version <= (h->little ? 1 : 3))
		return 0;
	snprintf(why, len, "its copy-on-write version is %u; 1, 2 and 3 are known", h->version);
	return -EINVAL;
}

int cow_header_decode(const void *bytes, size_t len, u64 file_size,
		      struct cow_header *h, char *why, size_t why_len)
{
	const union cow_bytes *b = bytes;
	u32 format = COW_BITMAP;
	int err;

	memset(h, 0, sizeof(*h));
	err = decode_version(b, h, why, why_len);
	if (err)
		return err;
	if (h->version == 3)
		format = decode_v3(b, h);
	if (len < header_bytes(h)) {
		snprintf(why, why_len, "its header is cut off: %zu of %zu bytes are there",
			 len, header_bytes(h));
		return -EINVAL;
	}
	if (h->version == 1)
		decode_v1(&b->v1, h);
	else if (h->version == 2)
		decode_v2(&b->v2, h);
	err = check_fields(h, format, why, why_len);
	if (err)
		return err;
	place(h);
	return check_place(h, file_size, why, why_len);
}

static void encode_v1(const struct cow_header *h, struct cow_header_v1 *v1)
{
	if (h->little) {
		v1->magic = (__force u32)cpu_to_le32(COW_MAGIC);
		v1->version = (__force u32)cpu_to_le32(1);
		v1->mtime = (__force u32)cpu_to_le32(h->mtime);
		v1->size = (__force u64)cpu_to_le64(h->size);
		v1->sector = (__force u32)cpu_to_le32(h->sector);
	} else {
		v1->magic = (__force u32)cpu_to_be32(COW_MAGIC);
		v1->version = (__force u32)cpu_to_be32(1);
		v1->mtime = (__force u32)cpu_to_be32(h->mtime);
		v1->size = (__force u64)cpu_to_be64(h->size);
		v1->sector = (__force u32)cpu_to_be32(h->sector);
	}
	memcpy(v1->backing, h->backing, sizeof(v1->backing));
}

static void encode_v2(const struct cow_header *h, struct cow_header_v2 *v2)
{
	v2->magic = cpu_to_be32(COW_MAGIC);
	v2->version = cpu_to_be32(2);
	v2->mtime = cpu_to_be32(h->mtime);
	v2->size = cpu_to_be64(h->size);
	v2->sector = cpu_to_be32(h->sector);
	memcpy(v2->backing, h->backing, sizeof(v2->backing));
}

static void encode_v3(const struct cow_header *h, struct cow_header_v3 *v3)
{
	v3->magic = cpu_to_be32(COW_MAGIC);
	v3->version = cpu_to_be32(3);
	v3->mtime = cpu_to_be32(h->mtime);
	v3->size = cpu_to_be64(h->size);
	v3->sector = cpu_to_be32(h->sector);
	v3->align = cpu_to_be32(h->align);
	v3->format = cpu_to_be32(COW_BITMAP);
	memcpy(v3->backing, h->backing, sizeof(v3->backing));
}

static void encode_v3_wide(const struct cow_header *h, struct cow_header_v3_wide *wide)
{
	wide->magic = cpu_to_be32(COW_MAGIC);
	wide->version = cpu_to_be32(3);
	wide->mtime = cpu_to_be64(h->high ? (u64)h->mtime << 32 : (u64)h->mtime);
	wide->size = cpu_to_be64(h->size);
	wide->sector = cpu_to_be32(h->sector);
	wide->align = cpu_to_be32(h->align);
	wide->format = cpu_to_be32(COW_BITMAP);
	memcpy(wide->backing, h->backing, sizeof(wide->backing));
}

size_t cow_header_encode(const struct cow_header *h, u8 bytes[COW_HEADER_MAX])
{
	union cow_bytes *b = (union cow_bytes *)bytes;

	memset(bytes, 0, COW_HEADER_MAX);
	if (h->version == 1)
		encode_v1(h, &b->v1);
	else if (h->version == 2)
		encode_v2(h, &b->v2);
	else if (h->wide)
		encode_v3_wide(h, &b->wide);
	else
		encode_v3(h, &b->v3);
	return header_bytes(h);
}

/* the whole field is written, so that nothing of a longer path stays */
static int set_backing(struct cow_header *h, const char *backing)
{
	size_t len = strlen(backing);

	if (len >= (h->version == 1 ? COW_PATH_V1 : COW_PATH))
		return -ENAMETOOLONG;
	memset(h->backing, 0, sizeof(h->backing));
	memcpy(h->backing, backing, len);
	return 0;
}

int cow_header_make(struct cow_header *h, const char *backing, s64 mtime, u64 size)
{
	memset(h, 0, sizeof(*h));
	if (!size || size > SIZE_MAX_BYTES)
		return -EINVAL;
	h->version = 3;
	h->mtime = mtime;
	h->size = size;
	h->sector = COW_SECTOR;
	h->align = COW_ALIGN;
	place(h);
	return set_backing(h, backing);
}

static int write_header(int fd, const struct cow_header *h)
{
	u8 *bytes = plain_alloc(COW_HEADER_MAX);
	int err;

	if (!bytes)
		return -ENOMEM;
	err = plain_write(fd, bytes, cow_header_encode(h, bytes), 0);
	plain_free(bytes, COW_HEADER_MAX);
	return err;
}

int cow_format(int fd, const struct cow_header *h)
{
	int err = plain_resize(fd, h->data_at + h->size);

	return err ?: write_header(fd, h);
}

int cow_header_update(int fd, struct cow_header *h, const char *backing, s64 mtime)
{
	int err = set_backing(h, backing);

	if (err)
		return err;
	h->mtime = mtime;
	err = write_header(fd, h);
	return err ?: plain_sync(fd);
}

bool cow_merging(const struct cow_header *h)
{
	return cow_same_mtime(h, COW_MERGING);
}

bool cow_same_mtime(const struct cow_header *h, s64 mtime)
{
	return h->wide && !h->high ? h->mtime == mtime : (u32)h->mtime == (u32)mtime;
}
