// SPDX-License-Identifier: GPL-2.0
/*
 * tree.c - the directory on the host that holds a humfs.
 *
 * Owns its descriptors and the lock on its superblock: the one that guests take,
 * so a tree that is mounted is not changed under the guest.
 */
#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "tool.h"

int record_read(int fd, struct humfs_record *record)
{
	char text[HUMFS_RECORD_MAX];
	ssize_t n = fgetxattr(fd, HUMFS_XATTR, text, sizeof(text));

	if (n < 0)
		return errno == ENODATA ? 1 : errno == ERANGE ? -EINVAL : -errno;
	return humfs_record_parse(text, n, record);
}

int record_write(int fd, const struct humfs_record *record)
{
	char text[HUMFS_RECORD_MAX];

	return fsetxattr(fd, HUMFS_XATTR, text, humfs_record_format(text, record), 0) ? -errno : 0;
}

struct humfs_record record_default(const struct stat *st)
{
	return (struct humfs_record) { .mode = st->st_mode & (S_IFMT | 0777) };
}

/* a layout of ours? */
static int check_super(const struct tree *tree)
{
	char text[HUMFS_SUPER_MAX];
	ssize_t n = pread(tree->super, text, sizeof(text), 0);
	int version = n < 0 ? -EINVAL : humfs_super_version(text, n);

	if (version == 3)
		return STATUS_OK;
	if (version > 0)
		return complain(tree->name, "the old layout, version %d; import it to a new one",
				version);
	return complain(tree->name, "no humfs: %s says something else", HUMFS_SUPER);
}

static int lock(const struct tree *tree, bool write)
{
	struct flock l = { .l_type = write ? F_WRLCK : F_RDLCK };

	if (!fcntl(tree->super, F_OFD_SETLK, &l))
		return STATUS_OK;
	return complain(tree->name, "a guest, or another humfs, uses it");
}

/* everything but the superblock, which makes it a humfs, and the root's record */
static int make_directories(const struct tree *tree)
{
	const struct humfs_record root = { .mode = S_IFDIR | 0755 };
	int fd, err;

	if ((mkdirat(tree->base, HUMFS_STAGE, 0700) && errno != EEXIST) ||
	    (mkdirat(tree->base, HUMFS_DATA, 0700) && errno != EEXIST))
		return complain_errno(tree->name);
	fd = openat(tree->base, HUMFS_DATA, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = fd < 0 ? -errno : record_write(fd, &root);
	if (fd >= 0)
		close(fd);
	if (err == -EOPNOTSUPP)
		return complain(tree->name, "the file system it is on has no user's extended attributes");
	return err ? complain(tree->name, "%s", strerror(-err)) : STATUS_OK;
}

static int is_empty(int base)
{
	int fd = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n == 2;
}

static int make(struct tree *tree)
{
	static const char text[] = HUMFS_SUPER_TEXT;
	static const char unfinished[] = HUMFS_SUPER ".new";
	int fd;

	if (!is_empty(tree->base) && faccessat(tree->base, unfinished, F_OK, 0))
		return complain(tree->name, "neither a humfs nor empty");
	fd = openat(tree->base, unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, sizeof(text) - 1) != sizeof(text) - 1) {
		complain_errno(tree->name);
		if (fd >= 0)
			close(fd);
		return STATUS_FAILED;
	}
	close(fd);
	if (make_directories(tree))
		return STATUS_FAILED;
	if (renameat(tree->base, unfinished, tree->base, HUMFS_SUPER))
		return complain_errno(tree->name);
	return STATUS_OK;
}

static int open_parts(struct tree *tree, enum tree_use use)
{
	int flags = O_DIRECTORY | O_RDONLY | O_CLOEXEC;

	tree->base = open(tree->name, flags);
	if (tree->base < 0)
		return complain_errno(tree->name);
	if (use == TREE_MAKE && faccessat(tree->base, HUMFS_SUPER, F_OK, 0) && make(tree))
		return STATUS_FAILED;
	tree->super = openat(tree->base, HUMFS_SUPER,
			     (use == TREE_READ ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (tree->super < 0)
		return complain(tree->name, "no humfs: %s: %s", HUMFS_SUPER, strerror(errno));
	if (check_super(tree) || lock(tree, use != TREE_READ))
		return STATUS_FAILED;
	tree->data = openat(tree->base, HUMFS_DATA, flags);
	tree->stage = openat(tree->base, HUMFS_STAGE, flags);
	if (tree->data < 0 || tree->stage < 0)
		return complain(tree->name, "%s or %s: %s", HUMFS_DATA, HUMFS_STAGE,
				strerror(errno));
	return STATUS_OK;
}

int tree_open(struct tree *tree, const char *name, enum tree_use use)
{
	*tree = (struct tree) { .name = name, .base = -1, .super = -1, .data = -1, .stage = -1 };
	if (use == TREE_MAKE && mkdir(name, 0700) && errno != EEXIST)
		return complain_errno(name);
	if (open_parts(tree, use)) {
		tree_close(tree);
		return STATUS_FAILED;
	}
	return STATUS_OK;
}

void tree_close(struct tree *tree)
{
	const int fds[] = { tree->stage, tree->data, tree->super, tree->base };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

static int stage_each(const struct tree *tree, bool clear)
{
	int fd = openat(tree->base, HUMFS_STAGE, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir)
		return -1;
	while ((d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (clear && unlinkat(fd, d->d_name, 0) && unlinkat(fd, d->d_name, AT_REMOVEDIR)) {
			n = -1;
			break;
		}
		n++;
	}
	closedir(dir);
	return n;
}

int stage_clear(const struct tree *tree)
{
	return stage_each(tree, true);
}

int stage_count(const struct tree *tree)
{
	return stage_each(tree, false);
}

int tree_walk(const struct tree *tree,
	      int (*seen)(void *context, const char *path, int dir, const char *name,
			  const struct stat *st),
	      void *context)
{
	char here[] = ".", *roots[] = { here, NULL };
	int status = STATUS_OK;
	FTSENT *at;
	FTS *fts;

	if (fchdir(tree->data))
		return complain_errno(tree->name);
	fts = fts_open(roots, FTS_PHYSICAL, NULL);
	if (!fts)
		return complain_errno(tree->name);
	while ((at = fts_read(fts))) {
		const char *path = at->fts_level ? at->fts_path + 2 : at->fts_path;

		if (at->fts_info == FTS_DP)
			continue;
		if (at->fts_info == FTS_DNR || at->fts_info == FTS_ERR || at->fts_info == FTS_NS)
			status = complain(path, "%s", strerror(at->fts_errno));
		else if (seen(context, path, AT_FDCWD, at->fts_accpath, at->fts_statp))
			status = STATUS_FAILED;
	}
	fts_close(fts);
	return status;
}
