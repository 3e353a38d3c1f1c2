// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_handle.c - the host's descriptors of inodes, of which there are not enough.
 *
 * Owns the list of idle descriptors. An inode has up to three: a handle, one to
 * read, one to write. They are opened when somebody needs them and stay after
 * that for the next user; beyond the budget the one that was idle longest is
 * closed. Whoever uses a descriptor pins it; open files pin for their lifetime.
 *
 * A handle is opened through the pinned handle of its parent, by one component,
 * and what is found must be what the inode was made from. What is not there any
 * more is -ESTALE, upon which the VFS walks its path anew.
 *
 * Locks: handles.lock, from any context. hostfs_put() may be called in
 * interrupts, all else in processes.
 */
#include <linux/dcache.h>
#include <linux/fcntl.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "hostfs.h"

#define RESERVED	256	/* descriptors for everybody else */
#define BUDGET_MAX	65536
#define BUDGET_MIN	64

static struct {
	spinlock_t lock;	/* of all descriptors and pins */
	struct list_head idle;	/* longest idle first */
	unsigned int open, budget;
} handles = {
	.lock = __SPIN_LOCK_UNLOCKED(handles.lock),
	.idle = LIST_HEAD_INIT(handles.idle),
};

void hostfs_handle_setup(void)
{
	int limit = host_fs_raise_limit();

	/* others want some, and half is enough of a cache */
	handles.budget = clamp(limit / 2, BUDGET_MIN, BUDGET_MAX);
	if (limit - (int)handles.budget < RESERVED)
		handles.budget = BUDGET_MIN;
}

void hostfs_handle_init(struct hostfs_inode *hi)
{
	hi->fd = -1;
	hi->rfd = -1;
	hi->wfd = -1;
	hi->pins = 0;
	hi->writers = 0;
	INIT_LIST_HEAD(&hi->idle);
}

static void handle_close(int fd)
{
	if (fd >= 0)
		host_close(fd);
}

static int handle_take(int *slot)
{
	int fd = *slot;

	lockdep_assert_held(&handles.lock);
	handles.open -= fd >= 0;
	*slot = -1;
	return fd;
}

/* back under the budget, as far as idle ones go; data may still need a writer */
static void handle_trim(void)
{
	struct hostfs_inode *hi;
	int fd, rfd;

	for (;;) {
		spin_lock_irq(&handles.lock);
		hi = list_first_entry_or_null(&handles.idle, struct hostfs_inode, idle);
		if (handles.open <= handles.budget || !hi) {
			spin_unlock_irq(&handles.lock);
			return;
		}
		fd = handle_take(&hi->fd);
		rfd = handle_take(&hi->rfd);
		list_del_init(&hi->idle);
		spin_unlock_irq(&handles.lock);
		handle_close(fd);
		handle_close(rfd);
	}
}

/* true: some descriptor is open and pinned now */
static bool handle_pin(struct hostfs_inode *hi)
{
	bool open;

	spin_lock_irq(&handles.lock);
	open = hi->fd >= 0 || hi->rfd >= 0 || hi->wfd >= 0;
	if (open && !hi->pins++)
		list_del_init(&hi->idle);
	spin_unlock_irq(&handles.lock);
	return open;
}

/*
 * The writer of an inode that nobody uses is closed, so that the host does not
 * see a file as being written to (ETXTBSY). Not if there are data for it, or if
 * it is all that is left of a deleted file. Open files pin, so none may write.
 */
static bool handle_writer_done(const struct inode *inode)
{
	const struct hostfs_inode *hi = hostfs_i(inode);

	return !mapping_tagged(inode->i_mapping, PAGECACHE_TAG_DIRTY) &&
	       !mapping_tagged(inode->i_mapping, PAGECACHE_TAG_WRITEBACK) &&
	       (inode->i_nlink || hi->fd >= 0 || hi->rfd >= 0);
}

void hostfs_put(struct inode *inode)
{
	struct hostfs_inode *hi = hostfs_i(inode);
	unsigned long flags;
	int wfd = -1;

	spin_lock_irqsave(&handles.lock, flags);
	if (!--hi->pins) {
		if (hi->wfd >= 0 && handle_writer_done(inode))
			wfd = handle_take(&hi->wfd);
		if (hi->fd >= 0 || hi->rfd >= 0)
			list_add_tail(&hi->idle, &handles.idle);
	}
	spin_unlock_irqrestore(&handles.lock, flags);
	handle_close(wfd);
}

/* any descriptor names the object */
static int handle_any(const struct hostfs_inode *hi)
{
	if (hi->fd >= 0)
		return hi->fd;
	return hi->rfd >= 0 ? hi->rfd : hi->wfd;
}

/* put @fd into @slot of @hi, unless somebody else was faster */
static void handle_install(struct hostfs_inode *hi, int *slot, int fd)
{
	spin_lock_irq(&handles.lock);
	if (*slot < 0) {
		*slot = fd;
		handles.open++;
		fd = -1;
		if (!hi->pins && list_empty(&hi->idle))
			list_add_tail(&hi->idle, &handles.idle);
	}
	spin_unlock_irq(&handles.lock);
	handle_close(fd);
	handle_trim();
}

void hostfs_adopt(struct inode *inode, int fd)
{
	handle_install(hostfs_i(inode), &hostfs_i(inode)->fd, fd);
}

void hostfs_adopt_writer(struct inode *inode, int fd)
{
	struct hostfs_inode *hi = hostfs_i(inode);

	mutex_lock(&hi->opening);
	set_bit(HOSTFS_WFD_READS, &hi->flags);
	handle_install(hi, &hi->wfd, fd);
	mutex_unlock(&hi->opening);
}

/* the object called as @dentry, if it is still the one of its inode */
static int handle_find(struct dentry *dentry, int dir, int flags)
{
	struct inode *inode = d_inode(dentry);
	unsigned long changes = hostfs_changes(inode);
	struct name_snapshot name;
	struct host_attr attr;
	int fd, err;

	take_dentry_name_snapshot(&name, dentry);
	fd = host_fs_open(dir, name.name.name, flags, 0);
	release_dentry_name_snapshot(&name);
	if (fd < 0) {
		/* gone, or something else by now; anything else is the answer */
		bool gone = fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP || fd == -ENXIO;

		return gone ? -ESTALE : fd;
	}
	err = host_fs_stat(fd, NULL, &attr);
	if (!err && !hostfs_same(hostfs_i(inode), &attr))
		err = -ESTALE;
	/* all that the guest sees, if the store has no more to say */
	if (!err && hostfs_store(inode)->host_types)
		hostfs_apply(inode, &attr, changes);
	if (!err && flags & O_NONBLOCK)
		err = host_set_nonblock(fd, false);
	if (err) {
		host_close(fd);
		return err;
	}
	return fd;
}

/*
 * Open handles from the nearest ancestor of @dentry that has one down to its
 * parent, which is pinned then. One at a time, so that no depth is too deep.
 */
static int handle_parent(struct dentry *dentry, struct inode **dir)
{
	for (;;) {
		struct dentry *child = dget(dentry), *parent = dget_parent(child);
		int fd;

		while (!handle_pin(hostfs_i(d_inode(parent)))) {
			dput(child);
			child = parent;
			parent = dget_parent(child);
			if (child == parent) {		/* a root is always open */
				dput(child);
				dput(parent);
				return -ESTALE;
			}
		}
		if (child == dentry) {
			*dir = igrab(d_inode(parent));
			dput(child);
			dput(parent);
			return 0;
		}
		fd = -EACCES;
		if (!test_bit(HOSTFS_CLOSED, &hostfs_i(d_inode(child))->flags))
			fd = handle_find(child, handle_any(hostfs_i(d_inode(parent))), O_PATH);
		hostfs_put(d_inode(parent));
		if (fd >= 0)
			handle_install(hostfs_i(d_inode(child)), &hostfs_i(d_inode(child))->fd, fd);
		dput(child);
		dput(parent);
		if (fd < 0)
			return fd;
	}
}

/* open @inode by a name that it has: with @flags into @slot */
static int handle_open(struct inode *inode, int *slot, int flags)
{
	struct dentry *dentry;
	struct inode *dir;
	int fd;

	if (test_bit(HOSTFS_CLOSED, &hostfs_i(inode)->flags))
		return -EACCES;
	dentry = d_find_alias(inode);
	if (!dentry)
		return -ESTALE;
	fd = handle_parent(dentry, &dir);
	if (!fd) {
		fd = handle_find(dentry, handle_any(hostfs_i(dir)), flags);
		hostfs_put(dir);
		iput(dir);
	}
	dput(dentry);
	if (fd < 0)
		return fd;
	handle_install(hostfs_i(inode), slot, fd);
	return 0;
}

int hostfs_get(struct inode *inode)
{
	struct hostfs_inode *hi = hostfs_i(inode);
	int err;

	while (!handle_pin(hi)) {
		err = handle_open(inode, &hi->fd, O_PATH);
		if (err)
			return err;
	}
	return handle_any(hi);
}

static int handle_reader(const struct hostfs_inode *hi)
{
	if (hi->wfd >= 0 && test_bit(HOSTFS_WFD_READS, &hi->flags))
		return hi->wfd;
	return hi->rfd;
}

bool hostfs_pin_reader(struct inode *inode, int *fd)
{
	if (!handle_pin(hostfs_i(inode)))
		return false;
	*fd = handle_reader(hostfs_i(inode));
	if (*fd < 0)
		hostfs_put(inode);
	return *fd >= 0;
}

int hostfs_get_reader(struct inode *inode)
{
	int flags = O_RDONLY | (S_ISDIR(inode->i_mode) ? O_DIRECTORY : 0);
	struct hostfs_inode *hi = hostfs_i(inode);
	int fd, err;

	while (!hostfs_pin_reader(inode, &fd)) {
		if (handle_pin(hi)) {
			fd = host_fs_reopen(handle_any(hi), flags);
			if (fd >= 0)
				handle_install(hi, &hi->rfd, fd);
			hostfs_put(inode);
			err = min(fd, 0);
		} else {
			/* should it be a FIFO by now, nobody waits for its writer */
			err = handle_open(inode, &hi->rfd, flags | O_NONBLOCK);
		}
		if (err)
			return err;
	}
	return fd;
}

/* open for writing what is pinned: to read as well, if the host lets us */
static int writer_open(struct inode *inode)
{
	struct hostfs_inode *hi = hostfs_i(inode);
	int append = hostfs_m(inode->i_sb)->append ? O_APPEND : 0;
	int fd = host_fs_reopen(handle_any(hi), O_RDWR | append);
	bool reads = fd >= 0;

	lockdep_assert_held(&hi->opening);
	if (fd == -EACCES)
		fd = host_fs_reopen(handle_any(hi), O_WRONLY | append);
	if (fd < 0)
		return fd;
	assign_bit(HOSTFS_WFD_READS, &hi->flags, reads);
	assign_bit(HOSTFS_NO_RMW, &hi->flags, !reads && hi->rfd < 0);
	handle_install(hi, &hi->wfd, fd);
	return 0;
}

int hostfs_writer_get(struct inode *inode)
{
	struct hostfs_inode *hi = hostfs_i(inode);
	int err = hostfs_get(inode);

	if (err < 0)
		return err;
	mutex_lock(&hi->opening);
	err = hi->wfd < 0 ? writer_open(inode) : 0;
	if (!err)
		hi->writers++;
	mutex_unlock(&hi->opening);
	hostfs_put(inode);
	return err;
}

void hostfs_writer_put(struct inode *inode)
{
	struct hostfs_inode *hi = hostfs_i(inode);

	mutex_lock(&hi->opening);
	hi->writers--;
	mutex_unlock(&hi->opening);
}

void hostfs_handle_drop(struct inode *inode)
{
	struct hostfs_inode *hi = hostfs_i(inode);
	int fd, rfd, wfd;

	spin_lock_irq(&handles.lock);
	fd = handle_take(&hi->fd);
	rfd = handle_take(&hi->rfd);
	wfd = handle_take(&hi->wfd);
	list_del_init(&hi->idle);
	spin_unlock_irq(&handles.lock);
	handle_close(fd);
	handle_close(rfd);
	handle_close(wfd);
}
