/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vdso.lds.S - the guest's vDSO as a shared object: one read-only, executable
 * segment, which finds its data in the pages in front of it.
 */
#include <asm/page.h>
#include <asm/vdso.h>
#include <asm-generic/vmlinux.lds.h>

OUTPUT_FORMAT("elf64-x86-64")
OUTPUT_ARCH(i386:x86-64)

PHDRS
{
	text PT_LOAD FILEHDR PHDRS FLAGS(5);
	unwind PT_GNU_EH_FRAME FLAGS(4);
	note PT_NOTE FLAGS(4);
	dynamic PT_DYNAMIC FLAGS(4);
	stack PT_GNU_STACK FLAGS(6);
}

SECTIONS
{
	_vdso_data = - (VVAR_PAGES - VVAR_TIME) * PAGE_SIZE;
	_timens_data = - (VVAR_PAGES - VVAR_TIMENS) * PAGE_SIZE;
	_vdso_other_data = - (VVAR_PAGES - VVAR_OTHER) * PAGE_SIZE;
	_vdso_rng_data = _vdso_other_data;	/* its first member */

	/* first what runs and how to unwind it, then what the linker of programs reads */
	. = ALIGN(SIZEOF_HEADERS, 64);
	.text		: { *(.text .text.*) } :text
	.rodata		: { *(.rodata .rodata.*) }
	.eh_frame	: { KEEP(*(.eh_frame)) }
	.eh_frame_hdr	: { *(.eh_frame_hdr) } :text :unwind
	.note		: { *(.note.*) } :text :note
	.dynamic	: { *(.dynamic) } :text :dynamic
	.gnu.version_d	: { *(.gnu.version_d) } :text
	.gnu.hash	: { *(.gnu.hash) }
	.gnu.version	: { *(.gnu.version) }
	.dynsym		: { *(.dynsym) }
	.dynstr		: { *(.dynstr) }
	.hash		: { *(.hash) }

	/* code that wants any of this wants memory that the kernel does not map */
	.bad		: {
		*(.data .data.* .bss .bss.* .dynbss COMMON)
		*(.got .got.* .plt .plt.* .igot .igot.* .iplt .rela.* .gnu.version_r)
	}
	ASSERT(SIZEOF(.bad) == 0, "the vDSO has no writable data and needs no relocation")

	DWARF_DEBUG
	ELF_DETAILS
	/DISCARD/	: { *(.discard .discard.* __bug_table .gnu.attributes .sframe) }
}

/* as on x86-64 */
VERSION
{
	LINUX_2.6 {
	global:
		clock_gettime;
		__vdso_clock_gettime;
		clock_getres;
		__vdso_clock_getres;
		gettimeofday;
		__vdso_gettimeofday;
		time;
		__vdso_time;
		getcpu;
		__vdso_getcpu;
		getrandom;
		__vdso_getrandom;
	local: *;
	};
}
