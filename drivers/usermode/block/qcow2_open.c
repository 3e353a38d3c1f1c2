// SPDX-License-Identifier: GPL-2.0
/*
 * qcow2_open.c - opens a qcow2 image and what it is based on.
 *
 * Owns the struct qcow2. Nothing is written before all files have been found
 * fit. Plain C, see plain.h; one opening at a time.
 */
#include "qcow2.h"

#define EXTENSION_FORMAT 0xe2792acaU	/* of the backing file */

#define PAGE_BYTES	4096U	/* of the host's page cache */

static char name[1024], directory[COW_PATH + 1024];	/* under way */

static u32 get32(const u8 *bytes)
{
	__be32 value;

	memcpy(&value, bytes, sizeof(value));
	return be32_to_cpu(value);
}

/* what the header extensions say of the backing file's format */
static enum qcow2_base base_format(struct qcow2 *q)
{
	u64 end = q->header.backing_at ?: q->cluster;
	u64 at = q->header.extensions_at;
	u8 bytes[16];

	for (; at + 8 <= end; at += 8 + ALIGN(get32(bytes + 4), 8ULL)) {
		if (plain_read(q->file.meta, bytes, sizeof(bytes), at) || !get32(bytes))
			break;
		if (get32(bytes) != EXTENSION_FORMAT)
			continue;
		if (get32(bytes + 4) == 3 && !memcmp(bytes + 8, "raw", 3))
			return QCOW2_BASE_RAW;
		if (get32(bytes + 4) == 5 && !memcmp(bytes + 8, "qcow2", 5))
			return QCOW2_BASE_QCOW2;
	}
	return QCOW2_BASE_ANY;
}

/* a relative name counts from the directory of the image */
static const char *base_path(struct qcow2 *q)
{
	char *slash;

	if (name[0] == '/' || plain_path(q->file.meta, directory, COW_PATH))
		return name;
	slash = strrchr(directory, '/');
	snprintf(slash + 1, sizeof(directory) - (slash + 1 - directory), "%s", name);
	return directory;
}

static int read_header(struct qcow2 *q, bool write, const struct ubd_why *why)
{
	u64 there = min_t(u64, q->file.size, QCOW2_HEADER);
	u8 bytes[QCOW2_HEADER] = {};
	char text[120];
	int err = plain_read(q->file.meta, bytes, there, 0);

	if (err)
		return ubd_fail(why, err, "cannot be read");
	err = qcow2_header_decode(bytes, there, q->file.size, write, &q->header, text,
				  sizeof(text));
	return err ? ubd_refuse(why, "cannot be used: %s", text) : 0;
}

static int read_tables(struct qcow2 *q)
{
	const struct qcow2_header *h = &q->header;
	int err;

	q->cluster = 1ULL << h->cluster_bits;
	q->end = (q->file.size + q->cluster - 1) >> h->cluster_bits;
	q->l1.at = h->l1_at;
	q->refs.at = h->refs_at;
	q->l2_max = h->l1_size;
	q->blocks_max = h->refs_clusters * q->cluster / 8;
	q->l2 = plain_alloc(q->l2_max * sizeof(*q->l2));
	q->blocks = plain_alloc(q->blocks_max * sizeof(*q->blocks));
	if (!q->l2 || !q->blocks)
		return -ENOMEM;
	err = qcow2_table_load(q, &q->l1, h->l1_size * 8ULL);
	return err ?: qcow2_table_load(q, &q->refs, h->refs_clusters * q->cluster);
}

static int open_layer(const struct ubd_setting *setting, struct ubd_file *file, bool write,
		      unsigned int depth, struct qcow2 **opened, const struct ubd_why *why);

static int open_base(const struct ubd_setting *setting, struct qcow2 *q, unsigned int depth,
		     const struct ubd_why *why)
{
	static char about_name[1024];
	struct ubd_why about = { .text = why->text, .len = why->len, .about = about_name };
	enum qcow2_base format = base_format(q);
	struct ubd_file file;
	u8 magic[4];
	int err;

	if (depth == QCOW2_LAYERS)
		return ubd_refuse(why, "is one image too many: %u can be based on one another",
				  QCOW2_LAYERS);
	memset(name, 0, sizeof(name));
	err = plain_read(q->file.meta, name, q->header.backing_len, q->header.backing_at);
	if (err)
		return ubd_fail(why, err, "cannot be read");
	memcpy(about_name, name, sizeof(about_name));
	err = ubd_file_open(setting, base_path(q), false, &file, &about);
	if (err)
		return err;
	err = plain_read(file.meta, magic, sizeof(magic), 0);
	if (err) {
		ubd_file_close(&file);
		return ubd_fail(&about, err, "cannot be read");
	}
	if (format == QCOW2_BASE_RAW || (format == QCOW2_BASE_ANY && !qcow2_magic(magic, 4))) {
		q->plain = file;
		q->has_plain = true;
		return 0;
	}
	return open_layer(setting, &file, false, depth + 1, &q->base, &about);
}

/* whoever wrote to such an image would destroy it */
static int check_counts(struct qcow2 *q, const struct ubd_why *why)
{
	const struct qcow2_header *h = &q->header;

	if (qcow2_counted(q, 0, q->cluster) && qcow2_counted(q, h->l1_at, h->l1_size * 8ULL) &&
	    qcow2_counted(q, h->refs_at, h->refs_clusters * q->cluster))
		return 0;
	return ubd_refuse(why, "cannot be used: its reference counts are wrong (%s)",
			  "qemu-img check -r all repairs it, flag r reads it");
}

/* a writer that does not know these features takes their flags away */
static int clear_features(struct qcow2 *q)
{
	static const u8 zeros[8];

	if (q->header.version < 3 || !q->header.autoclear)
		return 0;
	return plain_write(q->file.meta, zeros, sizeof(zeros), 88);
}

static int open_layer(const struct ubd_setting *setting, struct ubd_file *file, bool write,
		      unsigned int depth, struct qcow2 **opened, const struct ubd_why *why)
{
	struct qcow2 *q = plain_alloc(sizeof(*q));
	int err;

	if (!q) {
		ubd_file_close(file);
		return ubd_fail(why, -ENOMEM, "cannot be opened");
	}
	q->file = *file;
	err = read_header(q, write, why);
	if (!err) {
		err = read_tables(q);
		if (err)
			ubd_fail(why, err, "its tables cannot be read");
	}
	/* O_DIRECT and the page cache must not share a page of the file */
	if (!err && q->file.fd != q->file.meta && q->cluster < PAGE_BYTES)
		err = ubd_refuse(why, "has clusters that are too small for O_DIRECT");
	if (!err && write)
		err = check_counts(q, why);
	if (!err && q->header.backing_at)
		err = open_base(setting, q, depth, why);
	if (!err && write) {
		err = clear_features(q);
		if (err)
			ubd_fail(why, err, "cannot be written");
	}
	if (err)
		qcow2_close(q);
	else
		*opened = q;
	return err;
}

int qcow2_open(const struct ubd_setting *setting, struct ubd_file *file, bool write,
	       struct qcow2 **opened, const struct ubd_why *why)
{
	return open_layer(setting, file, write, 1, opened, why);
}

static void free_tables(struct qcow2 *q)
{
	u64 i;

	for (i = 0; q->l2 && i < q->l2_max; i++)
		plain_free(q->l2[i].data, q->cluster);
	for (i = 0; q->blocks && i < q->blocks_max; i++)
		plain_free(q->blocks[i].data, q->cluster);
	plain_free(q->l2, q->l2_max * sizeof(*q->l2));
	plain_free(q->blocks, q->blocks_max * sizeof(*q->blocks));
	plain_free(q->l1.data, q->header.l1_size * 8ULL);
	plain_free(q->refs.data, q->header.refs_clusters * q->cluster);
	plain_free(q->freed, q->freed_max * sizeof(*q->freed));
	plain_free(q->inflated, q->cluster);
}

void qcow2_close(struct qcow2 *q)
{
	struct qcow2 *base;

	for (; q; q = base) {
		base = q->base;
		free_tables(q);
		if (q->has_plain)
			ubd_file_close(&q->plain);
		ubd_file_close(&q->file);
		plain_free(q, sizeof(*q));
	}
}
