// SPDX-License-Identifier: GPL-2.0
/*
 * init.c - umlrun-init: the first process of a guest that runs one command.
 *
 * It is told by frames (init.h) what to run, makes a system of the host's root,
 * runs the command, and powers the machine off. Whatever fails on the way is
 * reported by a frame, and powers it off as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "init.h"

#define LINE	"/dev/ttyS0"

/* append a copy of @text to a list that ends with NULL */
static void add(char ***list, size_t *n, const char *text)
{
	*list = realloc(*list, (*n + 2) * sizeof(**list));
	if (*list)
		(*list)[*n] = strdup(text);
	if (!*list || !(*list)[*n])
		give_up(false, "out of memory");
	(*list)[++*n] = NULL;
}

static void take_option(struct job *job, const char *word)
{
	if (!strcmp(word, "overlay"))
		job->overlay = true;
	else if (!strcmp(word, "net"))
		job->net = true;
	else if (sscanf(word, "tty %hu %hu", &job->rows, &job->columns) == 2)
		job->tty = true;
	else if (sscanf(word, "uid %u %u", &job->uid, &job->gid) != 2)
		give_up(false, "unknown option %s", word);
}

static void take_orders(struct job *job)
{
	static struct frame frame;

	for (;;) {
		wire_read(&frame);
		switch (frame.kind) {
		case 'C':
			job->cwd = strdup(frame.data);
			break;
		case 'A':
			add(&job->argv, &job->argc, frame.data);
			break;
		case 'E':
			add(&job->envp, &job->envc, frame.data);
			break;
		case 'R':
			add(&job->writable, &job->nr_writable, frame.data);
			break;
		case 'O':
			take_option(job, frame.data);
			break;
		case 'G':
			return;
		default:
			give_up(false, "unknown frame %c", frame.kind);
		}
	}
}

int main(void)
{
	static struct job job;

	if (getpid() != 1) {
		fprintf(stderr, "umlrun-init: scripts/umlrun runs this in a guest\n");
		return 2;
	}
	wire_open(LINE);
	take_orders(&job);
	if (!job.argc || !job.cwd)
		give_up(false, "no command");
	mount_all(&job);
	wire_send_number('x', relay(&job));
	power_off();
}
