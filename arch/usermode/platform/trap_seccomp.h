/* SPDX-License-Identifier: GPL-2.0 */
/* trap_seccomp.h - guest code caught by being told of its system calls. */
#ifndef __USERMODE_PLATFORM_TRAP_SECCOMP_H
#define __USERMODE_PLATFORM_TRAP_SECCOMP_H

struct sigcontext_64;
struct trap_ops;

extern const struct trap_ops seccomp_trap_ops;

int seccomp_probe(const char **why);
bool seccomp_interrupt(struct sigcontext_64 *sc);

#endif
