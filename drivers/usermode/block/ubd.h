/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ubd.h - disks that are files of the host.
 *
 *   switch.c		what the user asked for: words to struct ubd_setting
 *   chain.h
 *   file.c		opens, checks and locks a file of the host: struct ubd_file
 *   image.c		finds out what kind of image it is: struct ubd_image
 *   chain.c		opens a copy-on-write file and what it is based on
 *   disk.c		front end: gendisk, requests, sysfs
 *   plug.c		disks come and go: at boot, and by asm/hotplug.h
 *   backend_queue.c	runs struct ubd_io as operations on the host
 *   backend_raw.c	the format in which byte n of the disk is byte n of the file
 *   backend_cow.c	copy-on-write, on cow.h
 *   backend_qcow2.c	qcow2, on qcow2.h
 *
 * The front end turns a request into a struct ubd_io: an operation, a range of
 * the disk and vectors. The queue asks the image's format which host operation
 * comes next for it, submits that, and hands the result back, until the format
 * has nothing left to do. Only formats know where a byte of the disk lives.
 */
#ifndef __USERMODE_UBD_H
#define __USERMODE_UBD_H

#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include "chain.h"

struct host_aio;
struct platform_device;
struct host_aio_req;
struct iovec;
struct qcow2;

#define UBD_DEVICES	16

/* ---- what the user asked for (switch.c) ---- */

/**
 * ubd_parse - understand one setting
 * @text:	flags, "=" and files; is cut up, and @setting points into it
 * @setting:	the result
 * @why:	the reason for a refusal, one line without the option's name
 * @len:	size of @why
 *
 * Context: any, also before there is a kernel. Return: 0 or -errno.
 */
int ubd_parse(char *text, struct ubd_setting *setting, char *why, size_t len);

/* ---- an open image (image.c) ---- */

/**
 * struct ubd_image - an image that was found fit to be a disk
 * @format:	how the disk's bytes are stored
 * @file:	the file that is written to
 * @size:	bytes of the disk, a multiple of @sector
 * @excess:	bytes at the end of the image that make no whole sector
 * @sector:	bytes; the unit in which the disk is addressed
 * @block:	bytes; the unit in which the host allocates, >= @sector
 * @read_only:	the file is not open for writing
 * @sync:	complete what modifies the disk when it is on stable storage
 * @no_trim:	keep space allocated
 * @chain:	of backend_cow.c
 * @qcow2:	of backend_qcow2.c
 */
struct ubd_image {
	const struct ubd_format *format;
	struct ubd_file file;
	u64 size, excess;
	unsigned int sector, block;
	bool read_only, sync, no_trim;
	struct ubd_chain *chain;
	struct qcow2 *qcow2;
};

/*
 * Open the image of @setting. On failure -errno, and the reason in @why without
 * the option's and the file's name. Nothing is written to a file before it and
 * all that it is based on have been found fit. Context: as ubd_parse(); one at
 * a time; may block.
 */
int ubd_image_open(const struct ubd_setting *setting, struct ubd_image *image,
		   char *why, size_t len);
/* nothing may be in flight */
void ubd_image_close(struct ubd_image *image);

/* ---- the disks (switch.c fills them in first, then plug.c) ---- */

/**
 * struct ubd_slot - a place for a disk
 * @setting:	@setting.file is NULL where there is no disk
 * @image:	open where there is one
 * @text:	what @setting points into, if it was allocated
 * @pdev:	the disk's device
 */
struct ubd_slot {
	struct ubd_setting setting;
	struct ubd_image image;
	char *text;
	struct platform_device *pdev;
};

extern struct ubd_slot ubd_slots[UBD_DEVICES];
extern bool ubd_all_sync;	/* ubd=sync: as if every disk had the flag s */

/* ---- disks (disk.c) ---- */

#define UBD_DRIVER	"ubd"	/* of platform devices; their number is the slot's */

int ubd_driver_init(void);

/*
 * Nobody shall open @slot's disk any more: -EBUSY if it is in use. May sleep.
 */
int ubd_disk_retire(struct ubd_slot *slot);
/*
 * Look how large the image is by now; true if it has changed. Where programs
 * have the disk open they are told. May sleep.
 */
bool ubd_disk_rescan(struct ubd_slot *slot);

/* ---- operations on an image (backend_queue.c) ---- */

enum ubd_op {
	UBD_READ,
	UBD_WRITE,
	UBD_FLUSH,	/* what was completed before is on stable storage after it */
	UBD_DISCARD,	/* the range's content is of no interest any more */
	UBD_CLEAR,	/* the range reads as zeros, and need not stay allocated */
	UBD_ZERO,	/* the range reads as zeros, and stays allocated */
};

/**
 * struct ubd_io - one operation on the disk
 * @op:		what to do
 * @sync:	and then bring it to stable storage
 * @n:		number of vectors
 * @iov:	READ, WRITE: the vectors; they are consumed
 * @image:	what it is an operation on, once it is submitted
 * @cut, @cut_len: what ubd_io_limit() took from the length of a vector
 * @pos:	byte offset on the disk
 * @len:	bytes
 * @error:	0 or -errno, once it is done
 * @next:	in a list of operations that are done
 *
 * The front end sets @op to @len (@sync excepted) and owns the structure before
 * ubd_queue_submit() and after done(). @pos, @len, @iov and @n then describe
 * what is left to do.
 */
struct ubd_io {
	enum ubd_op op;
	bool sync;
	unsigned int n;
	struct iovec *iov;
	u64 pos, len;
	const struct ubd_image *image;
	struct iovec *cut;
	size_t cut_len;
	int error;
	struct ubd_io *next;
};

/**
 * struct ubd_format - how a disk is stored in a file
 * @name:	for the log
 * @calls:	uses HOST_AIO_CALL, for work that blocks
 * @lazy:	what was written is lost with the program, until it is flushed
 * @resizes:	the disk is as large as the file
 * @next:	fill in the host operation that comes next for @io; false: it is done
 * @result:	take the result of that operation, as host_aio_reap() returns it;
 *		0, or the -errno that @io ends with
 *
 * Both run under the queue's lock with interrupts off.
 */
struct ubd_format {
	const char *name;
	bool calls, lazy, resizes;
	bool (*next)(const struct ubd_image *image, struct ubd_io *io,
		     struct host_aio_req *req);
	int (*result)(const struct ubd_image *image, struct ubd_io *io, s64 res);
};

extern const struct ubd_format ubd_format_raw, ubd_format_cow, ubd_format_qcow2;

/*
 * Shorten the vectors of @io to @len bytes, at least 1, until the next call or
 * ubd_io_advance(): how many vectors that makes.
 */
unsigned int ubd_io_limit(struct ubd_io *io, u64 len);
/* the first @done bytes of the range and of the vectors are done */
void ubd_io_advance(struct ubd_io *io, u64 done);

/**
 * struct ubd_queue - a way to an image; there may be several
 * @image:	the image
 * @done:	gets lists of operations that are done. Called from hard
 *		interrupts and from ubd_queue_flush(), without the lock
 * @aio:	the host's side
 * @calls:	its side for what blocks; NULL if the format has nothing such
 * @lock:	serialises submissions and reaps
 * @stalled:	operations that wait for a place on the host's side
 * @retry:	tries again what the host refused for want of memory or a place
 * @irq:	the host has completions
 */
struct ubd_queue {
	const struct ubd_image *image;
	void (*done)(struct ubd_io *list);
	struct host_aio *aio, *calls;
	spinlock_t lock;	/* aio, and the operations in flight */
	struct ubd_io *stalled;
	struct timer_list retry;
	int irq;
};

/* @depth operations at once; @name must live as long as the queue. May sleep */
int ubd_queue_create(struct ubd_queue *queue, const struct ubd_image *image,
		     unsigned int depth, const char *name,
		     void (*done)(struct ubd_io *list));
/* nothing may be in flight. May sleep */
void ubd_queue_destroy(struct ubd_queue *queue);
/* how the host does the work, for the log */
const char *ubd_queue_name(const struct ubd_queue *queue);

/*
 * Queue @io; it need not start before ubd_queue_flush(). 1: it will end in
 * done(). Else it will not: 0: there is nothing to do for it; -EAGAIN: the queue
 * is full, try again in a moment; another -errno: it failed.
 */
int ubd_queue_submit(struct ubd_queue *queue, struct ubd_io *io);
/* start what was submitted; what the host does at once is done on return */
void ubd_queue_flush(struct ubd_queue *queue);

#endif
