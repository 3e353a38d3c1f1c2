/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hostfs.h - directories of the host as a file system of the guest.
 *
 * The theory is in docs/hostfs.md. In short: an inode is an object of the host,
 * known by (device, number, birth). A handle of the host is opened for it when
 * one is needed, through the handle of the directory that its name is in, and
 * checked; never by a path. File data go through the guest's page cache.
 *
 * Locks, outermost first:
 *   inode->i_rwsem		as everywhere in the VFS
 *   hostfs_inode.opening	one thread opens or closes data descriptors
 *   handles.lock		descriptors, pins, the list of idle ones; from interrupts
 *   inode->i_lock		size and times against refresh
 *   queue.lock			operations in flight; from interrupts
 */
#ifndef __HOSTFS_H
#define __HOSTFS_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/uio.h>
#include <asm/host.h>
#include <asm/host_fs.h>

/**
 * enum hostfs_cache - how far the guest trusts what it knows
 * @HOSTFS_CACHE_AUTO:	attributes and names for a time, data until they change
 * @HOSTFS_CACHE_NONE:	nothing; reads and writes go to the host
 * @HOSTFS_CACHE_ALWAYS: for ever: nobody on the host changes anything
 */
enum hostfs_cache {
	HOSTFS_CACHE_AUTO,
	HOSTFS_CACHE_NONE,
	HOSTFS_CACHE_ALWAYS,
};

struct hostfs_mount;
struct linux_dirent64;

/**
 * struct hostfs_new - an object to be made
 * @mode:	type and permissions
 * @uid:	owner
 * @gid:	group
 * @dev:	of a device
 * @target:	of a symbolic link
 */
struct hostfs_new {
	umode_t mode;
	u32 uid, gid;
	dev_t dev;
	const char *target;
};

#define HOSTFS_KEEP	(~0U)	/* instead of an owner, a group, a mode */

/**
 * struct hostfs_store - where owners, modes, types and xattrs live
 * @host_types:	types are the host's; else directories alone are
 * @xattr_prefix: stands on the host before the names of the guest's attributes
 * @stat:	as host_fs_stat(), and the result is what the guest is to see
 * @make:	make @name in @dir, whose handle is @pfd; NULL: a file without a
 *		name. A descriptor of it, open for reading and writing if it is
 *		a file, and what it is; or -errno
 * @own:	set what is not HOSTFS_KEEP of @inode, whose handle is @fd
 * @readlink:	as host_fs_readlink()
 * @type:	DT_* of a record that was read from the directory @fd
 */
struct hostfs_store {
	bool host_types;
	const char *xattr_prefix;
	int (*stat)(int dir, const char *name, struct host_attr *attr);
	int (*make)(struct inode *dir, int pfd, const char *name, const struct hostfs_new *new,
		    struct host_attr *attr);
	int (*own)(struct inode *inode, int fd, u32 uid, u32 gid, u32 mode);
	ssize_t (*readlink)(int fd, char *buf, size_t len);
	unsigned char (*type)(int fd, const struct linux_dirent64 *entry);
};

extern const struct hostfs_store hostfs_plain;	/* hostfs_plain.c: the host's own */
extern const struct hostfs_store humfs_store;	/* humfs_store.c: the guest's, beside the data */

/**
 * struct hostfs_mount - sb->s_fs_info, and what the options make
 * @store:	of its metadata
 * @dir:	path below the confinement, as the user wrote it; NULL: all of it
 * @cache:	who changes things
 * @timeout:	jiffies that attributes and names hold
 * @append:	files only grow: the switch said so
 * @root_dev:	the host's device that the root is on
 * @super:	humfs: open, with the lock that says who uses the tree; -1: none
 * @stage:	humfs: the directory that objects are made in; -1: none
 * @staged:	humfs: names used there
 */
struct hostfs_mount {
	const struct hostfs_store *store;
	char *dir;
	enum hostfs_cache cache;
	unsigned long timeout;
	bool append;
	u64 root_dev;
	int super, stage;
	atomic64_t staged;
};

/* hostfs_inode.flags */
#define HOSTFS_OWN_MTIME	0	/* the guest's mtime is newer than the host's */
#define HOSTFS_UNSEEN		1	/* the host's times changed by our own writes */
#define HOSTFS_WFD_READS	2	/* wfd can be read from, too */
#define HOSTFS_NO_RMW		3	/* the host lets us write, but not read */
#define HOSTFS_CLOSED		4	/* shown, but never opened */
#define HOSTFS_STALE		5	/* attributes hold no longer, whatever the options say */

/**
 * struct hostfs_inode - an object of the host
 * @vfs:	the guest's inode
 * @dev:	the host's device
 * @ino:	number there
 * @btime:	birth, zero if the host does not know
 * @opening:	serialises opening and closing of @wfd
 * @fd:		handle (O_PATH), -1: none. These down to @idle: handles.lock
 * @rfd:	open for reading, -1: none
 * @wfd:	open for writing, -1: none
 * @pins:	users of the descriptors
 * @idle:	in handles.idle while there are descriptors and no pins
 * @writers:	open files that may write; under @opening
 * @flags:	HOSTFS_*
 * @changes:	counts the guest's changes of data and size; i_lock
 * @expires:	jiffies until which the attributes hold
 * @seen_mtime:	the host's when the page cache was filled; i_lock
 * @seen_ctime:	likewise
 * @seen_size:	likewise
 */
struct hostfs_inode {
	struct inode vfs;
	u64 dev, ino;
	struct host_time btime;
	struct mutex opening;		/* of wfd */
	int fd, rfd, wfd;
	int pins;
	struct list_head idle;
	unsigned int writers;
	unsigned long flags;
	unsigned long changes;
	unsigned long expires;
	struct host_time seen_mtime, seen_ctime;
	u64 seen_size;
};

static inline struct hostfs_inode *hostfs_i(const struct inode *inode)
{
	return container_of(inode, struct hostfs_inode, vfs);
}

static inline struct hostfs_mount *hostfs_m(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline const struct hostfs_store *hostfs_store(const struct inode *inode)
{
	return hostfs_m(inode->i_sb)->store;
}

/* ---- hostfs_switch.c: the confinement ---- */

extern bool hostfs_append;
/* handle of the directory that no mount leaves: descriptor or -errno; not to be closed */
int hostfs_confinement(void);

/* ---- hostfs_handle.c: descriptors ---- */

void hostfs_handle_setup(void);
void hostfs_handle_init(struct hostfs_inode *hi);
/*
 * A handle of @inode, pinned; or -errno, -ESTALE when it is not where it was.
 * Each success is followed by one hostfs_put().
 */
int hostfs_get(struct inode *inode);
void hostfs_put(struct inode *inode);
/* as hostfs_get(), but a descriptor that can be read from */
int hostfs_get_reader(struct inode *inode);
/* pins what is open; true if there is a descriptor to read from (*fd) */
bool hostfs_pin_reader(struct inode *inode, int *fd);
/* hands @fd over, to be closed with the inode; closes it if there is one already */
void hostfs_adopt(struct inode *inode, int fd);
void hostfs_adopt_writer(struct inode *inode, int fd);
/* one more, one fewer open file that may write */
int hostfs_writer_get(struct inode *inode);
void hostfs_writer_put(struct inode *inode);
/* closes everything; the inode is about to go */
void hostfs_handle_drop(struct inode *inode);

/* ---- hostfs_inode.c: identity ---- */

extern const struct super_operations hostfs_super_ops;
int __init hostfs_inode_setup(void);
void hostfs_inode_cleanup(void);
/* the inode of what @attr describes; a reference, or ERR_PTR */
struct inode *hostfs_iget(struct super_block *sb, const struct host_attr *attr);
bool hostfs_same(const struct hostfs_inode *hi, const struct host_attr *attr);
u64 hostfs_ino(const struct hostfs_mount *mount, u64 dev, u64 ino);

/* ---- hostfs_super.c ---- */

int hostfs_sync_fs(struct super_block *sb, int wait);
int hostfs_show_options(struct seq_file *m, struct dentry *root);
int hostfs_show_devname(struct seq_file *m, struct dentry *root);

/* ---- humfs_mount.c: the directory that humfs is kept in ---- */

/*
 * @base is a handle of it, which is closed: a handle of the tree's root, and what
 * the mount needs besides; or -errno, and @fc has the reason.
 */
int humfs_enter(struct fs_context *fc, struct hostfs_mount *mount, int base);
/* nobody else may use the tree from now on; or -errno, and @fc has the reason */
int humfs_claim(struct fs_context *fc, struct hostfs_mount *mount);
void humfs_leave(struct hostfs_mount *mount);

/* ---- hostfs_attr.c: attributes ---- */

/* what the host said is taken over; @changes as sampled before it was asked */
void hostfs_apply(struct inode *inode, const struct host_attr *attr, unsigned long changes);
/* ask the host again; @force: even if the attributes hold */
int hostfs_refresh(struct inode *inode, bool force);
/* attributes hold no longer */
void hostfs_stale(struct inode *inode);
unsigned long hostfs_changes(struct inode *inode);
void hostfs_changed(struct inode *inode);
/* does the guest have data or times that the host has not? */
bool hostfs_ahead(struct inode *inode);
/* the guest's mtime to the host */
int hostfs_push_times(struct inode *inode);
int hostfs_getattr(struct mnt_idmap *idmap, const struct path *path, struct kstat *stat,
		   u32 mask, unsigned int flags);
int hostfs_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr);
int hostfs_update_time(struct inode *inode, int flags);

/* ---- names ---- */

extern const struct dentry_operations hostfs_dentry_ops;	/* hostfs_name.c */
struct dentry *hostfs_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags);
/* @dentry has just been asked for, or made */
void hostfs_name_fresh(struct dentry *dentry);
extern const struct inode_operations hostfs_dir_iops;		/* hostfs_dir.c */
extern const struct file_operations hostfs_dir_fops;		/* hostfs_readdir.c */
extern const struct inode_operations hostfs_link_iops;		/* hostfs_symlink.c */
extern const struct export_operations hostfs_export_ops;	/* hostfs_export.c */
extern const struct xattr_handler * const hostfs_xattr_handlers[];	/* hostfs_xattr.c */
ssize_t hostfs_listxattr(struct dentry *dentry, char *list, size_t size);

/* ---- files ---- */

extern const struct inode_operations hostfs_file_iops;		/* hostfs_file.c */
extern const struct file_operations hostfs_file_fops;
extern const struct address_space_operations hostfs_aops;	/* hostfs_pages.c */
int hostfs_writepages(struct address_space *mapping, struct writeback_control *wbc);
/* the guest's data to the host, its times after them; what went wrong meanwhile */
int hostfs_flush(struct inode *inode);
/* bytes from @pos to the end of its page read as zeros from now on */
int hostfs_zero_tail(struct inode *inode, loff_t pos);
ssize_t hostfs_direct_io(struct kiocb *iocb, struct iov_iter *iter);	/* hostfs_direct.c */

/* ---- hostfs_queue.c: file I/O that does not block the virtual CPU ---- */

#define HOSTFS_IOVECS	256	/* of one operation at most */

/**
 * struct hostfs_io - one transfer
 * @inode:	whose; the caller sees to it that it stays
 * @req:	op and fd are the caller's; the vectors are filled in
 * @pos:	where it begins, bytes
 * @len:	bytes
 * @done:	bytes transferred so far; less than @len after a read that met
 *		the end of the file
 * @error:	0 or -errno
 * @n:		vectors
 * @room:	vectors that there is room for
 * @end:	called once, perhaps in a hard interrupt; owns @io
 * @private:	the owner's
 * @next:	the queue's
 * @iov:	the vectors, changed while the transfer goes on
 */
struct hostfs_io {
	struct inode *inode;
	struct host_aio_req req;
	loff_t pos;
	size_t len, done;
	int error;
	unsigned int n, room;
	void (*end)(struct hostfs_io *io);
	void *private;
	struct hostfs_io *next;
	struct iovec iov[] __counted_by(room);
};

int hostfs_queue_setup(void);
struct hostfs_io *hostfs_io_alloc(struct inode *inode, unsigned int room, gfp_t gfp);
/* false: no room */
bool hostfs_io_add(struct hostfs_io *io, void *at, size_t len);
/* submit, and start; what the host's cache can answer ends before start returns */
void hostfs_io_submit(struct hostfs_io *io);
void hostfs_io_start(void);
/* submit, start and wait; the caller frees it. Return: io->error */
int hostfs_io_wait(struct hostfs_io *io);
/* fsync of @fd without blocking the virtual CPU */
int hostfs_io_sync(struct inode *inode, int fd);

#endif /* __HOSTFS_H */
