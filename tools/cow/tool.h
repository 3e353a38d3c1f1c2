/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tool.h - what the parts of the program cow share.
 *
 *   main.c	commands, options, names that it is called by
 *   create.c	cow create, uml_mkcow		merge.c	 cow merge, uml_moo
 *   show.c	cow info, cow verify		rebase.c cow rebase
 *   image.c	an image to read from: a plain file, or a chain
 *   progress.c	how far a long work is
 */
#ifndef __USERMODE_TOOLS_COW_H
#define __USERMODE_TOOLS_COW_H

#include "chain.h"

enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };	/* of the program */

#define CHUNK	0x100000U	/* bytes that are read at once */
#define BLOCK	4096U		/* bytes; what is zero in such a piece stays a hole */

/* "program: file: ..." on standard error. Returns STATUS_FAILED. */
__printf(2, 3) int complain(const char *file, const char *format, ...);
int complain_error(const char *file, int err, const char *what);

/* a command; @argv[0] is its name. Returns a status, or STATUS_USAGE unsaid */
int command_create(int argc, char **argv);
int command_info(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_rebase(int argc, char **argv);

/* under the old names, with the old options */
int uml_mkcow(int argc, char **argv);
int uml_moo(int argc, char **argv);

/**
 * struct image - an image, open for reading
 * @chain:	if it is a copy-on-write file
 * @plain:	its one layer if it is none
 * @size:	bytes of the disk
 */
struct image {
	struct ubd_chain *chain;
	struct ubd_layer plain;
	u64 size;
};

/* what is wrong has been said: STATUS_OK or STATUS_FAILED */
int image_open(struct image *image, const struct ubd_setting *setting);
void image_close(struct image *image);
const struct ubd_layer *image_top(const struct image *image);
/* as seen from @layer of it */
int image_read(const struct ubd_layer *layer, void *buf, size_t len, u64 pos);

bool is_zero(const void *buf, size_t len);
/* write @buf, and leave or make holes where it is zero. @fresh: holes are there */
int write_sparse(int fd, const char *buf, size_t len, u64 pos, bool fresh);

/* "@what: 42 %" on standard error if that is a terminal */
void progress_begin(const char *what, u64 total);
void progress(u64 done);
void progress_end(void);

#endif /* __USERMODE_TOOLS_COW_H */
