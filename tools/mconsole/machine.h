/* SPDX-License-Identifier: GPL-2.0 */
/* machine.h - finding guests by their names. */
#ifndef UMLCTL_MACHINE_H
#define UMLCTL_MACHINE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct machine - a guest, or what one left
 * @name:   its umid
 * @dir:    its directory
 * @socket: of its management console
 * @pid:    its host process, 0 if that is unknown
 * @alive:  that process lives
 */
struct machine {
	char name[NAME_MAX + 1];
	char dir[PATH_MAX];
	char socket[PATH_MAX + 16];
	pid_t pid;
	bool alive;
};

/*
 * The directory that machines are in: @given, or $UML_DIR, or ~/.uml. Exits when
 * there is no home.
 */
const char *machine_parent(const char *given);

/*
 * Fill @m for @name, which may also be the path of a directory or of a socket.
 * 0; -ENOENT: nothing of that name is there.
 */
int machine_find(const char *parent, const char *name, struct machine *m);

/* Did it make its name up, for want of umid=? Its directory has the sticky bit then. */
bool machine_is_unnamed(const struct machine *m);

/*
 * Remove the directory that a machine which was killed has left. 0; -EBUSY: it lives;
 * -ENOTEMPTY: somebody has put something there; other -errno.
 */
int machine_forget(const struct machine *m);

/* All machines of a directory, sorted; *n of them, to be freed. NULL: none. */
struct machine *machine_all(const char *parent, size_t *n);

#endif
