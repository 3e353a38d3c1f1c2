// SPDX-License-Identifier: GPL-2.0
/*
 * platform_test.c - guest code comes back as it should, whatever it does.
 *
 * platform_test [test ...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests.h"

static void bad_choice(const char *mode, const char *trap)
{
	struct platform_params params;
	const char *why = NULL;

	vm_params(&params);
	params.mode = mode;
	params.trap = trap;
	CHECK(platform_init(&params, &why) < 0);
	printf("\n  %s", why);
}

void test_choice(void)
{
	/* in a child: the choice is made once */
	int status, child = fork();

	if (!child) {
		bad_choice("tt", NULL);
		bad_choice("kvm", NULL);
		bad_choice("tt", "seccomp");
		bad_choice(NULL, "dispatch");
		printf("\n");
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	SAME(status, 0);
}

/* where the host cannot do it: the reason, and no process left behind */
static int unable(void)
{
	int pid[4];

	bad_choice("skas", vm_trap());
	SAME(list_children(pid, 4), 0);
	return 0;
}

static const struct {
	const char *name;
	void (*fn)(void);
} tests[] = {
	{ "choice", test_choice },
	{ "syscall", test_syscall },
	{ "exceptions", test_exceptions },
	{ "steps", test_steps },
	{ "faults", test_faults },
	{ "page_end", test_page_end },
	{ "orders", test_orders },
	{ "budget", test_budget },
	{ "limit", test_limit },
	{ "fp", test_fp },
	{ "interrupts", test_interrupts },
	{ "moments", test_moments },
	{ "lists", test_lists },
	{ "killed", test_killed },
	{ "scribbled", test_scribbled },
	{ "hostile", test_hostile },
	{ "outside", test_outside },
	{ "process", test_process },
	{ "many", test_many },
	{ "forbidden", test_forbidden },
	{ "lacking", test_lacking },
	{ "survivors", test_survivors },
	{ "bench", test_bench },
};

int main(int argc, char **argv)
{
	size_t i;
	int arg;

	if (argc == 3 && !strcmp(argv[1], "victim"))
		return victim(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "unable"))
		return unable();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	vm_init("skas", vm_trap());
	printf("%s; FP state of %u bytes\n", platform_describe(), guest_fp_size);
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		for (arg = 1; arg < argc && strcmp(argv[arg], tests[i].name); arg++)
			;
		if (argc > 1 && arg == argc)
			continue;
		printf("%s: ", tests[i].name);
		fflush(stdout);
		alarm(100);
		tests[i].fn();
		printf("ok\n");
		fflush(stdout);
	}
	return 0;
}
