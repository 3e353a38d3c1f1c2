/* SPDX-License-Identifier: GPL-2.0 */
/* umlctl.h - the parts of umlctl among each other. */
#ifndef UMLCTL_H
#define UMLCTL_H

#include <stdbool.h>
#include "../compiler.h"
#include "client.h"
#include "machine.h"

/* exit statuses */
enum {
	STATUS_OK,
	STATUS_REFUSED,		/* the guest says that it cannot */
	STATUS_USAGE,
	STATUS_NO_MACHINE,	/* there is none of that name, or it does not run */
	STATUS_NO_ANSWER,	/* it runs and does not answer */
};

/**
 * struct settings - what the command line said
 * @parent:  the directory with the machines
 * @timeout: ms to wait for an answer, 0: as the command needs
 * @json:    answers are for programs
 * @classic: called as uml_mconsole: answers begin with OK or ERR
 */
struct settings {
	const char *parent;
	int timeout;
	bool json;
	bool classic;
};

extern struct settings settings;

/* ---- command.c: one command for one machine ---- */

/* Send @command, print the answer. Return: exit status. */
int command_send(const struct machine *m, const char *command);
/* The same without printing; client_ask()'s value. */
int command_ask(const struct machine *m, const char *command, struct answer *answer);
/* "log -f FILE": each line of the file is a line of the guest's log. */
int command_log_file(const struct machine *m, const char *file);
/* "halt", until it has ended. Return: exit status. */
int command_halt(const struct machine *m);
/* Have its init shut it down, until it has ended. Return: exit status. */
int command_shutdown(const struct machine *m);
/* A signal for its process. Return: exit status. */
int command_signal(const struct machine *m, int sig);
/* Remove the directory of one that has died. Return: exit status. */
int command_forget(const struct machine *m);
/* Why there was no answer, to stderr. Return: exit status. */
int command_complain(const struct machine *m, int err);

/* ---- output.c ---- */

void output_answer(const struct machine *m, const char *command, const struct answer *answer);
__printf(2, 3)
void output_error(const struct machine *m, const char *fmt, ...);

/* ---- list.c ---- */

/* A table, or an array in JSON, of all machines, or of @only. Return: exit status. */
int list_machines(const struct machine *only);

/* ---- attach.c ---- */

/* Connect this terminal to a line of the guest until Ctrl-]. @line: "con0", NULL: find one. */
int attach(const struct machine *m, const char *line);

/* ---- shell.c ---- */

/* Commands from a person or a script until the end of the input. Return: exit status. */
int shell(struct machine *m);

/* what a shell completes, and the command line checks; ends with NULL */
extern const char *const guest_commands[];

#endif
