/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tool.h - what the parts of the program humfs share.
 *
 *   main.c	commands, complaints		import.c humfs import, create
 *   tree.c	the directory on the host	source.c what is imported
 *   check.c	humfs check, repair, list	export.c humfs export
 */
#ifndef __USERMODE_TOOLS_HUMFS_H
#define __USERMODE_TOOLS_HUMFS_H

#include <archive.h>
#include <archive_entry.h>
#include <humfs_record.h>

enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };	/* of the program */

/* "humfs: what: ..." on standard error. Returns STATUS_FAILED. */
__printf(2, 3) int complain(const char *what, const char *format, ...);
/* likewise, with what errno says */
int complain_errno(const char *what);

/* a command; @argv[0] is its name. Returns a status, or STATUS_USAGE unsaid */
int command_create(int argc, char **argv);
int command_import(int argc, char **argv);
int command_export(int argc, char **argv);
int command_check(int argc, char **argv);
int command_repair(int argc, char **argv);
int command_list(int argc, char **argv);

/* ---- tree.c ---- */

/**
 * struct tree - a humfs, open and locked
 * @name:	as the user wrote it
 * @base:	the directory
 * @super:	its superblock, with the lock
 * @data:	the root of the tree
 * @stage:	where objects are made
 */
struct tree {
	const char *name;
	int base, super, data, stage;
};

enum tree_use { TREE_READ, TREE_WRITE, TREE_MAKE };

/* STATUS_*; TREE_MAKE: it may not be there yet. What is wrong has been said */
int tree_open(struct tree *tree, const char *name, enum tree_use use);
void tree_close(struct tree *tree);
/* of an open object: 0, 1 there is none, or -errno */
int record_read(int fd, struct humfs_record *record);
int record_write(int fd, const struct humfs_record *record);
/* what humfs shows for what has none: @st as the host describes it */
struct humfs_record record_default(const struct stat *st);
/* removes what was being made when somebody was killed; how many, or -1 and errno */
int stage_clear(const struct tree *tree);
int stage_count(const struct tree *tree);

/**
 * tree_walk() - see every object below @tree->data, directories before what is in them
 * @seen:	@path is relative to the root, "." is the root; @name in @dir is the
 *		object. Returns a status; all are seen whatever it is
 *
 * Return: the worst status.
 */
int tree_walk(const struct tree *tree,
	      int (*seen)(void *context, const char *path, int dir, const char *name,
			  const struct stat *st),
	      void *context);

/* ---- source.c: what to import ---- */

struct source;

/* NULL: what is wrong has been said */
struct source *source_open(const char *name);
/* ARCHIVE_OK, ARCHIVE_EOF, or an error that has been said */
int source_next(struct source *source, struct archive_entry **entry);
struct archive *source_archive(struct source *source);
void source_close(struct source *source);

#endif /* __USERMODE_TOOLS_HUMFS_H */
