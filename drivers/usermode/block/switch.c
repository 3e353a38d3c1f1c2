// SPDX-License-Identifier: GPL-2.0
/*
 * switch.c - ubd<n>[rsdct]=FILE[,BACKING][,SERIAL] and ubd=sync.
 *
 * Owns the table of disks that the command line names. Each word is understood,
 * and its file opened, checked and locked, before there is a kernel
 * (asm/cmdline.h), so that a mistake costs the user one line and no boot. The
 * descriptors stay open; disk.c makes disks of them.
 *
 * Locks: none; written before other threads exist.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/cmdline.h>
#include <asm/setup.h>
#include "ubd.h"

struct ubd_slot ubd_slots[UBD_DEVICES];
bool ubd_all_sync;

/* the words, cut up; together they are no longer than the command line */
static char words[COMMAND_LINE_SIZE];
static size_t words_used;

static int refuse(char *why, size_t len, const char *text)
{
	strscpy(why, text, len);
	return -EINVAL;
}

/* the number at the start of *text, which moves behind it; -1: none */
static int parse_number(char **text)
{
	char *p = *text;
	int n;

	if (*p >= 'a' && *p < 'a' + UBD_DEVICES) {
		n = *p++ - 'a';
	} else if (isdigit(*p)) {
		n = *p++ - '0';
		if (isdigit(*p))
			n = n * 10 + *p++ - '0';
		if (isdigit(*p) || n >= UBD_DEVICES)
			return -1;
	} else {
		return -1;
	}
	*text = p;
	return n;
}

static bool parse_flag(char c, struct ubd_setting *setting)
{
	switch (c) {
	case 'r':
		return setting->read_only = true;
	case 's':
		return setting->sync = true;
	case 'd':
		return setting->data = true;
	case 'c':
		return setting->shared = true;
	case 't':
		return setting->no_trim = true;
	case 'o':
		return setting->direct = true;
	}
	return false;
}

/* the next field, or NULL if it is empty or missing */
static char *next_field(char **text)
{
	char *field = strsep(text, ",:");

	return field && *field ? field : NULL;
}

int ubd_parse(char *text, struct ubd_setting *setting, char *why, size_t len)
{
	memset(setting, 0, sizeof(*setting));
	for (; *text && *text != '='; text++)
		if (!parse_flag(*text, setting))
			return refuse(why, len, "unknown flag; the flags are r, s, d, c, t and o");
	if (!*text++)
		return refuse(why, len, "no file is named; write for example ubd0=root.img");

	setting->file = next_field(&text);
	setting->backing = next_field(&text);
	setting->serial = next_field(&text);
	if (!setting->file)
		return refuse(why, len, "no file is named; write for example ubd0=root.img");
	if (text)
		return refuse(why, len, "too many fields; they are FILE,BACKING,SERIAL");
	if (setting->backing && setting->data)
		return refuse(why, len, "flag d takes the file as it is; it has no backing file");
	return 0;
}

/* a copy of @text that may be cut up and stays */
static char *keep(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = words + words_used;

	if (size > sizeof(words) - words_used)
		return NULL;
	words_used += size;
	return memcpy(copy, text, size);
}

static int add_disk_word(const char *word, char *why, size_t len)
{
	char *text = keep(word + strlen("ubd"));
	struct ubd_setting setting;
	struct ubd_image image;
	int n, err;

	if (!text)
		return refuse(why, len, "the command line is too long");
	n = parse_number(&text);
	if (n < 0)
		return refuse(why, len, "no such disk; they are ubd0 to ubd15, or ubda to ubdp");
	err = ubd_parse(text, &setting, why, len);
	if (err)
		return err;
	if (ubd_slots[n].setting.file)
		return refuse(why, len, "the disk is already given another file");
	err = ubd_image_open(&setting, &image, why, len);
	if (err)
		return err;
	ubd_slots[n].setting = setting;
	ubd_slots[n].image = image;
	return 0;
}

static int parse_ubd(const char *word, char *why, size_t len)
{
	char reason[400];
	int err;

	if (!strcmp(word, "ubd=sync")) {
		ubd_all_sync = true;
		return 0;
	}
	err = add_disk_word(word, reason, sizeof(reason));
	if (err)
		snprintf(why, len, "%.200s: %s", word, reason);
	return err;
}

USERMODE_SWITCH(ubd, "ubd", parse_ubd,
		"ubd<n>[rsdcto]=FILE[,BACKING][,SERIAL]\n"
		"                           disk n (0-15 or a-p), a file of the host. Flags:\n"
		"                           r read-only, s synchronous, d no copy-on-write\n"
		"                           even if the file looks so, c shared: take no\n"
		"                           lock, t no trim, o past the host's cache\n"
		"                           (O_DIRECT). With BACKING, FILE holds what differs\n"
		"                           from it, and is made if it does not exist\n"
		"  ubd=sync                 all disks are synchronous");

static int parse_udb(const char *word, char *why, size_t len)
{
	snprintf(why, len, "%.200s: there is no switch udb; disks are named ubd<n>=FILE", word);
	return -EINVAL;
}

USERMODE_SWITCH(udb, "udb", parse_udb, NULL);
