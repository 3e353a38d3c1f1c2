/* SPDX-License-Identifier: GPL-2.0 */
/*
 * skas_process.h - host processes that hold a guest address space each.
 *
 * Each is traced by a virtual CPU's host thread, is stopped whenever guest code
 * is not running in it, and dies with that thread. All calls are made on it.
 */
#ifndef __USERMODE_PLATFORM_SKAS_PROCESS_H
#define __USERMODE_PLATFORM_SKAS_PROCESS_H

#include "stub/stub.h"

/* once, before all others; 0, or -errno after naming the reason in *why */
int skas_process_init(const char **why);

/* an idle host process (its @maps may be left from another space), or a page for one; or NULL */
struct stub_page *skas_process_get(void);

/* the host process for @stub, which has none: 0 or -errno */
int skas_process_start(struct stub_page *stub);

/* to the idle ones, or to its end, with its page. Must not be running */
void skas_process_put(struct stub_page *stub);

/* has it died while it was idle? Then it is reaped, and @stub->pid is 0 */
void skas_process_check(struct stub_page *stub);

/* kill and reap it, if it still lives; its page may get another */
void skas_process_end(struct stub_page *stub);

/* all of them, for the end of the program; no guest code may run afterwards */
void skas_process_end_all(void);

/*
 * One more call for the list, as number *n. Its result must be @want.
 */
void skas_process_call(struct stub_page *stub, unsigned int *n, u64 nr, u64 a, u64 b, u64 c,
		       u64 d, u64 e, u64 f, u64 want);

/*
 * Make the host process run its list of @n calls. @plain: its registers are such
 * that it need only be told where to go. Destroys them. 0; -ESRCH: it has died
 * and is reaped; or what the first call that failed returned.
 */
int skas_process_run(struct stub_page *stub, unsigned int n, bool plain);

/* wait until it stops: its wait status >> 8; or -ESRCH: it has died and is reaped */
int skas_process_wait(struct stub_page *stub);

#endif
