// SPDX-License-Identifier: GPL-2.0
/*
 * request_fuzz.c - the console's parser of datagrams, shot at.
 *
 * request_fuzz SEED COUNT: COUNT datagrams, each in memory of exactly its size,
 * so that the sanitizers see every byte too far. What the parser says is checked
 * against what was sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../../drivers/usermode/mconsole/request.h"
#include "../../../tools/compiler.h"

#define CHECK(x) do {							\
	if (!(x)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);	\
		abort();						\
	}								\
} while (0)

static unsigned long long state;

static unsigned int random_below(unsigned int n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

static void fill(struct mconsole_request *packet, size_t size)
{
	static const char text[] = "config  ubd0=x\t\n \r\0log =";
	unsigned char *p = (unsigned char *)packet;
	size_t i;

	for (i = 0; i < size; i++)
		p[i] = random_below(4) ? (unsigned char)text[random_below(sizeof(text))] :
					 random_below(256);
	if (size >= 4 && random_below(8))
		packet->magic = MCONSOLE_MAGIC;
	if (size >= 8 && random_below(8))
		packet->version = MCONSOLE_VERSION;
	if (size >= 12 && random_below(8))
		packet->len = random_below(600);
}

static int blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void check_command(const struct mconsole_request *packet, size_t have,
			  const struct request *req)
{
	const char *end = req->text + sizeof(req->text);
	size_t n;

	CHECK(packet->magic == MCONSOLE_MAGIC && packet->version == MCONSOLE_VERSION);
	CHECK(packet->len < MCONSOLE_MAX_DATA && packet->len <= have - MCONSOLE_HEADER);
	CHECK(req->command >= req->text && req->command < end);
	CHECK(req->rest >= req->command && req->rest < end);
	CHECK(memchr(req->rest, 0, end - req->rest));
	CHECK(!strpbrk(req->command, " \t\r\n"));
	n = strlen(req->rest);
	CHECK(!n || (!blank(req->rest[0]) && !blank(req->rest[n - 1])));
}

static void shoot(void)
{
	static const size_t sizes[] = { 0, 1, 3, 4, 7, 8, 11, 12, 13, 523, 524, 525, 9000 };
	size_t size = random_below(2) ? random_below(530) :
		      sizes[random_below(ARRAY_SIZE(sizes))];
	size_t have = size < sizeof(struct mconsole_request) ? size :
		      sizeof(struct mconsole_request);
	struct mconsole_request *packet = malloc(have ? have : 1);
	struct request *req = malloc(sizeof(*req));
	const char *why = NULL;

	fill(packet, have);
	memset(req, 0xa5, sizeof(*req));
	switch (request_parse(packet, have, size, req, &why)) {
	case REQUEST_RUN:
		check_command(packet, have, req);
		break;
	case REQUEST_PLAIN:
		CHECK(have < 4 || packet->magic != MCONSOLE_MAGIC);
		break;
	case REQUEST_REFUSE:
		CHECK(why && *why && packet->magic == MCONSOLE_MAGIC);
		break;
	default:
		CHECK(!"verdict");
	}
	free(req);
	free(packet);
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[2]) : 1000;

	state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	while (count--)
		shoot();
	return 0;
}
