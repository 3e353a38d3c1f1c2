/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmdline.h - switches that are understood before the kernel starts.
 *
 * What a user typed wrong is answered in one line and a non-zero exit, on the
 * caller's terminal, before any guest exists. A switch registers a parser in
 * the section .usermode_switches; kernel/cmdline.c walks the command line and
 * calls, for each word, the parser with the longest matching name.
 */
#ifndef __ASM_USERMODE_CMDLINE_H
#define __ASM_USERMODE_CMDLINE_H

#include <linux/types.h>
#include <linux/compiler.h>

/**
 * struct usermode_switch - one switch of the command line
 * @name:	prefix that it is recognised by, "ubd" or "mem="
 * @parse:	called with the whole word and a buffer for a one-line reason.
 *		0: done, the word is for nobody else; SWITCH_NOT_MINE: the kernel
 *		and init see it too; -errno after naming option, file and reason
 *		in @why. Runs before the kernel's memory is up: no printk, no
 *		kmalloc; host.h may be called
 * @help:	lines for --help
 */
struct usermode_switch {
	const char *name;
	int (*parse)(const char *word, char *why, size_t len);
	const char *help;
};

#define SWITCH_NOT_MINE	1

/* all of them (vmlinux.lds.S), and what the kernel was configured with (showconfig.S) */
extern const struct usermode_switch __usermode_switches_start[], __usermode_switches_end[];
extern const char usermode_config[], usermode_config_end[];

#define USERMODE_SWITCH(_id, _name, _parse, _help)			\
	static const struct usermode_switch __usermode_switch_##_id	\
	__used __section(".usermode_switches") __aligned(8) = {		\
		.name = _name, .parse = _parse, .help = _help,		\
	}

/* the caller's own argument and environment vectors, for a restart */
extern char **host_argv, **host_envp;

/*
 * Parse all words; exits the process after an answer or a complaint. All of
 * them go to boot_command_line (and so to /proc/cmdline), those that no switch
 * took to kernel_command_line, which the kernel parses.
 */
void usermode_parse_cmdline(int argc, char **argv);

extern char kernel_command_line[];

#endif
