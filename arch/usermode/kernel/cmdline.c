// SPDX-License-Identifier: GPL-2.0
/*
 * cmdline.c - the command line before there is a kernel.
 *
 * Owns the early pass over the words that the user typed (asm/cmdline.h) and
 * the switches that belong to no device. Runs on the host's first stack with
 * nothing but host.h; everything that it finds wrong ends the program here.
 */
#include <linux/fcntl.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/utsname.h>
#include <generated/compile.h>
#include <generated/utsrelease.h>
#include <asm/boot.h>
#include <asm/cmdline.h>
#include <asm/host.h>
#include <asm/page.h>
#include <asm/setup.h>

#define MEM_DEFAULT	(512UL << 20)
#define MEM_LEAST	(32UL << 20)
#define MEM_GRANULE	(2UL << 20)

char kernel_command_line[COMMAND_LINE_SIZE] __initdata;

u64 memory_size = MEM_DEFAULT;
const char *initrd_file;
const char *mode_name, *trap_name;

static void say(const char *text)
{
	host_write(1, text, strlen(text));
}

static int parse_mem(const char *word, char *why, size_t len)
{
	const char *value = word + strlen("mem=");
	char *end;
	u64 size = memparse(value, &end), host;

	if (end == value || *end) {
		snprintf(why, len, "%s: not a size; write for example mem=512M", word);
		return -EINVAL;
	}
	if (size < MEM_LEAST || size > PHYS_MAX) {
		snprintf(why, len, "%s: guest memory must be between %luM and %luT",
			 word, MEM_LEAST >> 20, PHYS_MAX >> 40);
		return -ERANGE;
	}
	/* a page of the guest costs the host its struct page at boot, used or not */
	host = host_memory_bytes();
	if (host && size / PAGE_SIZE * sizeof(struct page) > host / 4) {
		snprintf(why, len, "%s: accounting takes %lluM, too much for a host of %lluM",
			 word, size / PAGE_SIZE * sizeof(struct page) >> 20, host >> 20);
		return -ENOMEM;
	}
	memory_size = round_down(size, MEM_GRANULE);
	return 0;
}

USERMODE_SWITCH(mem, "mem=", parse_mem,
		"mem=N[KMG]               guest memory (default 512M); may exceed the host's");

static int parse_mode(const char *word, char *why, size_t len)
{
	mode_name = word + strlen("mode=");
	if (!strcmp(mode_name, "skas") || !strcmp(mode_name, "tt"))
		return 0;
	snprintf(why, len, "%s: unknown mode; the modes are skas and tt", word);
	return -EINVAL;
}

USERMODE_SWITCH(mode, "mode=", parse_mode,
		"mode=skas|tt             where guest memory is mapped");

static int parse_trap(const char *word, char *why, size_t len)
{
	trap_name = word + strlen("trap=");
	if (!strcmp(trap_name, "ptrace") || !strcmp(trap_name, "seccomp") ||
	    !strcmp(trap_name, "dispatch"))
		return 0;
	snprintf(why, len, "%s: unknown trap; the traps are ptrace, seccomp and dispatch", word);
	return -EINVAL;
}

USERMODE_SWITCH(trap, "trap=", parse_trap,
		"trap=ptrace|seccomp|dispatch  how system calls are caught");

static int parse_initrd(const char *word, char *why, size_t len)
{
	struct host_stat st;
	int fd, err;

	initrd_file = word + strlen("initrd=");
	fd = host_open(initrd_file, O_NONBLOCK, 0);	/* a FIFO would wait for a writer */
	err = fd < 0 ? fd : host_fstat(fd, &st);
	if (fd >= 0)
		host_close(fd);
	if (!err && S_ISDIR(st.mode))
		err = -EISDIR;
	if (!err && !S_ISREG(st.mode))
		err = -ENXIO;
	if (err)
		snprintf(why, len, "%.300s: %s", word, host_error_text(err));
	else if (!st.size)
		snprintf(why, len, "%s: the file is empty", word);
	else
		return 0;
	return err ?: -EINVAL;
}

USERMODE_SWITCH(initrd, "initrd=", parse_initrd,
		"initrd=FILE              initial RAM disk, a host file");

static int __noreturn show_version(const char *word, char *why, size_t len)
{
	say(UTS_RELEASE "\n");
	host_exit(0);
}

USERMODE_SWITCH(version, "--version", show_version,
		"--version                print the kernel release");

static int __noreturn show_help(const char *word, char *why, size_t len)
{
	const struct usermode_switch *s;

	say("Usage: linux [SWITCH]... [KERNEL PARAMETER]... [-- INIT ARGUMENT...]\n"
	    "A Linux kernel as an ordinary program. Example: linux ubd0=root.img mem=1G\n\n");
	for (s = __usermode_switches_start; s < __usermode_switches_end; s++) {
		if (!s->help)
			continue;
		say("  ");
		say(s->help);
		say("\n");
	}
	say("\nOther words are parameters of the kernel or of init, as everywhere.\n");
	host_exit(0);
}

USERMODE_SWITCH(help, "--help", show_help, "--help                   print this text");

static int __init __noreturn show_config(const char *word, char *why, size_t len)
{
	host_write(1, usermode_config, usermode_config_end - usermode_config);
	host_exit(0);
}

USERMODE_SWITCH(showconfig, "--showconfig", show_config,
		"--showconfig             print the configuration that this kernel was built with");

static const struct usermode_switch *__init find_switch(const char *word)
{
	const struct usermode_switch *s, *best = NULL;
	size_t length = 0;

	for (s = __usermode_switches_start; s < __usermode_switches_end; s++) {
		size_t n = strlen(s->name);

		if (n > length && !strncmp(word, s->name, n)) {
			best = s;
			length = n;
		}
	}
	return best;
}

/* true: a switch took the word, the kernel need not see it */
static bool __init parse_word(const char *word)
{
	const struct usermode_switch *s = find_switch(word);
	char why[640] = "";
	int ret;

	if (!s)
		return false;
	ret = s->parse(word, why, sizeof(why));
	if (ret < 0)
		boot_fail(why);
	return !ret;
}

static void __init add_word(char *line, const char *word)
{
	const char *quote = strchr(word, ' ') ? "\"" : "";
	size_t at = strlen(line);

	if (at + strlen(word) + sizeof(" \"\"") > COMMAND_LINE_SIZE)
		boot_fail("the command line is too long");
	snprintf(line + at, COMMAND_LINE_SIZE - at, "%s%s%s%s", at ? " " : "", quote, word, quote);
}

void __init usermode_parse_cmdline(int argc, char **argv)
{
	bool for_init = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--"))
			for_init = true;
		add_word(boot_command_line, argv[i]);
		if (for_init || !parse_word(argv[i]))
			add_word(kernel_command_line, argv[i]);
	}
}
