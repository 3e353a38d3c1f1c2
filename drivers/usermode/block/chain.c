// SPDX-License-Identifier: GPL-2.0
/*
 * chain.c - opens a copy-on-write file, what it is based on, what that is based
 * on, and so forth; makes the file if it does not exist yet.
 *
 * Owns the struct ubd_chain. First all files are opened, locked and compared
 * with what stands in the header of the file above them; only if all is well
 * anything is written: the new file, or where the backing file is now.
 *
 * A new file appears complete or not at all, where the host can: it is made
 * without a name, and named when it is on stable storage.
 *
 * Plain C, see plain.h; no locks, and one opening at a time.
 */
#include "chain.h"

#define PAGE_BYTES	4096U	/* of the host's page cache */

/* paths under way; there is one opening at a time */
static char absolute[COW_PATH], directory[2 * COW_PATH];

/* where @file really is, without links on the way; NULL: nobody knows */
static const char *path_of(const struct ubd_file *file)
{
	return plain_path(file->meta, absolute, sizeof(absolute)) ? NULL : absolute;
}

/* the directory that a path is in */
static const char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	/* of "/name" the slash stays */
	snprintf(directory, sizeof(directory), "%.*s",
		 (int)(slash == path ? 1 : slash - path), path);
	return directory;
}

/* a relative path in a header counts from the directory of the file it is in */
static const char *path_from(const struct ubd_layer *layer)
{
	const char *from = path_of(&layer->file);
	size_t n;

	if (layer->header.backing[0] == '/' || !from)
		return layer->header.backing;
	n = strlen(directory_of(from));
	snprintf(directory + n, sizeof(directory) - n, "/%s", layer->header.backing);
	return directory;
}

/* is @path, which need not exist, the file @file? */
static bool is_file(const char *path, const struct ubd_file *file)
{
	struct plain_stat st;
	int fd = plain_open(path, PLAIN_LOOK);
	bool same;

	if (fd < 0)
		return false;
	same = !plain_stat(fd, &st) && st.dev == file->dev && st.ino == file->ino;
	plain_close(fd);
	return same;
}

/* ---- opening ---- */

/* is it one, and what does its header say? */
static int examine(struct ubd_layer *layer, const struct ubd_why *why)
{
	u64 there = min_t(u64, layer->file.size, COW_HEADER_MAX);
	u8 *bytes = plain_alloc(COW_HEADER_MAX);
	int err;

	if (!bytes)
		return ubd_fail(why, -ENOMEM, "cannot be read");
	err = plain_read(layer->file.meta, bytes, there, 0);
	if (err) {
		ubd_fail(why, err, "cannot be read");
	} else if (!memcmp(bytes, "QFI\xfb", 4)) {
		err = ubd_refuse(why, "is a qcow2 image, which no copy-on-write file is based on");
	} else if (cow_magic(bytes, there)) {
		char text[120];

		layer->is_cow = true;
		err = cow_header_decode(bytes, there, layer->file.size, &layer->header,
					text, sizeof(text));
		if (err)
			ubd_refuse(why, "is damaged: %s", text);
	}
	plain_free(bytes, COW_HEADER_MAX);
	return err;
}

/* @below is what @above says that it is based on: is it as it was then? */
static int compare(const struct ubd_setting *setting, const struct ubd_layer *above,
		   const struct ubd_layer *below, const struct ubd_why *why)
{
	u64 size = below->is_cow ? below->header.size : below->file.size;

	if (size != above->header.size)
		return ubd_refuse(why, "has %llu bytes, but the copy-on-write file says %llu",
				  (unsigned long long)size,
				  (unsigned long long)above->header.size);
	if (cow_merging(&above->header))
		return setting->merging ? 0 :
		       ubd_refuse(why, "has been merged into in part; finish that with cow merge");
	if (!cow_same_mtime(&above->header, below->file.mtime))
		return ubd_refuse(why, "was changed: its time is %lld, not %lld as in the header",
				  (long long)below->file.mtime, (long long)above->header.mtime);
	return 0;
}

/* before it is locked, or that would be what fails */
static int check_loop(const struct ubd_chain *chain, const char *path,
		      const struct ubd_why *why)
{
	unsigned int i;

	for (i = 0; i < chain->n; i++) {
		if (is_file(path, &chain->layer[i].file))
			return ubd_refuse(why, "is based on itself");
	}
	return 0;
}

/* open @path as the next layer; on failure it is not there */
static int add_layer(const struct ubd_setting *setting, struct ubd_chain *chain,
		     const char *path, const struct ubd_why *why)
{
	struct ubd_layer *layer = &chain->layer[chain->n];
	struct ubd_file file;
	int err;

	if (chain->n == UBD_LAYERS)
		return ubd_refuse(why, "is one file too many: %u can be based on one another",
				  UBD_LAYERS);
	err = check_loop(chain, path, why) ?:
	      ubd_file_open(setting, path, false, &file, why);
	if (err)
		return err;
	layer->file = file;
	chain->n++;
	return examine(layer, why);
}

/* open what the last layer is based on, and so forth */
static int add_backing(const struct ubd_setting *setting, struct ubd_chain *chain,
		       const struct ubd_why *why)
{
	struct ubd_layer *layer = &chain->layer[chain->n - 1];
	int err = 0;

	while (!err && layer->is_cow) {
		bool named = chain->n == 1 && setting->backing;
		const struct ubd_why about = {
			.text = why->text,
			.len = why->len,
			.about = named ? setting->backing : layer->header.backing,
		};

		err = add_layer(setting, chain, named ? setting->backing : path_from(layer),
				&about);
		if (!err)
			err = compare(setting, layer, layer + 1, &about);
		layer++;
	}
	return err;
}

/* ---- a new file ---- */

static int open_nameless(const char *path)
{
	return plain_open(directory_of(path), PLAIN_NAMELESS | PLAIN_WRITE);
}

/* give it its name, unless it was made with it */
static int name_it(int fd, const char *path, bool nameless, const struct ubd_why *why)
{
	int err = nameless ? plain_link(fd, path) : 0;

	return err ? ubd_fail(why, err, "cannot be created") : 0;
}

/* what stands in the header of a new file whose base is layer 1 */
static int describe(const struct ubd_setting *setting, struct ubd_chain *chain,
		    const struct ubd_why *why)
{
	const struct ubd_layer *base = &chain->layer[1];
	const char *path = path_of(&base->file) ?: setting->backing;
	u64 size = base->is_cow ? base->header.size : base->file.size;
	int err = cow_header_make(&chain->layer[0].header, path, base->file.mtime, size);

	return err ? ubd_fail(why, err, "cannot be created") : 0;
}

static int make_file(const struct ubd_setting *setting, struct ubd_layer *layer,
		     const struct ubd_why *why)
{
	int fd = open_nameless(setting->file);
	bool nameless = fd >= 0;
	int err;

	if (fd == -EOPNOTSUPP || fd == -EISDIR || fd == -ENOENT)
		fd = plain_open(setting->file, PLAIN_NEW | PLAIN_WRITE);
	if (fd < 0)
		return ubd_fail(why, fd, "cannot be created");
	err = cow_format(fd, &layer->header);
	if (!err)
		err = plain_sync(fd);
	if (err)
		ubd_fail(why, err, "cannot be created");
	else
		err = name_it(fd, setting->file, nameless, why);
	if (err) {
		plain_close(fd);
		if (!nameless)
			plain_unlink(setting->file);
		return err;
	}
	layer->is_cow = true;
	return ubd_file_adopt(setting, fd, true, &layer->file, why);
}

static int create(const struct ubd_setting *setting, struct ubd_chain *chain,
		  const struct ubd_why *why)
{
	const struct ubd_why about = {
		.text = why->text,
		.len = why->len,
		.about = setting->backing,
	};
	int err;

	chain->n = 1;
	err = add_layer(setting, chain, setting->backing, &about);
	if (!err)
		err = add_backing(setting, chain, why);
	if (!err)
		err = describe(setting, chain, why);
	return err ?: make_file(setting, &chain->layer[0], why);
}

/* ---- all is well ---- */

/* is the file that @layer's header names another one than @backing? */
static bool has_moved(const struct ubd_layer *layer,
		      const struct ubd_file *backing)
{
	/* of devices, who can tell */
	return backing->ino && !is_file(path_from(layer), backing);
}

static int update(const struct ubd_setting *setting, struct ubd_chain *chain,
		  const struct ubd_why *why)
{
	struct ubd_layer *top = &chain->layer[0];
	const char *path;
	int err = 0;

	if (setting->read_only)
		return 0;
	if (setting->backing && has_moved(top, &chain->layer[1].file)) {
		path = path_of(&chain->layer[1].file) ?: setting->backing;
		err = cow_header_update(top->file.meta, &top->header, path, top->header.mtime);
		if (err)
			return ubd_fail(why, err, "cannot be told where its backing file is now");
	}
	/* whoever made it may have left that to the first write */
	if (top->file.size < top->header.data_at + top->header.size)
		err = plain_resize(top->file.meta, top->header.data_at + top->header.size);
	return err ? ubd_fail(why, err, "cannot be made as long as it has to be") : 0;
}

static int read_bitmaps(struct ubd_chain *chain, const struct ubd_why *why)
{
	unsigned int i;
	int err;

	for (i = 0; i < chain->n && chain->layer[i].is_cow; i++) {
		struct ubd_layer *layer = &chain->layer[i];

		err = cow_open(&layer->cow, &layer->header, layer->file.fd, layer->file.meta);
		if (err)
			return ubd_fail(why, err, "its bitmap cannot be read");
	}
	return 0;
}

/* O_DIRECT and the page cache must not share a page of the file */
static int check_direct(const struct ubd_setting *setting, const struct ubd_chain *chain,
			const struct ubd_why *why)
{
	unsigned int i;

	if (!setting->direct)
		return 0;
	for (i = 0; i < chain->n && chain->layer[i].is_cow; i++) {
		const struct ubd_layer *layer = &chain->layer[i];

		if (!IS_ALIGNED(layer->header.data_at, PAGE_BYTES) ||
		    layer->header.sector < layer->file.sector)
			return ubd_refuse(why, "is laid out so that O_DIRECT is not possible");
	}
	return 0;
}

int ubd_chain_open(const struct ubd_setting *setting, struct ubd_file *file,
		   struct ubd_chain **opened, const struct ubd_why *why)
{
	struct ubd_chain *chain = plain_alloc(sizeof(*chain));
	int err;

	if (!chain) {
		if (file)
			ubd_file_close(file);
		return ubd_fail(why, -ENOMEM, "cannot be opened");
	}
	chain->layer[0].file = (struct ubd_file){ .fd = -1, .meta = -1 };
	if (file) {
		chain->n = 1;
		chain->layer[0].file = *file;
		err = examine(&chain->layer[0], why) ?: add_backing(setting, chain, why);
	} else {
		err = create(setting, chain, why);
	}
	if (!err)
		err = check_direct(setting, chain, why);
	if (!err)
		err = read_bitmaps(chain, why);
	if (!err)
		err = update(setting, chain, why);
	if (err)
		ubd_chain_close(chain);
	else
		*opened = chain;
	return err;
}

void ubd_chain_close(struct ubd_chain *chain)
{
	unsigned int i;

	for (i = 0; i < chain->n; i++) {
		if (chain->layer[i].is_cow)
			cow_close(&chain->layer[i].cow);
		ubd_file_close(&chain->layer[i].file);
	}
	plain_free(chain, sizeof(*chain));
}

const struct ubd_layer *ubd_chain_find(const struct ubd_layer *layer, u64 pos, u64 *len)
{
	while (layer->is_cow && !cow_run(&layer->cow, pos, len))
		layer++;
	return layer;
}
