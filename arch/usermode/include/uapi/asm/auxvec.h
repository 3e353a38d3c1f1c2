/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* What x86-64's says; that one asks for kernel options, which may not be exported. */
#ifndef _UAPI_ASM_USERMODE_AUXVEC_H
#define _UAPI_ASM_USERMODE_AUXVEC_H

#define AT_SYSINFO_EHDR		33

#define AT_VECTOR_SIZE_ARCH	2	/* entries in ARCH_DLINFO */

#endif
