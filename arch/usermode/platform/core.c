// SPDX-License-Identifier: GPL-2.0
/*
 * core.c - which ways to run guest code there are, and which one is used.
 *
 * Owns the table of pairs and the choice. platform_init() runs once, alone, on
 * virtual CPU 0's host thread; what it sets is constant afterwards. No locks.
 */
#include <uapi/linux/errno.h>
#include <asm/host.h>
#include "pin.h"
#include "skas.h"
#include "skas_process.h"
#include "trap_dispatch.h"
#include "trap_ptrace.h"
#include "trap_seccomp.h"
#include "tt_ops.h"
#include "vcpu.h"

struct platform_params platform_params;
struct platform_vcpu platform_vcpus[PLATFORM_VCPUS];

const struct space_ops *space_ops;
const struct trap_ops *trap_ops;
unsigned int guest_fp_size;

/*
 * Without mode= and trap= the first that the host can do is taken. skas/seccomp is
 * faster than skas/ptrace, but younger: it comes first when it has stood as much.
 */
static const struct platform_pair pairs[] = {
	{
		.space		= "tt",
		.trap		= "dispatch",
		.trusting	= dispatch_trusting,
		.space_ops	= &tt_space_ops,
		.trap_ops	= &dispatch_trap_ops,
		.probe		= dispatch_probe,
		.interrupt	= dispatch_interrupt,
		.stop		= tt_stop,
		.home		= tt_home,
	},
	{
		.space		= "skas",
		.trap		= "ptrace",
		.space_ops	= &skas_space_ops,
		.trap_ops	= &ptrace_trap_ops,
		.probe		= ptrace_probe,
		.interrupt	= ptrace_interrupt,
		.stop		= skas_process_end_all,
	},
	{
		.space		= "skas",
		.trap		= "seccomp",
		.space_ops	= &skas_space_ops,
		.trap_ops	= &seccomp_trap_ops,
		.probe		= seccomp_probe,
		.interrupt	= seccomp_interrupt,
		.stop		= skas_process_end_all,
	},
	{ .space = "tt", .trap = "ptrace" },
	{ }
};

static const struct platform_pair *chosen;
static char description[512];		/* "skas, ptrace (tt, dispatch: not in this kernel)" */
static char reason[512];

/* ---- text ---------------------------------------------------------------- */

struct text {
	char *at;
	char *end;
};

static void say(struct text *text, const char *s)
{
	while (*s && text->at + 1 < text->end)
		*text->at++ = *s++;
	*text->at = '\0';
}

static void say_pair(struct text *text, const struct platform_pair *pair)
{
	say(text, pair->space);
	say(text, ", ");
	say(text, pair->trap);
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* ---- the choice ---------------------------------------------------------- */

static bool named(const struct platform_pair *pair, const struct platform_params *params)
{
	return (!params->mode || same(params->mode, pair->space)) &&
	       (!params->trap || same(params->trap, pair->trap));
}

static int try_pair(const struct platform_pair *pair, const struct platform_params *params,
		    const char **why)
{
	if (!pair->probe) {
		*why = "not in this kernel";
		return -EOPNOTSUPP;
	}
	/* only who asks for it gets it */
	if (pair->trusting && !params->mode) {
		*why = "nothing would keep guests from the kernel's memory";
		return -EPERM;
	}
	return pair->probe(why);
}

static void say_choice(struct text *text, const struct platform_params *params)
{
	if (params->mode) {
		say(text, "mode=");
		say(text, params->mode);
	}
	if (params->trap) {
		say(text, params->mode ? " trap=" : "trap=");
		say(text, params->trap);
	}
	if (params->mode || params->trap)
		say(text, ": ");
}

static void say_pairs(struct text *text)
{
	const struct platform_pair *pair;

	say(text, "no such pair; there are");
	for (pair = pairs; pair->space; pair++) {
		say(text, pair == pairs ? " " : "; ");
		say_pair(text, pair);
	}
}

int platform_init(const struct platform_params *params, const char **why)
{
	struct text bad = { reason, reason + sizeof(reason) };
	struct text good = { description, description + sizeof(description) };
	const struct platform_pair *pair;
	const char *one;
	bool any = false;
	int err = -EINVAL;

	platform_params = *params;
	/* guest code's host tasks inherit it: they and their kernel share a core */
	pin_start();

	say_choice(&bad, params);
	for (pair = pairs; pair->space; pair++) {
		if (!named(pair, params))
			continue;
		err = try_pair(pair, params, &one);
		if (!err) {
			chosen = pair;
			space_ops = pair->space_ops;
			trap_ops = pair->trap_ops;
			break;
		}
		say(&bad, any ? "; " : "");
		say_pair(&bad, pair);
		say(&bad, ": ");
		say(&bad, one);
		any = true;
	}
	if (!any && err)
		say_pairs(&bad);
	if (err) {
		*why = reason;
		return err;
	}

	say_pair(&good, chosen);
	if (any) {
		say(&good, " (");
		say(&good, reason);
		say(&good, ")");
	}
	return 0;
}

const char *platform_describe(void)
{
	return description;
}

void platform_stop(void)
{
	if (chosen)
		chosen->stop();
}

void platform_home(void)
{
	if (chosen && chosen->home)
		chosen->home();
}

const char *platform_trusts_guests(void)
{
	return chosen && chosen->trusting ? chosen->trusting() : NULL;
}

bool platform_interrupt(struct sigcontext_64 *sc)
{
	return !chosen || chosen->interrupt(sc);
}
