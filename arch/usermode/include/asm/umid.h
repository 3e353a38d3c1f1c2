/* SPDX-License-Identifier: GPL-2.0 */
/* umid.h - the name of this machine on its host. */
#ifndef __ASM_USERMODE_UMID_H
#define __ASM_USERMODE_UMID_H

#include <linux/types.h>

#define UMID_MAX	63	/* characters of a name */

/* claim the directory; called once from setup_arch(), prints what went wrong */
void umid_init(void);

/* "" until umid_init() */
const char *umid_name(void);

/*
 * Path of @file in this machine's directory. 0, -ENOENT when there is no such
 * directory, -ENAMETOOLONG.
 */
int umid_path(const char *file, char *buf, size_t len);

/* remove the directory and what the port put there; any context, twice is fine */
void umid_remove(void);

#endif
