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
 * struct skas_process - what the kernel knows of a host process, and it does not
 * @calls:	the list for its stub while it is written
 * @stub:	what it can read of the kernel's memory, @skas_shared_bytes
 * @pid:	0: there is none yet
 * @cpu:	of the host, that it is pinned to
 * @maps:	guest mappings made in it since all were dropped
 * @next, @prev: in the list of those that have a host process
 * @notice:	trap seccomp: the call that it is blocked in
 * @listener:	trap seccomp: where its calls are heard of, 0: nowhere
 * @listed:	trap seccomp: calls in the list that the stub was told to make, ...
 * @approved:	... and of them, those that were approved
 * @lends:	trap seccomp: for that list the process is lent the memory's descriptor
 * @lent:	trap seccomp: it may still have it
 * @cut:	trap seccomp: an interrupt came before the end of that list
 * @at_call:	trap seccomp: blocked in a call of guest code's, not of the stub's
 * @stale:	what it shares may show what another address space's threads had
 */
struct skas_process {
	struct stub_call calls[STUB_CALLS];
	struct stub_page *stub;
	s32 pid;
	s32 cpu;
	u32 maps;
	struct skas_process *next, *prev;
	u64 notice;
	s32 listener;
	u16 listed;
	u16 approved;
	bool lends;
	bool lent;
	bool cut;
	bool at_call;
	bool stale;
};

/**
 * struct skas_driver - how a trap handles the host processes
 * @start:	the host process where there is none: 0 or -errno
 * @run:	make the host process run its list of n calls; destroys what it has
 *		of registers. 0; -ESRCH: it has died and is reaped; or what the
 *		first call that failed returned
 * @evict:	a host thread goes away: whose FP state it holds gets it back
 * @forget:	it is lost, and with it the FP state that it holds
 * @failed:	why could a host process not be started, in words?
 */
struct skas_driver {
	int (*start)(struct skas_process *process);
	int (*run)(struct host_thread *ht, unsigned int n);
	void (*evict)(struct host_thread *ht);
	void (*forget)(struct host_thread *ht);
	const char *(*failed)(int err);
};

extern const struct skas_driver *skas_driver;

/* what a host process shares with the kernel, whole pages; struct stub_page first */
extern unsigned int skas_shared_bytes;

/*
 * Use @driver, with @bytes shared, and start a first host process, which is idle
 * afterwards. Before all others. 0, or -errno after naming the reason in *why.
 */
int skas_process_init(const struct skas_driver *driver, unsigned int bytes, const char **why);

/* the stub's image, a descriptor, or -errno */
int skas_process_image(void);

/*
 * An idle host process (its @maps may be left from another space, and it is
 * @stale), or one that has yet to be started; or NULL
 */
struct skas_process *skas_process_get(void);

/* to the idle ones, or to its end, and that of what it shares. Must not be running */
void skas_process_put(struct skas_process *process);

/* the driver has started @pid */
void skas_process_born(struct skas_process *process, int pid);

/* has it died while it was idle? Then it is reaped, and @process->pid is 0 */
void skas_process_check(struct skas_process *process);

/* untraced, and stopped by somebody who stopped all that the user runs? Then go on */
void skas_process_continue(struct skas_process *process);

/* kill and reap it, if it still lives; @process may get another */
void skas_process_end(struct skas_process *process);

/* all of them, for the end of the program; no guest code may run afterwards */
void skas_process_end_all(void);

/*
 * One more call for the list, as number *n. Its result must be @want.
 */
void skas_process_call(struct skas_process *process, unsigned int *n, u64 nr, u64 a, u64 b, u64 c,
		       u64 d, u64 e, u64 f, u64 want);

/* show the stub the first @n calls of the list */
void skas_process_publish(struct skas_process *process, unsigned int n);

/*
 * Of calls that are done, @from up to @end: what they say about memory is nobody's
 * business any more.
 */
void skas_process_hide(struct skas_process *process, unsigned int from, unsigned int end);

/* the same for all that the page holds */
void skas_process_blank(struct skas_process *process);

/* the calls that make a fresh host process fit for guests; it is called what is at @name */
void skas_process_clean(struct skas_process *process, unsigned int *n, unsigned long name);

/* wait until it stops: its wait status >> 8; or -ESRCH: it has died and is reaped */
int skas_process_wait(struct skas_process *process);

#endif
