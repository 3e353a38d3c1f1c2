// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_name.c - names: looking them up, and believing them for a while.
 *
 * Owns dentry->d_time, the jiffies at which the host was last asked about a
 * name. A name is asked for with one statx(2) in its directory; no descriptor is
 * opened before somebody needs one. Runs with the directory's i_rwsem held
 * (lookup) or with nothing (revalidation, in RCU mode without sleeping).
 */
#include <linux/dcache.h>
#include <linux/fcntl.h>
#include <linux/jiffies.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include "hostfs.h"

void hostfs_name_fresh(struct dentry *dentry)
{
	WRITE_ONCE(dentry->d_time, jiffies);
}

static bool name_holds(const struct dentry *dentry)
{
	const struct hostfs_mount *mount = hostfs_m(dentry->d_sb);

	return mount->cache == HOSTFS_CACHE_ALWAYS ||
	       time_before(jiffies, READ_ONCE(dentry->d_time) + mount->timeout);
}

/*
 * The host's procfs is shown as a directory but not entered: it has this very
 * process in it, with its memory and its descriptors. 1, 0 or -errno.
 */
static int name_is_procfs(struct inode *dir, const struct host_attr *attr, const char *name)
{
	struct host_fs_space space;
	int pfd, fd, err;

	if (attr->dev == hostfs_i(dir)->dev || !S_ISDIR(attr->mode))
		return 0;
	pfd = hostfs_get(dir);
	if (pfd < 0)
		return pfd;
	fd = host_fs_open(pfd, name, O_PATH | O_DIRECTORY, 0);
	hostfs_put(dir);
	if (fd < 0)
		return fd;
	err = host_fs_space(fd, &space);
	host_close(fd);
	return err ?: space.type == PROC_SUPER_MAGIC;
}

/* the inode of what @name was found to be */
static struct inode *name_inode(struct inode *dir, const struct host_attr *attr, const char *name)
{
	int closed = name_is_procfs(dir, attr, name);
	struct inode *inode;

	if (closed < 0)
		return ERR_PTR(closed);
	inode = hostfs_iget(dir->i_sb, attr);
	if (closed && !IS_ERR(inode))
		set_bit(HOSTFS_CLOSED, &hostfs_i(inode)->flags);
	return inode;
}

static int name_stat(struct inode *dir, const char *name, struct host_attr *attr)
{
	int fd = hostfs_get(dir), err;

	if (fd < 0)
		return fd;
	err = hostfs_store(dir)->stat(fd, name, attr);
	hostfs_put(dir);
	return err;
}

struct dentry *hostfs_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	const char *name = dentry->d_name.name;
	struct inode *inode = NULL;
	struct host_attr attr;
	int err;

	err = name_stat(dir, name, &attr);
	if (!err)
		inode = name_inode(dir, &attr, name);
	else if (err != -ENOENT)
		inode = ERR_PTR(err);
	hostfs_name_fresh(dentry);
	return d_splice_alias(inode, dentry);
}

/* ask the host: is the name still what the dentry says? 1, 0 or -errno */
static int name_ask(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	unsigned long changes = inode ? hostfs_changes(inode) : 0;
	struct name_snapshot name;
	struct host_attr attr;
	int err;

	take_dentry_name_snapshot(&name, dentry);
	err = name_stat(dir, name.name.name, &attr);
	release_dentry_name_snapshot(&name);
	if (err == -ENOENT || err == -ESTALE)
		return !inode && err == -ENOENT;
	if (err)
		return err;
	if (!inode || !hostfs_same(hostfs_i(inode), &attr))
		return 0;
	hostfs_apply(inode, &attr, changes);
	return 1;
}

static int hostfs_d_revalidate(struct dentry *dentry, unsigned int flags)
{
	/* who makes a name must know that there is none */
	bool makes = d_is_negative(dentry) && flags & (LOOKUP_CREATE | LOOKUP_RENAME_TARGET);
	struct dentry *parent;
	int valid;

	if (name_holds(dentry) && !makes)
		return 1;
	if (flags & LOOKUP_RCU)
		return -ECHILD;
	if (hostfs_m(dentry->d_sb)->cache == HOSTFS_CACHE_ALWAYS)
		return 1;
	parent = dget_parent(dentry);
	valid = name_ask(d_inode(parent), dentry);
	dput(parent);
	if (valid > 0)
		hostfs_name_fresh(dentry);
	return valid;
}

const struct dentry_operations hostfs_dentry_ops = {
	.d_revalidate	= hostfs_d_revalidate,
};
