/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest_regs.h - the registers of guest code, as every layer passes them on.
 *
 * The layout is that of x86-64's struct user_regs_struct, so that a task's
 * registers at the top of its kernel stack are handed to the host as they are.
 * No kernel types: host/ and platform/ include this too.
 */
#ifndef __ASM_USERMODE_GUEST_REGS_H
#define __ASM_USERMODE_GUEST_REGS_H

#ifndef __ASSEMBLY__

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8;
	unsigned long ax, cx, dx, si, di;
	unsigned long orig_ax;		/* system call number, -1: none */
	unsigned long ip, cs, flags, sp, ss;
};

struct guest_regs {
	struct pt_regs pt;
	unsigned long fs_base, gs_base;
	unsigned long ds, es, fs, gs;
};

#endif /* __ASSEMBLY__ */

/* selectors of 64-bit guest code, the host's own */
#define GUEST_CS	0x33
#define GUEST_SS	0x2b

/* what guest code may have in its flags register: CF PF AF ZF SF TF DF OF NT RF AC ID */
#define GUEST_FLAGS_MASK	0x254dd5UL
#define GUEST_FLAGS_FIXED	0x202UL		/* IF and the bit that is always 1 */

#endif
