// SPDX-License-Identifier: GPL-2.0
/*
 * qcow2_map.c - the tables of a qcow2 image that lead from the disk to the file.
 *
 * They are read when they are needed, stay in memory, and are changed there. A
 * flush brings first data and reference counts to stable storage, then the
 * second tables, then the first one; so nothing there ever points to what is
 * not. Then clusters that nothing points to any more are freed.
 *
 * A table that a snapshot shares (it is not COPIED) is copied before it is
 * changed.
 *
 * Locks: the image's is held. Plain C, see plain.h.
 */
#include "qcow2.h"

static u64 per_l2(const struct qcow2 *q)
{
	return q->cluster / sizeof(__be64);
}

static __be64 *l1(struct qcow2 *q)
{
	return q->l1.data;
}

void qcow2_compressed(const struct qcow2 *q, u64 entry, u64 *at, u64 *len)
{
	u32 bits = 62 - (q->header.cluster_bits - 8);
	u64 sectors;

	*at = entry & ((1ULL << bits) - 1);
	sectors = (entry & ~(QCOW2_COPIED | QCOW2_COMPRESSED)) >> bits;
	*len = (sectors + 1) * 512 - *at % 512;
}

/* a second table of our own at @index, as it is in @old or empty */
static int make_l2(struct qcow2 *q, u64 index, const void *old)
{
	struct qcow2_table *table = &q->l2[index];
	void *data = plain_alloc(q->cluster);
	u64 at;
	int err;

	if (!data)
		return -ENOMEM;
	err = qcow2_alloc(q, 1, &at);
	if (!err && table->at)
		err = qcow2_free_later(q, table->at);
	if (err) {
		plain_free(data, q->cluster);
		return err;
	}
	if (old)
		memcpy(data, old, q->cluster);
	plain_free(table->data, q->cluster);
	*table = (struct qcow2_table){ .at = at, .data = data, .dirty = true };
	l1(q)[index] = cpu_to_be64(at | QCOW2_COPIED);
	q->l1.dirty = true;
	return 0;
}

int qcow2_get(struct qcow2 *q, u64 pos, bool make, u64 *entry)
{
	u64 number = pos >> q->header.cluster_bits, index = number / per_l2(q);
	struct qcow2_table *table = &q->l2[index];
	u64 where = be64_to_cpu(l1(q)[index]);
	int err;

	*entry = 0;
	table->at = where & QCOW2_OFFSET;
	if (!table->at) {
		err = make ? make_l2(q, index, NULL) : 0;
	} else if (!IS_ALIGNED(table->at, q->cluster) || table->at >= q->end * q->cluster) {
		err = -EIO;
	} else {
		err = qcow2_table_load(q, table, q->cluster);
		if (!err && make && !(where & QCOW2_COPIED))
			err = make_l2(q, index, table->data);
	}
	if (!err && table->data)
		*entry = be64_to_cpu(((__be64 *)table->data)[number % per_l2(q)]);
	return err;
}

void qcow2_set(struct qcow2 *q, u64 pos, u64 entry)
{
	u64 number = pos >> q->header.cluster_bits;
	struct qcow2_table *table = &q->l2[number / per_l2(q)];

	((__be64 *)table->data)[number % per_l2(q)] = cpu_to_be64(entry);
	table->dirty = true;
}

/* how many have been written, or -errno */
static int write_l2(struct qcow2 *q)
{
	int n = 0, err;
	u64 i;

	for (i = 0; i < q->l2_max; i++) {
		struct qcow2_table *table = &q->l2[i];

		if (!table->dirty)
			continue;
		err = plain_write(q->file.meta, table->data, q->cluster, table->at);
		if (err)
			return err;
		table->dirty = false;
		n++;
	}
	return n;
}

static int write_l1(struct qcow2 *q)
{
	int err = plain_sync(q->file.meta);

	if (!err)
		err = plain_write(q->file.meta, q->l1.data, q->header.l1_size * 8ULL, q->l1.at);
	if (!err)
		q->l1.dirty = false;
	return err;
}

static int flush_locked(struct qcow2 *q)
{
	int err, n;

	if (q->broken)
		return -EIO;
	err = qcow2_write_refs(q);
	if (err)
		return err;
	err = plain_sync(q->file.fd);
	if (err) {
		q->broken = true;
		return err;
	}
	n = write_l2(q);
	if (n < 0)
		return n;
	if (q->l1.dirty) {
		err = write_l1(q);
		n++;
	}
	if (!err && n)
		err = plain_sync(q->file.meta);
	if (!err && q->freed_n)
		err = qcow2_free_now(q);
	return err;
}

int qcow2_flush(struct qcow2 *q)
{
	int err;

	plain_lock(&q->lock);
	err = flush_locked(q);
	plain_unlock(&q->lock);
	return err;
}
