// SPDX-License-Identifier: GPL-2.0
/*
 * import.c - from an archive into a tree.
 *
 * Owns the place where it is. Each object is made whole in the staging directory,
 * then gets its name, which replaces what had it; so whoever is killed leaves a
 * tree in which nothing is half there. Names never lead out of the tree: each
 * component is a directory of the host's, and not a link.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "tool.h"

/* of a directory, to be set when all is in it */
struct late_times {
	struct late_times *next;
	struct timespec times[2];
	char path[];
};

static struct import {
	const struct tree *tree;
	struct source *source;
	unsigned long acls;		/* entries that had some */
	struct late_times *late;
} import;

static struct timespec now_or(bool set, time_t sec, long nsec)
{
	return (struct timespec) { .tv_sec = sec, .tv_nsec = set ? nsec : UTIME_OMIT };
}

static void entry_times(struct archive_entry *entry, struct timespec times[2])
{
	times[0] = now_or(archive_entry_atime_is_set(entry), archive_entry_atime(entry),
			  archive_entry_atime_nsec(entry));
	times[1] = now_or(archive_entry_mtime_is_set(entry), archive_entry_mtime(entry),
			  archive_entry_mtime_nsec(entry));
}

/* the name of a thing in the staging directory */
static const char *staged_name(void)
{
	static char name[32];
	static unsigned long n;

	snprintf(name, sizeof(name), "import-%lu", ++n);
	return name;
}

static void unstage(const char *name)
{
	if (unlinkat(import.tree->stage, name, 0))
		unlinkat(import.tree->stage, name, AT_REMOVEDIR);
}

static struct humfs_record entry_record(struct archive_entry *entry)
{
	mode_t mode = archive_entry_mode(entry);

	return (struct humfs_record) {
		.mode = S_ISLNK(mode) ? S_IFLNK | 0777 : mode,
		.uid = archive_entry_uid(entry),
		.gid = archive_entry_gid(entry),
		.major = archive_entry_rdevmajor(entry),
		.minor = archive_entry_rdevminor(entry),
	};
}

/* a directory of the host's for one of the guest's, under a name in the staging directory */
static int stage_directory(const char *name, const struct humfs_record *record)
{
	int fd, err;

	if (mkdirat(import.tree->stage, name, 0700))
		return -errno;
	fd = openat(import.tree->stage, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = record_write(fd, record);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* into the directory @name of @dir, which is made if it is not there: closes @dir */
static int descend(int dir, const char *name)
{
	static const struct humfs_record made = { .mode = S_IFDIR | 0755 };
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags), err;
	const char *staged;

	if (fd < 0 && errno == ENOENT) {
		staged = staged_name();
		fd = stage_directory(staged, &made);
		if (fd >= 0 && renameat(import.tree->stage, staged, dir, name)) {
			err = -errno;
			close(fd);
			unstage(staged);
			fd = err;
		}
	} else if (fd < 0) {
		fd = -errno;
	}
	close(dir);
	return fd;
}

/*
 * The directory that @path is in, and its last component, which is "" for the
 * root. Cuts @path up. A descriptor or -errno.
 */
static int find_parent(char *path, char **last)
{
	int dir = dup(import.tree->data);
	char *word, *rest = NULL;

	*last = path + strlen(path);
	for (word = strtok_r(path, "/", &rest); word && dir >= 0; ) {
		char *next = strtok_r(NULL, "/", &rest);

		if (!strcmp(word, "..")) {
			close(dir);
			return -EINVAL;
		}
		if (!strcmp(word, ".")) {
			word = next;
			continue;
		}
		while (next && !strcmp(next, "."))
			next = strtok_r(NULL, "/", &rest);
		if (!next) {
			*last = word;
			break;
		}
		dir = descend(dir, word);
		word = next;
	}
	return dir;
}

static int copy_data(int fd, struct archive_entry *entry)
{
	struct archive *archive = source_archive(import.source);
	const void *data;
	size_t len;
	int64_t pos;
	int err;

	while (!(err = archive_read_data_block(archive, &data, &len, &pos))) {
		while (len) {
			ssize_t n = pwrite(fd, data, len, pos);

			if (n < 0)
				return -errno;
			data = (const char *)data + n;
			pos += n;
			len -= n;
		}
	}
	if (err != ARCHIVE_EOF)
		return complain(archive_entry_pathname(entry), "%s", archive_error_string(archive)),
		       -EIO;
	return ftruncate(fd, archive_entry_size(entry)) ? -errno : 0;
}

static int copy_xattrs(int fd, struct archive_entry *entry)
{
	const char *name;
	const void *value;
	size_t len;

	archive_entry_xattr_reset(entry);
	while (!archive_entry_xattr_next(entry, &name, &value, &len)) {
		char *full;
		int err;

		if (asprintf(&full, HUMFS_PREFIX "%s", name) < 0)
			return -ENOMEM;
		err = fsetxattr(fd, full, value, len, 0) ? -errno : 0;
		free(full);
		if (err)
			return err;
	}
	return 0;
}

/* everything of an object but its name; @fd is closed */
static int fill(int fd, struct archive_entry *entry)
{
	struct humfs_record record = entry_record(entry);
	struct timespec times[2];
	int err = 0;

	if (S_ISREG(record.mode)) {
		err = copy_data(fd, entry);
	} else if (S_ISLNK(record.mode)) {
		const char *target = archive_entry_symlink(entry);
		ssize_t len = target ? strlen(target) : 0;

		err = !len || len >= PATH_MAX ? -EINVAL : write(fd, target, len) != len ? -EIO : 0;
	}
	if (!err)
		err = copy_xattrs(fd, entry);
	if (!err)
		err = record_write(fd, &record);
	entry_times(entry, times);
	if (!err && futimens(fd, times))
		err = -errno;
	close(fd);
	return err;
}

static int import_object(int dir, const char *name, struct archive_entry *entry)
{
	const char *staged = staged_name();
	int fd = openat(import.tree->stage, staged, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return -errno;
	err = fill(fd, entry);
	if (!err && renameat(import.tree->stage, staged, dir, name))
		err = -errno;
	if (err)
		unstage(staged);
	return err;
}

static void remember_times(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	struct late_times *late = malloc(sizeof(*late) + strlen(path) + 1);

	if (!late)
		return;
	entry_times(entry, late->times);
	strcpy(late->path, path);
	late->next = import.late;
	import.late = late;
}

static void set_late_times(void)
{
	while (import.late) {
		struct late_times *late = import.late;
		char *last;
		int dir = find_parent(late->path, &last);

		/* one that was replaced by something else has that one's */
		if (dir >= 0) {
			utimensat(dir, *last ? last : ".", late->times, AT_SYMLINK_NOFOLLOW);
			close(dir);
		}
		import.late = late->next;
		free(late);
	}
}

static int import_directory(int dir, const char *name, struct archive_entry *entry)
{
	struct humfs_record record = entry_record(entry);
	int fd, err;

	fd = descend(dup(dir), *name ? name : ".");
	if (fd < 0)
		return fd;
	err = record_write(fd, &record);
	if (!err)
		err = copy_xattrs(fd, entry);
	close(fd);
	if (!err)
		remember_times(entry);
	return err;
}

static int import_link(int dir, const char *name, const char *target)
{
	const char *staged = staged_name();
	char *copy = strdup(target), *last;
	int from = copy ? find_parent(copy, &last) : -ENOMEM, err = min(from, 0);

	if (!err && linkat(from, last, import.tree->stage, staged, 0))
		err = -errno;
	if (!err && renameat(import.tree->stage, staged, dir, name)) {
		err = -errno;
		unstage(staged);
	} else if (!err) {
		unstage(staged);	/* rename(2) of two names of one file does nothing */
	}
	if (from >= 0)
		close(from);
	free(copy);
	return err;
}

static int import_as(int dir, const char *name, struct archive_entry *entry)
{
	const char *target = archive_entry_hardlink(entry);
	mode_t type = archive_entry_filetype(entry);

	if (!*name && !S_ISDIR(type))
		return -EINVAL;
	if (target)
		return import_link(dir, name, target);
	if (S_ISDIR(type))
		return import_directory(dir, name, entry);
	return import_object(dir, name, entry);
}

static int import_entry(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	char *copy = path ? strdup(path) : NULL, *last;
	int dir, err;

	if (!copy)
		return complain("an entry", "has no name that can be read");
	if (archive_entry_acl_types(entry))
		import.acls++;
	dir = find_parent(copy, &last);
	err = dir < 0 ? dir : import_as(dir, last, entry);
	if (dir >= 0)
		close(dir);
	free(copy);
	return err ? complain(path, "%s", strerror(-err)) : STATUS_OK;
}

static int import_all(void)
{
	struct archive_entry *entry;
	int status = STATUS_OK, err;

	for (;;) {
		err = source_next(import.source, &entry);
		if (err == ARCHIVE_EOF)
			break;
		if (err < ARCHIVE_WARN)
			return STATUS_FAILED;
		if (err == ARCHIVE_WARN || import_entry(entry))
			status = STATUS_FAILED;
	}
	set_late_times();
	if (import.acls)
		fprintf(stderr, "humfs: %lu entries had access control lists, which are not kept\n",
			import.acls);
	return status;
}

int command_import(int argc, char **argv)
{
	struct tree tree;
	int status;

	if (argc != 3)
		return STATUS_USAGE;
	if (tree_open(&tree, argv[2], TREE_MAKE))
		return STATUS_FAILED;
	import.tree = &tree;
	import.source = source_open(argv[1]);
	status = import.source && stage_clear(&tree) >= 0 ? import_all() : STATUS_FAILED;
	if (import.source)
		source_close(import.source);
	tree_close(&tree);
	return status;
}

int command_create(int argc, char **argv)
{
	struct tree tree;

	if (argc != 2)
		return STATUS_USAGE;
	if (tree_open(&tree, argv[1], TREE_MAKE))
		return STATUS_FAILED;
	tree_close(&tree);
	return STATUS_OK;
}
