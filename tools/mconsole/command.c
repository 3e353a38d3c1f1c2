// SPDX-License-Identifier: GPL-2.0
/*
 * command.c - one command for one machine.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "umlctl.h"

#define SHORT	10000		/* ms; the guest itself gives up after three seconds */
#define LONG	300000		/* devices may take their time, and proc its reader's */
#define ENDING	30000		/* a halt takes ten seconds at most */

const char *const guest_commands[] = {
	"cad", "config", "go", "halt", "help", "log", "proc", "reboot", "remove", "stack",
	"stop", "sysrq", "version", NULL
};

static bool begins_with(const char *command, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(command, word, n) && (!command[n] || command[n] == ' ');
}

int command_ask(const struct machine *m, const char *command, struct answer *answer)
{
	int timeout = settings.timeout;

	if (!timeout)
		timeout = begins_with(command, "config") || begins_with(command, "remove") ||
			  begins_with(command, "proc") ? LONG : SHORT;
	return client_ask(m->socket, command, timeout, answer);
}

int command_complain(const struct machine *m, int err)
{
	switch (-err) {
	case ETIMEDOUT:
		output_error(m, "it runs (process %d) and does not answer", (int)m->pid);
		return STATUS_NO_ANSWER;
	case EMSGSIZE:
		output_error(m, "the command is too long; %d bytes are the most",
			     CLIENT_COMMAND_MAX);
		return STATUS_USAGE;
	case ECONNREFUSED:
	case ENOENT:
		output_error(m, m->alive ? "it has no management console" : "it does not run");
		return STATUS_NO_MACHINE;
	case EACCES:
	case EPERM:
		output_error(m, "it belongs to somebody else");
		return STATUS_NO_MACHINE;
	}
	output_error(m, "%s", strerror(-err));
	return STATUS_NO_ANSWER;
}

int command_send(const struct machine *m, const char *command)
{
	struct answer answer;
	int err = command_ask(m, command, &answer);
	int status;

	if (err)
		return command_complain(m, err);
	output_answer(m, command, &answer);
	status = answer.err ? STATUS_REFUSED : STATUS_OK;
	answer_free(&answer);
	return status;
}

int command_log_file(const struct machine *m, const char *name)
{
	char command[CLIENT_COMMAND_MAX + 1] = "log ";
	FILE *file = fopen(name, "re");
	int status = STATUS_OK;

	if (!file) {
		output_error(m, "%s: %s", name, strerror(errno));
		return STATUS_USAGE;
	}
	/* what is longer becomes several lines */
	while (!status && fgets(command + 4, sizeof(command) - 4, file)) {
		command[strcspn(command, "\n")] = 0;
		status = command_send(m, command);
	}
	fclose(file);
	return status;
}

/* until the process behind @pidfd, -1: unknown, has ended */
static int wait_for_end(const struct machine *m, int pidfd, int limit)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0)
		return STATUS_OK;	/* a host that has no such descriptors */
	if (settings.timeout)
		limit = settings.timeout;
	if (poll(&end, 1, limit) > 0)
		return STATUS_OK;
	output_error(m, "it still runs (process %d)", (int)m->pid);
	return STATUS_NO_ANSWER;
}

static int open_process(const struct machine *m)
{
	return m->pid ? syscall(SYS_pidfd_open, m->pid, 0) : -1;
}

int command_halt(const struct machine *m)
{
	int process = open_process(m);
	int status = command_send(m, "halt");

	if (!status)
		status = wait_for_end(m, process, ENDING);
	if (process >= 0)
		close(process);
	return status;
}

int command_shutdown(const struct machine *m)
{
	int process = open_process(m);
	int status = command_signal(m, SIGTERM);

	/* it has as long as its own command line says */
	if (!status)
		status = wait_for_end(m, process, -1);
	if (process >= 0)
		close(process);
	return status;
}

/* the process of a machine that has died may be somebody else by now */
static bool listens(const struct machine *m)
{
	struct answer answer;
	int err = command_ask(m, "version", &answer);

	if (!err)
		answer_free(&answer);
	return m->alive && err != -ECONNREFUSED && err != -ENOENT;
}

int command_signal(const struct machine *m, int sig)
{
	if (!listens(m)) {
		output_error(m, "it does not run");
		return STATUS_NO_MACHINE;
	}
	if (kill(m->pid, sig)) {
		output_error(m, "process %d: %s", (int)m->pid, strerror(errno));
		return STATUS_NO_MACHINE;
	}
	return STATUS_OK;
}

int command_forget(const struct machine *m)
{
	int err = listens(m) ? -EBUSY : machine_forget(m);

	if (!err)
		return STATUS_OK;
	if (err == -EBUSY)
		output_error(m, "it runs (process %d)", (int)m->pid);
	else
		output_error(m, "%s: %s", m->dir, strerror(-err));
	return STATUS_REFUSED;
}
