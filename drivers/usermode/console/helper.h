/* SPDX-License-Identifier: GPL-2.0 */
/*
 * helper.h - this executable in other roles, as processes of the host.
 *
 * Each is "linux --SWITCH=...", started by ourselves, and does its work before
 * there is a kernel. It ends when this program does, whatever the end.
 */
#ifndef __USERMODE_HELPER_H
#define __USERMODE_HELPER_H

#include <linux/types.h>

/* what the helpers are executed as: works where the file was moved or deleted, too */
#define HELPER_PATH_MAX	32
void helper_path(char *buf, size_t n);	/* of HELPER_PATH_MAX bytes */

/*
 * Remove the file @path when this program has ended, or at guard_stop(). 0 and a
 * descriptor in *guard, or -errno. Process context or boot.
 */
int guard_start(const char *path, int *guard);
void guard_stop(int guard);

/* the switch of the process that hands its terminal to the abstract socket NAME */
#define RELAY_SWITCH	"--terminal-relay="

#endif
