// SPDX-License-Identifier: GPL-2.0
/*
 * cow_crash.c - power is cut at every operation of a workload on a
 * copy-on-write file, and each time the file must be consistent.
 *
 * The code under test is the kernel's (cow_bitmap.c, cow_header.c); this is its
 * host: a file in memory with a cache that loses, when power is cut, any part of
 * what was not synced, sector by sector. While a flush is under way more is
 * written, as by other processors. After a cut the file is opened again: each
 * sector of the disk must have what was there at the last finished flush, or
 * something that was written after.
 *
 * usage: cow_crash VERSION SEED; prints how many cuts were tried.
 */
#include <stdlib.h>
#include "cow.h"

#define FILE_SECTORS	5120U	/* of 512 bytes */
#define DISK_SECTORS	4096U
#define FLUSHES		12
#define WRITES		12	/* before each flush */
#define CUTS		6	/* tried at each operation */
#define PENDING		4096

struct pending {
	u32 sector;
	u8 data[512];
};

static u8 durable[FILE_SECTORS][512], cache[FILE_SECTORS][512];
static struct pending pending[PENDING];
static unsigned int pendings;

/* versions of each sector of the disk: 0 is the backing file's */
static u32 flushed[DISK_SECTORS], written[DISK_SECTORS], version;
static u32 wanted[DISK_SECTORS];	/* versions when the flush under way began */

static struct cow cow;
static struct cow_header header;
static bool in_flush, checking;
static unsigned long cuts;
static u8 (*reading)[512] = cache;

static void die(const char *text, u32 sector, u32 found)
{
	fprintf(stderr, "%s: sector %u has version %u, flushed %u, written %u\n", text, sector,
		found, flushed[sector], written[sector]);
	exit(1);
}

/* ---- after a cut ---- */

static u32 version_of(const u8 *data)
{
	u32 first, last;

	memcpy(&first, data, 4);
	memcpy(&last, data + 508, 4);
	return first == last ? first : ~0U;
}

static void check_disk(const struct cow *after)
{
	u32 sector, found;

	for (sector = 0; sector < DISK_SECTORS; sector++) {
		u64 len = 512;

		found = 0;
		if (cow_run(after, sector * 512ULL, &len))
			found = version_of(reading[after->data_at / 512 + sector]);
		if (found < flushed[sector] || found > written[sector])
			die("after a cut", sector, found);
	}
}

/* what is on the platter: any part of what was not synced */
static void cut_once(void)
{
	static u8 platter[FILE_SECTORS][512];
	struct cow after;
	unsigned int i;

	memcpy(platter, durable, sizeof(platter));
	for (i = 0; i < pendings; i++) {
		if (random() & 1)
			memcpy(platter[pending[i].sector], pending[i].data, 512);
	}
	reading = platter;
	if (cow_open(&after, &header, 0, 0))
		die("cannot be opened", 0, 0);
	check_disk(&after);
	cow_close(&after);
	reading = cache;
	cuts++;
}

static void cut(void)
{
	int i;

	if (checking)
		return;
	checking = true;
	for (i = 0; i < CUTS; i++)
		cut_once();
	checking = false;
}

/* ---- the host ---- */

int plain_read(int fd, void *buf, size_t len, u64 pos)
{
	(void)fd;
	memcpy(buf, (u8 *)reading + pos, len);
	return 0;
}

static void remember(u32 sector)
{
	if (pendings == PENDING)
		die("the model's cache is full", 0, 0);
	pending[pendings].sector = sector;
	memcpy(pending[pendings++].data, cache[sector], 512);
}

int plain_write(int fd, const void *buf, size_t len, u64 pos)
{
	u64 sector;

	(void)fd;
	memcpy((u8 *)cache + pos, buf, len);
	for (sector = pos / 512; sector * 512 < pos + len; sector++) {
		remember(sector);
		if (!(random() % 16))
			cut();
	}
	cut();
	return 0;
}

static void guest_write(void);

int plain_sync(int fd)
{
	(void)fd;
	cut();
	if (in_flush && random() % 2)
		guest_write();
	memcpy(durable, cache, sizeof(durable));
	pendings = 0;
	if (in_flush && random() % 2)
		guest_write();
	cut();
	return 0;
}

int plain_resize(int fd, u64 size)
{
	(void)fd;
	return size > sizeof(cache) ? -EFBIG : 0;
}

void *plain_alloc(size_t bytes)
{
	return calloc(1, bytes);
}

void plain_free(void *at, size_t bytes)
{
	(void)bytes;
	free(at);
}

void plain_lock(u32 *lock)
{
	*lock = 1;
}

void plain_unlock(u32 *lock)
{
	*lock = 0;
}

/* ---- the guest ---- */

static void guest_write(void)
{
	static u8 data[64][512];
	u32 n = 1 + random() % 16, first = random() % (DISK_SECTORS - n), i;

	version++;
	for (i = 0; i < n; i++) {
		memcpy(data[i], &version, 4);
		memcpy(data[i] + 508, &version, 4);
		written[first + i] = version;
	}
	plain_write(0, data, n * 512, header.data_at + first * 512);
	cow_add(&cow, first * 512ULL, n * 512ULL);
}

static void guest_flush(void)
{
	memcpy(wanted, written, sizeof(wanted));
	in_flush = true;
	if (cow_flush(&cow))
		die("flush failed", 0, 0);
	in_flush = false;
	memcpy(flushed, wanted, sizeof(flushed));
	cut();
}

static void format(u32 number)
{
	if (cow_header_make(&header, "/back", 1, DISK_SECTORS * 512ULL))
		die("no header", 0, 0);
	if (number != 3) {
		u8 bytes[COW_HEADER_MAX];
		char why[100];

		header.version = number;
		cow_header_encode(&header, bytes);
		if (cow_header_decode(bytes, sizeof(bytes), sizeof(cache), &header, why,
				      sizeof(why)))
			die(why, 0, 0);
	}
	/* what is there before a sector is written is not the backing file's */
	memset((u8 *)cache + header.data_at, 0xaa, sizeof(cache) - header.data_at);
	if (cow_format(0, &header) || plain_sync(0))
		die("cannot be made", 0, 0);
}

int main(int argc, char **argv)
{
	int i, n;

	if (argc != 3)
		return 2;
	srandom(atoi(argv[2]));
	checking = true;
	format(atoi(argv[1]));
	checking = false;
	if (cow_open(&cow, &header, 0, 0))
		return 1;
	for (i = 0; i < FLUSHES; i++) {
		for (n = 0; n < WRITES; n++)
			guest_write();
		guest_flush();
	}
	if (!cow_settled(&cow))
		guest_flush();
	reading = cache;
	check_disk(&cow);
	cow_close(&cow);
	printf("%lu cuts\n", cuts);
	return 0;
}
