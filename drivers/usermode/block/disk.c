// SPDX-License-Identifier: GPL-2.0
/*
 * disk.c - front end of ubd: /dev/ubda .. /dev/ubdp on blk-mq.
 *
 * Owns the disks: a platform device for each, its gendisk, tag set, queues and
 * attributes. A request becomes a struct ubd_io whose vectors point at the
 * pages where the kernel has them, since the host sees them at the same
 * addresses; nothing is copied and nothing is known here about files.
 *
 * A request that completes has been done by the host; one that survives the
 * host's crash has been flushed (fdatasync) as well. FUA is left to the block
 * layer, which makes it a flush and shares one among many writers: the host has
 * nothing cheaper to offer.
 *
 * Locks: the gendisk's open_mutex guards "retired". Requests are queued from
 * processes; they end there too, or in the queue's interrupt.
 */
#define pr_fmt(fmt) "ubd: " fmt

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/major.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include "ubd.h"

#define UBD_MINORS	16		/* of a disk: itself and 15 partitions */
#define UBD_DEPTH	64		/* requests in flight in a queue */
#define UBD_SEGMENTS	256		/* vectors of a request */
#define UBD_MAX_SECTORS	2048		/* of a request: 1 MiB */
#define UBD_SETTLE	(2 * HZ)	/* jiffies that written data may wait for a flush */

/**
 * struct ubd_disk - a disk
 * @name:	ubda, ...
 * @slot:	its setting and its file
 * @tags:	its requests
 * @gendisk:	what the block layer knows it as
 * @retired:	it is about to go, nobody may open it
 * @settle:	flushes an image whose format is lazy
 * @n_queues:	hardware queues, one for each virtual CPU
 * @queues:	their ways to the host
 */
struct ubd_disk {
	char name[8];
	struct ubd_slot *slot;
	struct blk_mq_tag_set tags;
	struct gendisk *gendisk;
	bool retired;
	struct delayed_work settle;
	unsigned int n_queues;
	struct ubd_queue queues[];
};

/* the driver's part of a request */
struct ubd_request {
	struct ubd_io io;
	struct iovec iov[UBD_SEGMENTS];
};

/* ---- requests ---- */

static blk_status_t map_pages(struct ubd_request *ur, struct request *rq)
{
	struct req_iterator iter;
	struct bio_vec bvec;
	unsigned int n = 0;

	rq_for_each_bvec(bvec, rq, iter) {
		if (WARN_ON_ONCE(n == UBD_SEGMENTS))
			return BLK_STS_IOERR;
		ur->iov[n].iov_base = (void __user *)bvec_virt(&bvec);
		ur->iov[n++].iov_len = bvec.bv_len;
	}
	ur->io.iov = ur->iov;
	ur->io.n = n;
	return BLK_STS_OK;
}

static blk_status_t describe(struct ubd_request *ur, struct request *rq,
			     const struct ubd_image *image)
{
	struct ubd_io *io = &ur->io;

	io->pos = (u64)blk_rq_pos(rq) << SECTOR_SHIFT;
	io->len = blk_rq_bytes(rq);
	switch (req_op(rq)) {
	case REQ_OP_READ:
		io->op = UBD_READ;
		return map_pages(ur, rq);
	case REQ_OP_WRITE:
		io->op = UBD_WRITE;
		return map_pages(ur, rq);
	case REQ_OP_FLUSH:
		io->op = UBD_FLUSH;
		io->pos = 0;
		io->len = 0;
		return BLK_STS_OK;
	case REQ_OP_DISCARD:
		io->op = UBD_DISCARD;
		return BLK_STS_OK;
	case REQ_OP_WRITE_ZEROES:
		if (image->no_trim || (rq->cmd_flags & REQ_NOUNMAP))
			io->op = UBD_ZERO;
		else
			io->op = UBD_CLEAR;
		return BLK_STS_OK;
	default:
		return BLK_STS_NOTSUPP;
	}
}

/* BLK_STS_RESOURCE and its like are never a result: they mean "try again" */
static blk_status_t status_of(int err)
{
	switch (err) {
	case 0:
		return BLK_STS_OK;
	case -EOPNOTSUPP:
		return BLK_STS_NOTSUPP;
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return BLK_STS_NOSPC;
	case -ETIMEDOUT:
		return BLK_STS_TIMEOUT;
	default:
		return BLK_STS_IOERR;
	}
}

/* the host's file system cannot do it; callers write zeros, or do without */
static void unsupported(struct request *rq)
{
	rq->rq_flags |= RQF_QUIET;
	if (req_op(rq) == REQ_OP_DISCARD)
		blk_queue_disable_discard(rq->q);
	else if (req_op(rq) == REQ_OP_WRITE_ZEROES)
		blk_queue_disable_write_zeroes(rq->q);
}

static blk_status_t result_of(struct request *rq, int err)
{
	if (err == -EOPNOTSUPP)
		unsupported(rq);
	return status_of(err);
}

/*
 * What the guest wrote without ever flushing shall not be lost if the program
 * is killed much later.
 */
static void ubd_settle(struct work_struct *work)
{
	struct ubd_disk *disk = container_of(work, struct ubd_disk, settle.work);
	int err = blkdev_issue_flush(disk->gendisk->part0);

	if (err)
		pr_warn_ratelimited("%s: cannot be flushed (error %d)\n", disk->name, -err);
}

static void settle_later(struct request *rq)
{
	struct ubd_disk *disk = rq->q->queuedata;

	if (disk->slot->image.format->lazy && op_is_write(req_op(rq)) &&
	    req_op(rq) != REQ_OP_FLUSH)
		schedule_delayed_work(&disk->settle, UBD_SETTLE);
}

/* nothing is to be written any more */
static void settle_now(struct ubd_disk *disk)
{
	cancel_delayed_work_sync(&disk->settle);
	if (!disk->slot->image.read_only)
		ubd_settle(&disk->settle.work);
}

/* hard interrupt, or the process that queued */
static void ubd_done(struct ubd_io *list)
{
	DEFINE_IO_COMP_BATCH(batch);

	while (list) {
		struct ubd_request *ur = container_of(list, struct ubd_request, io);
		struct request *rq = blk_mq_rq_from_pdu(ur);
		blk_status_t status = result_of(rq, list->error);

		list = list->next;
		settle_later(rq);
		if (!blk_mq_add_to_batch(rq, &batch, status, blk_mq_end_request_batch))
			blk_mq_end_request(rq, status);
	}
	if (batch.complete)
		batch.complete(&batch);
}

static blk_status_t ubd_queue_rq(struct blk_mq_hw_ctx *hctx,
				 const struct blk_mq_queue_data *bd)
{
	struct ubd_queue *queue = hctx->driver_data;
	struct ubd_request *ur = blk_mq_rq_to_pdu(bd->rq);
	blk_status_t status;
	int begun;

	status = describe(ur, bd->rq, queue->image);
	if (status)
		return status;
	blk_mq_start_request(bd->rq);
	begun = ubd_queue_submit(queue, &ur->io);
	if (begun == -EAGAIN)
		return BLK_STS_RESOURCE;
	if (begun < 0)
		return result_of(bd->rq, begun);
	if (!begun)
		blk_mq_end_request(bd->rq, BLK_STS_OK);
	/* from here on the request may have ended */
	if (bd->last)
		ubd_queue_flush(queue);
	return BLK_STS_OK;
}

static void ubd_commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	ubd_queue_flush(hctx->driver_data);
}

static int ubd_init_hctx(struct blk_mq_hw_ctx *hctx, void *data, unsigned int index)
{
	struct ubd_disk *disk = data;

	hctx->driver_data = &disk->queues[index];
	return 0;
}

static const struct blk_mq_ops ubd_mq_ops = {
	.queue_rq	= ubd_queue_rq,
	.commit_rqs	= ubd_commit_rqs,
	.init_hctx	= ubd_init_hctx,
};

/* ---- attributes ---- */

static ssize_t serial_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ubd_disk *disk = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%s\n", disk->slot->setting.serial ?: "");
}
static DEVICE_ATTR_RO(serial);

static struct attribute *ubd_attrs[] = {
	&dev_attr_serial.attr,
	NULL
};
ATTRIBUTE_GROUPS(ubd);

/* ---- disks ---- */

/* the open_mutex is held */
static int ubd_open(struct gendisk *gendisk, blk_mode_t mode)
{
	struct ubd_disk *disk = gendisk->private_data;

	if (disk->retired)
		return -ENXIO;
	if (!disk_openers(gendisk) && ubd_disk_rescan(disk->slot))
		set_bit(GD_NEED_PART_SCAN, &gendisk->state);
	return 0;
}

static const struct block_device_operations ubd_fops = {
	.owner	= THIS_MODULE,
	.open	= ubd_open,
};

bool ubd_disk_rescan(struct ubd_slot *slot)
{
	struct ubd_disk *disk = platform_get_drvdata(slot->pdev);
	struct ubd_image *image = &slot->image;
	struct plain_stat st;
	u64 size;

	if (!disk || !image->format->resizes || plain_stat(image->file.meta, &st))
		return false;
	size = round_down(st.size, (u64)image->sector);
	if (!size || size == image->size)
		return false;
	image->size = size;
	return set_capacity_and_notify(disk->gendisk, size >> SECTOR_SHIFT);
}

int ubd_disk_retire(struct ubd_slot *slot)
{
	struct ubd_disk *disk = platform_get_drvdata(slot->pdev);

	guard(mutex)(&disk->gendisk->open_mutex);
	if (disk_openers(disk->gendisk))
		return -EBUSY;
	disk->retired = true;
	return 0;
}

static struct queue_limits limits_of(const struct ubd_image *image)
{
	struct queue_limits limits = {
		.features		= BLK_FEAT_WRITE_CACHE,
		.logical_block_size	= image->sector,
		.physical_block_size	= min(image->block, (unsigned int)PAGE_SIZE),
		.max_hw_sectors		= UBD_MAX_SECTORS,
		.max_segments		= UBD_SEGMENTS,
		.max_segment_size	= UBD_MAX_SECTORS << SECTOR_SHIFT,
		.seg_boundary_mask	= ULONG_MAX,
		.dma_alignment		= image->file.fd != image->file.meta ?
					  image->sector - 1 : 3,
	};

	if (image->read_only)
		return limits;
	limits.max_write_zeroes_sectors = UINT_MAX >> SECTOR_SHIFT;
	if (!image->no_trim) {
		limits.max_hw_discard_sectors = UINT_MAX >> SECTOR_SHIFT;
		limits.discard_granularity = image->block;
	}
	return limits;
}

static void destroy_queues(struct ubd_disk *disk)
{
	while (disk->n_queues)
		ubd_queue_destroy(&disk->queues[--disk->n_queues]);
}

/* as many as there can be virtual CPUs; fewer, if the host has no more to give */
static int create_queues(struct ubd_disk *disk, unsigned int wanted)
{
	int err;

	for (; disk->n_queues < wanted; disk->n_queues++) {
		err = ubd_queue_create(&disk->queues[disk->n_queues], &disk->slot->image,
				       UBD_DEPTH, disk->name, ubd_done);
		if (err)
			return disk->n_queues ? 0 : err;
	}
	return 0;
}

static int create_tags(struct ubd_disk *disk)
{
	struct blk_mq_tag_set *tags = &disk->tags;

	tags->ops = &ubd_mq_ops;
	tags->nr_hw_queues = disk->n_queues;
	tags->queue_depth = UBD_DEPTH;
	tags->cmd_size = sizeof(struct ubd_request);
	tags->numa_node = NUMA_NO_NODE;
	tags->flags = BLK_MQ_F_SHOULD_MERGE | BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	tags->driver_data = disk;
	return blk_mq_alloc_tag_set(tags);
}

static struct gendisk *create_gendisk(struct ubd_disk *disk, int n)
{
	const struct ubd_image *image = &disk->slot->image;
	struct queue_limits limits = limits_of(image);
	struct gendisk *gendisk = blk_mq_alloc_disk(&disk->tags, &limits, disk);

	if (IS_ERR(gendisk))
		return gendisk;
	gendisk->major = UBD_MAJOR;
	gendisk->first_minor = n * UBD_MINORS;
	gendisk->minors = UBD_MINORS;
	gendisk->fops = &ubd_fops;
	gendisk->private_data = disk;
	strscpy(gendisk->disk_name, disk->name);
	set_capacity(gendisk, image->size >> SECTOR_SHIFT);
	set_disk_ro(gendisk, image->read_only);
	return gendisk;
}

static void announce(const struct ubd_disk *disk)
{
	const struct ubd_image *image = &disk->slot->image;

	pr_info("%s: %s, %s, %llu KiB, %s%s%s%s\n", disk->name, disk->slot->setting.file,
		image->format->name, image->size >> 10, ubd_queue_name(&disk->queues[0]),
		image->read_only ? ", read-only" : "", image->sync ? ", synchronous" : "",
		disk->slot->setting.direct ? ", O_DIRECT" : "");
	if (image->excess)
		pr_warn("%s: the last %llu bytes of %s make no sector and are left out\n",
			disk->name, image->excess, disk->slot->setting.file);
}

static int ubd_probe(struct platform_device *pdev)
{
	unsigned int cpus = num_possible_cpus();
	struct ubd_disk *disk = kzalloc(struct_size(disk, queues, cpus), GFP_KERNEL);
	int err;

	if (!disk)
		return -ENOMEM;
	disk->slot = &ubd_slots[pdev->id];
	disk->slot->pdev = pdev;
	snprintf(disk->name, sizeof(disk->name), "ubd%c", 'a' + pdev->id);
	INIT_DELAYED_WORK(&disk->settle, ubd_settle);
	platform_set_drvdata(pdev, disk);

	err = create_queues(disk, cpus);
	if (err)
		goto err_free;
	err = create_tags(disk);
	if (err)
		goto err_queues;
	disk->gendisk = create_gendisk(disk, pdev->id);
	if (IS_ERR(disk->gendisk)) {
		err = PTR_ERR(disk->gendisk);
		goto err_tags;
	}
	announce(disk);
	err = device_add_disk(&pdev->dev, disk->gendisk, ubd_groups);
	if (err)
		goto err_gendisk;
	return 0;

err_gendisk:
	put_disk(disk->gendisk);
err_tags:
	blk_mq_free_tag_set(&disk->tags);
err_queues:
	destroy_queues(disk);
err_free:
	platform_set_drvdata(pdev, NULL);
	kfree(disk);
	return err;
}

static void ubd_remove(struct platform_device *pdev)
{
	struct ubd_disk *disk = platform_get_drvdata(pdev);

	settle_now(disk);
	del_gendisk(disk->gendisk);
	put_disk(disk->gendisk);
	blk_mq_free_tag_set(&disk->tags);
	destroy_queues(disk);
	kfree(disk);
}

/*
 * Power off and reboot: what was written is brought to stable storage, what is
 * in flight ends, and nothing new begins.
 */
static void ubd_shutdown(struct platform_device *pdev)
{
	struct ubd_disk *disk = platform_get_drvdata(pdev);

	settle_now(disk);
	blk_mq_freeze_queue(disk->gendisk->queue);
}

static struct platform_driver ubd_driver = {
	.probe		= ubd_probe,
	.remove		= ubd_remove,
	.shutdown	= ubd_shutdown,
	.driver		= {
		.name	= UBD_DRIVER,
		.suppress_bind_attrs = true,
	},
};

int __init ubd_driver_init(void)
{
	int err = register_blkdev(UBD_MAJOR, "ubd");

	if (err)
		return err;
	err = platform_driver_register(&ubd_driver);
	if (err)
		unregister_blkdev(UBD_MAJOR, "ubd");
	return err;
}
