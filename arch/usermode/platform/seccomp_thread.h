/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seccomp_thread.h - trap seccomp: the registers of a host thread, and the signals
 * that make it tell them.
 */
#ifndef __USERMODE_PLATFORM_SECCOMP_THREAD_H
#define __USERMODE_PLATFORM_SECCOMP_THREAD_H

#include <linux/types.h>

struct guest;
struct guest_regs;
struct host_thread;
struct seccomp_frame;
struct seccomp_notif;
struct skas_process;

/* ---- kicks: one at most is under way ---- */

void seccomp_kick(struct skas_process *process);
/* one has shown itself */
void seccomp_kick_came(void);
bool seccomp_kick_under_way(void);
/* from now on, or with 0 no longer, an interrupt is worth a kick of @pid */
void seccomp_set_running(int pid);

/* ---- whose registers it has: host_thread.fp_owner, guest.fp_host ---- */

void seccomp_own(struct host_thread *ht, struct guest *guest);
void seccomp_forget(struct host_thread *ht);

/* ---- reports ---- */

/* the frame of the report @notice; its FP state to @fp, or nowhere. 0 or -EINVAL */
int seccomp_read_frame(struct host_thread *ht, const struct seccomp_notif *notice,
		       struct seccomp_frame *frame, void *fp);
/* segment bases are the report's own arguments: they are in no frame */
void seccomp_take_bases(struct guest_regs *regs, const struct seccomp_notif *notice);
/* single steps are no flag of the guest's; @call: nor were they when it called */
void seccomp_hide_step(struct host_thread *ht, struct guest_regs *regs, bool call);

/* ---- all of them ---- */

/*
 * Parked at a call, @ht becomes parked in the stub, and all of its registers are
 * known; but of those that the call has told, what the kernel makes of them stays.
 * @frame: all as they were. 0 or -ESRCH, the host process is lost.
 */
int seccomp_fetch_frame(struct host_thread *ht, struct seccomp_frame *frame);
int seccomp_fetch(struct host_thread *ht);

/* all of @guest's registers into struct stub_load, which is @ht's alone */
int seccomp_load_regs(struct host_thread *ht, struct guest *guest);

/* of trap_ops and skas_driver */
int seccomp_regs_save(struct guest *guest);
int seccomp_fp_save(struct guest *guest);
void seccomp_fp_drop(struct guest *guest);
void seccomp_evict(struct host_thread *ht);

#endif
