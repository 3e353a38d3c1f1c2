// SPDX-License-Identifier: GPL-2.0
/*
 * qcow2_header.c - the header of a qcow2 image.
 *
 * Owns no state. Bytes of a file are not to be trusted: what passes here is safe
 * to compute with. Plain C, see plain.h.
 */
#include "qcow2.h"

#define MAGIC		"QFI\xfb"
#define L1_MAX		0x400000U	/* entries, 32 MiB of them */
#define REFS_MAX	0x800000U	/* bytes */
#define DISK_MAX	0x0100000000000000ULL
#define NAME_MAX_BYTES	1023U

#define INCOMPATIBLE_DIRTY	0x1ULL
#define INCOMPATIBLE_CORRUPT	0x2ULL
#define INCOMPATIBLE_EXTERNAL	0x4ULL
#define INCOMPATIBLE_ZSTD	0x8ULL

static u32 get32(const u8 *bytes, size_t at)
{
	__be32 value;

	memcpy(&value, bytes + at, sizeof(value));
	return be32_to_cpu(value);
}

static u64 get64(const u8 *bytes, size_t at)
{
	__be64 value;

	memcpy(&value, bytes + at, sizeof(value));
	return be64_to_cpu(value);
}

bool qcow2_magic(const void *bytes, size_t len)
{
	return len >= 4 && !memcmp(bytes, MAGIC, 4);
}

/* reasons against the features of version 3; NULL: none */
static const char *check_features(const struct qcow2_header *h, bool write)
{
	if (h->incompatible & INCOMPATIBLE_EXTERNAL)
		return "its data are in another file, which is not supported";
	if (h->incompatible & INCOMPATIBLE_ZSTD)
		return "it is compressed with zstd, which is not supported";
	if (h->incompatible & ~(INCOMPATIBLE_DIRTY | INCOMPATIBLE_CORRUPT))
		return "it has features that are not known";
	if (h->incompatible & INCOMPATIBLE_CORRUPT && write)
		return "it is marked corrupt (qemu-img check -r all repairs it, flag r reads it)";
	if (h->incompatible & INCOMPATIBLE_DIRTY && write)
		return "it was not closed (qemu-img check -r all repairs it, flag r reads it)";
	if (h->ref_order != 4 && write)
		return "its reference counts do not have 16 bits; it can but be read (flag r)";
	return NULL;
}

static const char *check_sizes(const struct qcow2_header *h)
{
	u64 per_l2;

	if (h->cluster_bits < 9 || h->cluster_bits > 21)
		return "its header names an impossible size of clusters";
	if (!h->size || h->size > DISK_MAX)
		return "its header names an impossible size of the disk";
	per_l2 = 1ULL << (2 * h->cluster_bits - 3);
	if (h->l1_size > L1_MAX || h->l1_size < (h->size + per_l2 - 1) / per_l2)
		return "its header names an impossible size of the first table";
	if (!h->refs_clusters || h->refs_clusters > REFS_MAX >> h->cluster_bits)
		return "its header names an impossible table of reference counts";
	if (h->backing_at && (!h->backing_len || h->backing_len > NAME_MAX_BYTES ||
			      h->backing_at > 1ULL << h->cluster_bits))
		return "its header names an impossible backing file";
	return NULL;
}

/* @at is the start of a cluster that the file has, and @len bytes follow it */
static bool inside(const struct qcow2_header *h, u64 at, u64 len, u64 file_size)
{
	return at && IS_ALIGNED(at, 1ULL << h->cluster_bits) && at < file_size &&
	       len <= file_size - at;
}

static const char *check(const struct qcow2_header *h, u32 crypt, u64 file_size, bool write)
{
	const char *text = check_features(h, write) ?: check_sizes(h);

	if (text)
		return text;
	if (crypt)
		return "it is encrypted, which is not supported";
	if (!inside(h, h->l1_at, h->l1_size * 8ULL, file_size))
		return "its first table is not in the file";
	if (!inside(h, h->refs_at, 0, file_size))
		return "its reference counts are not in the file";
	return NULL;
}

int qcow2_header_decode(const void *bytes, size_t len, u64 file_size, bool write,
			struct qcow2_header *h, char *why, size_t why_len)
{
	const char *text;

	*h = (struct qcow2_header){
		.version	= get32(bytes, 4),
		.backing_at	= get64(bytes, 8),
		.backing_len	= get32(bytes, 16),
		.cluster_bits	= get32(bytes, 20),
		.size		= get64(bytes, 24),
		.l1_size	= get32(bytes, 36),
		.l1_at		= get64(bytes, 40),
		.refs_at	= get64(bytes, 48),
		.refs_clusters	= get32(bytes, 56),
		.snapshots	= get32(bytes, 60),
		.ref_order	= 4,
		.extensions_at	= 72,
	};
	if (h->version == 3) {
		h->incompatible = get64(bytes, 72);
		h->autoclear = get64(bytes, 88);
		h->ref_order = get32(bytes, 96);
		h->extensions_at = get32(bytes, 100);
	}
	if (!qcow2_magic(bytes, len)) {
		text = "it is no qcow2 image";
	} else if (h->version < 2 || h->version > 3) {
		snprintf(why, why_len, "its qcow2 version is %u; 2 and 3 are known", h->version);
		return -EINVAL;
	} else if (len < (h->version == 3 ? 104 : 72)) {
		text = "its header is cut off";
	} else {
		text = check(h, get32(bytes, 32), file_size, write);
	}
	if (!text)
		return 0;
	snprintf(why, why_len, "%s", text);
	return -EINVAL;
}
