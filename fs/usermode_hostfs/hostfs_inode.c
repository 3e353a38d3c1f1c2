// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_inode.c - objects of the host as inodes.
 *
 * Owns the cache of struct hostfs_inode and what makes two of the host's answers
 * the same object: device, number, type and birth. Numbers are used again after
 * a deletion, births are not.
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/writeback.h>
#include "hostfs.h"

/* largest piece of a file that is cached, read and written as one: 256 KiB */
#define FOLIO_ORDER_MAX	6

static struct kmem_cache *inode_cache;

static void inode_construct(void *object)
{
	struct hostfs_inode *hi = object;

	inode_init_once(&hi->vfs);
	mutex_init(&hi->opening);
}

int __init hostfs_inode_setup(void)
{
	inode_cache = kmem_cache_create("hostfs_inode", sizeof(struct hostfs_inode), 0,
					SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT, inode_construct);
	return inode_cache ? 0 : -ENOMEM;
}

static struct inode *hostfs_alloc_inode(struct super_block *sb)
{
	struct hostfs_inode *hi = alloc_inode_sb(sb, inode_cache, GFP_KERNEL);

	if (!hi)
		return NULL;
	hostfs_handle_init(hi);
	hi->flags = 0;
	hi->changes = 0;
	hi->vfs.i_link = NULL;
	return &hi->vfs;
}

static void hostfs_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))	/* else it is something else */
		kfree(inode->i_link);
	kmem_cache_free(inode_cache, hostfs_i(inode));
}

static void hostfs_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	if (inode->i_nlink)
		hostfs_push_times(inode);
	clear_inode(inode);
	hostfs_handle_drop(inode);
}

static int hostfs_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	return hostfs_push_times(inode);
}

/*
 * On the root's device numbers are the host's own. Those of another device
 * carry its name in the upper bits, which numbers rarely need: they stay as
 * they are from mount to mount.
 */
u64 hostfs_ino(const struct hostfs_mount *mount, u64 dev, u64 ino)
{
	if (dev != mount->root_dev)
		ino ^= (u64)(hash_64(dev, 15) + 1) << 48;
	return ino ?: 1;
}

static bool same_time(const struct host_time *a, const struct host_time *b)
{
	return a->sec == b->sec && a->nsec == b->nsec;
}

/* what of a type both sides see */
static bool same_type(const struct inode *inode, u32 mode)
{
	if (hostfs_store(inode)->host_types)
		return !((inode->i_mode ^ mode) & S_IFMT);
	return S_ISDIR(inode->i_mode) == S_ISDIR(mode);
}

bool hostfs_same(const struct hostfs_inode *hi, const struct host_attr *attr)
{
	return hi->ino == attr->ino && hi->dev == attr->dev &&
	       same_type(&hi->vfs, attr->mode) && same_time(&hi->btime, &attr->btime);
}

static int inode_test(struct inode *inode, void *attr)
{
	return hostfs_same(hostfs_i(inode), attr);
}

static int inode_set(struct inode *inode, void *data)
{
	struct hostfs_inode *hi = hostfs_i(inode);
	const struct host_attr *attr = data;

	hi->dev = attr->dev;
	hi->ino = attr->ino;
	hi->btime = attr->btime;
	inode->i_mode = attr->mode;
	inode->i_ino = hostfs_ino(hostfs_m(inode->i_sb), attr->dev, attr->ino);
	return 0;
}

static void inode_setup_file(struct inode *inode)
{
	inode->i_op = &hostfs_file_iops;
	inode->i_fop = &hostfs_file_fops;
	inode->i_mapping->a_ops = &hostfs_aops;
	mapping_set_folio_order_range(inode->i_mapping, 0, FOLIO_ORDER_MAX);
}

static void inode_setup(struct inode *inode, const struct host_attr *attr)
{
	u32 major = attr->rdev >> 32, minor = attr->rdev;

	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode_setup_file(inode);
		break;
	case S_IFDIR:
		inode->i_op = &hostfs_dir_iops;
		inode->i_fop = &hostfs_dir_fops;
		break;
	case S_IFLNK:
		inode->i_op = &hostfs_link_iops;
		break;
	default:
		inode->i_op = &hostfs_file_iops;
		init_special_inode(inode, inode->i_mode, MKDEV(major, minor));
	}
	if (hostfs_m(inode->i_sb)->append && !S_ISLNK(inode->i_mode))
		inode->i_flags |= S_APPEND;
}

struct inode *hostfs_iget(struct super_block *sb, const struct host_attr *attr)
{
	u64 ino = hostfs_ino(hostfs_m(sb), attr->dev, attr->ino);
	struct inode *inode = iget5_locked(sb, ino, inode_test, inode_set, (void *)attr);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (inode->i_state & I_NEW) {
		set_bit(HOSTFS_UNSEEN, &hostfs_i(inode)->flags);
		hostfs_apply(inode, attr, hostfs_changes(inode));
		inode_setup(inode, attr);
		unlock_new_inode(inode);
	} else {
		hostfs_apply(inode, attr, hostfs_changes(inode));
	}
	return inode;
}

static int hostfs_statfs(struct dentry *dentry, struct kstatfs *st)
{
	struct hostfs_inode *hi = hostfs_i(d_inode(dentry));
	struct host_fs_space space;
	int fd, err;

	fd = hostfs_get(d_inode(dentry));
	if (fd < 0)
		return fd;
	err = host_fs_space(fd, &space);
	hostfs_put(d_inode(dentry));
	if (err)
		return err;

	st->f_type = dentry->d_sb->s_magic;
	st->f_bsize = space.bsize;
	st->f_frsize = space.frsize;
	st->f_blocks = space.blocks;
	st->f_bfree = space.bfree;
	st->f_bavail = space.bavail;
	st->f_files = space.files;
	st->f_ffree = space.ffree;
	st->f_namelen = space.namelen;
	st->f_fsid = u64_to_fsid(hi->dev);
	return 0;
}

const struct super_operations hostfs_super_ops = {
	.alloc_inode	= hostfs_alloc_inode,
	.free_inode	= hostfs_free_inode,
	.evict_inode	= hostfs_evict_inode,
	.write_inode	= hostfs_write_inode,
	.statfs		= hostfs_statfs,
	.sync_fs	= hostfs_sync_fs,
	.show_options	= hostfs_show_options,
	.show_devname	= hostfs_show_devname,
};
