// SPDX-License-Identifier: GPL-2.0
/*
 * cow_bitmap.c - which sectors a copy-on-write file has, and how that is made
 * to last.
 *
 * A sector that is not in the file yet is written to its place there first.
 * Its bit is then set in memory, and from now on it is read from the file. On
 * disk the bit follows with the next flush: the pages of the bitmap that have
 * changed are copied, the file's data are brought to stable storage, and only
 * then are the copies written, and brought there too. A bit in a copy was set
 * when its data were with the host already, that is before the data were
 * synced; so wherever power is cut, a bit on disk has its data on disk, and a
 * sector is what it was in the backing file or what was written last. Bits are
 * never cleared, and a page of the bitmap that was written in part is as good.
 *
 * If the data cannot be brought to stable storage, the host may have dropped
 * them: their bits must never be written. If the bitmap itself cannot (the disk
 * is full), the next flush tries again.
 *
 * Locks: cow->lock, around a flush. Bits and flags are atomic: a bit is set
 * before its page is called dirty, and a flush takes that word back before it
 * copies the page. Plain C, see plain.h.
 */
#include "cow.h"

#define PAGE_BYTES	4096U	/* of the bitmap, what is copied and written at once */
#define COW_DIRTY	1	/* has bits that no flush has begun with */
#define COW_FLUSHING	2	/* a flush has copied it */
#define CHUNK_BYTES	(64U << 10)	/* of the bitmap, read at once */

static u64 pages_of(const struct cow *cow)
{
	return (cow->bytes + PAGE_BYTES - 1) / PAGE_BYTES;
}

static size_t page_bytes(const struct cow *cow, u64 page)
{
	return min_t(u64, PAGE_BYTES, cow->bytes - page * PAGE_BYTES);
}

static u8 load(const u8 *byte)
{
	return __atomic_load_n(byte, __ATOMIC_RELAXED);
}

/* only what is not zero is copied: most of a large bitmap is never touched */
static void copy_nonzero(u8 *to, const u8 *from, size_t len)
{
	static const u8 zeros[512];
	size_t n;

	for (; len; to += n, from += n, len -= n) {
		n = min(len, sizeof(zeros));
		if (memcmp(from, zeros, n))
			memcpy(to, from, n);
	}
}

static int read_bitmap(struct cow *cow)
{
	u8 *chunk = plain_alloc(CHUNK_BYTES);
	int err = chunk ? 0 : -ENOMEM;
	u64 at;

	for (at = 0; at < cow->bytes && !err; at += CHUNK_BYTES) {
		size_t n = min_t(u64, CHUNK_BYTES, cow->bytes - at);

		err = plain_read(cow->meta, chunk, n, cow->bitmap_at + at);
		if (!err)
			copy_nonzero(cow->have + at, chunk, n);
	}
	plain_free(chunk, CHUNK_BYTES);
	return err;
}

int cow_open(struct cow *cow, const struct cow_header *header, int data, int meta)
{
	int err = -ENOMEM;

	*cow = (struct cow) {
		.data = data,
		.meta = meta,
		.size = header->size,
		.sector = header->sector,
		.bitmap_at = header->bitmap_at,
		.data_at = header->data_at,
		.bytes = header->bitmap_bytes,
	};
	cow->have = plain_alloc(cow->bytes);
	cow->stable = plain_alloc(cow->bytes);
	cow->flags = plain_alloc(pages_of(cow));
	if (cow->have && cow->stable && cow->flags)
		err = read_bitmap(cow);
	if (err)
		cow_close(cow);
	return err;
}

void cow_close(struct cow *cow)
{
	plain_free(cow->have, cow->bytes);
	plain_free(cow->stable, cow->bytes);
	plain_free(cow->flags, pages_of(cow));
	cow->have = NULL;
	cow->stable = NULL;
	cow->flags = NULL;
}

static bool have_sector(const struct cow *cow, u64 sector)
{
	return load(&cow->have[sector / 8]) >> sector % 8 & 1;
}

bool cow_run(const struct cow *cow, u64 pos, u64 *len)
{
	u64 sector = pos / cow->sector;
	u64 end = (pos + *len + cow->sector - 1) / cow->sector;
	bool have = have_sector(cow, sector);
	u8 same = have ? 0xff : 0;

	do {
		sector++;
		while (sector % 8 == 0 && sector + 8 <= end &&
		       load(&cow->have[sector / 8]) == same)
			sector += 8;
	} while (sector < end && have_sector(cow, sector) == have);
	*len = min(*len, sector * cow->sector - pos);
	return have;
}

static void mark_page(struct cow *cow, u64 page)
{
	if (!__atomic_fetch_or(&cow->flags[page], COW_DIRTY, __ATOMIC_SEQ_CST))
		__atomic_fetch_add(&cow->unsettled, 1, __ATOMIC_SEQ_CST);
}

/* the bits of @byte that stand for sectors from @first on and before @end */
static u8 byte_mask(u64 byte, u64 first, u64 end)
{
	u8 mask = 0xff;

	if (byte == first / 8)
		mask &= 0xff << first % 8;
	if (byte == end / 8)
		mask &= (1 << end % 8) - 1;
	return mask;
}

void cow_add(struct cow *cow, u64 pos, u64 len)
{
	u64 first = pos / cow->sector;
	u64 end = (pos + len + cow->sector - 1) / cow->sector;
	u64 marked = ~0ULL, byte;

	for (byte = first / 8; byte * 8 < end; byte++) {
		u8 mask = byte_mask(byte, first, end);

		if ((load(&cow->have[byte]) & mask) == mask)
			continue;
		__atomic_fetch_or(&cow->have[byte], mask, __ATOMIC_SEQ_CST);
		if (marked != byte / PAGE_BYTES) {
			if (marked != ~0ULL)
				mark_page(cow, marked);
			marked = byte / PAGE_BYTES;
		}
	}
	if (marked != ~0ULL)
		mark_page(cow, marked);
}

bool cow_settled(const struct cow *cow)
{
	return !__atomic_load_n(&cow->unsettled, __ATOMIC_SEQ_CST);
}

static void copy_page(struct cow *cow, u64 page)
{
	size_t from = page * PAGE_BYTES, n;

	for (n = 0; n < page_bytes(cow, page); n++)
		cow->stable[from + n] = load(&cow->have[from + n]);
}

/* copy what is dirty: how many pages there are to write */
static u64 begin_pages(struct cow *cow)
{
	u64 page, n = 0;

	for (page = 0; page < pages_of(cow); page++) {
		if (!load(&cow->flags[page]))
			continue;
		__atomic_store_n(&cow->flags[page], COW_FLUSHING, __ATOMIC_SEQ_CST);
		copy_page(cow, page);
		n++;
	}
	return n;
}

static int write_pages(struct cow *cow)
{
	u64 page;
	int err;

	for (page = 0; page < pages_of(cow); page++) {
		u64 at = page * PAGE_BYTES;

		if (!(load(&cow->flags[page]) & COW_FLUSHING))
			continue;
		err = plain_write(cow->meta, cow->stable + at, page_bytes(cow, page),
				  cow->bitmap_at + at);
		if (err)
			return err;
	}
	return plain_sync(cow->meta);
}

static void end_page(struct cow *cow, u64 page, bool written)
{
	if (!written)
		__atomic_fetch_or(&cow->flags[page], COW_DIRTY, __ATOMIC_SEQ_CST);
	if (__atomic_fetch_and(&cow->flags[page], COW_DIRTY, __ATOMIC_SEQ_CST) == COW_FLUSHING)
		__atomic_fetch_sub(&cow->unsettled, 1, __ATOMIC_SEQ_CST);
}

static void end_pages(struct cow *cow, bool written)
{
	u64 page;

	for (page = 0; page < pages_of(cow); page++) {
		if (load(&cow->flags[page]) & COW_FLUSHING)
			end_page(cow, page, written);
	}
}

static int flush_locked(struct cow *cow)
{
	u64 pages = begin_pages(cow);
	int err;

	err = cow->broken ? -EIO : plain_sync(cow->data);
	if (err)
		cow->broken = true;
	else if (pages)
		err = write_pages(cow);
	if (pages)
		end_pages(cow, !err);
	return err;
}

int cow_flush(struct cow *cow)
{
	int err;

	plain_lock(&cow->lock);
	err = flush_locked(cow);
	plain_unlock(&cow->lock);
	return err;
}
