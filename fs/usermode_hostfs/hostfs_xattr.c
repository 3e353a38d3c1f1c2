// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_xattr.c - extended attributes, which are the host's.
 *
 * Owns nothing. What the host's user may not set (trusted, security) the guest's
 * root may not either, and the host says so. Symbolic links have none here: the
 * calls for them go by names.
 */
#include <linux/xattr.h>
#include "hostfs.h"

static int xattr_get(const struct xattr_handler *handler, struct dentry *dentry,
		     struct inode *inode, const char *name, void *value, size_t size)
{
	int fd = hostfs_get(inode), n;

	if (fd < 0)
		return fd;
	n = host_fs_getxattr(fd, xattr_full_name(handler, name), value, size);
	hostfs_put(inode);
	return n;
}

static int xattr_set(const struct xattr_handler *handler, struct mnt_idmap *idmap,
		     struct dentry *dentry, struct inode *inode, const char *name,
		     const void *value, size_t size, int flags)
{
	const char *full = xattr_full_name(handler, name);
	int fd = hostfs_get(inode), err;

	if (fd < 0)
		return fd;
	if (value)
		err = host_fs_setxattr(fd, full, value, size, flags);
	else
		err = host_fs_removexattr(fd, full);
	hostfs_put(inode);
	hostfs_stale(inode);
	return err;
}

ssize_t hostfs_listxattr(struct dentry *dentry, char *list, size_t size)
{
	struct inode *inode = d_inode(dentry);
	int fd = hostfs_get(inode);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = host_fs_listxattr(fd, list, size);
	hostfs_put(inode);
	return n;
}

#define HOSTFS_XATTR(_id, _prefix)					\
	static const struct xattr_handler xattr_##_id = {		\
		.prefix = _prefix, .get = xattr_get, .set = xattr_set,	\
	}

HOSTFS_XATTR(user, XATTR_USER_PREFIX);
HOSTFS_XATTR(trusted, XATTR_TRUSTED_PREFIX);
HOSTFS_XATTR(security, XATTR_SECURITY_PREFIX);

const struct xattr_handler * const hostfs_xattr_handlers[] = {
	&xattr_user,
	&xattr_trusted,
	&xattr_security,
	NULL,
};
