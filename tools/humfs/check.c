// SPDX-License-Identifier: GPL-2.0
/*
 * check.c - is a tree whole? What is in it? And what is not right made right.
 *
 * Owns nothing. The rules are in docs/humfs.md; each has one finding and one mend.
 */
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#include "tool.h"

struct check {
	bool repair;
	unsigned long objects, found, left;
};


/* one line; @err: of the mend, if it was tried */
static int finding(struct check *check, const char *path, const char *what, int err)
{
	check->found++;
	if (check->repair && !err) {
		printf("%s: %s: mended\n", path, what);
		return STATUS_OK;
	}
	check->left++;
	if (err)
		printf("%s: %s: cannot be mended: %s\n", path, what, strerror(-err));
	else
		printf("%s: %s\n", path, what);
	return STATUS_FAILED;
}

/* a record that fits what the host has; never more rights than there were */
static int new_record(int fd, const struct stat *st)
{
	struct humfs_record record = {
		.mode = S_ISDIR(st->st_mode) ? S_IFDIR | 0700 : S_IFREG | 0600,
	};

	return record_write(fd, &record);
}

/* a link's file must hold what a link can hold */
static bool target_fits(int fd, const struct stat *st)
{
	char target[PATH_MAX];

	return st->st_size > 0 && st->st_size < PATH_MAX &&
	       pread(fd, target, st->st_size, 0) == st->st_size &&
	       !memchr(target, 0, st->st_size);
}

static int check_record(struct check *check, const char *path, int fd, const struct stat *st)
{
	const char *what = NULL;
	struct humfs_record record;
	int err = record_read(fd, &record);

	if (err == 1)		/* made on the host: allowed, and root's */
		return STATUS_OK;
	if (err == -EINVAL)
		what = "its record is damaged";
	else if (err)
		return complain(path, "%s", strerror(-err));
	else if (S_ISDIR(record.mode) != S_ISDIR(st->st_mode))
		what = "its record is of something else";
	else if (S_ISLNK(record.mode) && !target_fits(fd, st))
		what = "a symbolic link that leads nowhere";
	else if (!S_ISLNK(record.mode) && !S_ISREG(record.mode) && !S_ISDIR(record.mode) &&
		 st->st_size)
		what = "a device, FIFO or socket with data";
	if (!what)
		return STATUS_OK;
	return finding(check, path, what, check->repair ? new_record(fd, st) : 0);
}

static int check_object(void *context, const char *path, int dir, const char *name,
			const struct stat *st)
{
	mode_t need = S_ISDIR(st->st_mode) ? 0700 : 0600;
	struct check *check = context;
	int fd, err = 0, status = STATUS_OK;

	check->objects++;
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) {
		if (check->repair && unlinkat(dir, name, 0))
			err = -errno;
		return finding(check, path, "made on the host, and neither file nor directory", err);
	}
	if ((st->st_mode & need) != need) {
		if (check->repair && fchmodat(dir, name, (st->st_mode & 0777) | need, 0))
			err = -errno;
		status = finding(check, path, "the host's permissions keep the guest out", err);
	}
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return complain_errno(path);
	if (check_record(check, path, fd, st))
		status = STATUS_FAILED;
	close(fd);
	return status;
}

static int run(const char *name, bool repair)
{
	struct check check = { .repair = repair };
	struct tree tree;
	int status, staged;

	if (tree_open(&tree, name, repair ? TREE_WRITE : TREE_READ))
		return STATUS_FAILED;
	status = tree_walk(&tree, check_object, &check);
	staged = repair ? stage_clear(&tree) : stage_count(&tree);
	if (staged < 0)
		status = complain_errno(HUMFS_STAGE);
	else if (staged)	/* the next guest removes them: nothing is wrong */
		printf("%s: %d unfinished objects%s\n", HUMFS_STAGE, staged,
		       repair ? " removed" : "");
	printf("%s: %lu objects, %lu wrong%s\n", name, check.objects, check.found,
	       repair ? check.left ? ", not all mended" : ", all mended" : "");
	tree_close(&tree);
	return status;
}

int command_check(int argc, char **argv)
{
	return argc == 2 ? run(argv[1], false) : STATUS_USAGE;
}

int command_repair(int argc, char **argv)
{
	return argc == 2 ? run(argv[1], true) : STATUS_USAGE;
}

static int list_object(void *context, const char *path, int dir, const char *name,
		       const struct stat *st)
{
	struct humfs_record record = record_default(st);
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int err = fd < 0 ? 1 : record_read(fd, &record);
	char target[PATH_MAX] = "";

	(void)context;
	if (fd >= 0 && !err && S_ISLNK(record.mode) && read(fd, target, sizeof(target) - 1) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err < 0)
		return complain(path, "its record is damaged");
	printf("%06o %u %u ", record.mode, record.uid, record.gid);
	if (S_ISCHR(record.mode) || S_ISBLK(record.mode))
		printf("%u:%u %s\n", record.major, record.minor, path);
	else
		printf("%lld %s%s%s\n", (long long)st->st_size, path, *target ? " -> " : "", target);
	return STATUS_OK;
}

int command_list(int argc, char **argv)
{
	struct tree tree;
	int status;

	if (argc != 2)
		return STATUS_USAGE;
	if (tree_open(&tree, argv[1], TREE_READ))
		return STATUS_FAILED;
	status = tree_walk(&tree, list_object, NULL);
	tree_close(&tree);
	return status;
}
