// SPDX-License-Identifier: GPL-2.0
/*
 * elf.c - what a new guest program starts with, and what its core says about
 * FP state.
 *
 * Owns the two words of hardware capabilities, constant after boot.
 */
#include <linux/cache.h>
#include <linux/coredump.h>
#include <linux/elf.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/hwcap2.h>
#include "xstate.h"

unsigned long elf_hwcap __ro_after_init;
unsigned long elf_hwcap2 __ro_after_init;

/* the guest's instructions are the host's, so its answers are, too */
void __init elf_hwcap_init(unsigned long host_hwcap, unsigned long host_hwcap2)
{
	elf_hwcap = host_hwcap;
	/* MONITOR in user mode would keep the host's CPU from everyone else */
	elf_hwcap2 = host_hwcap2 & HWCAP2_FSGSBASE;
}

void elf_clear_regs(struct pt_regs *regs)
{
	struct guest_regs *guest = container_of(regs, struct guest_regs, pt);

	/* ax is execve's return value, orig_ax its number */
	*guest = (struct guest_regs) {
		.pt.ax = regs->ax,
		.pt.orig_ax = regs->orig_ax,
		.pt.ip = regs->ip,
		.pt.sp = regs->sp,
		.pt.flags = GUEST_FLAGS_FIXED,
		.pt.cs = GUEST_CS,
		.pt.ss = GUEST_SS,
	};
}

#if defined(CONFIG_ARCH_HAVE_EXTRA_ELF_NOTES) && defined(CONFIG_COREDUMP)

/* the note NT_X86_XSAVE_LAYOUT: where which feature lies in NT_X86_XSTATE */
static const char note_name[] = "LINUX";

static unsigned int layout_bytes(void)
{
	return hweight64(xstate.features & ~XSTATE_FPSSE) *
	       sizeof(struct x86_xfeat_component);
}

int elf_coredump_extra_notes_size(void)
{
	return sizeof(struct elf_note) + roundup(sizeof(note_name), 4) + layout_bytes();
}

/* returns 1 if the core could not be written */
int elf_coredump_extra_notes_write(struct coredump_params *cprm)
{
	struct elf_note note = {
		.n_namesz	= sizeof(note_name),
		.n_descsz	= layout_bytes(),
		.n_type		= NT_X86_XSAVE_LAYOUT,
	};
	unsigned int i;

	if (!dump_emit(cprm, &note, sizeof(note)) ||
	    !dump_emit(cprm, note_name, sizeof(note_name)) || !dump_align(cprm, 4))
		return 1;
	for (i = 2; i < XSTATE_MAX; i++) {
		struct x86_xfeat_component component = {
			.type	= i,
			.size	= xstate.component[i].size,
			.offset	= xstate.component[i].offset,
		};

		if (xstate.features & BIT_ULL(i) &&
		    !dump_emit(cprm, &component, sizeof(component)))
			return 1;
	}
	return 0;
}

#endif
