// SPDX-License-Identifier: GPL-2.0
/*
 * list.c - what machines there are, and how each does.
 *
 * All of it is asked of the machine itself and of the host's /proc; a machine
 * that does not answer is listed as that.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "umlctl.h"

#define PATIENCE	4000	/* ms; a guest that hangs says so after three seconds */
#define CON_LINES	16
#define SSL_LINES	64
#define CONSOLES_MAX	2048

struct row {
	const char *state;
	char memory[32];		/* of the guest, as mem= takes it; "" if unknown */
	long long host;			/* bytes of the host's that it has, -1 */
	double uptime;			/* seconds, -1 */
	char consoles[CONSOLES_MAX];	/* "con0=pts:/dev/pts/3 ssl1=..." */
};

static int ask(const struct machine *m, const char *command, struct answer *answer)
{
	int timeout = settings.timeout ? settings.timeout : PATIENCE;

	return client_ask(m->socket, command, timeout, answer);
}

static void find_state(const struct machine *m, struct row *row)
{
	struct answer answer;
	int err = m->alive ? ask(m, "proc uptime", &answer) : -ENOENT;

	if (err) {
		row->state = err == -EACCES ? "not yours" :
			     m->alive && err != -ECONNREFUSED ? "no answer" : "dead";
		return;
	}
	row->state = !answer.err ? "running" : answer.err == EAGAIN ? "stopped" : "hangs";
	if (!answer.err)
		row->uptime = atof(answer.text);
	answer_free(&answer);
}

static void find_memory(const struct machine *m, struct row *row)
{
	struct answer answer;

	if (ask(m, "config mem", &answer))
		return;
	if (!answer.err)
		snprintf(row->memory, sizeof(row->memory), "%s", answer.text);
	answer_free(&answer);
}

static void find_host_memory(const struct machine *m, struct row *row)
{
	char path[64], line[256];
	long long kib;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)m->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "VmRSS: %lld kB", &kib) == 1)
			row->host = kib * 1024;
	fclose(file);
}

/* false: the guest knows no such lines */
static bool add_line(const struct machine *m, const char *kind, int n, struct row *row)
{
	size_t used = strlen(row->consoles);
	struct answer answer;
	char command[32];
	bool known;

	snprintf(command, sizeof(command), "config %s%d", kind, n);
	if (ask(m, command, &answer))
		return false;
	known = !answer.err || !strstr(answer.text, "unknown");
	if (!answer.err && strcmp(answer.text, "none") && strcmp(answer.text, "null"))
		snprintf(row->consoles + used, sizeof(row->consoles) - used, "%s%s%d=%s",
			 used ? " " : "", kind, n, answer.text);
	answer_free(&answer);
	return known;
}

static void find_consoles(const struct machine *m, struct row *row)
{
	int i;

	for (i = 0; i < CON_LINES && add_line(m, "con", i, row); i++)
		;
	for (i = 0; i < SSL_LINES && add_line(m, "ssl", i, row); i++)
		;
}

static void look_at(const struct machine *m, struct row *row)
{
	memset(row, 0, sizeof(*row));
	row->host = -1;
	row->uptime = -1;
	find_state(m, row);
	if (m->alive)
		find_host_memory(m, row);
	if (!strcmp(row->state, "running")) {
		find_memory(m, row);
		find_consoles(m, row);
	}
}

/* ---- for people ---- */

static const char *show_time(double seconds, char *text, size_t len)
{
	long s = seconds;

	if (seconds < 0)
		return "-";
	if (s < 60)
		snprintf(text, len, "%lds", s);
	else if (s < 3600)
		snprintf(text, len, "%ldm%02lds", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, len, "%ldh%02ldm", s / 3600, s / 60 % 60);
	else
		snprintf(text, len, "%ldd%02ldh", s / 86400, s / 3600 % 24);
	return text;
}

static const char *show_bytes(long long bytes, char *text, size_t len)
{
	if (bytes < 0)
		return "-";
	snprintf(text, len, "%lldM", bytes >> 20);
	return text;
}

static void print_row(const struct machine *m, const struct row *row)
{
	char uptime[32], host[32], pid[16] = "-";

	if (m->alive)
		snprintf(pid, sizeof(pid), "%d", (int)m->pid);
	printf("%-16s %-9s %8s %8s %8s %8s  %s\n", m->name, row->state, pid,
	       row->memory[0] ? row->memory : "-", show_bytes(row->host, host, sizeof(host)),
	       show_time(row->uptime, uptime, sizeof(uptime)),
	       row->consoles[0] ? row->consoles : "-");
}

/* ---- for programs ---- */

static void add_consoles(cJSON *object, char *consoles)
{
	cJSON *all = cJSON_AddObjectToObject(object, "consoles");
	char *rest, *word, *value;

	for (word = strtok_r(consoles, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		value = strchr(word, '=');
		if (!value)
			continue;
		*value++ = 0;
		cJSON_AddStringToObject(all, word, value);
	}
}

static void add_row(cJSON *array, const struct machine *m, struct row *row)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "name", m->name);
	cJSON_AddStringToObject(object, "state", row->state);
	cJSON_AddStringToObject(object, "directory", m->dir);
	if (m->alive)
		cJSON_AddNumberToObject(object, "pid", m->pid);
	if (row->memory[0])
		cJSON_AddStringToObject(object, "memory", row->memory);
	if (row->host >= 0)
		cJSON_AddNumberToObject(object, "host_bytes", row->host);
	if (row->uptime >= 0)
		cJSON_AddNumberToObject(object, "uptime", row->uptime);
	add_consoles(object, row->consoles);
	cJSON_AddItemToArray(array, object);
}

/* Nobody starts a machine again whose name was chosen at random. How many are left. */
static size_t forget_unnamed(struct machine *all, size_t n)
{
	size_t i, left = 0;

	for (i = 0; i < n; i++)
		if (all[i].alive || !machine_is_unnamed(&all[i]) || machine_forget(&all[i]))
			all[left++] = all[i];
	return left;
}

int list_machines(const struct machine *only)
{
	cJSON *array = settings.json ? cJSON_CreateArray() : NULL;
	struct machine *found = NULL;
	const struct machine *all = only;
	size_t n = 1, i;
	struct row row;
	char *text;

	if (!only) {
		found = machine_all(settings.parent, &n);
		n = forget_unnamed(found, n);
		all = found;
	}
	if (!array && n)
		printf("%-16s %-9s %8s %8s %8s %8s  %s\n", "NAME", "STATE", "PID", "MEMORY",
		       "ON HOST", "UPTIME", "CONSOLES");
	else if (!array)
		fprintf(stderr, "no machine runs (none has a directory in %s)\n",
			settings.parent);
	for (i = 0; i < n; i++) {
		look_at(&all[i], &row);
		if (array)
			add_row(array, &all[i], &row);
		else
			print_row(&all[i], &row);
		fflush(stdout);
	}
	text = array ? cJSON_Print(array) : NULL;
	if (text)
		puts(text);
	free(text);
	cJSON_Delete(array);
	free(found);
	return STATUS_OK;
}
