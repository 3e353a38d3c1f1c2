// SPDX-License-Identifier: GPL-2.0
/*
 * umlctl.c - talk to user-mode machines from outside: the command line.
 *
 * As umlctl the command comes first and the machine's name second; as
 * uml_mconsole it is the other way around, as users of that program know it.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "umlctl.h"

#define TIMEOUT_MAX	86400

struct settings settings;

static const char usage[] =
	"Usage: umlctl [OPTION]... list\n"
	"       umlctl [OPTION]... COMMAND NAME [ARGUMENT]...\n"
	"Talk to the user-mode machine NAME (its umid=) from outside.\n"
	"\n"
	"  list                    the machines there are, and how they do\n"
	"  status NAME             the same for one\n"
	"  console NAME [LINE]     join a line of it (con0, ssl1); Ctrl-] leaves\n"
	"  shell NAME              type commands\n"
	"  shutdown NAME           have its init shut it down\n"
	"  halt, reboot NAME       at once, but for writing file systems back\n"
	"  forget NAME             remove what a killed one has left\n"
	"  cad NAME                press Ctrl-Alt-Del\n"
	"  stop, go NAME           pause it, and resume\n"
	"  config NAME DEV         ask for the setting of a device: mem, con0, ubd1\n"
	"  config NAME DEV=SETTING plug it in, or change it: mem=+256M, ubd1=disk.img\n"
	"  remove NAME DEV         unplug it\n"
	"  log NAME TEXT           a line for its kernel's log\n"
	"  proc NAME FILE          read a file below its /proc\n"
	"  stack NAME PID          where a task of it is in its kernel\n"
	"  sysrq NAME LETTER       a SysRq action; h lists them\n"
	"  version, help NAME      its kernel's version, and what it understands\n"
	"\n"
	"  -d, --dir DIR           where machines have their directories (~/.uml)\n"
	"  -j, --json              answers for programs\n"
	"  -t, --timeout SECONDS   to wait for an answer\n"
	"  -h, --help              this text\n"
	"\n"
	"Status: 0 done, 1 the guest refused, 2 wrong use, 3 no such machine,\n"
	"4 no answer.\n";

static const char usage_classic[] =
	"Usage: uml_mconsole [OPTION]... NAME|SOCKET [COMMAND [ARGUMENT]...]\n"
	"Commands are those of the machine; \"help\" lists them. Options and statuses\n"
	"are those of umlctl.\n";

static void __noreturn __printf(1, 2) wrong_use(const char *fmt, ...)
{
	const char *program = settings.classic ? "uml_mconsole" : "umlctl";
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "%s: ", program);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, " (%s --help)\n", program);
	exit(STATUS_USAGE);
}

static struct machine find(const char *name)
{
	struct machine m;

	if (!machine_find(settings.parent, name, &m))
		return m;
	fprintf(stderr, "umlctl: there is no machine %s in %s\n", name, settings.parent);
	exit(STATUS_NO_MACHINE);
}

/* the words of a command with blanks between them */
static void join_words(char *text, size_t len, const char *first, char **words)
{
	size_t used = snprintf(text, len, "%s", first);

	for (; *words; words++) {
		if (used + strlen(*words) + 1 >= len)
			wrong_use("the command is too long; %d bytes are the most",
				  CLIENT_COMMAND_MAX);
		used += snprintf(text + used, len - used, " %s", *words);
	}
}

static bool is_guest_command(const char *word)
{
	const char *const *c;

	for (c = guest_commands; *c; c++)
		if (!strcmp(*c, word))
			return true;
	return false;
}

static int run_guest_command(const struct machine *m, const char *word, char **words)
{
	char command[CLIENT_COMMAND_MAX + 1];

	if (!strcmp(word, "log") && words[0] && !strcmp(words[0], "-f") && words[1])
		return command_log_file(m, words[1]);
	join_words(command, sizeof(command), word, words);
	return command_send(m, command);
}

static int run(const char *word, const char *name, char **words)
{
	struct machine m = find(name);

	if (!strcmp(word, "halt") && !words[0])
		return command_halt(&m);
	if (is_guest_command(word))
		return run_guest_command(&m, word, words);
	if (!strcmp(word, "console"))
		return attach(&m, words[0]);
	if (!strcmp(word, "shell"))
		return shell(&m);
	if (!strcmp(word, "status"))
		return list_machines(&m);
	if (!strcmp(word, "forget"))
		return command_forget(&m);
	return command_shutdown(&m);
}

static int main_umlctl(char **words)
{
	static const char *const local[] = { "console", "forget", "shell", "shutdown", "status",
					     NULL };
	const char *word = words[0];
	const char *const *c;

	if (!word)
		wrong_use("say what to do");
	if (!strcmp(word, "list")) {
		if (words[1])
			wrong_use("list takes no name; status NAME is about one machine");
		return list_machines(NULL);
	}
	for (c = local; *c && strcmp(*c, word); c++)
		;
	if (!*c && !is_guest_command(word))
		wrong_use("%s: unknown command", word);
	if (!words[1])
		wrong_use("%s: say which machine; \"umlctl list\" names them", word);
	return run(word, words[1], words + 2);
}

static int main_classic(char **words)
{
	struct machine m;

	if (!words[0])
		wrong_use("say which machine");
	m = find(words[0]);
	if (!words[1])
		return shell(&m);
	return run_guest_command(&m, words[1], words + 2);
}

static int parse_timeout(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds > 0) || seconds > TIMEOUT_MAX)
		wrong_use("--timeout %s: a number of seconds up to %d is wanted", text,
			  TIMEOUT_MAX);
	return seconds * 1000 < 1 ? 1 : (int)(seconds * 1000);
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "timeout", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "+d:jt:h", options, NULL)) >= 0) {
		switch (c) {
		case 'd':
			settings.parent = optarg;
			break;
		case 'j':
			settings.json = true;
			break;
		case 't':
			settings.timeout = parse_timeout(optarg);
			break;
		case 'h':
			fputs(settings.classic ? usage_classic : usage, stdout);
			exit(STATUS_OK);
		default:
			exit(STATUS_USAGE);
		}
	}
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	settings.classic = !strcmp(slash ? slash + 1 : argv[0], "uml_mconsole");
	parse_options(argc, argv);
	settings.parent = machine_parent(settings.parent);
	return settings.classic ? main_classic(argv + optind) : main_umlctl(argv + optind);
}
