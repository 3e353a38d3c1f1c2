// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_dir.c - making, linking, renaming and removing names.
 *
 * Owns nothing. Each operation is one call of the host, or of the store, in a
 * directory whose handle is pinned, followed by a look at what came of it: the
 * host has the last word about identity, the store about owner and mode. Runs with
 * the directories' i_rwsem held.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/namei.h>
#include "hostfs.h"

/* the object to be made in @dir, as far as the guest has a say in it */
static struct hostfs_new new_object(struct mnt_idmap *idmap, const struct inode *dir, umode_t mode)
{
	struct user_namespace *ns = dir->i_sb->s_user_ns;
	bool group = dir->i_mode & S_ISGID;

	return (struct hostfs_new) {
		.mode = mode | (group && S_ISDIR(mode) ? S_ISGID : 0),
		.uid = from_kuid(&init_user_ns, mapped_fsuid(idmap, ns)),
		.gid = from_kgid(&init_user_ns, group ? dir->i_gid : mapped_fsgid(idmap, ns)),
	};
}

/* make @new as @name in @dir: its inode, which has the descriptor */
static struct inode *make_inode(struct inode *dir, const char *name, const struct hostfs_new *new)
{
	int pfd = hostfs_get(dir), fd;
	struct host_attr attr;
	struct inode *inode;

	if (pfd < 0)
		return ERR_PTR(pfd);
	fd = hostfs_store(dir)->make(dir, pfd, name, new, &attr);
	hostfs_put(dir);
	hostfs_stale(dir);
	if (fd < 0)
		return ERR_PTR(fd);
	inode = hostfs_iget(dir->i_sb, &attr);
	if (IS_ERR(inode))
		host_close(fd);
	else if (S_ISREG(new->mode))
		hostfs_adopt_writer(inode, fd);
	else
		hostfs_adopt(inode, fd);
	return inode;
}

static int make_name(struct inode *dir, struct dentry *dentry, const struct hostfs_new *new)
{
	struct inode *inode = make_inode(dir, dentry->d_name.name, new);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	hostfs_name_fresh(dentry);
	d_instantiate(dentry, inode);
	return 0;
}

static int hostfs_create(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			 umode_t mode, bool excl)
{
	struct hostfs_new new = new_object(idmap, dir, S_IFREG | (mode & S_IALLUGO));

	return make_name(dir, dentry, &new);
}

static int hostfs_tmpfile(struct mnt_idmap *idmap, struct inode *dir, struct file *file,
			  umode_t mode)
{
	struct hostfs_new new = new_object(idmap, dir, S_IFREG | (mode & S_IALLUGO));
	struct inode *inode = make_inode(dir, NULL, &new);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	set_nlink(inode, 1);
	d_tmpfile(file, inode);
	return finish_open_simple(file, 0);
}

static int hostfs_mkdir(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			umode_t mode)
{
	struct hostfs_new new = new_object(idmap, dir, S_IFDIR | (mode & S_IALLUGO));

	return make_name(dir, dentry, &new);
}

static int hostfs_mknod(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			umode_t mode, dev_t dev)
{
	struct hostfs_new new = new_object(idmap, dir, mode);

	new.dev = dev;
	return make_name(dir, dentry, &new);
}

static int hostfs_symlink(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			  const char *target)
{
	struct hostfs_new new = new_object(idmap, dir, S_IFLNK | 0777);

	new.target = target;
	return make_name(dir, dentry, &new);
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
	/* the host would make a device, which is not the guest's idea of one */
	if (flags & RENAME_WHITEOUT && !hostfs_store(dir)->host_types)
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
