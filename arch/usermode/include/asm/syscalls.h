/* SPDX-License-Identifier: GPL-2.0 */
/* Entry points of system calls that the port itself implements (isa/x86). */
#ifndef __ASM_USERMODE_SYSCALLS_H
#define __ASM_USERMODE_SYSCALLS_H

#include <linux/linkage.h>

struct task_struct;

/* arch_prctl(2) on @tsk, which is current or stopped */
long do_arch_prctl(struct task_struct *tsk, int option, unsigned long arg);

#endif
