// SPDX-License-Identifier: GPL-2.0
/*
 * stream.c - stream sockets, and descriptors sent through them.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <asm/host_net.h>
#include "harness.h"

#define FILE_NAME	"stream-test.sock"

static int accept_one(int fd)
{
	int ret;

	CHECK_EQ(host_poll(fd, HOST_EVENT_IN, 1000000000), HOST_EVENT_IN);
	ret = host_stream_accept(fd);
	CHECK(ret >= 0);
	CHECK(fcntl(ret, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(ret, F_GETFL) & O_NONBLOCK);
	return ret;
}

static void test_inet(void)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = host_stream_listen(&a, sizeof(a));
	char text[8];
	int one, two;

	CHECK(fd >= 0);
	CHECK_EQ(host_stream_accept(fd), -EAGAIN);
	CHECK_EQ(host_stream_name(fd, &a, sizeof(a)), 0);
	CHECK(a.sin_port != 0);
	CHECK_EQ(host_stream_listen(&a, sizeof(a)), -EADDRINUSE);

	one = host_stream_connect(&a, sizeof(a));
	CHECK(one >= 0);
	two = accept_one(fd);
	CHECK_EQ(host_write(two, "hello", 5), 5);
	CHECK_EQ(host_stream_finish(two), 0);
	CHECK_EQ(host_read(one, text, sizeof(text)), 5);
	CHECK_EQ(host_read(one, text, sizeof(text)), 0);
	host_close(one);
	host_close(two);
	host_close(fd);
	CHECK_EQ(host_stream_connect(&a, sizeof(a)), -ECONNREFUSED);
}

/* the file is this user's alone, whatever the umask; who connected is known */
static void test_unix(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = FILE_NAME };
	unsigned int uid = -1;
	struct stat st;
	int fd, one, two, pipe[2], copy;
	char text[8];

	unlink(FILE_NAME);
	umask(0);
	fd = host_stream_listen(&a, sizeof(a));
	CHECK(fd >= 0);
	CHECK_EQ(stat(FILE_NAME, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	one = host_stream_connect(&a, sizeof(a));
	CHECK(one >= 0);
	two = accept_one(fd);
	CHECK_EQ(host_stream_peer_uid(two, &uid), 0);
	CHECK_EQ(uid, geteuid());
	CHECK_EQ(host_geteuid(), geteuid());

	CHECK_EQ(host_pipe(pipe), 0);
	CHECK_EQ(host_send_fd(one, pipe[1]), 0);
	CHECK_EQ(host_poll(two, HOST_EVENT_IN, 1000000000), HOST_EVENT_IN);
	copy = host_receive_fd(two);
	CHECK(copy >= 0);
	CHECK(fcntl(copy, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(host_write(copy, "x", 1), 1);
	CHECK_EQ(host_read(pipe[0], text, 1), 1);
	CHECK_EQ(host_receive_fd(two), -EAGAIN);
	CHECK_EQ(host_write(one, "y", 1), 1);
	CHECK_EQ(host_receive_fd(two), -EPROTO);
	host_close(one);
	CHECK_EQ(host_receive_fd(two), -ECONNRESET);
	host_close(two);
	host_close(fd);
	CHECK_EQ(host_stream_connect(&a, sizeof(a)), -ECONNREFUSED);
	unlink(FILE_NAME);
	CHECK_EQ(host_stream_connect(&a, sizeof(a)), -ENOENT);
}

int main(void)
{
	test_begin(20);
	test_inet();
	test_unix();
	return 0;
}
