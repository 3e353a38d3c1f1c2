// SPDX-License-Identifier: GPL-2.0
/*
 * balloon.c - memory that the guest has lent back to the host (balloon.h).
 *
 * Owns the pages that were taken from the guest's allocator. Their places in the
 * memory file are holes, so the host has the memory until they are given back; the
 * next access fills them with zeros. Serialised by the registry of devices.
 */
#include <linux/delay.h>
#include <linux/falloc.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sizes.h>
#include <asm/boot.h>
#include <asm/host.h>
#include "balloon.h"

#define NAP		100		/* ms between two attempts to get more */
#define NAPS		50		/* of them without a page are enough */
#define RESERVE_LEAST	SZ_16M		/* bytes that stay available to the guest, ... */
#define RESERVE_PART	32		/* ... and at least this part of its memory */

/* whole blocks if they are to be had at once; single pages are worth an effort */
#define GFP_BLOCK	(__GFP_NOWARN | __GFP_NOMEMALLOC)
#define GFP_SINGLE	(GFP_HIGHUSER | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC)

static LIST_HEAD(balloon);		/* by page->lru; page->private is the order */
static unsigned long balloon_pages;

u64 balloon_bytes(void)
{
	return (u64)balloon_pages << PAGE_SHIFT;
}

static bool guest_has_enough(void)
{
	unsigned long reserve = max(totalram_pages() / RESERVE_PART, PFN_DOWN(RESERVE_LEAST));

	return si_mem_available() > (long)reserve;
}

static struct page *take_page(unsigned long most, unsigned int *order)
{
	struct page *page;

	if (!guest_has_enough())
		return NULL;
	for (*order = min_t(unsigned int, MAX_PAGE_ORDER, ilog2(most)); *order; --*order) {
		page = alloc_pages(GFP_BLOCK, *order);
		if (page)
			return page;
	}
	return alloc_page(GFP_SINGLE);
}

static bool give_to_host(struct page *page, unsigned int order)
{
	int err;

	do
		err = host_fallocate(physmem_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     page_to_phys(page), PAGE_SIZE << order);
	while (err == -EINTR);
	if (err)
		pr_warn_once("balloon: the host does not take memory back (error %d)\n", -err);
	return !err;
}

/* pages that were taken, 0: none is to be had now */
static unsigned long inflate_once(unsigned long most)
{
	unsigned int order;
	struct page *page = take_page(most, &order);

	if (!page)
		return 0;
	if (!give_to_host(page, order)) {
		__free_pages(page, order);
		return 0;
	}
	set_page_private(page, order);
	list_add(&page->lru, &balloon);
	balloon_pages += 1UL << order;
	adjust_managed_page_count(page, -(1L << order));
	return 1UL << order;
}

u64 balloon_inflate(u64 bytes)
{
	unsigned long want = PFN_UP(bytes), got = 0, n;
	unsigned int naps = 0;

	while (got < want && naps < NAPS) {
		n = inflate_once(want - got);
		got += n;
		if (n) {
			naps = 0;
			cond_resched();
		} else {
			naps++;
			msleep(NAP);
		}
	}
	return (u64)got << PAGE_SHIFT;
}

static void return_page(struct page *page, unsigned int order)
{
	list_del(&page->lru);
	set_page_private(page, 0);
	balloon_pages -= 1UL << order;
	adjust_managed_page_count(page, 1L << order);
	__free_pages(page, order);
}

/* a block is more than is wanted: its pages become blocks of their own */
static void split_block(struct page *page, unsigned int order)
{
	unsigned int i;

	list_del(&page->lru);
	split_page(page, order);
	for (i = 0; i < 1U << order; i++) {
		set_page_private(page + i, 0);
		list_add(&page[i].lru, &balloon);
	}
}

u64 balloon_deflate(u64 bytes)
{
	unsigned long want = PFN_UP(bytes), got = 0;
	struct page *page;
	unsigned int order;

	while (got < want && !list_empty(&balloon)) {
		page = list_first_entry(&balloon, struct page, lru);
		order = page_private(page);
		if (1UL << order > want - got) {
			split_block(page, order);
			continue;
		}
		return_page(page, order);
		got += 1UL << order;
		cond_resched();
	}
	return (u64)got << PAGE_SHIFT;
}
