// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_super.c - mounting.
 *
 * Owns struct hostfs_mount, and the two names, hostfs and humfs, that differ in
 * where metadata live. The directory of a mount is found once, below the
 * confinement, and stays the root of the mount wherever the host moves it.
 */
#include <linux/fcntl.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/init.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "hostfs.h"

#define TIMEOUT_MS	1000	/* attributes and names, unless timeout= says otherwise */
#define TIMEOUT_MS_MAX	3600000

#define HUMFS_MAGIC	0x68756d66	/* "humf", for statfs(2) */

enum { OPT_DIR, OPT_CACHE, OPT_TIMEOUT };

static const struct constant_table cache_names[] = {
	{ "auto",	HOSTFS_CACHE_AUTO },
	{ "none",	HOSTFS_CACHE_NONE },
	{ "always",	HOSTFS_CACHE_ALWAYS },
	{}
};

static const struct fs_parameter_spec hostfs_params[] = {
	fsparam_string("dir", OPT_DIR),
	fsparam_enum("cache", OPT_CACHE, cache_names),
	fsparam_u32("timeout", OPT_TIMEOUT),
	{}
};

static int set_dir(struct hostfs_mount *mount, const char *dir, const char *rest)
{
	kfree(mount->dir);
	/* the generic parser takes what is behind a "=" for a value */
	mount->dir = rest ? kasprintf(GFP_KERNEL, "%s=%s", dir, rest) : kstrdup(dir, GFP_KERNEL);
	return mount->dir ? 0 : -ENOMEM;
}

static int hostfs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct hostfs_mount *mount = fc->s_fs_info;
	struct fs_parse_result result;
	int opt;

	if (param->key[0] == '/')
		return set_dir(mount, param->key,
			       param->type == fs_value_is_string ? param->string : NULL);
	opt = fs_parse(fc, hostfs_params, param, &result);
	switch (opt) {
	case OPT_DIR:
		return set_dir(mount, param->string, NULL);
	case OPT_CACHE:
		mount->cache = result.uint_32;
		return 0;
	case OPT_TIMEOUT:
		if (result.uint_32 > TIMEOUT_MS_MAX)
			return invalfc(fc, "timeout=%u: at most %d milliseconds",
				      result.uint_32, TIMEOUT_MS_MAX);
		mount->timeout = msecs_to_jiffies(result.uint_32);
		return 0;
	}
	return opt;
}

/* the handle of the mount's directory, and what it is */
static int find_root(struct fs_context *fc, const struct hostfs_mount *mount,
		     struct host_attr *attr)
{
	const char *dir = mount->dir ?: "/";
	struct host_fs_space space;
	int fd = hostfs_confinement(), err;

	if (fd >= 0)
		fd = host_fs_resolve(fd, dir);
	if (fd < 0) {
		errorfc(fc, "%s: %s", dir, host_error_text(fd));
		return fd;
	}
	err = host_fs_stat(fd, NULL, attr);
	if (!err && !S_ISDIR(attr->mode))
		err = -ENOTDIR;
	if (!err)
		err = host_fs_space(fd, &space);
	if (!err && space.type == PROC_SUPER_MAGIC)
		err = -EACCES;
	if (err) {
		errorfc(fc, "%s: %s", dir, host_error_text(err));
		host_close(fd);
		return err;
	}
	return fd;
}

/* of all that the guest sees */
static int find_tree(struct fs_context *fc, struct hostfs_mount *mount, struct host_attr *attr)
{
	int fd = find_root(fc, mount, attr), err;

	if (fd < 0 || mount->store->host_types)
		return fd;
	fd = humfs_enter(fc, mount, fd);
	if (fd < 0)
		return fd;
	err = mount->store->stat(fd, NULL, attr);
	if (err) {
		errorfc(fc, "%s: %s", mount->dir ?: "/", host_error_text(err));
		host_close(fd);
		return err;
	}
	return fd;
}

static int hostfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct hostfs_mount *mount = sb->s_fs_info;
	struct host_attr attr;
	struct inode *inode;
	int fd, err;

	err = super_setup_bdi(sb);
	if (err)
		return err;
	fd = find_tree(fc, mount, &attr);
	if (fd < 0)
		return fd;
	mount->root_dev = attr.dev;

	sb->s_magic = mount->store->host_types ? HOSTFS_SUPER_MAGIC : HUMFS_MAGIC;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran = 1;
	sb->s_op = &hostfs_super_ops;
	sb->s_d_op = &hostfs_dentry_ops;
	sb->s_xattr = hostfs_xattr_handlers;
	sb->s_export_op = &hostfs_export_ops;
	sb->s_flags |= SB_NOATIME | SB_NODIRATIME | SB_NOSEC;

	inode = hostfs_iget(sb, &attr);
	if (IS_ERR(inode)) {
		host_close(fd);
		return PTR_ERR(inode);
	}
	hostfs_adopt(inode, fd);
	hostfs_get(inode);	/* the root is always open: it could not be found again */
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

static int hostfs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, hostfs_fill_super);
}

static int hostfs_reconfigure(struct fs_context *fc)
{
	struct hostfs_mount *mount = hostfs_m(fc->root->d_sb), *wanted = fc->s_fs_info;

	if (wanted->dir && strcmp(wanted->dir, mount->dir ?: "/"))
		return invalfc(fc, "a mounted directory cannot be changed to another");
	if (!mount->store->host_types && sb_rdonly(fc->root->d_sb) &&
	    !(fc->sb_flags & SB_RDONLY)) {
		int err = humfs_claim(fc, mount);

		if (err)
			return err;
	}
	sync_filesystem(fc->root->d_sb);
	mount->cache = wanted->cache;
	mount->timeout = wanted->timeout;
	return 0;
}

static void mount_free(struct hostfs_mount *mount)
{
	if (!mount)
		return;
	humfs_leave(mount);
	kfree(mount->dir);
	kfree(mount);
}

static void hostfs_free_fc(struct fs_context *fc)
{
	mount_free(fc->s_fs_info);
}

static const struct fs_context_operations hostfs_context_ops = {
	.parse_param	= hostfs_parse_param,
	.get_tree	= hostfs_get_tree,
	.reconfigure	= hostfs_reconfigure,
	.free		= hostfs_free_fc,
};

static int init_context(struct fs_context *fc, const struct hostfs_store *store,
			enum hostfs_cache cache)
{
	struct hostfs_mount *mount = kzalloc(sizeof(*mount), GFP_KERNEL);

	if (!mount)
		return -ENOMEM;
	mount->store = store;
	mount->super = -1;
	mount->stage = -1;
	if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE) {
		const struct hostfs_mount *old = hostfs_m(fc->root->d_sb);

		mount->cache = old->cache;
		mount->timeout = old->timeout;
	} else {
		mount->cache = cache;
		mount->timeout = msecs_to_jiffies(TIMEOUT_MS);
	}
	mount->append = hostfs_append;
	fc->s_fs_info = mount;
	fc->ops = &hostfs_context_ops;
	return 0;
}

static int hostfs_init_fs_context(struct fs_context *fc)
{
	return init_context(fc, &hostfs_plain, HOSTFS_CACHE_AUTO);
}

/* there is a lock on the tree: nobody on the host changes it */
static int humfs_init_fs_context(struct fs_context *fc)
{
	return init_context(fc, &humfs_store, HOSTFS_CACHE_ALWAYS);
}

int hostfs_show_options(struct seq_file *m, struct dentry *root)
{
	const struct hostfs_mount *mount = hostfs_m(root->d_sb);

	seq_printf(m, ",cache=%s", cache_names[mount->cache].name);
	seq_printf(m, ",timeout=%u", jiffies_to_msecs(mount->timeout));
	return 0;
}

/* instead of "none": which directory it is */
int hostfs_show_devname(struct seq_file *m, struct dentry *root)
{
	seq_escape(m, hostfs_m(root->d_sb)->dir ?: "/", " \t\n\\#");
	return 0;
}

int hostfs_sync_fs(struct super_block *sb, int wait)
{
	/* data and times are with the host; its own disk is asked for by fsync */
	return 0;
}

static void hostfs_kill_sb(struct super_block *sb)
{
	struct hostfs_mount *mount = sb->s_fs_info;

	kill_anon_super(sb);
	mount_free(mount);
}

static struct file_system_type hostfs_type = {
	.owner		= THIS_MODULE,
	.name		= "hostfs",
	.init_fs_context = hostfs_init_fs_context,
	.parameters	= hostfs_params,
	.kill_sb	= hostfs_kill_sb,
	.fs_flags	= FS_ALLOW_IDMAP,
};
MODULE_ALIAS_FS("hostfs");

static struct file_system_type humfs_type = {
	.owner		= THIS_MODULE,
	.name		= "humfs",
	.init_fs_context = humfs_init_fs_context,
	.parameters	= hostfs_params,
	.kill_sb	= hostfs_kill_sb,
	.fs_flags	= FS_ALLOW_IDMAP,
};
MODULE_ALIAS_FS("humfs");

static int __init hostfs_init(void)
{
	int err;

	hostfs_handle_setup();
	err = hostfs_inode_setup();
	if (err)
		return err;
	err = hostfs_queue_setup();
	if (err)
		return err;
	err = register_filesystem(&hostfs_type);
	if (err)
		return err;
	return register_filesystem(&humfs_type);
}
fs_initcall(hostfs_init);
