// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - cow: copy-on-write files, made, shown, checked, merged and moved.
 */
#include <unistd.h>
#include "tool.h"

static const char usage[] =
	"usage: cow create [-f] COW BACKING        make COW, a copy of BACKING\n"
	"       cow info COW...                    what is in them\n"
	"       cow verify COW                     is it fit for use?\n"
	"       cow merge [-b BACKING] COW         write it into its backing file\n"
	"       cow merge [-f] [-b BACKING] COW NEW\n"
	"                                          write the whole disk to NEW\n"
	"       cow rebase [-u] [-b OLD] COW NEW   base it on NEW, with the same content\n"
	"  -f  overwrite a file that exists\n"
	"  -b  the backing file is this one, wherever COW says it is\n"
	"  -u  change only the header: NEW is what COW was based on\n"
	"Status: 0, 1 if it failed, 2 for wrong usage.\n";

static const char *program;

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "create", command_create },
	{ "info", command_info },
	{ "verify", command_verify },
	{ "merge", command_merge },
	{ "rebase", command_rebase },
};

int complain(const char *file, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: %s: ", program, file);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return STATUS_FAILED;
}

int complain_error(const char *file, int err, const char *what)
{
	return complain(file, "%s: %s", what, strerror(-err));
}

static int run_command(int argc, char **argv)
{
	const struct command *end = commands + sizeof(commands) / sizeof(*commands);
	const struct command *command;
	int status = STATUS_USAGE;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return STATUS_OK;
	}
	for (command = commands; argc > 1 && command < end; command++) {
		if (!strcmp(argv[1], command->name))
			status = command->run(argc - 1, argv + 1);
	}
	if (status == STATUS_USAGE)
		fputs(usage, stderr);
	return status;
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;

	program = slash ? slash + 1 : argc ? argv[0] : "cow";
	if (!strcmp(program, "uml_mkcow"))
		return uml_mkcow(argc, argv);
	if (!strcmp(program, "uml_moo"))
		return uml_moo(argc, argv);
	return run_command(argc, argv);
}
