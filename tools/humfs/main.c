// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - humfs: trees of files whose owners, modes and devices are a guest's.
 */
#include "tool.h"

static const char usage[] =
	"usage: humfs create DIR            an empty tree\n"
	"       humfs import SOURCE DIR     SOURCE is a directory, a tar file, or - for a tar file\n"
	"                                   on standard input; also a directory of humfsify\n"
	"       humfs export DIR FILE       as a tar file; -: to standard output\n"
	"       humfs list DIR              what is in it, a line each\n"
	"       humfs check DIR             is it whole?\n"
	"       humfs repair DIR            make it so\n"
	"DIR is what the guest mounts: mount -t humfs none /mnt -o DIR\n"
	"Status: 0, 1 if something failed or is wrong, 2 for wrong usage.\n";

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "create", command_create },
	{ "import", command_import },
	{ "export", command_export },
	{ "list", command_list },
	{ "check", command_check },
	{ "repair", command_repair },
};

int complain(const char *what, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "humfs: %s: ", what);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return STATUS_FAILED;
}

int complain_errno(const char *what)
{
	return complain(what, "%s", strerror(errno));
}

int main(int argc, char **argv)
{
	int status = STATUS_USAGE;
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return STATUS_OK;
	}
	for (i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(argv[1], commands[i].name))
			status = commands[i].run(argc - 1, argv + 1);
	}
	if (status == STATUS_USAGE)
		fputs(usage, stderr);
	return status;
}
