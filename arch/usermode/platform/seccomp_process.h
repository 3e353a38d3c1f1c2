/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seccomp_process.h - trap seccomp: host processes of which every system call is
 * told before it is made.
 *
 * A host process is *parked* while the kernel runs: blocked in a call that is not
 * answered yet, either guest code's (process->at_call) or the stub's own. All calls
 * are made on the virtual CPU's host thread, with interrupts off.
 */
#ifndef __USERMODE_PLATFORM_SECCOMP_PROCESS_H
#define __USERMODE_PLATFORM_SECCOMP_PROCESS_H

#include <linux/types.h>
#include "seccomp_frame.h"
#include "stub/stub.h"

struct seccomp_notif;
struct skas_process;

/* the signal that guest code gets so that it tells all its registers */
/* ... SIGSTKFLT: one at a time is ever pending, and nobody else ever sends it */
#define SECCOMP_KICK	16

/* what the host's FP states may hold; constant after the probe */
extern struct seccomp_fp seccomp_fp;

/* measures it, and says how many bytes a host process and the kernel share */
int seccomp_process_probe(unsigned int *bytes, const char **why);

/* its part behind struct stub_page, as the kernel sees it */
struct stub_load *seccomp_load(struct skas_process *process);
struct seccomp_stack seccomp_stack(struct skas_process *process);

/* forget what it shares, which was another address space's. It is parked in the stub */
void seccomp_process_forget(struct skas_process *process);

/* the host process for @process, which has none; parked in the stub. 0 or -errno */
int seccomp_process_start(struct skas_process *process);

/*
 * Wait for the next call of a host process that is not parked. It then is. 0;
 * -ESRCH: it has died and is reaped.
 */
int seccomp_process_next(struct skas_process *process, struct seccomp_notif *notice);

/*
 * Let it go on: the call returns @result. -ENOENT: not so, a signal came first,
 * and seccomp_process_next() will tell of it; -ESRCH.
 *
 * No kick may be under way: the host loses an answer that is given just when the
 * signal wakes the process, and says nothing.
 */
int seccomp_process_answer(struct skas_process *process, unsigned long result);

/*
 * Parked in the stub, it is to make the first @n calls of its list; then, with
 * @go, to load what is in its struct stub_load, else to say STUB_CALL_IDLE. As
 * seccomp_process_answer(); 0 also when there was a signal, which it has then
 * survived in the stub.
 */
int seccomp_process_resume(struct skas_process *process, unsigned int n, bool go);

/*
 * The list of @n calls is written: say by which descriptor they map, and what must be
 * done besides. Returns how many calls it has now.
 */
unsigned int seccomp_list_end(struct skas_process *process, unsigned int n);

/* no list is under way, and what there was of one is not to be seen any more */
void seccomp_list_begin(struct skas_process *process);

/* the stub has come to the end of its list: what it was lent is gone */
void seccomp_list_done(struct skas_process *process);

/* a call of the list failed: for a reason that lies in it, or is it to be made again? */
bool seccomp_list_failed(struct skas_process *process, const struct seccomp_notif *notice);

/* can the host lend? Then @process is lent the descriptor by its next answer */
void seccomp_list_probe(struct skas_process *process);

/*
 * Is @notice the next call of that list? Then it is approved: made by the host,
 * and nothing else is. A kick may make that void; it then stands before the call
 * or at it, in the list and not in what is behind it (STUB_LOADING).
 */
bool seccomp_process_listed(struct skas_process *process, const struct seccomp_notif *notice);

/* the list, to its end; nothing is loaded. 0, -ESRCH or what the failed call returned */
int seccomp_process_run(struct skas_process *process, unsigned int n);

/* a signal for it. Async-signal-safe */
void seccomp_process_kick(int pid);

/* why seccomp_process_start() failed */
const char *seccomp_process_failed(int err);

#endif
