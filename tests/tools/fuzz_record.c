// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_record.c - any bytes as the metadata of a humfs: refused, or understood in
 * one way; what a record says can be written, and is then the same bytes.
 *
 * Built with clang's -fsanitize=fuzzer it looks for inputs by itself; with -DREPLAY
 * it damages texts that are right in all the small ways there are.
 */
#include <stdlib.h>
#include "humfs_record.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	/* exactly as long as it is, so that a byte too far is found */
	char *text = malloc(size ?: 1), again[HUMFS_RECORD_MAX];
	struct humfs_record record;
	size_t len;

	if (!text)
		abort();
	memcpy(text, data, size);
	if (!humfs_record_parse(text, size, &record)) {
		len = humfs_record_format(again, &record);
		if (len != size || memcmp(again, text, len))
			abort();
	}
	if (!humfs_old_parse(text, size, &record) && record.mode & ~0177777U)
		abort();
	humfs_super_version(text, size);
	free(text);
	return 0;
}

#ifdef REPLAY
static const char *const right[] = {
	"100644 0 0", "40755 1000 4294967294", "20666 0 5 4095:1048575", "120777 0 0",
	"493 0 0\n", "420 33 44 c 1 3\n", "420 0 6 b 8 1\n",
	HUMFS_SUPER_TEXT, "version 2\nmetadata shadow_fs\nused 20480\ntotal 104857600\n",
};

static void damage(const char *text)
{
	size_t len = strlen(text), at;
	u8 data[128];
	int value;

	for (at = 0; at <= len; at++) {
		LLVMFuzzerTestOneInput((const u8 *)text, at);
		for (value = 0; value < 256; value++) {
			memcpy(data, text, len);
			data[at] = value;
			LLVMFuzzerTestOneInput(data, at == len ? len + 1 : len);
			/* and with one more */
			memcpy(data + at + 1, text + at, len - at);
			LLVMFuzzerTestOneInput(data, len + 1);
		}
	}
}

int main(void)
{
	struct humfs_record record;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(right); i++) {
		if (humfs_record_parse(right[i], strlen(right[i]), &record) == 0 ? i >= 4 : i < 4)
			return 1;
		damage(right[i]);
	}
	return 0;
}
#endif
