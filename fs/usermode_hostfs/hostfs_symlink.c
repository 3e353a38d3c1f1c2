// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_symlink.c - symbolic links: bytes that the guest follows by itself.
 *
 * Owns inode->i_link, read once (a link cannot be changed, only replaced) and
 * freed with the inode. What the host would find there plays no part.
 */
#include <linux/limits.h>
#include <linux/slab.h>
#include "hostfs.h"

static char *link_read(struct inode *inode)
{
	int fd = hostfs_get(inode);
	ssize_t len;
	char *text;

	if (fd < 0)
		return ERR_PTR(fd);
	text = kmalloc(PATH_MAX, GFP_KERNEL);
	len = text ? hostfs_store(inode)->readlink(fd, text, PATH_MAX - 1) : -ENOMEM;
	hostfs_put(inode);
	if (len < 0) {
		kfree(text);
		return ERR_PTR(len);
	}
	text[len] = 0;
	return text;
}

static const char *hostfs_get_link(struct dentry *dentry, struct inode *inode,
				   struct delayed_call *done)
{
	char *text, *kept;

	if (!dentry)		/* RCU mode: not without sleeping */
		return ERR_PTR(-ECHILD);
	text = link_read(inode);
	if (IS_ERR(text))
		return text;
	kept = kmemdup_nul(text, strlen(text), GFP_KERNEL);
	kfree(text);
	if (!kept)
		return ERR_PTR(-ENOMEM);
	if (cmpxchg_release(&inode->i_link, NULL, kept))
		kfree(kept);
	return inode->i_link;
}

const struct inode_operations hostfs_link_iops = {
	.get_link	= hostfs_get_link,
	.getattr	= hostfs_getattr,
	.setattr	= hostfs_setattr,
	.listxattr	= hostfs_listxattr,
};
