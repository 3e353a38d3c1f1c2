// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_xattr.c - extended attributes, which are the host's.
 *
 * Owns nothing. What the host's user may not set (trusted, security) the guest's
 * root may not either, and the host says so. Symbolic links have none here: the
 * calls for them go by names. In humfs the guest's attributes have other names on
 * the host, which its user may set, and links are files.
 */
#include <linux/slab.h>
#include <linux/xattr.h>
#include "hostfs.h"

/* what the host calls the guest's attribute @name; to be freed */
static char *host_name(const struct xattr_handler *handler, const struct inode *inode,
		       const char *name)
{
	char *full = kasprintf(GFP_KERNEL, "%s%s", hostfs_store(inode)->xattr_prefix,
			       xattr_full_name(handler, name));

	return full ?: ERR_PTR(-ENOMEM);
}

static int xattr_get(const struct xattr_handler *handler, struct dentry *dentry,
		     struct inode *inode, const char *name, void *value, size_t size)
{
	char *full = host_name(handler, inode, name);
	int fd, n;

	if (IS_ERR(full))
		return PTR_ERR(full);
	fd = hostfs_get(inode);
	n = fd < 0 ? fd : host_fs_getxattr(fd, full, value, size);
	if (fd >= 0)
		hostfs_put(inode);
	kfree(full);
	return n;
}

static int xattr_set(const struct xattr_handler *handler, struct mnt_idmap *idmap,
		     struct dentry *dentry, struct inode *inode, const char *name,
		     const void *value, size_t size, int flags)
{
	char *full = host_name(handler, inode, name);
	int fd, err;

	if (IS_ERR(full))
		return PTR_ERR(full);
	fd = hostfs_get(inode);
	if (fd < 0)
		err = fd;
	else if (value)
		err = host_fs_setxattr(fd, full, value, size, flags);
	else
		err = host_fs_removexattr(fd, full);
	if (fd >= 0)
		hostfs_put(inode);
	kfree(full);
	hostfs_stale(inode);
	return err;
}

/* keep the names with the prefix, without it; @n bytes of them. Bytes left */
static size_t strip_names(char *list, size_t n, const char *prefix)
{
	size_t skip = strlen(prefix), at, kept = 0, len;

	for (at = 0; at < n; at += len) {
		len = strnlen(list + at, n - at - 1) + 1;
		if (strncmp(list + at, prefix, skip))
			continue;
		memmove(list + kept, list + at + skip, len - skip);
		kept += len - skip;
	}
	return kept;
}

/* the host's list is longer than the guest's: all of it, for a start */
static ssize_t list_stripped(int fd, char *list, size_t size, const char *prefix)
{
	char *all = kvmalloc(XATTR_LIST_MAX, GFP_KERNEL);
	ssize_t n;

	if (!all)
		return -ENOMEM;
	n = host_fs_listxattr(fd, all, XATTR_LIST_MAX);
	if (n > 0)
		n = strip_names(all, n, prefix);
	if (n > 0 && size) {
		if (n > size)
			n = -ERANGE;
		else
			memcpy(list, all, n);
	}
	kvfree(all);
	return n;
}

ssize_t hostfs_listxattr(struct dentry *dentry, char *list, size_t size)
{
	struct inode *inode = d_inode(dentry);
	const char *prefix = hostfs_store(inode)->xattr_prefix;
	int fd = hostfs_get(inode);
	ssize_t n;

	if (fd < 0)
		return fd;
	if (*prefix)
		n = list_stripped(fd, list, size, prefix);
	else
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
