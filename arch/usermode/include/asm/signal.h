/* SPDX-License-Identifier: GPL-2.0 */
/*
 * signal.h - the kernel's own signal types, sized as x86-64's.
 */
#ifndef __ASM_USERMODE_SIGNAL_H
#define __ASM_USERMODE_SIGNAL_H

#define _NSIG		64
#define _NSIG_BPW	64
#define _NSIG_WORDS	(_NSIG / _NSIG_BPW)

#define __ARCH_HAS_SA_RESTORER

#ifndef __ASSEMBLY__

typedef unsigned long old_sigset_t;

typedef struct {
	unsigned long sig[_NSIG_WORDS];
} sigset_t;

#endif /* __ASSEMBLY__ */

#include <uapi/asm/signal.h>
#include <uapi/asm/sigcontext.h>

#endif
