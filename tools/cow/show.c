// SPDX-License-Identifier: GPL-2.0
/*
 * show.c - cow info and cow verify: what is in a copy-on-write file, and
 * whether it is fit for use.
 */
#include <time.h>
#include <unistd.h>
#include "tool.h"

/* bytes of the disk that @cow has */
static u64 bytes_in(const struct cow *cow)
{
	u64 pos, len, sum = 0;

	for (pos = 0; pos < cow->size; pos += len) {
		len = cow->size - pos;
		if (cow_run(cow, pos, &len))
			sum += len;
	}
	return sum;
}

static const char *time_text(s64 mtime)
{
	static char text[40];
	time_t when = mtime;

	strftime(text, sizeof(text), "%F %T %z", localtime(&when));
	return text;
}

static void print_info(const char *path, const struct cow_header *h, const struct cow *cow)
{
	u64 have = bytes_in(cow);

	printf("file:     %s\n", path);
	printf("version:  %u%s\n", h->version,
	       h->wide ? " (wide layout)" : h->little ? " (little-endian)" : "");
	printf("backing:  %s\n", h->backing);
	if (cow_merging(h))
		printf("merge:    begun, not finished\n");
	else
		printf("time:     %lld (%s)\n", (long long)h->mtime, time_text(h->mtime));
	printf("size:     %llu bytes\n", (unsigned long long)h->size);
	printf("sector:   %u bytes\n", h->sector);
	printf("bitmap:   at %llu, %llu bytes\n", (unsigned long long)h->bitmap_at,
	       (unsigned long long)h->bitmap_bytes);
	printf("data:     at %llu\n", (unsigned long long)h->data_at);
	printf("in use:   %llu bytes, %.1f %%\n", (unsigned long long)have,
	       have * 100.0 / h->size);
}

static int info_of(const char *path, struct ubd_file *file)
{
	u8 bytes[COW_HEADER_MAX] = {};
	u64 there = min_t(u64, file->size, COW_HEADER_MAX);
	struct cow_header header;
	struct cow cow;
	char text[200];
	int err;

	err = plain_read(file->meta, bytes, there, 0);
	if (err)
		return complain_error(path, err, "cannot be read");
	if (cow_header_decode(bytes, there, file->size, &header, text, sizeof(text)))
		return complain(path, "%s", text);
	err = cow_open(&cow, &header, file->fd, file->meta);
	if (err)
		return complain_error(path, err, "its bitmap cannot be read");
	print_info(path, &header, &cow);
	cow_close(&cow);
	return STATUS_OK;
}

static int info(const char *path)
{
	char text[600];
	const struct ubd_why why = { .text = text, .len = sizeof(text) };
	/* a guest that runs on it does not mind to be looked at */
	const struct ubd_setting setting = { .file = path, .read_only = true, .shared = true };
	struct ubd_file file;
	int status;

	if (ubd_file_open(&setting, path, false, &file, &why))
		return complain(path, "%s", text);
	status = info_of(path, &file);
	ubd_file_close(&file);
	return status;
}

int command_info(int argc, char **argv)
{
	int status = STATUS_OK, i;

	if (getopt(argc, argv, "") != -1 || optind == argc)
		return STATUS_USAGE;
	for (i = optind; i < argc; i++) {
		if (info(argv[i]))
			status = STATUS_FAILED;
		if (i + 1 < argc)
			putchar('\n');
	}
	return status;
}

/* does the file end before data that it is said to have? */
static int verify_length(const char *path, const struct ubd_layer *layer)
{
	const struct cow *cow = &layer->cow;
	u64 pos, len;

	for (pos = 0; pos < cow->size; pos += len) {
		len = cow->size - pos;
		if (cow_run(cow, pos, &len) && cow->data_at + pos + len > layer->file.size)
			return complain(path, "ends at byte %llu, before data up to byte %llu",
					(unsigned long long)layer->file.size,
					(unsigned long long)(cow->data_at + pos + len));
	}
	return STATUS_OK;
}

int command_verify(int argc, char **argv)
{
	struct ubd_setting setting = { .read_only = true };
	struct image image;
	unsigned int i;
	int status;

	if (getopt(argc, argv, "") != -1 || argc - optind != 1)
		return STATUS_USAGE;
	setting.file = argv[optind];
	if (image_open(&image, &setting))
		return STATUS_FAILED;
	if (!image.chain) {
		status = complain(setting.file, "is no copy-on-write file");
		image_close(&image);
		return status;
	}
	status = STATUS_OK;
	for (i = 0; i < image.chain->n && image.chain->layer[i].is_cow; i++)
		status |= verify_length(i ? image.chain->layer[i - 1].header.backing :
					setting.file, &image.chain->layer[i]);
	if (!status)
		printf("%s: in order\n", setting.file);
	image_close(&image);
	return status;
}
