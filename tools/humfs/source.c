// SPDX-License-Identifier: GPL-2.0
/*
 * source.c - what is imported: a directory, a tar file, an old humfs.
 *
 * Owns the archive that it is read as. An old humfs is a directory, and for each
 * name in it the owner and mode are in a file of the same name elsewhere.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "tool.h"

#define BLOCK	0x100000U	/* bytes that are read of a tar file at once */

struct source {
	const char *name;
	struct archive *archive;
	struct archive_entry *entry;
	struct archive_entry_linkresolver *links;	/* of a directory */
	int old;			/* the directory of an old humfs, or -1 */
};

/* is @name an old humfs? Its directory; -1: no, -2: wrong, and that has been said */
static int open_old(const char *name)
{
	char text[HUMFS_SUPER_MAX];
	int base = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = base < 0 ? -1 : openat(base, HUMFS_SUPER, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int version = n < 0 ? -EINVAL : humfs_super_version(text, n);

	if (fd >= 0)
		close(fd);
	if (version == 1 || version == 2)
		return base;
	if (base >= 0)
		close(base);
	if (version == 3) {
		complain(name, "a humfs already; export it");
		return -2;
	}
	return -1;
}

static int open_directory(struct source *source)
{
	int flags = ARCHIVE_READDISK_NO_ACL | ARCHIVE_READDISK_NO_FFLAGS;
	int err;

	/* the names in it are relative, as in a tar file */
	if (source->old >= 0 ? fchdir(source->old) || chdir(HUMFS_DATA) : chdir(source->name))
		return complain_errno(source->name);
	source->archive = archive_read_disk_new();
	source->links = archive_entry_linkresolver_new();
	if (!source->archive || !source->links)
		return complain(source->name, "out of memory");
	archive_entry_linkresolver_set_strategy(source->links, ARCHIVE_FORMAT_TAR);
	archive_read_disk_set_symlink_physical(source->archive);
	if (source->old >= 0)		/* the host's are not the guest's */
		flags |= ARCHIVE_READDISK_NO_XATTR;
	archive_read_disk_set_behavior(source->archive, flags);
	err = archive_read_disk_open(source->archive, ".");
	return err ? complain(source->name, "%s", archive_error_string(source->archive)) : 0;
}

static int open_tar(struct source *source)
{
	const char *file = strcmp(source->name, "-") ? source->name : NULL;

	source->archive = archive_read_new();
	if (!source->archive)
		return complain(source->name, "out of memory");
	archive_read_support_filter_all(source->archive);
	archive_read_support_format_tar(source->archive);
	if (archive_read_open_filename(source->archive, file, BLOCK))
		return complain(source->name, "%s", archive_error_string(source->archive));
	return STATUS_OK;
}

struct source *source_open(const char *name)
{
	struct source *source = calloc(1, sizeof(*source));
	struct stat st;
	int err;

	if (!source)
		return NULL;
	source->name = name;
	source->old = open_old(name);
	if (source->old == -2)
		err = STATUS_FAILED;
	else if (source->old >= 0 || (!stat(name, &st) && S_ISDIR(st.st_mode)))
		err = open_directory(source);
	else
		err = open_tar(source);
	if (err) {
		source_close(source);
		return NULL;
	}
	source->entry = archive_entry_new();
	return source;
}

/* the file that has the old record of @path */
static int open_old_record(const struct source *source, const char *path, bool is_dir)
{
	char *file;
	int fd;

	if (asprintf(&file, is_dir ? "dir_metadata/%s/metadata" : "file_metadata/%s", path) < 0)
		return -1;
	fd = openat(source->old, file, O_RDONLY | O_CLOEXEC);
	free(file);
	return fd;
}

/* what the old record says comes over what the host says */
static int apply_old(const struct source *source, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	mode_t type = archive_entry_filetype(entry);
	int fd = open_old_record(source, path, S_ISDIR(type));
	char text[HUMFS_RECORD_MAX];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	struct humfs_record record;

	if (fd >= 0)
		close(fd);
	if (n < 0) {
		/* made on the host: as the guest would have seen it */
		archive_entry_set_uid(entry, 0);
		archive_entry_set_gid(entry, 0);
		return STATUS_OK;
	}
	if (humfs_old_parse(text, n, &record))
		return complain(path, "its old record is damaged; nothing is imported of it");
	if (record.mode & S_IFMT) {
		type = record.mode & S_IFMT;
		archive_entry_set_rdevmajor(entry, record.major);
		archive_entry_set_rdevminor(entry, record.minor);
	}
	archive_entry_set_mode(entry, type | (record.mode & 07777));
	archive_entry_set_uid(entry, record.uid);
	archive_entry_set_gid(entry, record.gid);
	return STATUS_OK;
}

static int next_of_directory(struct source *source)
{
	struct archive_entry *entry = source->entry, *sparse = NULL;

	archive_read_disk_descend(source->archive);
	if (source->old >= 0 && apply_old(source, entry))
		return ARCHIVE_WARN;
	archive_entry_linkify(source->links, &entry, &sparse);
	return ARCHIVE_OK;
}

int source_next(struct source *source, struct archive_entry **entry)
{
	int err = archive_read_next_header2(source->archive, archive_entry_clear(source->entry));

	*entry = source->entry;
	if (err == ARCHIVE_EOF)
		return err;
	if (err < ARCHIVE_OK)
		complain(source->name, "%s", archive_error_string(source->archive));
	if (err < ARCHIVE_WARN || !source->links)
		return err;
	return next_of_directory(source);
}

struct archive *source_archive(struct source *source)
{
	return source->archive;
}

void source_close(struct source *source)
{
	if (source->old >= 0)
		close(source->old);
	archive_entry_linkresolver_free(source->links);
	archive_entry_free(source->entry);
	archive_read_free(source->archive);
	free(source);
}
