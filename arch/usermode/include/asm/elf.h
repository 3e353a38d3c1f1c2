/* SPDX-License-Identifier: GPL-2.0 */
/*
 * elf.h - how guest programs are loaded and how their cores look.
 */
#ifndef __ASM_USERMODE_ELF_H
#define __ASM_USERMODE_ELF_H

#include <linux/bug.h>
#include <linux/string.h>
#include <linux/thread_info.h>
#include <uapi/asm/elf.h>
#include <asm/auxvec.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/sigframe.h>
#include <asm/user.h>

#define ELF_ARCH	EM_X86_64
#define ELF_CLASS	ELFCLASS64
#define ELF_DATA	ELFDATA2LSB

#define elf_check_arch(ehdr)	((ehdr)->e_machine == EM_X86_64)

/* relocations that occur in modules */
#define R_X86_64_NONE	0
#define R_X86_64_64	1
#define R_X86_64_PC32	2
#define R_X86_64_PLT32	4
#define R_X86_64_32	10
#define R_X86_64_32S	11
#define R_X86_64_PC64	24

typedef unsigned long elf_greg_t;

#define ELF_NGREG	(sizeof(struct user_regs_struct) / sizeof(elf_greg_t))
typedef elf_greg_t elf_gregset_t[ELF_NGREG];

typedef struct user_i387_struct elf_fpregset_t;

#define ELF_CORE_COPY_REGS(dst, regs)	{ elf_copy_regs((dst), (regs)); }

static inline void elf_copy_regs(elf_greg_t *dst, const struct pt_regs *regs)
{
	memset(dst, 0, sizeof(elf_gregset_t));
	/* only a guest's registers have segment bases behind them */
	memcpy(dst, regs, user_mode(regs) ? sizeof(struct guest_regs) :
					    sizeof(struct pt_regs));
}

#define CORE_DUMP_USE_REGSET
#define ELF_EXEC_PAGESIZE	PAGE_SIZE

/* position-independent programs start at two thirds, above all 32-bit addresses */
#define ELF_ET_DYN_BASE		(TASK_SIZE / 3 * 2)

/* 16 GB of randomness for the stack, in pages */
#define STACK_RND_MASK		0x3fffffUL

/* what the host grants, set once at boot (isa/x86/hwcap.c) */
extern unsigned long elf_hwcap, elf_hwcap2;
void elf_hwcap_init(unsigned long host_hwcap, unsigned long host_hwcap2);

#define ELF_HWCAP		elf_hwcap
#define ELF_HWCAP2		elf_hwcap2
#define ELF_PLATFORM		"x86_64"

#define SET_PERSONALITY(ehdr)						\
do {									\
	(void)(ehdr);							\
	set_personality(current->personality & ~READ_IMPLIES_EXEC);	\
} while (0)

/* a new program starts with nothing in its registers but ip and sp */
#define ELF_PLAT_INIT(regs, load_addr)	((void)(load_addr), elf_clear_regs(regs))

void elf_clear_regs(struct pt_regs *regs);

#define ARCH_DLINFO							\
do {									\
	if (current->mm->context.vdso)					\
		NEW_AUX_ENT(AT_SYSINFO_EHDR, current->mm->context.vdso); \
	NEW_AUX_ENT(AT_MINSIGSTKSZ, get_sigframe_size());		\
} while (0)

struct linux_binprm;

#define ARCH_HAS_SETUP_ADDITIONAL_PAGES 1
int arch_setup_additional_pages(struct linux_binprm *bprm, int uses_interp);

/* syscall user dispatch lets the vDSO's sigreturn through; there is none in it */
static inline bool arch_syscall_is_vdso_sigreturn(struct pt_regs *regs)
{
	return false;
}

#endif
