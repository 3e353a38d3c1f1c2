/* SPDX-License-Identifier: GPL-2.0 */
/*
 * qcow2.h - images of the qcow2 format, versions 2 and 3, read and written.
 *
 *   qcow2_header.c	what the header says, and whether that can be
 *   qcow2_open.c	an image and what it is based on, opened and closed
 *   qcow2_alloc.c	reference counts: which clusters are in use
 *   qcow2_map.c	the tables from the disk to the file, and making them durable
 *   qcow2_io.c		reading and writing
 *
 * Plain C, see plain.h; all of it blocks. Calls may run beside each other.
 */
#ifndef __USERMODE_BLOCK_QCOW2_H
#define __USERMODE_BLOCK_QCOW2_H

#include "chain.h"

#define QCOW2_LAYERS	16	/* images on one another */
#define QCOW2_HEADER	112	/* bytes of a header that are looked at */

/* entries of the tables */
#define QCOW2_COPIED		0x8000000000000000ULL	/* has one reference: write in place */
#define QCOW2_COMPRESSED	0x4000000000000000ULL
#define QCOW2_ZERO		0x0000000000000001ULL	/* reads as zeros, has space or not */
#define QCOW2_OFFSET		0x00fffffffffffe00ULL

/* which format the backing file has */
enum qcow2_base { QCOW2_BASE_ANY, QCOW2_BASE_RAW, QCOW2_BASE_QCOW2 };

/**
 * struct qcow2_header - a header, understood; offsets and sizes in bytes
 * @version:	2 or 3
 * @cluster_bits: a cluster has 2 to this bytes
 * @size:	of the disk
 * @l1_at, @l1_size: the first table, and its entries
 * @refs_at, @refs_clusters: the table of reference counts
 * @snapshots:	how many there are
 * @incompatible, @autoclear: feature bits
 * @ref_order:	a reference count has 2 to this bits
 * @backing_at, @backing_len: name of the backing file, if @backing_at
 * @extensions_at: where header extensions begin
 */
struct qcow2_header {
	u32 version, cluster_bits;
	u64 size, l1_at, refs_at;
	u32 l1_size, refs_clusters, snapshots, ref_order;
	u64 incompatible, autoclear, backing_at;
	u32 backing_len, extensions_at;
};

bool qcow2_magic(const void *bytes, size_t len);

/*
 * Understand the first @len bytes of a file of @file_size; zeros up to
 * QCOW2_HEADER follow them. @write: it is to be written to. -EINVAL, and the
 * reason in @why.
 */
int qcow2_header_decode(const void *bytes, size_t len, u64 file_size, bool write,
			struct qcow2_header *header, char *why, size_t why_len);

/* a table of the file, in memory; big-endian as there */
struct qcow2_table {
	u64 at;			/* in the file; 0: there is none */
	void *data;		/* NULL: not read yet */
	bool dirty;
};

/**
 * struct qcow2 - an open image
 * @file:	the file
 * @header:	its header; refs_at and refs_clusters are as they are now
 * @cluster:	bytes of a cluster
 * @lock:	guards all that follows; taken for what changes a table or waits for
 *		one to be read, and while the image is flushed
 * @l1:		the first table: where the others are
 * @l2:		the others
 * @refs:	where the blocks of reference counts are
 * @blocks:	these
 * @l2_max, @blocks_max: how many of each there can be
 * @search:	clusters below this are in use
 * @end:	clusters that the file has
 * @freed:	clusters that lose a reference when nothing on stable storage points
 *		to them any more, in the first @freed_n of @freed_max
 * @broken:	data were lost on the way to stable storage: no table is written
 *		any more until the file is opened again
 * @inflated:	a cluster that was compressed, @inflated_entry's; @inflate_lock
 * @base:	the image that it is based on, or
 * @plain:	the plain file, if @has_plain
 */
struct qcow2 {
	struct ubd_file file;
	struct qcow2_header header;
	u64 cluster;

	u32 lock;
	struct qcow2_table l1, refs;
	struct qcow2_table *l2, *blocks;
	u64 l2_max, blocks_max;
	u64 search, end;
	u64 *freed;
	u64 freed_n, freed_max;
	bool broken;

	u32 inflate_lock;
	u8 *inflated;
	u64 inflated_entry;

	struct qcow2 *base;
	struct ubd_file plain;
	bool has_plain;
};

/* ---- qcow2_open.c ---- */

/*
 * Open @file, which becomes the image's, and what it is based on. On failure
 * -errno and the reason in @why; nothing has been written, and @file is closed.
 */
int qcow2_open(const struct ubd_setting *setting, struct ubd_file *file, bool write,
	       struct qcow2 **opened, const struct ubd_why *why);
/* does not flush */
void qcow2_close(struct qcow2 *q);

/* ---- qcow2_io.c; ranges are inside the disk ---- */

int qcow2_read(struct qcow2 *q, void *buf, size_t len, u64 pos);
int qcow2_write(struct qcow2 *q, const void *buf, size_t len, u64 pos);
/* make a range read as zeros and take no space; @discard: its content is of no interest */
int qcow2_clear(struct qcow2 *q, u64 pos, u64 len, bool discard);
/* what was written before is on stable storage afterwards */
int qcow2_flush(struct qcow2 *q);

/* ---- between the parts; the lock is held ---- */

/* a cluster for @n contiguous ones: its place in the file, with one reference each */
int qcow2_alloc(struct qcow2 *q, u64 n, u64 *at);
/* after the next flush the cluster at @at has one reference less */
int qcow2_free_later(struct qcow2 *q, u64 at);
/* the same for what an entry of a second table points to */
int qcow2_free_entry(struct qcow2 *q, u64 entry);
/* apply these */
int qcow2_free_now(struct qcow2 *q);
/* bring changed reference counts to the file, not to stable storage */
int qcow2_write_refs(struct qcow2 *q);
/* do the clusters of [at, at + len) count as in use? */
bool qcow2_counted(struct qcow2 *q, u64 at, u64 len);
int qcow2_table_load(struct qcow2 *q, struct qcow2_table *table, u64 bytes);

/*
 * The entry for @pos; *@entry is 0 if the disk has no second table there, unless
 * @make makes one.
 */
int qcow2_get(struct qcow2 *q, u64 pos, bool make, u64 *entry);
/* after qcow2_get(make) for the same place */
void qcow2_set(struct qcow2 *q, u64 pos, u64 entry);

/* where a compressed entry's data are, and how many bytes they can be */
void qcow2_compressed(const struct qcow2 *q, u64 entry, u64 *at, u64 *len);

#endif /* __USERMODE_BLOCK_QCOW2_H */
