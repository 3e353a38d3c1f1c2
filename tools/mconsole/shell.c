// SPDX-License-Identifier: GPL-2.0
/*
 * shell.c - commands from a person, with history and completion, or from a script.
 *
 * The history is kept in ~/.umlctl_history.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <editline/readline.h>
#include <linux/usermode/mconsole.h>
#include "umlctl.h"

#define HISTORY_MAX	1000

static const char *const local_commands[] = {
	"console", "int", "list", "mconsole-version", "quit", "shutdown", "switch", NULL
};

static const char *const devices[] = {
	"con", "cpu", "eth", "mem", "ssl", "ubd", "vec", NULL
};

/* ---- completion ---- */

/* the next of @words, from *at on, that begins with @text */
static char *next_word(const char *const *words, size_t *at, const char *text)
{
	while (words[*at])
		if (!strncmp(words[(*at)++], text, strlen(text)))
			return strdup(words[*at - 1]);
	return NULL;
}

static char *complete_command(const char *text, int state)
{
	static size_t guest, local;
	char *word;

	if (!state) {
		guest = 0;
		local = 0;
	}
	word = next_word(guest_commands, &guest, text);
	return word ? word : next_word(local_commands, &local, text);
}

static char *complete_device(const char *text, int state)
{
	static size_t at;

	if (!state)
		at = 0;
	return next_word(devices, &at, text);
}

static char *complete_machine(const char *text, int state)
{
	static struct machine *all;
	static size_t n, at;

	if (!state) {
		free(all);
		all = machine_all(settings.parent, &n);
		at = 0;
	}
	while (at < n)
		if (!strncmp(all[at++].name, text, strlen(text)))
			return strdup(all[at - 1].name);
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	(void)end;
	rl_attempted_completion_over = 1;
	if (!start)
		return rl_completion_matches(text, complete_command);
	if (!strncmp(rl_line_buffer, "switch ", 7))
		return rl_completion_matches(text, complete_machine);
	if (!strncmp(rl_line_buffer, "config ", 7) || !strncmp(rl_line_buffer, "remove ", 7))
		return rl_completion_matches(text, complete_device);
	return NULL;
}

/* ---- commands that are not the guest's ---- */

static int switch_to(struct machine *m, const char *name)
{
	struct machine other;

	if (machine_find(settings.parent, name, &other)) {
		output_error(m, "switch: there is no machine %s in %s", name, settings.parent);
		return STATUS_NO_MACHINE;
	}
	*m = other;
	printf("Switched to '%s'\n", m->name);
	return STATUS_OK;
}

static const char *help_local =
	"Commands of this program:\n"
	"    quit - leave\n"
	"    switch NAME - talk to another machine\n"
	"    list - the machines there are\n"
	"    console [LINE] - join a line of the guest\n"
	"    shutdown - have its init shut the guest down\n"
	"    log -f FILE - each line of the file for the guest's log\n"
	"    int - interrupt the guest's process\n"
	"    mconsole-version - version of the protocol\n";

/* true: it was ours, *status is set */
static bool run_local(struct machine *m, const char *word, const char *rest, int *status)
{
	*status = STATUS_OK;
	if (!strcmp(word, "switch"))
		*status = switch_to(m, rest);
	else if (!strcmp(word, "list"))
		*status = list_machines(NULL);
	else if (!strcmp(word, "console"))
		*status = attach(m, *rest ? rest : NULL);
	else if (!strcmp(word, "shutdown"))
		*status = command_signal(m, SIGTERM);
	else if (!strcmp(word, "int"))
		*status = command_signal(m, SIGINT);
	else if (!strcmp(word, "mconsole-version"))
		printf("umlctl, version %d of the protocol\n", MCONSOLE_VERSION);
	else if (!strcmp(word, "log") && !strncmp(rest, "-f ", 3))
		*status = command_log_file(m, rest + 3);
	else
		return false;
	return true;
}

static int run_line(struct machine *m, const char *line)
{
	char word[32] = "";
	const char *rest;
	int n = 0, status;

	sscanf(line, "%31s %n", word, &n);
	rest = line + n;
	if (run_local(m, word, rest, &status))
		return status;
	status = command_send(m, line);
	if (!strcmp(word, "help"))
		fputs(help_local, stdout);
	return status;
}

/* ---- input ---- */

static char *history_file(void)
{
	const char *home = getenv("HOME");
	char *path;

	if (!home || asprintf(&path, "%s/.umlctl_history", home) < 0)
		return NULL;
	return path;
}

/* a line without newline, to be freed; NULL: the end */
static char *next_line(const struct machine *m, bool person)
{
	char prompt[300], *line = NULL;
	size_t size = 0;

	if (person) {
		snprintf(prompt, sizeof(prompt), "(%s) ", m->name);
		line = readline(prompt);
		if (line && *line)
			add_history(line);
		return line;
	}
	if (getline(&line, &size, stdin) < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = 0;
	return line;
}

static char *begin_history(bool person)
{
	char *path = person ? history_file() : NULL;

	rl_readline_name = "umlctl";
	rl_attempted_completion_function = complete;
	using_history();
	stifle_history(HISTORY_MAX);
	if (path)
		read_history(path);
	return path;
}

int shell(struct machine *m)
{
	bool person = isatty(STDIN_FILENO);
	char *path = begin_history(person), *line, *text;
	int status = STATUS_OK, result;

	while ((line = next_line(m, person))) {
		text = line + strspn(line, " \t");
		if (!strcmp(text, "quit")) {
			free(line);
			break;
		}
		if (*text && *text != '#') {
			result = run_line(m, text);
			status = person ? STATUS_OK : result ? result : status;
		}
		free(line);
	}
	if (path)
		write_history(path);
	free(path);
	return status;
}
