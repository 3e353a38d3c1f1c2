// SPDX-License-Identifier: GPL-2.0
/*
 * qcow2_alloc.c - the reference counts of a qcow2 image: which clusters of the
 * file are in use.
 *
 * Counts are 16 bits wide, in blocks of one cluster; a table says where these
 * are. A block that does not exist yet is made at the first cluster that it
 * counts, and so counts itself; a table that is full is moved to a place behind
 * all others. Counts are raised in memory at once, and are in the file before
 * anything there refers to the cluster; they are lowered only after nothing does
 * any more. Interrupted in between, space is lost, but never used twice.
 *
 * Locks: the image's is held. Plain C, see plain.h.
 */
#include "qcow2.h"

static u64 per_block(const struct qcow2 *q)
{
	return q->cluster / sizeof(__be16);
}

static u64 refs_entries(const struct qcow2 *q)
{
	return q->header.refs_clusters * q->cluster / sizeof(__be64);
}

static __be64 *refs(struct qcow2 *q)
{
	return q->refs.data;
}

int qcow2_table_load(struct qcow2 *q, struct qcow2_table *table, u64 bytes)
{
	void *data;
	int err;

	if (table->data)
		return 0;
	data = plain_alloc(bytes);
	if (!data)
		return -ENOMEM;
	err = plain_read(q->file.meta, data, bytes, table->at);
	if (err)
		plain_free(data, bytes);
	else
		table->data = data;
	return err;
}

/* the block with @cluster's count in memory; *@block is NULL if there is none yet */
static int get_block(struct qcow2 *q, u64 cluster, struct qcow2_table **block)
{
	u64 index = cluster / per_block(q);
	struct qcow2_table *table;

	*block = NULL;
	if (index >= refs_entries(q))
		return 0;
	table = &q->blocks[index];
	table->at = be64_to_cpu(refs(q)[index]) & ~511ULL;
	if (!table->at)
		return 0;
	if (!IS_ALIGNED(table->at, q->cluster))
		return -EIO;
	*block = table;
	return qcow2_table_load(q, table, q->cluster);
}

/* a new block for @cluster, which is the first that it counts */
static int make_block(struct qcow2 *q, u64 cluster)
{
	struct qcow2_table *block = &q->blocks[cluster / per_block(q)];

	block->data = plain_alloc(q->cluster);
	if (!block->data)
		return -ENOMEM;
	block->at = cluster * q->cluster;
	block->dirty = true;
	((__be16 *)block->data)[0] = cpu_to_be16(1);
	refs(q)[cluster / per_block(q)] = cpu_to_be64(block->at);
	q->refs.dirty = true;
	return 0;
}

/* the header says where the table is, and how large, in bytes that are neighbours */
static int point_at_table(struct qcow2 *q, u64 at, u32 clusters)
{
	struct {
		__be64 at;
		__be32 clusters;
	} __packed field = {
		.at = cpu_to_be64(at),
		.clusters = cpu_to_be32(clusters),
	};
	int err = plain_sync(q->file.meta);

	if (!err)
		err = plain_write(q->file.meta, &field, sizeof(field), 48);
	return err ?: plain_sync(q->file.meta);
}

static int grow_arrays(struct qcow2 *q, u64 entries, __be64 **table)
{
	struct qcow2_table *blocks = plain_alloc(entries * sizeof(*blocks));

	*table = plain_alloc(entries * sizeof(__be64));
	if (!blocks || !*table) {
		plain_free(blocks, entries * sizeof(*blocks));
		plain_free(*table, entries * sizeof(__be64));
		return -ENOMEM;
	}
	memcpy(*table, q->refs.data, refs_entries(q) * sizeof(__be64));
	memcpy(blocks, q->blocks, q->blocks_max * sizeof(*blocks));
	plain_free(q->blocks, q->blocks_max * sizeof(*blocks));
	q->blocks = blocks;
	q->blocks_max = entries;
	return 0;
}

/*
 * The table is full, and all below @cluster is in use: a larger table goes to
 * @cluster + 1, behind the block that counts it.
 */
static int grow_table(struct qcow2 *q, u64 cluster)
{
	u64 old_at = q->refs.at, old_clusters = q->header.refs_clusters, i;
	u64 clusters = old_clusters * 2, bytes = clusters * q->cluster;
	__be64 *table;
	int err;

	if (clusters + 1 > per_block(q))
		return -ENOSPC;
	err = grow_arrays(q, bytes / sizeof(__be64), &table);
	if (err)
		return err;
	plain_free(q->refs.data, old_clusters * q->cluster);
	q->refs.data = table;
	q->refs.at = (cluster + 1) * q->cluster;
	q->header.refs_clusters = clusters;
	err = make_block(q, cluster);
	if (err)
		return err;
	for (i = 1; i <= clusters; i++)
		((__be16 *)q->blocks[cluster / per_block(q)].data)[i] = cpu_to_be16(1);
	err = qcow2_write_refs(q);
	if (!err)
		err = point_at_table(q, q->refs.at, clusters);
	for (i = 0; i < old_clusters && !err; i++)
		err = qcow2_free_later(q, old_at + i * q->cluster);
	return err;
}

bool qcow2_counted(struct qcow2 *q, u64 at, u64 len)
{
	struct qcow2_table *block;
	u64 cluster = at / q->cluster;

	for (; cluster * q->cluster < at + len; cluster++) {
		if (get_block(q, cluster, &block) || !block ||
		    !((__be16 *)block->data)[cluster % per_block(q)])
			return false;
	}
	return true;
}

/* is @cluster free? 1 or 0, or -errno. Its count has a place afterwards */
static int is_free(struct qcow2 *q, u64 cluster)
{
	struct qcow2_table *block;
	int err = get_block(q, cluster, &block);

	if (err)
		return err;
	if (block)
		return !((__be16 *)block->data)[cluster % per_block(q)];
	/* the block and the table take this cluster, and perhaps the next ones */
	cluster -= cluster % per_block(q);
	err = cluster / per_block(q) < refs_entries(q) ? make_block(q, cluster) :
							 grow_table(q, cluster);
	return err;
}

/* the file is to have so many clusters */
static int extend(struct qcow2 *q, u64 clusters)
{
	int err;

	if (clusters <= q->end)
		return 0;
	err = plain_resize(q->file.meta, clusters * q->cluster);
	if (!err)
		q->end = clusters;
	return err;
}

int qcow2_alloc(struct qcow2 *q, u64 n, u64 *at)
{
	u64 cluster = q->search, found = 0;
	int err;

	while (found < n) {
		err = is_free(q, cluster + found);
		if (err < 0)
			return err;
		if (err) {
			found++;
			continue;
		}
		cluster += found + 1;
		found = 0;
	}
	err = extend(q, cluster + n);
	if (err)
		return err;
	*at = cluster * q->cluster;
	if (cluster == q->search)
		q->search = cluster + n;
	for (; n; n--, cluster++) {
		struct qcow2_table *block = &q->blocks[cluster / per_block(q)];

		((__be16 *)block->data)[cluster % per_block(q)] = cpu_to_be16(1);
		block->dirty = true;
	}
	return 0;
}

int qcow2_free_later(struct qcow2 *q, u64 at)
{
	u64 max = q->freed_max ? q->freed_max * 2 : 512, *freed;

	if (q->freed_n == q->freed_max) {
		freed = plain_alloc(max * sizeof(*freed));
		if (!freed)
			return -ENOMEM;
		if (q->freed_n)
			memcpy(freed, q->freed, q->freed_n * sizeof(*freed));
		plain_free(q->freed, q->freed_max * sizeof(*freed));
		q->freed = freed;
		q->freed_max = max;
	}
	q->freed[q->freed_n++] = at;
	return 0;
}

int qcow2_free_entry(struct qcow2 *q, u64 entry)
{
	u64 at = entry & QCOW2_OFFSET, len, end;
	int err = 0;

	if (!(entry & QCOW2_COMPRESSED))
		return at ? qcow2_free_later(q, at) : 0;
	/* a compressed cluster counts in each cluster that it touches */
	qcow2_compressed(q, entry, &at, &len);
	end = at + len;
	for (at -= at % q->cluster; at < end && !err; at += q->cluster)
		err = qcow2_free_later(q, at);
	return err;
}

static int lower(struct qcow2 *q, u64 cluster)
{
	struct qcow2_table *block;
	__be16 *count;
	int err = get_block(q, cluster, &block);

	if (err || !block)
		return err ?: -EIO;
	count = (__be16 *)block->data + cluster % per_block(q);
	if (!*count)
		return -EIO;
	*count = cpu_to_be16(be16_to_cpu(*count) - 1);
	block->dirty = true;
	if (*count)
		return 0;
	q->search = min(q->search, cluster);
	/* a file system without holes keeps the space; the next use overwrites it */
	plain_punch(q->file.meta, cluster * q->cluster, q->cluster);
	return 0;
}

int qcow2_free_now(struct qcow2 *q)
{
	int err = 0;

	while (q->freed_n && !err)
		err = lower(q, q->freed[--q->freed_n] / q->cluster);
	return err ?: qcow2_write_refs(q);
}

int qcow2_write_refs(struct qcow2 *q)
{
	u64 i;
	int err;

	for (i = 0; i < q->blocks_max; i++) {
		struct qcow2_table *block = &q->blocks[i];

		if (!block->dirty)
			continue;
		err = plain_write(q->file.meta, block->data, q->cluster, block->at);
		if (err)
			return err;
		block->dirty = false;
	}
	if (!q->refs.dirty)
		return 0;
	err = plain_write(q->file.meta, q->refs.data, q->header.refs_clusters * q->cluster,
			  q->refs.at);
	if (!err)
		q->refs.dirty = false;
	return err;
}
