/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vmlinux.lds.S - the image as an executable of the host.
 *
 * Text, read-only data, data and bss are whole pages each: boot.c maps them
 * anew from physical memory with their own protections.
 */
#define RO_EXCEPTION_TABLE_ALIGN	8

#include <asm/page.h>
#include <asm/cache.h>
#include <asm/thread_info.h>
#include <asm-generic/vmlinux.lds.h>

OUTPUT_FORMAT("elf64-x86-64")
OUTPUT_ARCH(i386:x86-64)
ENTRY(_start)

jiffies = jiffies_64;

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(6);	/* __ro_after_init is within */
	data PT_LOAD FLAGS(6);
	inittext PT_LOAD FLAGS(5);
	initdata PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
	stack PT_GNU_STACK FLAGS(6);
}

SECTIONS
{
	. = KERNEL_START;
	_text = .;
	.text : {
		_stext = .;
		HEAD_TEXT
		TEXT_TEXT
		SCHED_TEXT
		LOCK_TEXT
		KPROBES_TEXT
		IRQENTRY_TEXT
		SOFTIRQENTRY_TEXT
		ENTRY_TEXT
		*(.fixup)
	} :text
	. = ALIGN(PAGE_SIZE);
	_etext = .;

	_sdata = .;
	.usermode_switches : AT(ADDR(.usermode_switches) - LOAD_OFFSET) {
		__usermode_switches_start = .;
		KEEP(*(.usermode_switches))
		__usermode_switches_end = .;
	} :rodata
	RO_DATA(PAGE_SIZE)
	.data.rel.ro : { *(.data.rel.ro*) }
	. = ALIGN(PAGE_SIZE);

	RW_DATA(L1_CACHE_BYTES, PAGE_SIZE, THREAD_SIZE) :data
	_edata = .;

	. = ALIGN(PAGE_SIZE);
	__init_begin = .;
	INIT_TEXT_SECTION(PAGE_SIZE) :inittext
	.exit.text : { EXIT_TEXT }
	. = ALIGN(PAGE_SIZE);
	__inittext_end = .;

	INIT_DATA_SECTION(16) :initdata
	.exit.data : { EXIT_DATA }
	PERCPU_SECTION(L1_CACHE_BYTES)
	. = ALIGN(PAGE_SIZE);
	__init_end = .;

	BSS_SECTION(PAGE_SIZE, PAGE_SIZE, PAGE_SIZE)
	_end = .;

	STABS_DEBUG
	DWARF_DEBUG
	ELF_DETAILS
	.got : { *(.got) }
	ASSERT(SIZEOF(.got) == 0, "the image needs no global offset table")
	.got.plt (INFO) : { *(.got.plt) }
	.igot.plt : { *(.igot.plt) }
	.plt : { *(.plt) *(.plt.*) *(.iplt) }
	.rela.dyn : { *(.rela.*) *(.rela_*) }

	DISCARDS
}
