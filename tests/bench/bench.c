// SPDX-License-Identifier: GPL-2.0
/*
 * bench.c - runs rows: "bench [ROW...]", all without arguments.
 *
 * Prints a line for each, in ns: NAME median best lower-quartile upper-quartile
 * batches. "bench nop" does nothing at all: it is what the rows execute.
 */
#include "bench.h"

#define ROWS_MAX	64
#define BATCHES_MAX	41
#define BATCHES_MIN	5
#define BATCH_NS	1000000LL	/* at least so long */
#define ROW_NS		400000000LL	/* about so long in all */

static struct row {
	const char *name;
	row_fn fn;
} rows[ROWS_MAX];

static int rows_nr;

void add_row(const char *name, row_fn fn)
{
	if (rows_nr == ROWS_MAX)
		abort();
	rows[rows_nr++] = (struct row) { name, fn };
}

void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

int memory_file(size_t bytes)
{
	static int fd = -1;
	static size_t has;
	char *p;

	if (has == bytes)
		return fd;
	if (fd >= 0)
		close(fd);
	fd = MUST(memfd_create("bench", 0));
	MUST(ftruncate(fd, bytes));
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		die("mmap");
	memset(p, 1, bytes);
	munmap(p, bytes);
	has = bytes;
	return fd;
}

/* how often is long enough? The caches are warm afterwards */
static long calibrate(const struct row *row)
{
	long n = 1;
	__s64 ns;

	while ((ns = row->fn(n)) < BATCH_NS)
		n = ns < BATCH_NS / 16 ? n * 8 : n * BATCH_NS / ns + n / 8 + 1;
	return n;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void run(const struct row *row)
{
	double batch[BATCHES_MAX];
	__s64 end;
	long n;
	int k = 0;

	n = calibrate(row);
	end = now() + ROW_NS;
	while (k < BATCHES_MAX && (k < BATCHES_MIN || now() < end))
		batch[k++] = (double)row->fn(n) / n;
	qsort(batch, k, sizeof(batch[0]), ascending);
	printf("%s %.1f %.1f %.1f %.1f %d\n", row->name, batch[k / 2], batch[0], batch[k / 4],
	       batch[k - 1 - k / 4], k);
	fflush(stdout);
}

/* every row, unless some are named */
static int wanted(const struct row *row, char **names)
{
	if (!*names)
		return 1;
	while (*names)
		if (!strcmp(*names++, row->name))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	if (argc == 2 && !strcmp(argv[1], "nop"))
		return 0;
	for (i = 0; i < rows_nr; i++) {
		pid_t pid;

		if (!wanted(&rows[i], argv + 1))
			continue;
		/* what a row leaves behind is not the next one's */
		pid = MUST(fork());
		if (!pid) {
			run(&rows[i]);
			return 0;
		}
		reap(pid);
	}
	return 0;
}
