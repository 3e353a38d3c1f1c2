// SPDX-License-Identifier: GPL-2.0
/*
 * image.c - opens the image that a setting names, whatever its format.
 *
 * Owns the choice of the format: by the first bytes of the file, unless the
 * setting says that they are data.
 *
 * Runs before there is a kernel (no printk, no kmalloc), or in a process; one
 * at a time. Knows the host only.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/string.h>
#include "qcow2.h"
#include "ubd.h"

static int plain_image(struct ubd_image *image, const struct ubd_why *why)
{
	const struct ubd_file *file = &image->file;

	image->format = &ubd_format_raw;
	image->sector = file->sector;
	image->block = file->block;
	image->size = round_down(file->size, (u64)image->sector);
	image->excess = file->size - image->size;
	return image->size ? 0 : ubd_refuse(why, "is smaller than a sector");
}

static int chain_image(const struct ubd_setting *setting, struct ubd_file *file,
		       struct ubd_image *image, const struct ubd_why *why)
{
	int err = ubd_chain_open(setting, file, &image->chain, why);
	const struct ubd_layer *top;

	if (err)
		return err;
	top = &image->chain->layer[0];
	image->format = &ubd_format_cow;
	image->file = top->file;
	image->sector = top->header.sector;
	image->block = max(image->sector, image->file.block);
	image->size = round_down(top->header.size, (u64)image->sector);
	image->excess = top->header.size - image->size;
	if (image->size)
		return 0;
	ubd_image_close(image);
	return ubd_refuse(why, "is a disk smaller than a sector");
}

static int qcow2_image(const struct ubd_setting *setting, struct ubd_image *image,
		       const struct ubd_why *why)
{
	int err;

	if (setting->backing) {
		ubd_file_close(&image->file);
		return ubd_refuse(why, "is a qcow2 image, which knows its backing file itself");
	}
	err = qcow2_open(setting, &image->file, !setting->read_only, &image->qcow2, why);
	if (err)
		return err;
	image->format = &ubd_format_qcow2;
	image->sector = image->file.sector;
	image->block = image->qcow2->cluster;
	image->size = round_down(image->qcow2->header.size, (u64)image->sector);
	image->excess = image->qcow2->header.size - image->size;
	if (image->size)
		return 0;
	ubd_image_close(image);
	return ubd_refuse(why, "is a disk smaller than a sector");
}

static int open_existing(const struct ubd_setting *setting, struct ubd_image *image,
			 const struct ubd_why *why)
{
	u8 magic[4] = {};
	int err;

	err = ubd_file_open(setting, setting->file, !setting->read_only, &image->file, why);
	if (err)
		return err;
	err = plain_read(image->file.meta, magic, sizeof(magic), 0);
	if (err)
		ubd_fail(why, err, "cannot be read");
	else if (!setting->data && cow_magic(magic, sizeof(magic)))
		return chain_image(setting, &image->file, image, why);
	else if (!setting->data && qcow2_magic(magic, sizeof(magic)))
		return qcow2_image(setting, image, why);
	else if (setting->backing)
		err = ubd_refuse(why, "is no copy-on-write file, so it has no backing file");
	else
		err = plain_image(image, why);
	if (err)
		ubd_file_close(&image->file);
	return err;
}

int ubd_image_open(const struct ubd_setting *setting, struct ubd_image *image,
		   char *text, size_t len)
{
	const struct ubd_why why = { .text = text, .len = len };
	int err;

	memset(image, 0, sizeof(*image));
	image->read_only = setting->read_only;
	image->sync = setting->sync;
	image->no_trim = setting->no_trim;

	err = open_existing(setting, image, &why);
	if (err == -ENOENT && setting->backing && !setting->read_only)
		err = chain_image(setting, NULL, image, &why);
	return err;
}

void ubd_image_close(struct ubd_image *image)
{
	if (image->chain)
		ubd_chain_close(image->chain);
	else if (image->qcow2)
		qcow2_close(image->qcow2);
	else
		ubd_file_close(&image->file);
	image->qcow2 = NULL;
	image->chain = NULL;
	image->format = NULL;
}
