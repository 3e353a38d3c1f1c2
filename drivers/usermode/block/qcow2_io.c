// SPDX-License-Identifier: GPL-2.0
/*
 * qcow2_io.c - reads and writes the disk that a qcow2 image holds.
 *
 * A cluster that is the image's own is written in place. Any other is put
 * together first: what it was read as so far, with what is written, goes to a
 * new cluster; then the table is changed, in memory.
 *
 * Locks: the image's, while a table is looked at or a cluster is made. Data are
 * read, and written in place, without it: requests that overlap are the guest's
 * own affair. Plain C, see plain.h.
 */
#include "qcow2.h"

/* of [pos, pos + len), what is in one cluster */
static size_t piece(const struct qcow2 *q, size_t len, u64 pos)
{
	return min_t(u64, len, q->cluster - pos % q->cluster);
}

static int read_base(struct qcow2 *q, void *buf, size_t len, u64 pos)
{
	size_t there = 0;
	int err = 0;

	if (q->base) {
		if (pos < q->base->header.size)
			there = min_t(u64, len, q->base->header.size - pos);
		if (there)
			err = qcow2_read(q->base, buf, there, pos);
	} else if (q->has_plain) {
		if (pos < q->plain.size)
			there = min_t(u64, len, q->plain.size - pos);
		if (there)
			err = plain_read(q->plain.meta, buf, there, pos);
	}
	memset((u8 *)buf + there, 0, len - there);
	return err;
}

static int inflate_cluster(struct qcow2 *q, u64 entry)
{
	u64 at, len;
	u8 *packed;
	int err;

	qcow2_compressed(q, entry, &at, &len);
	packed = plain_alloc(len);
	if (!q->inflated)
		q->inflated = plain_alloc(q->cluster);
	if (!packed || !q->inflated)
		err = -ENOMEM;
	else
		err = plain_read(q->file.meta, packed, len, at);
	q->inflated_entry = 0;
	if (!err)
		err = plain_inflate(q->inflated, q->cluster, packed, len);
	if (!err)
		q->inflated_entry = entry;
	plain_free(packed, len);
	return err;
}

static int read_compressed(struct qcow2 *q, u64 entry, void *buf, size_t len, u64 pos)
{
	int err = 0;

	plain_lock(&q->inflate_lock);
	if (q->inflated_entry != entry)
		err = inflate_cluster(q, entry);
	if (!err)
		memcpy(buf, q->inflated + pos % q->cluster, len);
	plain_unlock(&q->inflate_lock);
	return err;
}

/* what is inside one cluster, whose entry is @entry */
static int read_entry(struct qcow2 *q, u64 entry, void *buf, size_t len, u64 pos)
{
	u64 at = entry & QCOW2_OFFSET;

	if (entry & QCOW2_COMPRESSED)
		return read_compressed(q, entry, buf, len, pos);
	if (entry & QCOW2_ZERO && q->header.version > 2) {
		memset(buf, 0, len);
		return 0;
	}
	if (!at)
		return read_base(q, buf, len, pos);
	if (!IS_ALIGNED(at, q->cluster))
		return -EIO;
	return plain_read(q->file.fd, buf, len, at + pos % q->cluster);
}

int qcow2_read(struct qcow2 *q, void *buf, size_t len, u64 pos)
{
	u8 *to = buf;
	int err = 0;
	u64 entry;
	size_t n;

	for (; len && !err; to += n, pos += n, len -= n) {
		n = piece(q, len, pos);
		plain_lock(&q->lock);
		err = qcow2_get(q, pos, false, &entry);
		plain_unlock(&q->lock);
		if (!err)
			err = read_entry(q, entry, to, n, pos);
	}
	return err;
}

static bool in_place(const struct qcow2 *q, u64 entry)
{
	return entry & QCOW2_COPIED && !(entry & QCOW2_COMPRESSED) &&
	       IS_ALIGNED(entry & QCOW2_OFFSET, q->cluster) && entry & QCOW2_OFFSET &&
	       !(entry & QCOW2_ZERO && q->header.version > 2);
}

/* write a whole cluster that has [pos, pos + len) from @buf to @at */
static int write_cluster(struct qcow2 *q, u64 entry, const void *buf, size_t len, u64 pos,
			 u64 at)
{
	u64 start = pos - pos % q->cluster;
	u8 *whole;
	int err;

	if (len == q->cluster)
		return plain_write(q->file.fd, buf, len, at);
	whole = plain_alloc(q->cluster);
	if (!whole)
		return -ENOMEM;
	err = read_entry(q, entry, whole, q->cluster, start);
	memcpy(whole + (pos - start), buf, len);
	if (!err)
		err = plain_write(q->file.fd, whole, q->cluster, at);
	plain_free(whole, q->cluster);
	return err;
}

/* the lock is held */
static int make_cluster(struct qcow2 *q, u64 entry, const void *buf, size_t len, u64 pos)
{
	u64 at;
	int err = qcow2_alloc(q, 1, &at);

	if (err)
		return err;
	err = write_cluster(q, entry, buf, len, pos, at);
	if (err) {
		qcow2_free_later(q, at);
		return err;
	}
	qcow2_set(q, pos, at | QCOW2_COPIED);
	return qcow2_free_entry(q, entry);
}

int qcow2_write(struct qcow2 *q, const void *buf, size_t len, u64 pos)
{
	const u8 *from = buf;
	int err = 0;
	u64 entry;
	size_t n;

	for (; len && !err; from += n, pos += n, len -= n) {
		bool place = false;

		n = piece(q, len, pos);
		plain_lock(&q->lock);
		err = qcow2_get(q, pos, true, &entry);
		if (!err) {
			place = in_place(q, entry);
			if (!place)
				err = make_cluster(q, entry, from, n, pos);
		}
		plain_unlock(&q->lock);
		if (place)
			err = plain_write(q->file.fd, from, n,
					  (entry & QCOW2_OFFSET) + pos % q->cluster);
	}
	return err;
}

/* how an entry says that a cluster is zeros; false: it cannot be said */
static bool zero_entry(const struct qcow2 *q, u64 *entry)
{
	bool based = q->base || q->has_plain;

	*entry = q->header.version > 2 && based ? QCOW2_ZERO : 0;
	return q->header.version > 2 || !based;
}

static int clear_cluster(struct qcow2 *q, u64 pos, u64 zero)
{
	u64 entry;
	int err;

	plain_lock(&q->lock);
	err = qcow2_get(q, pos, true, &entry);
	if (!err && entry != zero) {
		qcow2_set(q, pos, zero);
		err = qcow2_free_entry(q, entry);
	}
	plain_unlock(&q->lock);
	return err;
}

static int write_zeros(struct qcow2 *q, size_t len, u64 pos)
{
	void *zeros = plain_alloc(len);
	int err = zeros ? qcow2_write(q, zeros, len, pos) : -ENOMEM;

	plain_free(zeros, len);
	return err;
}

int qcow2_clear(struct qcow2 *q, u64 pos, u64 len, bool discard)
{
	bool can;
	int err = 0;
	u64 zero;
	size_t n;

	can = zero_entry(q, &zero);
	for (; len && !err; pos += n, len -= n) {
		bool whole;

		n = piece(q, min_t(u64, len, q->cluster), pos);
		whole = n == q->cluster || (pos % q->cluster == 0 && pos + n == q->header.size);
		if (can && whole)
			err = clear_cluster(q, pos, zero);
		else if (!discard)
			err = write_zeros(q, n, pos);
	}
	return err;
}
