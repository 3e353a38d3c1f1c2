// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_attr.c - attributes: what the host says, and what the guest knows better.
 *
 * Owns no state of its own. Everything comes from the host, but for two things
 * while the guest has not told the host yet: size and mtime of a file that has
 * dirty data. An answer of the host is therefore taken only if nothing changed
 * here since it was asked for (hostfs_inode.changes).
 *
 * What the host changed by itself shows in its mtime, ctime and size: the cached
 * data are dropped then. After the guest's own writes the host's times differ as
 * well, but mean nothing (HOSTFS_UNSEEN); the next answer is the new mark.
 */
#include <linux/jiffies.h>
#include <linux/pagemap.h>
#include "hostfs.h"

static struct timespec64 guest_time(struct host_time t)
{
	return (struct timespec64){ .tv_sec = t.sec, .tv_nsec = t.nsec };
}

static struct host_time host_time(struct timespec64 t)
{
	return (struct host_time){ .sec = t.tv_sec, .nsec = t.tv_nsec };
}

static bool time_differs(struct host_time a, struct host_time b)
{
	return a.sec != b.sec || a.nsec != b.nsec;
}

unsigned long hostfs_changes(struct inode *inode)
{
	return READ_ONCE(hostfs_i(inode)->changes);
}

void hostfs_changed(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	hostfs_i(inode)->changes++;
	spin_unlock(&inode->i_lock);
	set_bit(HOSTFS_UNSEEN, &hostfs_i(inode)->flags);
}

bool hostfs_ahead(struct inode *inode)
{
	return S_ISREG(inode->i_mode) &&
	       (test_bit(HOSTFS_OWN_MTIME, &hostfs_i(inode)->flags) ||
		mapping_tagged(inode->i_mapping, PAGECACHE_TAG_DIRTY) ||
		mapping_tagged(inode->i_mapping, PAGECACHE_TAG_WRITEBACK));
}

void hostfs_stale(struct inode *inode)
{
	set_bit(HOSTFS_STALE, &hostfs_i(inode)->flags);
}

/* size, data times: true if the cached data are not the host's any more */
static bool apply_data(struct inode *inode, const struct host_attr *attr)
{
	struct hostfs_inode *hi = hostfs_i(inode);
	bool differs = time_differs(attr->mtime, hi->seen_mtime) || attr->size != hi->seen_size;

	lockdep_assert_held(&inode->i_lock);
	hi->seen_mtime = attr->mtime;
	hi->seen_size = attr->size;
	i_size_write(inode, attr->size);
	inode->i_blocks = attr->blocks;
	inode_set_mtime_to_ts(inode, guest_time(attr->mtime));
	inode_set_ctime_to_ts(inode, guest_time(attr->ctime));
	return !test_and_clear_bit(HOSTFS_UNSEEN, &hi->flags) && differs;
}

void hostfs_apply(struct inode *inode, const struct host_attr *attr, unsigned long changes)
{
	const struct hostfs_mount *mount = hostfs_m(inode->i_sb);
	struct hostfs_inode *hi = hostfs_i(inode);
	bool drop = false;

	spin_lock(&inode->i_lock);
	inode->i_mode = attr->mode;
	inode->i_uid = make_kuid(&init_user_ns, attr->uid);
	inode->i_gid = make_kgid(&init_user_ns, attr->gid);
	inode_set_atime_to_ts(inode, guest_time(attr->atime));
	if (inode->i_nlink != attr->nlink)
		set_nlink(inode, attr->nlink);
	if (changes == hi->changes && !hostfs_ahead(inode))
		drop = apply_data(inode, attr);
	if (time_differs(attr->ctime, hi->seen_ctime)) {
		hi->seen_ctime = attr->ctime;
		inode->i_flags &= ~S_NOSEC;
	}
	WRITE_ONCE(hi->expires, jiffies + mount->timeout);
	spin_unlock(&inode->i_lock);

	if (drop && S_ISREG(inode->i_mode) && inode->i_mapping->nrpages)
		invalidate_inode_pages2(inode->i_mapping);
}

static bool attributes_hold(const struct inode *inode)
{
	const struct hostfs_inode *hi = hostfs_i(inode);

	return !test_bit(HOSTFS_STALE, &hi->flags) &&
	       (hostfs_m(inode->i_sb)->cache == HOSTFS_CACHE_ALWAYS ||
		time_before(jiffies, READ_ONCE(hi->expires)));
}

int hostfs_refresh(struct inode *inode, bool force)
{
	const struct hostfs_mount *mount = hostfs_m(inode->i_sb);
	unsigned long changes = hostfs_changes(inode);
	struct host_attr attr;
	int fd, err;

	if (!force && attributes_hold(inode))
		return 0;
	if (test_bit(HOSTFS_CLOSED, &hostfs_i(inode)->flags))
		return 0;
	fd = hostfs_get(inode);
	if (fd < 0)
		return fd;
	/* before the host is asked: what happens meanwhile makes it stale again */
	clear_bit(HOSTFS_STALE, &hostfs_i(inode)->flags);
	err = mount->store->stat(fd, NULL, &attr);
	hostfs_put(inode);
	if (err)
		return err;
	hostfs_apply(inode, &attr, changes);
	return 0;
}

int hostfs_update_time(struct inode *inode, int flags)
{
	flags = inode_update_timestamps(inode, flags);
	if (flags & S_MTIME) {
		set_bit(HOSTFS_OWN_MTIME, &hostfs_i(inode)->flags);
		hostfs_changed(inode);
	}
	if (flags)
		mark_inode_dirty_sync(inode);
	return 0;
}

/*
 * The host's mtime is that of the guest's write, not of the writeback: else
 * files would look newer than what was made from them. Who does not own the
 * file must leave it with the host's idea.
 */
int hostfs_push_times(struct inode *inode)
{
	const struct host_time omit = { .nsec = HOST_TIME_OMIT };
	struct hostfs_inode *hi = hostfs_i(inode);
	struct host_time mtime;
	int fd, err;

	if (!test_bit(HOSTFS_OWN_MTIME, &hi->flags))
		return 0;
	fd = hostfs_get(inode);
	if (fd < 0)
		return fd == -ESTALE ? 0 : fd;
	clear_bit(HOSTFS_OWN_MTIME, &hi->flags);
	mtime = host_time(inode_get_mtime(inode));
	err = host_fs_utimes(fd, &omit, &mtime);
	hostfs_put(inode);
	set_bit(HOSTFS_UNSEEN, &hi->flags);
	hostfs_stale(inode);
	return err == -EPERM || err == -EACCES ? 0 : err;
}

int hostfs_getattr(struct mnt_idmap *idmap, const struct path *path, struct kstat *stat,
		   u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct hostfs_inode *hi = hostfs_i(inode);
	int err = 0;

	if (!(flags & AT_STATX_DONT_SYNC))
		err = hostfs_refresh(inode, flags & AT_STATX_FORCE_SYNC);
	if (err)
		return err;
	generic_fillattr(idmap, mask, inode, stat);
	/* programs skip files without blocks; these are still to be allocated */
	if (hostfs_ahead(inode))
		stat->blocks += (u64)inode->i_mapping->nrpages << (PAGE_SHIFT - 9);
	if (hi->btime.sec || hi->btime.nsec) {
		stat->btime = guest_time(hi->btime);
		stat->result_mask |= STATX_BTIME;
	}
	return 0;
}

/*
 * The new size is set here first, so that no writeback begins behind it, then
 * there where it holds; what was on its way is waited for in between.
 */
static int set_size(struct inode *inode, int fd, loff_t size)
{
	loff_t old = i_size_read(inode);
	int err;

	inode_dio_wait(inode);
	if (size > old) {
		err = hostfs_zero_tail(inode, old);
		if (err)
			return err;
	}
	hostfs_changed(inode);
	i_size_write(inode, size);
	err = filemap_fdatawait_range(inode->i_mapping, min(size, old), LLONG_MAX);
	if (!err)
		err = host_fs_truncate(fd, size);
	if (err) {
		i_size_write(inode, old);
		return err;
	}
	if (size > old)
		pagecache_isize_extended(inode, old, size);
	truncate_pagecache(inode, size);
	if (test_bit(HOSTFS_OWN_MTIME, &hostfs_i(inode)->flags))
		inode_set_mtime_to_ts(inode, inode_set_ctime_current(inode));
	return 0;
}

static int set_owner(struct inode *inode, struct mnt_idmap *idmap, int fd,
		     const struct iattr *attr)
{
	u32 uid = HOSTFS_KEEP, gid = HOSTFS_KEEP, mode = HOSTFS_KEEP;

	if (attr->ia_valid & ATTR_UID)
		uid = from_kuid(&init_user_ns, from_vfsuid(idmap, &init_user_ns, attr->ia_vfsuid));
	if (attr->ia_valid & ATTR_GID)
		gid = from_kgid(&init_user_ns, from_vfsgid(idmap, &init_user_ns, attr->ia_vfsgid));
	if (attr->ia_valid & ATTR_MODE)
		mode = attr->ia_mode & S_IALLUGO;
	return hostfs_store(inode)->own(inode, fd, uid, gid, mode);
}

static struct host_time new_time(const struct iattr *attr, unsigned int valid,
				 unsigned int set, struct timespec64 time)
{
	if (!(attr->ia_valid & valid))
		return (struct host_time){ .nsec = HOST_TIME_OMIT };
	if (!(attr->ia_valid & set))
		return (struct host_time){ .nsec = HOST_TIME_NOW };
	return host_time(time);
}

static int set_times(struct inode *inode, int fd, const struct iattr *attr)
{
	struct host_time atime = new_time(attr, ATTR_ATIME, ATTR_ATIME_SET, attr->ia_atime);
	struct host_time mtime = new_time(attr, ATTR_MTIME, ATTR_MTIME_SET, attr->ia_mtime);
	int err;

	/* data that came later would change it again */
	if (attr->ia_valid & ATTR_MTIME && S_ISREG(inode->i_mode)) {
		err = filemap_write_and_wait(inode->i_mapping);
		if (err)
			return err;
		clear_bit(HOSTFS_OWN_MTIME, &hostfs_i(inode)->flags);
	}
	return host_fs_utimes(fd, &atime, &mtime);
}

static int set_attributes(struct mnt_idmap *idmap, struct inode *inode, int fd,
			  const struct iattr *attr)
{
	int err = 0;

	if (attr->ia_valid & ATTR_SIZE)
		err = set_size(inode, fd, attr->ia_size);
	if (!err && attr->ia_valid & (ATTR_UID | ATTR_GID | ATTR_MODE))
		err = set_owner(inode, idmap, fd, attr);
	if (!err && attr->ia_valid & (ATTR_ATIME | ATTR_MTIME) &&
	    !(attr->ia_valid & ATTR_SIZE && !(attr->ia_valid & (ATTR_ATIME_SET | ATTR_MTIME_SET))))
		err = set_times(inode, fd, attr);
	return err;
}

int hostfs_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int fd, err, again;

	err = setattr_prepare(idmap, dentry, attr);
	if (err)
		return err;
	fd = hostfs_get(inode);
	if (fd < 0)
		return fd;
	err = set_attributes(idmap, inode, fd, attr);
	hostfs_put(inode);
	set_bit(HOSTFS_UNSEEN, &hostfs_i(inode)->flags);
	again = hostfs_refresh(inode, true);
	return err ?: again;
}
