// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_image.c - any bytes as an image: opened, read and written, they may be
 * refused or give errors, and must do no harm.
 *
 * Built with clang's -fsanitize=fuzzer it looks for inputs by itself; with
 * -DREPLAY it runs those that its arguments name, and damages each in many ways.
 */
#include "plain_memory.h"
#include "qcow2.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u8 buffer[1 << 16];

static void use_cow(void)
{
	struct cow_header header;
	u8 bytes[COW_HEADER_MAX] = {}, again[COW_HEADER_MAX];
	u64 there = min_t(u64, memory_size, COW_HEADER_MAX), pos, len;
	struct cow cow;
	char why[200];

	plain_read(0, bytes, there, 0);
	if (cow_header_decode(bytes, there, memory_size, &header, why, sizeof(why)))
		return;
	if (cow_header_encode(&header, again) > COW_HEADER_MAX)
		abort();
	if (cow_open(&cow, &header, 0, 0))
		return;
	for (pos = 0; pos < min_t(u64, cow.size, 1 << 20); pos += len) {
		len = min_t(u64, cow.size - pos, 1 << 20);
		cow_run(&cow, pos, &len);
		if (!len)
			abort();
	}
	len = min_t(u64, cow.size, 100000);
	cow_add(&cow, 0, len);
	if (!cow_flush(&cow) && (!cow_run(&cow, 0, &len) || !len))
		abort();
	cow_close(&cow);
}

static void use_qcow2(void)
{
	static const struct ubd_setting setting = { .file = "x", .shared = true };
	char text[600];
	const struct ubd_why why = { .text = text, .len = sizeof(text) };
	struct ubd_file file = { .size = memory_size };
	struct qcow2 *q;
	u64 at[3], i, n;

	if (qcow2_open(&setting, &file, true, &q, &why))
		return;
	at[0] = 0;
	at[1] = q->header.size / 2;
	at[2] = q->header.size > 5000 ? q->header.size - 5000 : 0;
	for (i = 0; i < 3; i++) {
		n = min_t(u64, sizeof(buffer), q->header.size - at[i]);
		qcow2_read(q, buffer, n, at[i]);
		memset(buffer, 'x', n);
		/* what comes back is not looked at: tables may overlap here */
		if (!qcow2_write(q, buffer, n, at[i]))
			qcow2_read(q, buffer, n, at[i]);
		qcow2_clear(q, at[i], n, i & 1);
		qcow2_flush(q);
	}
	qcow2_close(q);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (size > sizeof(memory))
		return 0;
	memset(memory, 0, sizeof(memory));
	memcpy(memory, data, size);
	memory_size = size;
	if (qcow2_magic(memory, size))
		use_qcow2();
	else
		use_cow();
	return 0;
}

#ifdef REPLAY
static void damage(u8 *data, size_t size)
{
	static const u8 values[] = { 0, 1, 0x7f, 0x80, 0xff };
	size_t limit = min_t(size_t, size, 4200), at;
	unsigned int i;

	for (at = 4; at < limit; at += at < 128 ? 1 : 97) {
		u8 was = data[at];

		for (i = 0; i < sizeof(values); i++) {
			data[at] = values[i];
			LLVMFuzzerTestOneInput(data, size);
		}
		data[at] = was;
		LLVMFuzzerTestOneInput(data, at);
	}
	for (i = 0; i < 300; i++) {
		at = random() % size;
		data[at] ^= 1 << random() % 8;
		LLVMFuzzerTestOneInput(data, size);
	}
}

int main(int argc, char **argv)
{
	static u8 data[1 << 20];
	int i;

	for (i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t size = file ? fread(data, 1, sizeof(data), file) : 0;

		if (!size)
			return 1;
		fclose(file);
		LLVMFuzzerTestOneInput(data, size);
		damage(data, size);
	}
	return 0;
}
#endif
