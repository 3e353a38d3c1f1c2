// SPDX-License-Identifier: GPL-2.0
/*
 * create.c - cow create: a new copy-on-write file.
 */
#include <unistd.h>
#include "tool.h"

static bool exists(const char *path)
{
	int fd = plain_open(path, PLAIN_LOOK);

	if (fd >= 0)
		plain_close(fd);
	return fd >= 0;
}

/* a file that somebody uses, or that is none, is not overwritten */
static int make_way(const char *path)
{
	char text[600];
	const struct ubd_why why = { .text = text, .len = sizeof(text) };
	const struct ubd_setting setting = { .file = path };
	struct ubd_file file;
	int err = ubd_file_open(&setting, path, true, &file, &why);

	if (err == -EBUSY || err == -EACCES)
		return complain(path, "%s", text);
	if (!err)
		ubd_file_close(&file);
	err = plain_unlink(path);
	return err ? complain_error(path, err, "cannot be overwritten") : STATUS_OK;
}

static int create(const char *path, const char *backing, bool force)
{
	char text[600];
	const struct ubd_why why = { .text = text, .len = sizeof(text) };
	const struct ubd_setting setting = { .file = path, .backing = backing };
	struct ubd_chain *chain;

	if (!exists(backing))
		return complain_error(backing, -ENOENT, "cannot be opened");
	if (exists(path)) {
		if (!force)
			return complain(path, "exists already (-f: overwrite it)");
		if (make_way(path))
			return STATUS_FAILED;
	}
	if (ubd_chain_open(&setting, NULL, &chain, &why))
		return complain(path, "%s", text);
	ubd_chain_close(chain);
	return STATUS_OK;
}

int command_create(int argc, char **argv)
{
	bool force = false;
	int c;

	while ((c = getopt(argc, argv, "f")) != -1) {
		if (c != 'f')
			return STATUS_USAGE;
		force = true;
	}
	if (argc - optind != 2)
		return STATUS_USAGE;
	return create(argv[optind], argv[optind + 1], force);
}

int uml_mkcow(int argc, char **argv)
{
	int status = command_create(argc, argv);

	if (status == STATUS_USAGE)
		fprintf(stderr, "usage: %s [-f] COW-FILE BACKING-FILE\n"
			"  -f  overwrite an existing COW file\n", argv[0]);
	return status;
}
