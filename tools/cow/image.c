// SPDX-License-Identifier: GPL-2.0
/*
 * image.c - an image to read from, be it a plain file or a chain of
 * copy-on-write files; and writing so that zeros take no space.
 */
#include <fcntl.h>
#include "tool.h"

static int open_chain(struct image *image, const struct ubd_setting *setting,
		      struct ubd_file *file, const struct ubd_why *why)
{
	if (ubd_chain_open(setting, file, &image->chain, why))
		return complain(setting->file, "%s", why->text);
	image->size = image->chain->layer[0].header.size;
	return STATUS_OK;
}

int image_open(struct image *image, const struct ubd_setting *setting)
{
	char text[600];
	const struct ubd_why why = { .text = text, .len = sizeof(text) };
	struct ubd_file file;
	char magic[4];
	int err;

	memset(image, 0, sizeof(*image));
	err = ubd_file_open(setting, setting->file, !setting->read_only, &file, &why);
	if (err)
		return complain(setting->file, "%s", text);
	err = plain_read(file.meta, magic, sizeof(magic), 0);
	if (!err && cow_magic(magic, sizeof(magic)))
		return open_chain(image, setting, &file, &why);
	image->plain.file = file;
	image->size = file.size;
	return err ? complain_error(setting->file, err, "cannot be read") : STATUS_OK;
}

void image_close(struct image *image)
{
	if (image->chain)
		ubd_chain_close(image->chain);
	else
		ubd_file_close(&image->plain.file);
}

const struct ubd_layer *image_top(const struct image *image)
{
	return image->chain ? image->chain->layer : &image->plain;
}

int image_read(const struct ubd_layer *top, void *buf, size_t len, u64 pos)
{
	char *at = buf;
	int err = 0;

	while (len && !err) {
		u64 n = len;
		const struct ubd_layer *layer = ubd_chain_find(top, pos, &n);

		err = plain_read(layer->file.fd, at, n,
				 pos + (layer->is_cow ? layer->cow.data_at : 0));
		at += n;
		pos += n;
		len -= n;
	}
	return err;
}

bool is_zero(const void *buf, size_t len)
{
	const char *byte = buf;

	return !len || (!byte[0] && !memcmp(byte, byte + 1, len - 1));
}

/* a hole, or zeros where the file system has none */
static int write_zeros(int fd, const char *zeros, size_t len, u64 pos)
{
	if (!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, pos, len))
		return 0;
	return plain_write(fd, zeros, len, pos);
}

int write_sparse(int fd, const char *buf, size_t len, u64 pos, bool fresh)
{
	size_t n;
	int err = 0;

	for (; len && !err; buf += n, pos += n, len -= n) {
		n = min_t(size_t, len, BLOCK - pos % BLOCK);
		if (!is_zero(buf, n))
			err = plain_write(fd, buf, n, pos);
		else if (!fresh)
			err = write_zeros(fd, buf, n, pos);
	}
	return err;
}
