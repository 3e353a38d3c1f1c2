// SPDX-License-Identifier: GPL-2.0
/*
 * reporting.c - free memory goes back to the host.
 *
 * The generic code says what has been free for a while; a hole takes its place in
 * the memory file, for all host processes that map it. Pages of a hole read as
 * zeroes and are there again when they are written.
 *
 * Context: a work item, one at a time; the pages are isolated meanwhile.
 */
#include <uapi/linux/falloc.h>
#include <linux/init.h>
#include <linux/page_reporting.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>
#include <asm/boot.h>
#include <asm/host.h>

/* 256 KB: smaller pieces cost the host more than they give */
#define REPORTED_ORDER	6

/*
 * The generic code treats a sixteenth at a time and waits two seconds before each.
 * Where much has become free, we ask it to go on sooner. Not for what a program
 * frees to use it again at once: that would only cost the host.
 */
#define NEXT_PIECE	(HZ / 5)
#define MUCH		SZ_32M		/* bytes in one report */

static int report(struct page_reporting_dev_info *dev, struct scatterlist *sg,
		  unsigned int nents)
{
	struct scatterlist *piece;
	unsigned long bytes = 0;
	unsigned int i;
	int err;

	for_each_sg(sg, piece, nents, i) {
		err = host_fallocate(physmem_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     sg_phys(piece), piece->length);
		if (err)
			return err;
		bytes += piece->length;
	}
	if (bytes >= MUCH)
		mod_delayed_work(system_wq, &dev->work, NEXT_PIECE);
	return 0;
}

static struct page_reporting_dev_info reporting = {
	.report	= report,
	.order	= REPORTED_ORDER,
};

static int __init reporting_init(void)
{
	int err = page_reporting_register(&reporting);

	if (err)
		pr_warn("usermode: free memory stays with the guest (%d)\n", err);
	return 0;
}
late_initcall(reporting_init);
