/* SPDX-License-Identifier: GPL-2.0 */
/*
 * skas.h - guest address spaces in host processes of their own.
 *
 * A struct space is created with nothing behind it. The first time that guest
 * code runs in it on a virtual CPU, it gets a host thread there: one of an idle
 * host process, or of a new one (skas_process.c).
 */
#ifndef __USERMODE_PLATFORM_SKAS_H
#define __USERMODE_PLATFORM_SKAS_H

#include "skas_queue.h"
#include "stub/stub.h"
#include "vcpu.h"

/**
 * struct host_thread - what runs the guest threads of one mm on one virtual CPU
 * @process:	its host process; @process->pid is its id
 * @fp_owner:	the guest thread whose FP state is in its registers, or NULL
 * @regs:	its registers, if @regs_known
 * @regs_known: they were read or written since it last ran
 * @used:	it was looked at since the space was created
 * @dead:	its host process is gone
 * @stepping:	trap seccomp: guest code runs with a trap flag that is not its own
 * @unsure_ip, @unsure_addr: the last fault that was taken for a fetch without
 *		certainty (trap_ptrace.c)
 */
struct host_thread {
	struct skas_process *process;
	struct guest *fp_owner;
	struct guest_regs regs;
	bool regs_known;
	bool used;
	bool dead;
	bool stepping;
	unsigned long unsure_ip;
	unsigned long unsure_addr;
};

struct space {
	struct host_thread thread[PLATFORM_VCPUS];
	struct skas_queue queue;
};

extern const struct space_ops skas_space_ops;

/*
 * Before guest code runs in @space: this virtual CPU's host thread, with all
 * queued operations done; NULL: there is none and there will be none.
 */
struct host_thread *skas_prepare(struct space *space);

/* the same in steps, for who makes the calls on the way to the guest: */
/* ... the host thread, or NULL */
struct host_thread *skas_start(struct space *space);
/* ... what is queued, as a list of its stub: how many calls, perhaps none */
unsigned int skas_list(struct space *space, struct host_thread *ht);
/* ... that list has failed: the same after everything was dropped; 0: it was already */
unsigned int skas_list_again(struct space *space, struct host_thread *ht);
/* ... it is done, or will never be */
void skas_list_done(struct space *space);
/* ... all that is queued, now. false: the host process is lost */
bool skas_flush(struct space *space, struct host_thread *ht);

/* @ht cannot be used any more: its host process has died, or is ended here */
void skas_lost(struct host_thread *ht);

#endif
