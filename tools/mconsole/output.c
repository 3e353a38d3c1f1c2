// SPDX-License-Identifier: GPL-2.0
/*
 * output.c - answers for people, for uml_mconsole's users, and for programs.
 *
 * People get the text alone, and failures on stderr. As uml_mconsole both are on
 * stdout, behind OK and ERR. In JSON each answer is an object on one line.
 */
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "umlctl.h"

/* JSON is UTF-8; what a guest says need not be */
static void make_utf8(char *text)
{
	unsigned char *p = (unsigned char *)text;

	while (*p) {
		size_t n = *p < 0x80 ? 1 : (*p & 0xe0) == 0xc0 ? 2 :
			   (*p & 0xf0) == 0xe0 ? 3 : (*p & 0xf8) == 0xf0 ? 4 : 0;
		size_t i = 1;

		while (i < n && (p[i] & 0xc0) == 0x80)
			i++;
		if (!n || i < n)
			*p++ = '?';
		else
			p += n;
	}
}

static void print_json(const struct machine *m, const char *command, bool ok,
		       unsigned int err, const char *text)
{
	cJSON *object = cJSON_CreateObject();
	char *copy = strdup(text), *line;

	if (!object || !copy) {
		fputs("umlctl: no memory\n", stderr);
		exit(STATUS_NO_ANSWER);
	}
	make_utf8(copy);
	cJSON_AddStringToObject(object, "machine", m->name);
	if (command)
		cJSON_AddStringToObject(object, "command", command);
	cJSON_AddBoolToObject(object, "ok", ok);
	if (err)
		cJSON_AddNumberToObject(object, "error", err);
	cJSON_AddStringToObject(object, "text", copy);
	line = cJSON_PrintUnformatted(object);
	if (line)
		puts(line);
	free(line);
	free(copy);
	cJSON_Delete(object);
}

static void print_text(FILE *to, const char *prefix, const struct answer *answer)
{
	fputs(prefix, to);
	fwrite(answer->text, 1, answer->len, to);
	if (*prefix || (answer->len && answer->text[answer->len - 1] != '\n'))
		fputc('\n', to);
}

void output_answer(const struct machine *m, const char *command, const struct answer *answer)
{
	char prefix[300];

	if (settings.json) {
		print_json(m, command, !answer->err, answer->err, answer->text);
	} else if (settings.classic) {
		print_text(stdout, answer->err ? "ERR " : "OK ", answer);
	} else if (answer->err) {
		snprintf(prefix, sizeof(prefix), "umlctl: %s: ", m->name);
		print_text(stderr, prefix, answer);
	} else {
		print_text(stdout, "", answer);
	}
	fflush(stdout);
}

void output_error(const struct machine *m, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (settings.json) {
		print_json(m, NULL, false, 0, text);
		fflush(stdout);
	} else {
		fprintf(stderr, "umlctl: %s: %s\n", m->name, text);
	}
}
