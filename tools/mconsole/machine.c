// SPDX-License-Identifier: GPL-2.0
/*
 * machine.c - finding guests by their names (machine.h).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "machine.h"

const char *machine_parent(const char *given)
{
	static char path[PATH_MAX];
	const char *home = getenv("HOME");
	const char *variable = getenv("UML_DIR");

	if (given)
		return given;
	if (variable && *variable)
		return variable;
	if (!home || !*home) {
		fprintf(stderr, "umlctl: HOME is not set; say where the machines are with --dir\n");
		exit(2);
	}
	snprintf(path, sizeof(path), "%s/.uml", home);
	return path;
}

static pid_t read_pid(const char *dir)
{
	char path[PATH_MAX + 16];
	FILE *file;
	int pid = 0;

	snprintf(path, sizeof(path), "%s/pid", dir);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1 || pid < 0)
		pid = 0;
	fclose(file);
	return pid;
}

static bool is_kind(const char *path, mode_t kind)
{
	struct stat st;

	return !stat(path, &st) && (st.st_mode & S_IFMT) == kind;
}

/* @m->dir is set */
static void look_around(struct machine *m)
{
	const char *last = strrchr(m->dir, '/');

	snprintf(m->name, sizeof(m->name), "%.255s", last ? last + 1 : m->dir);
	snprintf(m->socket, sizeof(m->socket), "%s/mconsole", m->dir);
	m->pid = read_pid(m->dir);
	m->alive = m->pid && (!kill(m->pid, 0) || errno == EPERM);
}

static int find_path(const char *path, struct machine *m)
{
	char *slash;

	snprintf(m->dir, sizeof(m->dir), "%s", path);
	if (is_kind(path, S_IFSOCK)) {
		slash = strrchr(m->dir, '/');
		if (!slash || slash == m->dir)
			return -ENOENT;
		*slash = 0;
		look_around(m);
		snprintf(m->socket, sizeof(m->socket), "%s", path);
		return 0;
	}
	if (!is_kind(path, S_IFDIR))
		return -ENOENT;
	while (strlen(m->dir) > 1 && m->dir[strlen(m->dir) - 1] == '/')
		m->dir[strlen(m->dir) - 1] = 0;
	look_around(m);
	return 0;
}

int machine_find(const char *parent, const char *name, struct machine *m)
{
	memset(m, 0, sizeof(*m));
	if (strchr(name, '/'))
		return find_path(name, m);
	if (!*name || *name == '.')
		return -ENOENT;
	if (snprintf(m->dir, sizeof(m->dir), "%s/%s", parent, name) >= (int)sizeof(m->dir))
		return -ENOENT;
	if (!is_kind(m->dir, S_IFDIR))
		return -ENOENT;
	look_around(m);
	return 0;
}

bool machine_is_unnamed(const struct machine *m)
{
	struct stat st;

	return !stat(m->dir, &st) && (st.st_mode & S_ISVTX);
}

int machine_forget(const struct machine *m)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATH_MAX + 16];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/pid", m->dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		return -errno;
	/* a machine holds it as long as it lives, from before it is to be found */
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock)) {
		err = errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
	} else {
		unlink(m->socket);
		unlink(path);
		err = rmdir(m->dir) ? -errno : 0;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

struct machine *machine_all(const char *parent, size_t *n)
{
	struct machine *all = NULL, *more;
	struct dirent **names;
	int count = scandir(parent, &names, NULL, alphasort);
	int i;

	*n = 0;
	for (i = 0; i < count; i++) {
		more = realloc(all, (*n + 1) * sizeof(*all));
		if (more) {
			all = more;
			if (!machine_find(parent, names[i]->d_name, &all[*n]) &&
			    (all[*n].pid || is_kind(all[*n].socket, S_IFSOCK)))
				++*n;
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return all;
}
