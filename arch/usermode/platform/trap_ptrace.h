/* SPDX-License-Identifier: GPL-2.0 */
/* trap_ptrace.h - guest code caught by tracing its host process. */
#ifndef __USERMODE_PLATFORM_TRAP_PTRACE_H
#define __USERMODE_PLATFORM_TRAP_PTRACE_H

struct host_thread;
struct skas_driver;
struct sigcontext_64;
struct trap_ops;

extern const struct trap_ops ptrace_trap_ops;
extern const struct skas_driver ptrace_driver;		/* skas_ptrace.c */

int ptrace_probe(const char **why);
bool ptrace_interrupt(struct sigcontext_64 *sc);

/* @ht goes away: whose FP state it holds gets it back */
void ptrace_evict(struct host_thread *ht);

/* @ht is lost, and with it the FP state that it holds */
void ptrace_forget(struct host_thread *ht);

#endif
