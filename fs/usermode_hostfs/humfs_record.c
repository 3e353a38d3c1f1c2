// SPDX-License-Identifier: GPL-2.0
/*
 * humfs_record.c - the texts that hold a guest's metadata.
 *
 * Owns nothing. Plain C, for the kernel and for tools/humfs. Each text has one
 * way to be right: what is read back from what was written is the same bytes.
 */
#include "humfs_record.h"

#define ID_MAX		0xfffffffeU	/* -1 means "none" to chown(2) */
#define MAJOR_MAX	0xfffU
#define MINOR_MAX	0xfffffU

struct reader {
	const char *at, *end;
};

static bool read_char(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool read_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len))
		return false;
	r->at += len;
	return true;
}

/* digits, at least one, no zero before others, @limit at most */
static bool read_number(struct reader *r, unsigned int base, u32 limit, u32 *value)
{
	const char *begin = r->at;
	u64 n = 0;

	while (r->at < r->end && *r->at >= '0' && *r->at < (char)('0' + base)) {
		n = n * base + (*r->at++ - '0');
		if (n > limit)
			return false;
	}
	*value = n;
	return r->at > begin && (*begin != '0' || r->at == begin + 1);
}

static bool is_device(u32 mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode);
}

static bool has_type(u32 mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISFIFO(mode) ||
	       S_ISSOCK(mode) || is_device(mode);
}

int humfs_record_parse(const char *text, size_t len, struct humfs_record *record)
{
	struct reader r = { text, text + len };
	struct humfs_record got = {};

	if (!read_number(&r, 8, 0177777, &got.mode) || !has_type(got.mode) ||
	    !read_char(&r, ' ') || !read_number(&r, 10, ID_MAX, &got.uid) ||
	    !read_char(&r, ' ') || !read_number(&r, 10, ID_MAX, &got.gid))
		return -EINVAL;
	if (is_device(got.mode) &&
	    (!read_char(&r, ' ') || !read_number(&r, 10, MAJOR_MAX, &got.major) ||
	     !read_char(&r, ':') || !read_number(&r, 10, MINOR_MAX, &got.minor)))
		return -EINVAL;
	if (r.at != r.end)
		return -EINVAL;
	*record = got;
	return 0;
}

size_t humfs_record_format(char *text, const struct humfs_record *record)
{
	size_t n = scnprintf(text, HUMFS_RECORD_MAX, "%o %u %u", record->mode, record->uid,
			     record->gid);

	if (is_device(record->mode))
		n += scnprintf(text + n, HUMFS_RECORD_MAX - n, " %u:%u", record->major,
			       record->minor);
	return n;
}

int humfs_super_version(const char *text, size_t len)
{
	struct reader r = { text, text + len };
	u32 version;

	if (len == strlen(HUMFS_SUPER_TEXT) && !memcmp(text, HUMFS_SUPER_TEXT, len))
		return 3;
	if (!read_word(&r, "version ") || !read_number(&r, 10, 2, &version) || !version ||
	    !read_char(&r, '\n'))
		return -EINVAL;
	/* there was one kind of metadata, and the first version did not name it */
	if (version == 2 && !read_word(&r, "metadata shadow_fs\n"))
		return -EINVAL;
	return version;
}

int humfs_old_parse(const char *text, size_t len, struct humfs_record *record)
{
	struct reader r = { text, text + len };
	struct humfs_record got = {};

	if (!read_number(&r, 10, 07777, &got.mode) ||
	    !read_char(&r, ' ') || !read_number(&r, 10, ID_MAX, &got.uid) ||
	    !read_char(&r, ' ') || !read_number(&r, 10, ID_MAX, &got.gid))
		return -EINVAL;
	if (read_char(&r, ' ')) {
		if (read_char(&r, 'c'))
			got.mode |= S_IFCHR;
		else if (read_char(&r, 'b'))
			got.mode |= S_IFBLK;
		else
			return -EINVAL;
		if (!read_char(&r, ' ') || !read_number(&r, 10, MAJOR_MAX, &got.major) ||
		    !read_char(&r, ' ') || !read_number(&r, 10, MINOR_MAX, &got.minor))
			return -EINVAL;
	}
	read_char(&r, '\n');
	if (r.at != r.end)
		return -EINVAL;
	*record = got;
	return 0;
}
