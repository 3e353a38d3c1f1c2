// SPDX-License-Identifier: GPL-2.0
/*
 * progress.c - how far a long work is, for who watches it on a terminal.
 */
#include <time.h>
#include <unistd.h>
#include "tool.h"

static const char *what;
static u64 total;
static s64 last;	/* ms, when it was shown */
static bool shown;

static s64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

void progress_begin(const char *name, u64 bytes)
{
	what = name;
	total = bytes;
	last = now();
	shown = false;
}

void progress(u64 done)
{
	if (!isatty(STDERR_FILENO) || now() - last < 200)
		return;
	last = now();
	shown = true;
	fprintf(stderr, "\r%s: %3u %% of %llu MiB", what,
		(unsigned int)(done * 100.0 / (total ?: 1)), (unsigned long long)total >> 20);
}

void progress_end(void)
{
	if (shown)
		fprintf(stderr, "\r%s: done%20s\n", what, "");
}
