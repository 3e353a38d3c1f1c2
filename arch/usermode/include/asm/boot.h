/* SPDX-License-Identifier: GPL-2.0 */
/* boot.h - what is known before start_kernel(). */
#ifndef __ASM_USERMODE_BOOT_H
#define __ASM_USERMODE_BOOT_H

#include <linux/types.h>

extern u64 memory_size;			/* mem=, bytes, a multiple of 2 MiB */
extern u64 memory_max;			/* bytes that it may grow to while the guest runs */
extern u64 boot_ns;			/* host_monotonic_ns() when the program started */
extern int physmem_fd;			/* memfd of physical memory */
extern const char *initrd_file;		/* initrd=, or NULL */
extern const char *mode_name, *trap_name; /* mode=, trap=, or NULL */

/* where the text that is given up after boot ends (vmlinux.lds.S) */
extern char __inittext_end[];

/* host/start.S enters here with the stack that the host's exec made */
void __noreturn usermode_main(long *stack);

/* one line on stderr, status 1 */
void __noreturn boot_fail(const char *what);

#endif
