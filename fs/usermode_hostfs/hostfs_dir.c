// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_dir.c - making, linking, renaming and removing names.
 *
 * Owns nothing. Each operation is one call of the host in a directory whose
 * handle is pinned, followed by a look at what came of it: the host has the last
 * word about owner, mode and identity. Runs with the directories' i_rwsem held.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fcntl.h>
#include <linux/namei.h>
#include "hostfs.h"

/*
 * What was made under the host's umask gets the mode that the guest wanted, and
 * where the host's user may give files away, the owner.
 */
static int made_attributes(struct inode *dir, int fd, umode_t mode, struct host_attr *attr)
{
	u32 uid = from_kuid(&init_user_ns, current_fsuid());
	u32 gid = dir->i_mode & S_ISGID ? -1 : from_kgid(&init_user_ns, current_fsgid());
	int err = host_fs_stat(fd, NULL, attr);
	bool owner;

	if (err)
		return err;
	owner = !host_fs_user() && (attr->uid != uid || (gid != -1 && attr->gid != gid));
	if (owner)
		err = host_fs_chown(fd, uid, gid);
	if (!err && !S_ISLNK(attr->mode) && ((attr->mode ^ mode) & 0777 || owner))
		err = host_fs_chmod(fd, (mode & 0777) | (attr->mode & S_ISGID) |
				    (mode & (S_ISUID | S_ISVTX)));
	return err ?: host_fs_stat(fd, NULL, attr);
}

/* the object just made as @dentry in @dir, which @fd is a handle of: its inode */
static struct inode *made_inode(struct inode *dir, int fd, umode_t mode)
{
	struct host_attr attr;
	int err = made_attributes(dir, fd, mode, &attr);

	hostfs_stale(dir);
	return err ? ERR_PTR(err) : hostfs_iget(dir->i_sb, &attr);
}

/* after @err == 0 of a call that made @dentry in @dir of handle @pfd */
static int made(struct inode *dir, int pfd, struct dentry *dentry, umode_t mode)
{
	struct inode *inode;
	int fd = host_fs_open(pfd, dentry->d_name.name, O_PATH, 0);

	if (fd < 0)
		return fd;
	inode = made_inode(dir, fd, mode);
	if (IS_ERR(inode)) {
		host_close(fd);
		return PTR_ERR(inode);
	}
	hostfs_adopt(inode, fd);
	hostfs_name_fresh(dentry);
	d_instantiate(dentry, inode);
	return 0;
}

static int hostfs_create(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			 umode_t mode, bool excl)
{
	int append = hostfs_m(dir->i_sb)->append ? O_APPEND : 0;
	int pfd = hostfs_get(dir), fd;
	struct inode *inode;

	if (pfd < 0)
		return pfd;
	fd = host_fs_open(pfd, dentry->d_name.name, O_RDWR | O_CREAT | O_EXCL | append,
			  mode & 0777);
	hostfs_put(dir);
	if (fd < 0)
		return fd;
	inode = made_inode(dir, fd, mode);
	if (IS_ERR(inode)) {
		host_close(fd);
		return PTR_ERR(inode);
	}
	hostfs_adopt_writer(inode, fd);
	hostfs_name_fresh(dentry);
	d_instantiate(dentry, inode);
	return 0;
}

static int hostfs_tmpfile(struct mnt_idmap *idmap, struct inode *dir, struct file *file,
			  umode_t mode)
{
	int pfd = hostfs_get(dir), fd;
	struct inode *inode;

	if (pfd < 0)
		return pfd;
	fd = host_fs_tmpfile(pfd, O_RDWR, mode & 0777);
	hostfs_put(dir);
	if (fd < 0)
		return fd;
	inode = made_inode(dir, fd, mode);
	if (IS_ERR(inode)) {
		host_close(fd);
		return PTR_ERR(inode);
	}
	hostfs_adopt_writer(inode, fd);
	set_nlink(inode, 1);
	d_tmpfile(file, inode);
	return finish_open_simple(file, 0);
}

static int hostfs_mkdir(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			umode_t mode)
{
	int fd = hostfs_get(dir), err;

	if (fd < 0)
		return fd;
	err = host_fs_mkdir(fd, dentry->d_name.name, mode & 0777);
	if (!err)
		err = made(dir, fd, dentry, mode);
	hostfs_put(dir);
	return err;
}

static int hostfs_mknod(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			umode_t mode, dev_t dev)
{
	u64 rdev = (u64)MAJOR(dev) << 32 | MINOR(dev);
	int fd = hostfs_get(dir), err;

	if (fd < 0)
		return fd;
	err = host_fs_mknod(fd, dentry->d_name.name, mode & (S_IFMT | 0777), rdev);
	if (!err)
		err = made(dir, fd, dentry, mode);
	hostfs_put(dir);
	return err;
}

static int hostfs_symlink(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			  const char *target)
{
	int fd = hostfs_get(dir), err;

	if (fd < 0)
		return fd;
	err = host_fs_symlink(fd, dentry->d_name.name, target);
	if (!err)
		err = made(dir, fd, dentry, 0777);
	hostfs_put(dir);
	return err;
}

static int hostfs_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(old);
	int fd = hostfs_get(inode), pfd, err;

	if (fd < 0)
		return fd;
	pfd = hostfs_get(dir);
	err = pfd < 0 ? pfd : host_fs_link(fd, pfd, dentry->d_name.name);
	if (pfd >= 0)
		hostfs_put(dir);
	hostfs_put(inode);
	if (err)
		return err;
	hostfs_stale(dir);
	hostfs_refresh(inode, true);
	hostfs_name_fresh(dentry);
	ihold(inode);
	d_instantiate(dentry, inode);
	return 0;
}

/* how many names are left of what lost one */
static void lost_name(struct inode *inode)
{
	if (inode && hostfs_refresh(inode, true) == -ESTALE)
		clear_nlink(inode);
}

static int remove_name(struct inode *dir, struct dentry *dentry, bool is_dir)
{
	struct inode *inode = d_inode(dentry);
	int held, fd, err;

	/* without its name it could not be found again: by the names left, by users */
	held = hostfs_get(inode);
	fd = hostfs_get(dir);
	err = fd < 0 ? fd : host_fs_unlink(fd, dentry->d_name.name, is_dir);
	if (fd >= 0)
		hostfs_put(dir);
	if (!err) {
		hostfs_stale(dir);
		lost_name(inode);
	}
	if (held >= 0)
		hostfs_put(inode);
	return err;
}

static int hostfs_unlink(struct inode *dir, struct dentry *dentry)
{
	return remove_name(dir, dentry, false);
}

static int hostfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	return remove_name(dir, dentry, true);
}

static int rename_on_host(struct inode *dir, struct dentry *dentry, struct inode *new_dir,
			  struct dentry *new_dentry, unsigned int flags)
{
	int from = hostfs_get(dir), to, err;

	if (from < 0)
		return from;
	to = hostfs_get(new_dir);
	err = to < 0 ? to : host_fs_rename(from, dentry->d_name.name, to,
					   new_dentry->d_name.name, flags);
	if (to >= 0)
		hostfs_put(new_dir);
	hostfs_put(dir);
	return err;
}

static int hostfs_rename(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			 struct inode *new_dir, struct dentry *new_dentry, unsigned int flags)
{
	struct inode *victim = d_inode(new_dentry);
	int held = -1, err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if (victim)
		held = hostfs_get(victim);
	err = rename_on_host(dir, dentry, new_dir, new_dentry, flags);
	if (!err) {
		hostfs_stale(dir);
		hostfs_stale(new_dir);
		hostfs_stale(d_inode(dentry));
		hostfs_name_fresh(dentry);
		if (flags & RENAME_EXCHANGE)
			hostfs_name_fresh(new_dentry);
		lost_name(victim);
	}
	if (held >= 0)
		hostfs_put(victim);
	return err;
}

const struct inode_operations hostfs_dir_iops = {
	.lookup		= hostfs_lookup,
	.create		= hostfs_create,
	.tmpfile	= hostfs_tmpfile,
	.mkdir		= hostfs_mkdir,
	.mknod		= hostfs_mknod,
	.symlink	= hostfs_symlink,
	.link		= hostfs_link,
	.unlink		= hostfs_unlink,
	.rmdir		= hostfs_rmdir,
	.rename		= hostfs_rename,
	.getattr	= hostfs_getattr,
	.setattr	= hostfs_setattr,
	.listxattr	= hostfs_listxattr,
};
