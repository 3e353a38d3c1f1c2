/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sites.h - system call instructions of guest code that became jumps (tt).
 *
 * A site is `mov $nr, %eax; syscall` in a shadow of a page of program text, with
 * a jump through a table in its place. mm/shadow.c owns the shadows and knows
 * files and page tables; platform/tt_sites.c owns what the jump runs into. A second
 * kind is `mov 8(%rsp), %r9; syscall`, the end of a C library's syscall(). A site
 * has a number, and so has a shadow (its slot); where a slot is mapped is each
 * space's own matter.
 */
#ifndef __ASM_USERMODE_SITES_H
#define __ASM_USERMODE_SITES_H

#define SITES		4096
#define SITE_SLOTS	512

#ifndef __ASSEMBLY__

#include <linux/types.h>

struct space;

/* bytes of a site: both instructions, and the jump */
#define SITE_BYTES	7
/* first byte of the first kind, and what the second begins with */
#define SITE_MOV_EAX	0xb8
#define SITE_MOV_R9	{ 0x4c, 0x8b, 0x4c, 0x24, 0x08 }
/* offset of the `syscall` in it, where the jump reads as an invalid opcode */
#define SITE_HALF	5

/* does this pair of space and trap know about sites? Constant after platform_init() */
bool platform_sites_exist(void);

/*
 * Site number @site is in slot @slot and ends at offset @end of the page (at most
 * its size). @code holds its instructions, and then the jump: SITE_BYTES.
 */
void platform_site_set(unsigned int site, unsigned int slot, unsigned int end, u8 *code);

/*
 * Where @space has mapped the slot, 0: nowhere yet, 1: it maps no shadows. The
 * caller serialises, as for all operations on a space.
 */
unsigned long platform_slot_where(const struct space *space, unsigned int slot);
void platform_slot_place(struct space *space, unsigned int slot, unsigned long va);

/*
 * No space runs again with what it has mapped now: memory of shadows may be used
 * for something else, and their slots and sites too. Interrupts off.
 */
void platform_slots_forget(void);

/* drop what is mapped in @space, which is active, and map no shadows any more. Interrupts off */
void platform_space_plain(struct space *space);

/* mm/shadow.c: current's code is seen as it is in its file from now on */
void sites_hide(void);

/* mm/shadow.c: before a call that came by a trap is made. @ip is behind it */
void site_trapped(unsigned long ip, unsigned int nr);

/* mm/shadow.c: is @ip the second half of a site? */
bool site_half(unsigned long ip);

/* mm/shadow.c: what to map at @va instead of the page at @phys; its table is locked */
struct mm_struct;
u64 shadow_phys(struct mm_struct *mm, unsigned long va, u64 phys, int prot);

#endif /* __ASSEMBLY__ */
#endif
