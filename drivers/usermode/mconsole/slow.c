// SPDX-License-Identifier: GPL-2.0
/*
 * slow.c - commands that run in a task: devices, and files below /proc.
 *
 * Owns a mount of proc that no guest sees. Locks: proc_lock for making it; the
 * registry of devices has its own.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/hotplug.h>
#include "mconsole.h"

#define SETTING_MAX	1024
#define PROC_MAX	(16UL << 20)	/* bytes of one file; some never end */

/* ---- config, remove ---- */

static void set_device(char *device, char *value, struct reply *reply)
{
	char why[400];
	int err = hotplug_config(device, value, why, sizeof(why));

	if (err)
		reply_fail(reply, err, "%.64s: %s", device, why);
}

static void ask_device(const char *device, struct reply *reply)
{
	char *setting = kmalloc(SETTING_MAX, GFP_KERNEL);
	int err = -ENOMEM;

	if (setting)
		err = hotplug_query(device, setting, SETTING_MAX);
	if (err)
		reply_fail(reply, err, "%.64s: %.400s", device, setting ?: "out of memory");
	else
		reply_puts(reply, setting);
	kfree(setting);
}

void command_config(struct request *req, struct reply *reply)
{
	char *device = req->rest;
	char *value = strchr(device, '=');

	if (!*device || value == device) {
		reply_fail(reply, -EINVAL, "config takes DEVICE or DEVICE=SETTING");
	} else if (value) {
		*value++ = 0;
		set_device(device, value, reply);
	} else {
		ask_device(device, reply);
	}
}

void command_remove(struct request *req, struct reply *reply)
{
	char why[160];
	int err;

	if (!*req->rest) {
		reply_fail(reply, -EINVAL, "remove takes DEVICE");
		return;
	}
	err = hotplug_remove(req->rest, why, sizeof(why));
	if (err)
		reply_fail(reply, err, "%.64s: %s", req->rest, why);
}

/* ---- proc ---- */

static DEFINE_MUTEX(proc_lock);
static struct vfsmount *proc_mnt;

static struct vfsmount *mount_proc(void)
{
	struct file_system_type *type;

	guard(mutex)(&proc_lock);
	if (proc_mnt)
		return proc_mnt;
	type = get_fs_type("proc");
	if (!type)
		return ERR_PTR(-ENODEV);
	proc_mnt = kern_mount(type);
	put_filesystem(type);
	if (IS_ERR(proc_mnt)) {
		long err = PTR_ERR(proc_mnt);

		proc_mnt = NULL;
		return ERR_PTR(err);
	}
	return proc_mnt;
}

/*
 * Some files, /proc/kallsyms and /proc/PID/maps among them, can only be read into
 * a buffer of user space: the worker borrows an address space that has nothing but
 * such a buffer, here.
 */
#define USER_BUFFER	0x100000UL

static struct mm_struct *use_user_buffer(void)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long at;

	if (!mm)
		return ERR_PTR(-ENOMEM);
	kthread_use_mm(mm);
	at = vm_mmap(NULL, USER_BUFFER, PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
	if (at == USER_BUFFER)
		return mm;
	kthread_unuse_mm(mm);
	mmput(mm);
	return ERR_PTR(-ENOMEM);
}

static void unuse_user_buffer(struct mm_struct *mm)
{
	kthread_unuse_mm(mm);
	mmput(mm);
}

/* as kernel_read() of a page */
static ssize_t read_through_user(struct file *file, char *buf, loff_t *pos)
{
	char __user *there = (char __user *)USER_BUFFER;
	ssize_t n = vfs_read(file, there, PAGE_SIZE, pos);

	if (n > 0 && copy_from_user(buf, there, n))
		return -EFAULT;
	return n;
}

/* -errno of what went wrong at the beginning; later it is too late to say so */
static int put_file(struct file *file, struct reply *reply)
{
	bool plain = file->f_op->read_iter && !file->f_op->read;	/* kernel_read()'s terms */
	struct mm_struct *mm = plain ? NULL : use_user_buffer();
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	size_t total = 0;
	loff_t pos = 0;
	ssize_t n = -ENOMEM;

	while (buf && !IS_ERR(mm)) {
		n = mm ? read_through_user(file, buf, &pos) :
			 kernel_read(file, buf, PAGE_SIZE, &pos);
		if (n <= 0)
			break;
		reply_put(reply, buf, n);
		total += n;
		if (reply->gone)
			break;
		if (total >= PROC_MAX) {
			reply_puts(reply, "\n(it is longer)\n");
			break;
		}
	}
	if (!IS_ERR_OR_NULL(mm))
		unuse_user_buffer(mm);
	kfree(buf);
	return total ? 0 : n;
}

void command_proc(struct request *req, struct reply *reply)
{
	const char *path = req->rest;
	struct vfsmount *mnt = mount_proc();
	struct file *file;
	int err;

	while (*path == '/')
		path++;
	if (!*path) {
		reply_fail(reply, -EINVAL, "proc takes the name of a file below /proc");
		return;
	}
	file = IS_ERR(mnt) ? ERR_CAST(mnt) :
	       file_open_root_mnt(mnt, path, O_RDONLY | O_NONBLOCK | O_LARGEFILE, 0);
	err = PTR_ERR_OR_ZERO(file);
	if (!err) {
		err = put_file(file, reply);
		fput(file);
	}
	if (err == -ENOENT)
		reply_fail(reply, err, "/proc/%.400s: there is no such file", path);
	else if (err)
		reply_fail(reply, err, "/proc/%.400s: cannot be read (%pe)", path, ERR_PTR(err));
}
