// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - the switch's command line, its start and its end.
 *
 * It runs until its input ends or it is told to stop; with -daemon it has no
 * input. Its sockets' names go when it does.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "switch.h"

#define DEFAULT_SOCKET	"/tmp/uml.ctl"

static const char usage[] =
	"Usage: usermode-switch [OPTION]...\n"
	"A virtual Ethernet switch for machines with eth0=daemon,,unix,SOCKET.\n\n"
	"  -unix SOCKET    where clients ask for ports (default " DEFAULT_SOCKET ")\n"
	"  -hub            send every frame to everybody\n"
	"  -tap DEVICE     a tap device of the host is a port, too\n"
	"  -manage SOCKET  orders and statistics, as lines of JSON\n"
	"  -capture FILE   write all frames to a pcapng file\n"
	"  -daemon         run in the background, and not end when the input does\n"
	"  -help\n";

struct options {
	const char *socket, *manage, *capture, *tap;
	bool daemon;
};

static void fail(const char *what, int err)
{
	fprintf(stderr, "usermode-switch: %s: %s\n", what, strerror(-err));
	control_close();
	manage_close();
	exit(1);
}

static void parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "unix", required_argument, NULL, 'u' }, { "hub", no_argument, NULL, 'h' },
		{ "tap", required_argument, NULL, 't' }, { "manage", required_argument, NULL, 'm' },
		{ "capture", required_argument, NULL, 'c' }, { "daemon", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, '?' + 128 }, {},
	};
	int c;

	while ((c = getopt_long_only(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'u':
			options->socket = optarg;
			break;
		case 'h':
			hub = true;
			break;
		case 't':
			options->tap = optarg;
			break;
		case 'm':
			options->manage = optarg;
			break;
		case 'c':
			options->capture = optarg;
			break;
		case 'd':
			options->daemon = true;
			break;
		case '?' + 128:
			fputs(usage, stdout);
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "usermode-switch: %s: no such option (-help)\n", argv[optind]);
		exit(2);
	}
}

static void open_all(const struct options *options)
{
	int err;

	err = control_listen(options->socket);
	if (err)
		fail(options->socket, err);
	err = options->manage ? manage_listen(options->manage) : 0;
	if (err)
		fail(options->manage, err);
	err = options->tap ? tap_open(options->tap) : 0;
	if (err)
		fail(options->tap, err);
	err = options->capture ? capture_start(options->capture) : 0;
	if (err)
		fail(options->capture, err);
}

/* ---- what ends it ---- */

static void input_ready(struct watch *watch)
{
	char text[256];

	if (read(watch->fd, text, sizeof(text)) <= 0)
		loop_stop();
}

static void signal_ready(struct watch *watch)
{
	(void)watch;
	loop_stop();
}

static void watch_end(bool input)
{
	static struct watch signals, stdin_watch = { 0, input_ready };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = (struct watch){ signalfd(-1, &set, SFD_CLOEXEC), signal_ready };
	watch_add(&signals);
	/* a file is no descriptor to wait for, and never ends anything */
	if (input)
		watch_add(&stdin_watch);
}

/* a port takes two descriptors */
static void allow_many_ports(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct options options = { .socket = DEFAULT_SOCKET };

	parse(argc, argv, &options);
	signal(SIGPIPE, SIG_IGN);
	allow_many_ports();
	loop_init();
	open_all(&options);
	printf("%s attached to unix socket '%s'\n", argv[0], options.socket);
	fflush(stdout);
	/* the epoll set is inherited; only threads would be lost */
	if (options.daemon && daemon(1, 0))
		fail("daemon", -errno);
	watch_end(!options.daemon);
	loop_run(ports_round);
	capture_stop();
	control_close();
	manage_close();
	return 0;
}
