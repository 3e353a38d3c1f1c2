// SPDX-License-Identifier: GPL-2.0
/*
 * export.c - from a tree to a tar file, with the guest's metadata.
 *
 * Owns the archive that is written. What is damaged is named and left out.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "tool.h"

#define CHUNK	0x100000U	/* bytes that are read at once */

static struct export {
	struct archive *archive;
	struct archive_entry_linkresolver *links;
} export;

static int failed(const char *path)
{
	return complain(path, "%s", archive_error_string(export.archive));
}

static int add_xattr(int fd, const char *name, struct archive_entry *entry)
{
	ssize_t len = fgetxattr(fd, name, NULL, 0);
	char *value = len < 0 ? NULL : malloc(len + 1);

	if (value)
		len = fgetxattr(fd, name, value, len);
	if (value && len >= 0)
		archive_entry_xattr_add_entry(entry, name + strlen(HUMFS_PREFIX), value, len);
	free(value);
	return value && len >= 0 ? 0 : -EIO;
}

static int add_xattrs(int fd, struct archive_entry *entry)
{
	ssize_t len = flistxattr(fd, NULL, 0), at;
	char *names = len > 0 ? malloc(len) : NULL;
	int err = 0;

	if (len > 0)
		len = names ? flistxattr(fd, names, len) : -1;
	for (at = 0; at < len && !err; at += strlen(names + at) + 1) {
		if (!strncmp(names + at, HUMFS_PREFIX, strlen(HUMFS_PREFIX)))
			err = add_xattr(fd, names + at, entry);
	}
	free(names);
	return len < 0 ? -EIO : err;
}

static int add_target(int fd, struct archive_entry *entry)
{
	char target[PATH_MAX];
	ssize_t n = read(fd, target, sizeof(target) - 1);

	if (n <= 0)
		return -EINVAL;
	target[n] = 0;
	archive_entry_set_symlink(entry, target);
	return 0;
}

static void describe(struct archive_entry *entry, const char *path, const struct stat *st,
		     const struct humfs_record *record)
{
	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, record->mode);
	archive_entry_set_uid(entry, record->uid);
	archive_entry_set_gid(entry, record->gid);
	archive_entry_set_rdevmajor(entry, record->major);
	archive_entry_set_rdevminor(entry, record->minor);
	archive_entry_set_size(entry, S_ISREG(record->mode) ? st->st_size : 0);
	archive_entry_set_mtime(entry, st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	archive_entry_set_atime(entry, st->st_atim.tv_sec, st->st_atim.tv_nsec);
	archive_entry_set_dev(entry, st->st_dev);
	archive_entry_set_ino(entry, st->st_ino);
	archive_entry_set_nlink(entry, st->st_nlink);
}

static int write_data(int fd, const char *path)
{
	static char chunk[CHUNK];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		if (archive_write_data(export.archive, chunk, n) < 0)
			return failed(path);
	}
	return n < 0 ? complain_errno(path) : STATUS_OK;
}

static int write_entry(int fd, const char *path, struct archive_entry *entry)
{
	struct archive_entry *sparse = NULL;

	archive_entry_linkify(export.links, &entry, &sparse);
	if (archive_write_header(export.archive, entry) < ARCHIVE_WARN)
		return failed(path);
	if (archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry))
		return write_data(fd, path);
	return STATUS_OK;
}

static int export_open(int fd, const char *path, const struct stat *st)
{
	struct archive_entry *entry = archive_entry_new();
	struct humfs_record record;
	int err = record_read(fd, &record), status;

	if (err == 1)
		record = record_default(st);
	describe(entry, path, st, &record);
	if (err >= 0)
		err = add_xattrs(fd, entry);
	if (!err && S_ISLNK(record.mode))
		err = add_target(fd, entry);
	status = err ? complain(path, "damaged; see humfs check") : write_entry(fd, path, entry);
	archive_entry_free(entry);
	return status;
}

static int export_object(void *context, const char *path, int dir, const char *name,
			 const struct stat *st)
{
	int fd, status;

	(void)context;
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return complain(path, "made on the host, and no file; humfs repair removes it");
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return complain_errno(path);
	status = export_open(fd, path, st);
	close(fd);
	return status;
}

static int export_all(const struct tree *tree)
{
	int status = tree_walk(tree, export_object, NULL);

	if (archive_write_close(export.archive))
		status = failed("the tar file");
	return status;
}

int command_export(int argc, char **argv)
{
	struct tree tree;
	const char *file;
	int status;

	if (argc != 3)
		return STATUS_USAGE;
	file = strcmp(argv[2], "-") ? argv[2] : NULL;
	if (tree_open(&tree, argv[1], TREE_READ))
		return STATUS_FAILED;
	export.archive = archive_write_new();
	export.links = archive_entry_linkresolver_new();
	archive_write_set_format_pax_restricted(export.archive);
	archive_entry_linkresolver_set_strategy(export.links, ARCHIVE_FORMAT_TAR);
	if (archive_write_open_filename(export.archive, file))
		status = failed(argv[2]);
	else
		status = export_all(&tree);
	archive_write_free(export.archive);
	archive_entry_linkresolver_free(export.links);
	tree_close(&tree);
	return status;
}
