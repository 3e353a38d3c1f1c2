/* SPDX-License-Identifier: GPL-2.0 */
/*
 * skas_process.h - host processes that hold a guest address space each.
 *
 * Each belongs to a virtual CPU's host thread, is stopped whenever guest code is
 * not running in it, and dies with that thread. All calls are made on it.
 */
#ifndef __USERMODE_PLATFORM_SKAS_PROCESS_H
#define __USERMODE_PLATFORM_SKAS_PROCESS_H

#include "stub/stub.h"

struct host_thread;

/**
 * struct skas_driver - how a trap handles the host processes
 * @start:	the host process for a stub that has none: 0 or -errno
 * @run:	make the host process run its list of n calls; destroys what it has
 *		of registers. 0; -ESRCH: it has died and is reaped; or what the
 *		first call that failed returned
 * @evict:	a host thread goes away: whose FP state it holds gets it back
 * @forget:	it is lost, and with it the FP state that it holds
 * @failed:	why could a host process not be started, in words?
 */
struct skas_driver {
	int (*start)(struct stub_page *stub);
	int (*run)(struct host_thread *ht, unsigned int n);
	void (*evict)(struct host_thread *ht);
	void (*forget)(struct host_thread *ht);
	const char *(*failed)(int err);
};

extern const struct skas_driver *skas_driver;

/* what a host process shares with the kernel, a power of two; struct stub_page first */
extern unsigned int skas_stub_bytes;

/*
 * Use @driver, with @bytes shared, and start a first host process, which is idle
 * afterwards. Before all others. 0, or -errno after naming the reason in *why.
 */
int skas_process_init(const struct skas_driver *driver, unsigned int bytes, const char **why);

/* the stub's image, a descriptor, or -errno */
int skas_process_image(void);

/* an idle host process (its @maps may be left from another space), or a page for one; or NULL */
struct stub_page *skas_process_get(void);

/* to the idle ones, or to its end, with its page. Must not be running */
void skas_process_put(struct stub_page *stub);

/* the driver has started @pid for @stub */
void skas_process_born(struct stub_page *stub, int pid);

/* has it died while it was idle? Then it is reaped, and @stub->pid is 0 */
void skas_process_check(struct stub_page *stub);

/* untraced, and stopped by somebody who stopped all that the user runs? Then go on */
void skas_process_continue(struct stub_page *stub);

/* kill and reap it, if it still lives; its page may get another */
void skas_process_end(struct stub_page *stub);

/* all of them, for the end of the program; no guest code may run afterwards */
void skas_process_end_all(void);

/*
 * One more call for the list, as number *n. Its result must be @want.
 */
void skas_process_call(struct stub_page *stub, unsigned int *n, u64 nr, u64 a, u64 b, u64 c,
		       u64 d, u64 e, u64 f, u64 want);

/* the calls that make a fresh host process fit for guests; it is called what is at @name */
void skas_process_clean(struct stub_page *stub, unsigned int *n, unsigned long name);

/* wait until it stops: its wait status >> 8; or -ESRCH: it has died and is reaped */
int skas_process_wait(struct stub_page *stub);

#endif
