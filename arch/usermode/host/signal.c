// SPDX-License-Identifier: GPL-2.0
/*
 * signal.c - the host signals that a virtual CPU's host thread takes.
 *
 * Each handler runs on the thread's alternate stack with all signals blocked
 * and calls host_upcall_trap() with the interrupted registers; returning lets
 * the thread go on with the registers as the upcall left them.
 */
#include <uapi/asm/signal.h>
#include <uapi/asm/siginfo.h>
#include <uapi/asm/sigcontext.h>
#include <asm/host.h>
#include "array_size.h"
#include "sigset.h"
#include "syscall.h"

#define SA_RESTORER_FLAG	0x04000000UL

/* as the host's kernel takes it, see sigaction(2), "C library/kernel differences" */
struct host_sigaction {
	void (*handler)(int sig, siginfo_t *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	u64 mask;
};

/* the part of the host's ucontext that precedes the registers */
struct host_ucontext {
	unsigned long flags;
	void *link;
	stack_t stack;
	struct sigcontext_64 mcontext;
};

/* rt_sigreturn */
asm(".pushsection .text\n"
	".type host_sigreturn, @function\n"
	"host_sigreturn:\n\t"
	"movl $15, %eax\n\t"
	"syscall\n\t"
	"ud2\n"
	".size host_sigreturn, . - host_sigreturn\n"
	".popsection\n");

static void handler(int sig, siginfo_t *info, void *context)
{
	struct host_ucontext *uc = context;

	host_upcall_trap(sig, info->si_code, (unsigned long)info->si_addr, &uc->mcontext);
}

static int install(int sig, void (*fn)(int sig, siginfo_t *info, void *context),
		   unsigned long flags, u64 mask)
{
	const struct host_sigaction sa = {
		.handler  = fn,
		.flags    = SA_SIGINFO | SA_ONSTACK | SA_RESTORER_FLAG | flags,
		.restorer = host_sigreturn,
		.mask     = mask,
	};

	return host_syscall4(__NR_rt_sigaction, sig, (long)&sa, 0, sizeof(u64));
}

int host_signal_ignore(int sig)
{
	const struct host_sigaction sa = { .handler = (void *)SIG_IGN };

	return host_syscall4(__NR_rt_sigaction, sig, (long)&sa, 0, sizeof(u64));
}

static void (*trap_fn)(int sig, const siginfo_t *info, struct sigcontext_64 *sc);

static void trap_handler(int sig, siginfo_t *info, void *context)
{
	struct host_ucontext *uc = context;

	trap_fn(sig, info, &uc->mcontext);
}

static u64 mask_of(int sig)
{
	return 1UL << (sig - 1);
}

int host_signal_stack(void *stack, size_t size)
{
	stack_t ss = { .ss_sp = (void __user *)stack, .ss_size = size };

	return host_syscall2(__NR_sigaltstack, (long)&ss, 0);
}

int host_signal_traps(void (*fn)(int sig, const siginfo_t *info, struct sigcontext_64 *sc))
{
	static const int sigs[] = { SIGSYS, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	unsigned int i;
	int err = 0;

	trap_fn = fn;
	for (i = 0; !err && i < ARRAY_SIZE(sigs); i++)
		err = install(sigs[i], trap_handler, SA_NODEFER, 0);
	return err;
}

int host_signal_init(void *stack, size_t size)
{
	static const int sigs[] = {
		SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, HOST_SIG_KICK, HOST_SIG_TIMER,
	};
	u64 open = mask_of(SIGSYS);
	unsigned int i;
	int err;

	err = host_signal_stack(stack, size);
	for (i = 0; !err && i < ARRAY_SIZE(sigs); i++) {
		err = install(sigs[i], handler, 0, ~0UL);
		open |= mask_of(sigs[i]);
	}
	/* everything else is waited for by another thread (sigwait.c), or not taken at all */
	open = ~open;
	if (!err)
		err = host_syscall4(__NR_rt_sigprocmask, SIG_SETMASK, (long)&open, 0, sizeof(u64));
	return err;
}

void host_signal_block(bool block)
{
	u64 mask = mask_of(HOST_SIG_KICK) | mask_of(HOST_SIG_TIMER);

	host_syscall4(__NR_rt_sigprocmask, block ? SIG_BLOCK : SIG_UNBLOCK, (long)&mask, 0,
		      sizeof(u64));
}
