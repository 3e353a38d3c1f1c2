// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_export.c - file handles: name_to_handle_at(2) and NFS.
 *
 * Owns nothing. A handle is the object's identity (device, number, birth). It
 * leads to what the guest knows by an inode; the host would need a privilege to
 * find others by their number, and could find them outside the confinement. So
 * a handle is good as long as the guest keeps the inode: -ESTALE after that.
 */
#include <linux/exportfs.h>
#include "hostfs.h"

/* exportfs leaves 0x80 and above, but for FILEID_INVALID, to file systems */
#define HANDLE_TYPE	0xb0

struct hostfs_fid {
	u64 dev, ino;
	s64 sec;
	u32 nsec, mode;
} __packed __aligned(4);

#define HANDLE_WORDS	((int)(sizeof(struct hostfs_fid) / sizeof(u32)))

static int hostfs_encode_fh(struct inode *inode, u32 *fh, int *words, struct inode *parent)
{
	const struct hostfs_inode *hi = hostfs_i(inode);
	struct hostfs_fid *fid = (void *)fh;

	if (*words < HANDLE_WORDS) {
		*words = HANDLE_WORDS;
		return FILEID_INVALID;
	}
	*words = HANDLE_WORDS;
	fid->dev = hi->dev;
	fid->ino = hi->ino;
	fid->sec = hi->btime.sec;
	fid->nsec = hi->btime.nsec;
	fid->mode = inode->i_mode & S_IFMT;
	return HANDLE_TYPE;
}

static int export_test(struct inode *inode, void *attr)
{
	return hostfs_same(hostfs_i(inode), attr);
}

static struct dentry *hostfs_fh_to_dentry(struct super_block *sb, struct fid *raw, int words,
					  int type)
{
	const struct hostfs_fid *fid = (const void *)raw;
	struct host_attr attr = {};
	struct inode *inode;

	if (type != HANDLE_TYPE || words < HANDLE_WORDS)
		return ERR_PTR(-ESTALE);
	attr.dev = fid->dev;
	attr.ino = fid->ino;
	attr.mode = fid->mode;
	attr.btime.sec = fid->sec;
	attr.btime.nsec = fid->nsec;
	inode = ilookup5(sb, hostfs_ino(hostfs_m(sb), attr.dev, attr.ino), export_test, &attr);
	if (!inode)
		return ERR_PTR(-ESTALE);
	return d_obtain_alias(inode);
}

/* a connected alias is all there can be: a handle is opened through its name */
static struct dentry *hostfs_get_parent(struct dentry *child)
{
	return ERR_PTR(-ESTALE);
}

const struct export_operations hostfs_export_ops = {
	.encode_fh	= hostfs_encode_fh,
	.fh_to_dentry	= hostfs_fh_to_dentry,
	.get_parent	= hostfs_get_parent,
};
