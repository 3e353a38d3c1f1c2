// SPDX-License-Identifier: GPL-2.0
/*
 * plug.c - disks come and go: those of the command line at boot, others while
 * the guest runs, through asm/hotplug.h.
 *
 * Owns the slots from the boot on. Locks: at boot none; later the registry's,
 * which calls one operation at a time.
 */
#define pr_fmt(fmt) "ubd: " fmt

#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/major.h>
#include <linux/platform_device.h>
#include <linux/root_dev.h>
#include <linux/slab.h>
#include <asm/hotplug.h>
#include "ubd.h"

/* how long a disk that shall go may stay in use */
#define RETIRE_MS	500
#define RETIRE_STEP_MS	10

static int add_device(unsigned int n)
{
	struct platform_device *pdev;

	ubd_slots[n].image.sync |= ubd_all_sync;
	pdev = platform_device_register_simple(UBD_DRIVER, n, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	ubd_slots[n].pdev = pdev;
	if (platform_get_drvdata(pdev))
		return 0;
	/* the driver's probe has failed, and said why */
	platform_device_unregister(pdev);
	ubd_slots[n].pdev = NULL;
	return -EIO;
}

static void clear_slot(struct ubd_slot *slot)
{
	ubd_image_close(&slot->image);
	kfree(slot->text);
	*slot = (struct ubd_slot){};
}

static int plug(struct ubd_slot *slot, unsigned int n, const struct ubd_setting *setting,
		char *text, char *why, size_t len)
{
	int err = ubd_image_open(setting, &slot->image, why, len);

	if (err)
		return err;
	slot->setting = *setting;
	slot->text = text;
	err = add_device(n);
	if (!err)
		return 0;
	snprintf(why, len, "no disk could be made (error %d)", -err);
	/* the caller frees it */
	slot->text = NULL;
	clear_slot(slot);
	return err;
}

/* the same file again: it may have another size by now */
static int replug(struct ubd_slot *slot, const struct ubd_setting *setting, char *why,
		  size_t len)
{
	if (strcmp(setting->file, slot->setting.file)) {
		snprintf(why, len, "is %s; remove it first", slot->setting.file);
		return -EBUSY;
	}
	ubd_disk_rescan(slot);
	return 0;
}

static int ubd_config(unsigned int n, char *value, char *why, size_t len)
{
	struct ubd_slot *slot = &ubd_slots[n];
	struct ubd_setting setting;
	char *text = kstrdup(value, GFP_KERNEL);
	int err;

	if (!text)
		return -ENOMEM;
	err = ubd_parse(text, &setting, why, len);
	if (!err && slot->pdev) {
		err = replug(slot, &setting, why, len);
		kfree(text);
		return err;
	}
	if (!err)
		err = plug(slot, n, &setting, text, why, len);
	if (err)
		kfree(text);
	return err;
}

static int ubd_query(unsigned int n, char *buf, size_t len)
{
	const struct ubd_setting *setting = &ubd_slots[n].setting;

	if (!setting->file)
		return -ENODEV;
	snprintf(buf, len, "%s%s%s%s%s", setting->file,
		 setting->backing || setting->serial ? "," : "", setting->backing ?: "",
		 setting->serial ? "," : "", setting->serial ?: "");
	return 0;
}

/*
 * A new disk is open for a moment more: the partition scan's own file is closed
 * by a worker a tick later, and udev reads what there is. Such users are waited
 * for; whoever still has it open after that means to.
 */
static int retire(struct ubd_slot *slot)
{
	int tries = RETIRE_MS / RETIRE_STEP_MS;
	int err;

	while ((err = ubd_disk_retire(slot)) && tries--)
		msleep(RETIRE_STEP_MS);
	return err;
}

static int ubd_unplug(unsigned int n, char *why, size_t len)
{
	struct ubd_slot *slot = &ubd_slots[n];

	if (!slot->pdev) {
		snprintf(why, len, "no such device");
		return -ENODEV;
	}
	if (retire(slot)) {
		snprintf(why, len, "is in use: mounted, or open in a program");
		return -EBUSY;
	}
	platform_device_unregister(slot->pdev);
	clear_slot(slot);
	return 0;
}

static struct hotplug_class ubd_class = {
	.name		= "ubd",
	.count		= UBD_DEVICES,
	.letters	= true,
	.flags		= "rsdcto",
	.config		= ubd_config,
	.query		= ubd_query,
	.remove		= ubd_unplug,
};

/* one of the command line: its file has been opened */
static void __init add_first(unsigned int n)
{
	int err = add_device(n);

	if (!err)
		return;
	pr_err("ubd%u: no disk was made (error %d)\n", n, -err);
	clear_slot(&ubd_slots[n]);
}

static int __init ubd_init(void)
{
	int n, err;

	err = ubd_driver_init();
	if (err)
		return err;
	/* root= says otherwise later, if it is given */
	if (!ROOT_DEV && ubd_slots[0].setting.file)
		ROOT_DEV = MKDEV(UBD_MAJOR, 0);
	for (n = 0; n < UBD_DEVICES; n++) {
		if (ubd_slots[n].setting.file)
			add_first(n);
	}
	hotplug_register(&ubd_class);
	return 0;
}
device_initcall(ubd_init);
