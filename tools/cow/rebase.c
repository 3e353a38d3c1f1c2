// SPDX-License-Identifier: GPL-2.0
/*
 * rebase.c - cow rebase: another backing file for a copy-on-write file.
 *
 * What the disk holds stays: sectors that differ between the two backing files
 * are first copied into the file, and made durable; then the header is changed.
 * Interrupted before that, the file is larger than it was, and else the same.
 */
#include <stdlib.h>
#include <unistd.h>
#include "tool.h"

/* @old and @new hold [pos, pos + len); keep what differs, by sectors */
static int keep_sectors(struct cow *cow, const char *old, const char *new, size_t len, u64 pos)
{
	size_t at, n;
	int err = 0;

	for (at = 0; at < len && !err; at += n) {
		n = min_t(size_t, len - at, cow->sector);
		if (!memcmp(old + at, new + at, n))
			continue;
		err = plain_write(cow->data, old + at, n, cow->data_at + pos + at);
		cow_add(cow, pos + at, n);
	}
	return err;
}

static int keep_range(struct ubd_chain *chain, const struct image *base, u64 pos, u64 len,
		      char *old, char *new)
{
	int err = 0;
	size_t n;

	for (; len && !err; pos += n, len -= n) {
		n = min_t(u64, len, CHUNK);
		err = image_read(&chain->layer[1], old, n, pos);
		if (!err)
			err = image_read(image_top(base), new, n, pos);
		if (!err)
			err = keep_sectors(&chain->layer[0].cow, old, new, n, pos);
		progress(pos);
	}
	return err;
}

static int keep_differences(struct ubd_chain *chain, const struct image *base)
{
	struct cow *cow = &chain->layer[0].cow;
	char *buffers = malloc(2 * CHUNK);
	int err = buffers ? 0 : -ENOMEM;
	u64 pos, len;

	progress_begin("rebase", cow->size);
	for (pos = 0; pos < cow->size && !err; pos += len) {
		len = cow->size - pos;
		if (!cow_run(cow, pos, &len))
			err = keep_range(chain, base, pos, len, buffers, buffers + CHUNK);
	}
	free(buffers);
	if (!err)
		err = cow_flush(cow);
	progress_end();
	return err;
}

static int set_header(const char *path, struct ubd_file *file, struct cow_header *header,
		      const struct image *base)
{
	char backing[COW_PATH];
	const struct ubd_file *top = &image_top(base)->file;
	int err = plain_path(top->meta, backing, sizeof(backing));

	if (!err)
		err = cow_header_update(file->meta, header, backing, top->mtime);
	return err ? complain_error(path, err, "its header cannot be changed") : STATUS_OK;
}

static int rebase(const struct ubd_setting *setting, const struct image *base)
{
	struct image image;
	struct ubd_layer *top;
	int status;
	int err;

	if (image_open(&image, setting))
		return STATUS_FAILED;
	top = image.chain ? &image.chain->layer[0] : NULL;
	if (!image.chain) {
		status = complain(setting->file, "is no copy-on-write file");
	} else if (image.size != base->size) {
		status = complain(setting->file, "has %llu bytes, and the new backing file %llu",
				  (unsigned long long)image.size,
				  (unsigned long long)base->size);
	} else {
		err = keep_differences(image.chain, base);
		status = err ? complain_error(setting->file, err, "cannot be written") :
			       set_header(setting->file, &top->file, &top->header, base);
	}
	image_close(&image);
	return status;
}

/* only the header; the user vouches for the new file */
static int rebase_unsafe(const char *path, const struct image *base)
{
	char text[600];
	const struct ubd_why why = { .text = text, .len = sizeof(text) };
	const struct ubd_setting setting = { .file = path };
	u8 bytes[COW_HEADER_MAX] = {};
	struct cow_header header;
	struct ubd_file file;
	u64 there;
	int status;

	if (ubd_file_open(&setting, path, true, &file, &why))
		return complain(path, "%s", text);
	there = min_t(u64, file.size, COW_HEADER_MAX);
	if (plain_read(file.meta, bytes, there, 0))
		status = complain(path, "cannot be read");
	else if (cow_header_decode(bytes, there, file.size, &header, text, sizeof(text)))
		status = complain(path, "%s", text);
	else if (header.size != base->size)
		status = complain(path, "has %llu bytes, and the new backing file %llu",
				  (unsigned long long)header.size,
				  (unsigned long long)base->size);
	else
		status = set_header(path, &file, &header, base);
	ubd_file_close(&file);
	return status;
}

int command_rebase(int argc, char **argv)
{
	struct ubd_setting of_base = { .read_only = true }, of_cow = {};
	struct image base;
	bool unsafe = false;
	int status, c;

	while ((c = getopt(argc, argv, "ub:")) != -1) {
		if (c == 'u')
			unsafe = true;
		else if (c == 'b')
			of_cow.backing = optarg;
		else
			return STATUS_USAGE;
	}
	if (argc - optind != 2)
		return STATUS_USAGE;
	of_cow.file = argv[optind];
	of_base.file = argv[optind + 1];
	if (image_open(&base, &of_base))
		return STATUS_FAILED;
	status = unsafe ? rebase_unsafe(of_cow.file, &base) : rebase(&of_cow, &base);
	image_close(&base);
	return status;
}
