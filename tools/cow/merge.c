// SPDX-License-Identifier: GPL-2.0
/*
 * merge.c - cow merge: a copy-on-write file and its backing file become one.
 *
 * Into a new file: it is written under another name (FILE.part) and renamed
 * when it is whole and on stable storage; done again, it begins anew.
 *
 * Into the backing file: every byte of the disk is, all the time, in the
 * copy-on-write file or in the backing file. First the header gets a time that
 * says that a merge has begun, since the backing file is no more what it was;
 * guests refuse such a file. Then the sectors are copied, and made durable; then
 * the bitmap is cleared, and then the header names the backing file as it is
 * now. Interrupted anywhere, the merge is done again and ends the same.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "tool.h"

/* ---- into a new file ---- */

static int copy_all(const struct image *image, int fd, bool fresh)
{
	char *buf = malloc(CHUNK);
	int err = buf ? 0 : -ENOMEM;
	size_t n;
	u64 pos;

	progress_begin("merge", image->size);
	for (pos = 0; pos < image->size && !err; pos += n) {
		n = min_t(u64, CHUNK, image->size - pos);
		err = image_read(image_top(image), buf, n, pos);
		if (!err)
			err = write_sparse(fd, buf, n, pos, fresh);
		progress(pos);
	}
	free(buf);
	progress_end();
	return err;
}

static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;
	int fd, err = 0;

	if (slash)
		slash[slash == copy] = '\0';
	fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0 || fsync(fd))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static int merge_into_part(const struct image *image, const char *path, const char *part)
{
	int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return complain_error(part, -errno, "cannot be created");
	err = plain_lock_file(fd, true);
	if (!err)
		err = plain_resize(fd, 0);
	if (!err)
		err = plain_resize(fd, image->size);
	if (!err)
		err = copy_all(image, fd, true);
	if (!err)
		err = plain_sync(fd);
	close(fd);
	if (err)
		return complain_error(part, err, "cannot be written");
	if (rename(part, path))
		return complain_error(path, -errno, "cannot be created");
	err = sync_directory(path);
	return err ? complain_error(path, err, "its directory cannot be synced") : STATUS_OK;
}

static int merge_into_device(const struct image *image, const char *path)
{
	char text[600];
	const struct ubd_why why = { .text = text, .len = sizeof(text) };
	const struct ubd_setting setting = { .file = path };
	struct ubd_file file;
	int err;

	if (ubd_file_open(&setting, path, true, &file, &why))
		return complain(path, "%s", text);
	err = file.size < image->size ? -ENOSPC : copy_all(image, file.fd, false);
	if (!err)
		err = plain_sync(file.fd);
	ubd_file_close(&file);
	return err ? complain_error(path, err, "cannot be written") : STATUS_OK;
}

/* what is at @path already */
static int look(const char *path, struct plain_stat *st)
{
	int fd = plain_open(path, PLAIN_LOOK);
	int err = fd;

	if (fd < 0)
		return err;
	err = plain_stat(fd, st);
	plain_close(fd);
	/* of a device that was only looked at */
	return err == -EBADF ? 0 : err;
}

static int check_target(const struct image *image, const char *path,
			const struct plain_stat *st, bool force)
{
	unsigned int i;

	for (i = 0; i < image->chain->n; i++) {
		const struct ubd_file *file = &image->chain->layer[i].file;

		if (file->dev == st->dev && file->ino == st->ino)
			return complain(path, "is what is to be merged");
	}
	if (st->kind == PLAIN_FILE && !force)
		return complain(path, "exists already (-f: overwrite it)");
	if (st->kind == PLAIN_FILE || st->kind == PLAIN_DEVICE)
		return STATUS_OK;
	return complain(path, "is neither a file nor a block device");
}

static int merge_into(const struct ubd_setting *setting, const char *path, bool force)
{
	struct plain_stat st = {};
	struct image image;
	char *part = NULL;
	int status = STATUS_OK;

	if (image_open(&image, setting))
		return STATUS_FAILED;
	if (!image.chain)
		status = complain(setting->file, "is no copy-on-write file");
	else if (!look(path, &st))
		status = check_target(&image, path, &st, force);
	if (!status && asprintf(&part, "%s.part", path) < 0)
		status = complain_error(path, -ENOMEM, "cannot be created");
	if (!status && st.kind == PLAIN_DEVICE)
		status = merge_into_device(&image, path);
	else if (!status)
		status = merge_into_part(&image, path, part);
	free(part);
	image_close(&image);
	return status;
}

/* ---- into the backing file ---- */

/* open @layer for writing, for us alone */
static int take(struct ubd_layer *layer, const char *path)
{
	int fd = plain_reopen(layer->file.meta, PLAIN_WRITE);
	int err;

	if (fd < 0)
		return complain_error(path, fd, "cannot be opened for writing");
	err = plain_lock_file(fd, true);
	if (err) {
		plain_close(fd);
		if (err == -EAGAIN || err == -EACCES)
			return complain(path, "is in use: it is locked by another program");
		return complain_error(path, err, "cannot be locked");
	}
	ubd_file_close(&layer->file);
	layer->file.fd = fd;
	layer->file.meta = fd;
	layer->cow.data = fd;
	layer->cow.meta = fd;
	return STATUS_OK;
}

static int copy_run(struct ubd_layer *from, struct ubd_layer *to, u64 pos, u64 len, char *buf)
{
	u64 at = to->is_cow ? to->cow.data_at : 0;
	int err = 0;
	size_t n;

	for (; len && !err; pos += n, len -= n) {
		n = min_t(u64, len, CHUNK);
		err = plain_read(from->file.fd, buf, n, from->cow.data_at + pos);
		if (!err)
			err = write_sparse(to->file.fd, buf, n, at + pos, false);
		if (!err && to->is_cow)
			cow_add(&to->cow, pos, n);
		progress(pos);
	}
	return err;
}

static int copy_down(struct ubd_layer *from, struct ubd_layer *to)
{
	char *buf = malloc(CHUNK);
	int err = buf ? 0 : -ENOMEM;
	u64 pos, len;

	progress_begin("merge", from->cow.size);
	for (pos = 0; pos < from->cow.size && !err; pos += len) {
		len = from->cow.size - pos;
		if (cow_run(&from->cow, pos, &len))
			err = copy_run(from, to, pos, len, buf);
	}
	free(buf);
	if (!err)
		err = to->is_cow ? cow_flush(&to->cow) : plain_sync(to->file.fd);
	progress_end();
	return err;
}

/* all sectors are in the backing file: none is needed here */
static int clear(struct ubd_layer *layer)
{
	const struct cow_header *h = &layer->header;
	char *zeros = calloc(1, CHUNK);
	int err = zeros ? 0 : -ENOMEM;
	size_t n;
	u64 at;

	for (at = 0; at < h->bitmap_bytes && !err; at += n) {
		n = min_t(u64, CHUNK, h->bitmap_bytes - at);
		err = plain_write(layer->file.fd, zeros, n, h->bitmap_at + at);
	}
	free(zeros);
	if (!err)
		err = plain_sync(layer->file.fd);
	/* a file system that has no holes keeps the space */
	if (!err)
		fallocate(layer->file.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  h->data_at, h->size);
	return err;
}

static int set_time(struct ubd_layer *layer, s64 mtime)
{
	char *backing = strdup(layer->header.backing);
	int err = backing ? cow_header_update(layer->file.fd, &layer->header, backing, mtime) :
			    -ENOMEM;

	free(backing);
	return err;
}

static int merge_layers(const char *path, struct ubd_layer *from, struct ubd_layer *to)
{
	struct plain_stat st;
	int err = set_time(from, COW_MERGING);

	if (err)
		return complain_error(path, err, "cannot be written");
	err = copy_down(from, to);
	if (err)
		return complain_error(from->header.backing, err,
				      "cannot be written (merge again to go on)");
	err = clear(from);
	if (!err)
		err = plain_stat(to->file.fd, &st);
	if (!err)
		err = set_time(from, st.mtime);
	return err ? complain_error(path, err, "cannot be written (merge again to go on)") :
		     STATUS_OK;
}

static int merge_down(struct ubd_setting *setting)
{
	struct ubd_layer *layer;
	struct image image;
	int status;

	/* the locks are taken below, both for writing */
	setting->shared = true;
	setting->merging = true;
	setting->read_only = false;
	if (image_open(&image, setting))
		return STATUS_FAILED;
	if (image.chain) {
		layer = image.chain->layer;
		status = take(&layer[0], setting->file) ?:
			 take(&layer[1], layer[0].header.backing) ?:
			 merge_layers(setting->file, &layer[0], &layer[1]);
	} else {
		status = complain(setting->file, "is no copy-on-write file");
	}
	image_close(&image);
	return status;
}

/* ---- commands ---- */

int command_merge(int argc, char **argv)
{
	struct ubd_setting setting = { .read_only = true };
	bool force = false;
	int c;

	while ((c = getopt(argc, argv, "fb:")) != -1) {
		if (c == 'f')
			force = true;
		else if (c == 'b')
			setting.backing = optarg;
		else
			return STATUS_USAGE;
	}
	if (argc - optind < 1 || argc - optind > 2)
		return STATUS_USAGE;
	setting.file = argv[optind];
	if (argc - optind == 2)
		return merge_into(&setting, argv[optind + 1], force);
	return merge_down(&setting);
}

static int moo_usage(void)
{
	fprintf(stderr, "usage: uml_moo [-b BACKING-FILE] COW-FILE NEW-FILE\n"
		"       uml_moo [-b BACKING-FILE] -d COW-FILE\n"
		"  -b  the backing file is this, whatever the COW file says\n"
		"  -d  merge into the backing file\n");
	return STATUS_FAILED;
}

int uml_moo(int argc, char **argv)
{
	struct ubd_setting setting = { .read_only = true };
	bool down = false;
	int c;

	while ((c = getopt(argc, argv, "db:")) != -1) {
		if (c == 'd')
			down = true;
		else if (c == 'b')
			setting.backing = optarg;
		else
			return moo_usage();
	}
	if (argc - optind != (down ? 1 : 2))
		return moo_usage();
	setting.file = argv[optind];
	return down ? merge_down(&setting) : merge_into(&setting, argv[optind + 1], true);
}
