// SPDX-License-Identifier: GPL-2.0
/*
 * tt_sites.c - what system calls that became jumps run into.
 *
 * A site's `jmp *abs32` goes through an entry of the table at SITES_START to the
 * stub of that number, which loads the number and goes to the gate (tt_gate.S).
 * The gate finds in tt_site[] what call it is, and in the space's slots where the
 * page lies that it came from: so one text page, patched once, serves every
 * address at which it is mapped.
 *
 * Locks: none; the caller serialises. The table is shared by all host processes.
 */
#include <asm/host.h>
#include "tt.h"
#include "tt_sites.h"

u64 tt_site[SITES];

bool platform_sites_exist(void)
{
	return space_ops == &tt_space_ops;
}

/* the second half of the stubs is that of sites of the second kind */
static void set_entry(unsigned int site, bool loads_r9)
{
	unsigned long *table = (unsigned long *)SITES_START;

	host_protect(table, SITES_SIZE, HOST_PROT_READ | HOST_PROT_WRITE);
	table[site] = (unsigned long)tt_stubs + (site + loads_r9 * SITES) * TT_STUB_BYTES;
	host_protect(table, SITES_SIZE, HOST_PROT_READ);
}

void platform_site_set(unsigned int site, unsigned int slot, unsigned int end, u8 *code)
{
	u32 entry = SITES_START + site * sizeof(u64), nr;
	bool loads_r9 = code[0] != SITE_MOV_EAX;

	__builtin_memcpy(&nr, code + 1, sizeof(nr));
	tt_site[site] = nr | (u64)end << TT_SITE_END | (u64)slot << TT_SITE_SLOT;
	set_entry(site, loads_r9);
	/* jmp *entry */
	code[0] = 0xff;
	code[1] = 0x24;
	code[2] = 0x25;
	code[3] = entry;
	code[4] = entry >> 8;
	code[5] = entry >> 16;		/* 06, where `syscall` was */
	code[6] = entry >> 24;
}

unsigned long platform_slot_where(const struct space *space, unsigned int slot)
{
	return space->plain ? 1 : space->slots[slot];
}

void platform_slot_place(struct space *space, unsigned int slot, unsigned long va)
{
	space->slots[slot] = va;
}

int tt_sites_init(void)
{
	const int flags = HOST_MAP_SHARED | HOST_MAP_ANON | HOST_MAP_FIXED;
	long at = host_map((void *)SITES_START, SITES_SIZE, HOST_PROT_READ, flags, -1, 0);

	return at < 0 ? at : 0;
}
