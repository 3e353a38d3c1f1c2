/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host.h - every call that the port makes to the host.
 *
 * The host is the hardware: this header is its data sheet. Each function makes
 * one or a few raw Linux system calls and returns a value >= 0, or -errno.
 * There is no errno variable, no malloc and no thread-local storage behind it.
 * Guest and host share one ABI, so structures and constants are those of the
 * kernel's own uapi headers.
 *
 * Context: unless a function says otherwise it may be called from any host
 * thread, in any kernel context (hard interrupts included), takes no lock and
 * does not sleep in the guest's sense; calls that may block the *host thread*
 * say so, and a virtual CPU must not make them.
 *
 * Sockets are in host_net.h, directories in host_fs.h.
 *
 * The implementation in host/ calls up through the four host_upcall_*()
 * functions at the end of this header and through nothing else.
 */
#ifndef __ASM_USERMODE_HOST_H
#define __ASM_USERMODE_HOST_H

#include <linux/types.h>

struct iovec;
struct sigcontext_64;
struct siginfo;

/* ---- memory (host/mem.c) ------------------------------------------------ */

/* protections and flags of host_map(); values are the host's own */
#define HOST_PROT_NONE		0x0
#define HOST_PROT_READ		0x1
#define HOST_PROT_WRITE		0x2
#define HOST_PROT_EXEC		0x4

#define HOST_MAP_SHARED		0x01
#define HOST_MAP_PRIVATE	0x02
#define HOST_MAP_FIXED		0x10
#define HOST_MAP_ANON		0x20
#define HOST_MAP_NORESERVE	0x4000
#define HOST_MAP_POPULATE	0x8000
#define HOST_MAP_FIXED_NOREPLACE 0x100000

/**
 * host_memfd - an unlinked memory file
 * @name: shown in the host's /proc/PID/maps
 * @size: bytes; sparse, may exceed the host's memory
 *
 * Close-on-exec. Return: descriptor or -errno.
 */
int host_memfd(const char *name, u64 size);

/* mmap(2); returns the address or -errno: test with < 0, user addresses are positive */
long host_map(void *addr, size_t len, int prot, int flags, int fd, u64 offset);
int host_unmap(void *addr, size_t len);
int host_protect(void *addr, size_t len, int prot);
int host_madvise(void *addr, size_t len, int advice);

/* zeroed pages that all host processes of the program see: the address, or -errno */
long host_shared_alloc(size_t bytes);
void host_shared_free(void *memory, size_t bytes);
/*
 * The same as a memory file of its own, that does not change its size any more and
 * can be given to other programs: its descriptor in *@fd. -EBUSY once there may be
 * several host processes, for they would not see it.
 */
long host_shared_file(const char *name, size_t bytes, int *fd);
/* once, before host_process_fork(): more may be had afterwards. 0 or -errno */
int host_shared_init(void);

/* ---- files (host/file.c) ------------------------------------------------ */

struct host_stat {
	u64 size;		/* bytes; of a block device its capacity */
	u64 ino, dev, rdev;
	u32 mode;		/* S_IFMT and permissions */
	u32 blksize;		/* bytes; of a block device its logical sector */
	u32 dio_align;		/* bytes, of places and memory with O_DIRECT; 0: not known */
	s64 mtime;		/* seconds since the epoch */
};

/*
 * Close-on-exec is implied, and a terminal does not become the controlling one.
 * In this section -EINTR means that a signal of the caller's came first and
 * nothing was done, unless said otherwise.
 */
int host_open(const char *path, int flags, unsigned int mode);
int host_close(int fd);
ssize_t host_read(int fd, void *buf, size_t len);	/* may block */
ssize_t host_write(int fd, const void *buf, size_t len);	/* may block */
ssize_t host_preadv(int fd, const struct iovec *iov, int n, u64 pos);	/* may block */
ssize_t host_pwritev(int fd, const struct iovec *iov, int n, u64 pos);	/* may block */
int host_fdatasync(int fd);				/* may block */
int host_fallocate(int fd, int mode, u64 pos, u64 len);	/* may block */
int host_fstat(int fd, struct host_stat *st);
int host_ftruncate(int fd, u64 size);
int host_unlink(const char *path);
/* give the file @fd, which may have none yet, the name @path; -EEXIST */
int host_link_fd(int fd, const char *path);
int host_mkdir(const char *path, unsigned int mode);
int host_rmdir(const char *path);
ssize_t host_readlink(const char *path, char *buf, size_t len);
int host_set_nonblock(int fd, bool on);
/* another descriptor of the same open file */
int host_dup(int fd);
/*
 * Wait until @fd can be read (HOST_EVENT_IN) or written (HOST_EVENT_OUT) without
 * blocking, for @timeout_ns at most (0: only ask, <0: no limit). Return: what it
 * is ready for, a hang-up or an error counting as both; 0: the time is up. May
 * block unless @timeout_ns is 0.
 */
int host_poll(int fd, int events, s64 timeout_ns);
int host_pipe(int fd[2]);
/* as many descriptors as the user may have (ulimit -Hn), not as many as he has by default */
void host_files_max(void);
int host_eventfd(void);					/* non-blocking, close-on-exec */
/*
 * Whole-file open-file-description lock (F_OFD_SETLK), shared or exclusive;
 * -EAGAIN if another holds it. Released when the last copy of @fd is closed.
 */
int host_lock_file(int fd, bool exclusive);

/* ---- tasks (host/task.c) ------------------------------------------------ */

/**
 * host_thread_create - a host thread of the program's own process (raw clone)
 * @fn:		runs in it with @arg and with every signal blocked; the thread
 *		ends when it returns
 * @arg:	handed to @fn
 * @stack:	lowest address of its stack, a multiple of 16
 * @size:	bytes of stack, a multiple of 16; the topmost 64 hold the word
 *		that host_thread_join() waits for
 *
 * The thread runs host-layer code only: it has no guest "current" and must not
 * enter the kernel except through host_upcall_irq(). Return: its tid or -errno.
 */
int host_thread_create(void (*fn)(void *arg), void *arg, void *stack, size_t size);
/*
 * wait until the thread that was created on this stack has left it for good;
 * the memory may then be unmapped. May block.
 */
void host_thread_join(void *stack, size_t size);
int host_getpid(void);
int host_gettid(void);
unsigned int host_geteuid(void);
int host_kill(int pid, int sig);
int host_tgkill(int tgid, int tid, int sig);
int host_getcpu(void);
/* pin the host thread @tid (0: the caller) to the host's @cpu; -1: to none */
int host_pin(int tid, int cpu);
__noreturn void host_exit(int status);	/* exit_group(2) */
__noreturn void host_abort(void);	/* dies by SIGABRT, status 134 */
/* run @path with @argv in this process's place; returns only on failure */
int host_exec(const char *path, char *const argv[], char *const envp[]);

/*
 * Futexes are shared ones: in tt, waiter and waker may be in different host
 * processes. wait: 0 (woken, perhaps for no reason), -EAGAIN (*word is not
 * @expected), -ETIMEDOUT, -EINTR.
 */
int host_futex_wait(u32 *word, u32 expected, s64 timeout_ns);	/* <0: no limit; may block */
int host_futex_wake(u32 *word, int n);

/* fills @buf with cryptographic random bytes; never blocks after host boot */
int host_random(void *buf, size_t len);

/* ---- tracing other host tasks (host/ptrace.c) --------------------------- */

/*
 * Requests and options of host_ptrace(). They are the host's own: those of
 * linux/ptrace.h and asm/ptrace-abi.h, which hide behind kernel headers of the
 * same name.
 */
#define HOST_PTRACE_PEEK		1	/* @data: where 8 bytes are put */
#define HOST_PTRACE_POKE_USER		6	/* @addr: offset in struct guest_regs */
#define HOST_PTRACE_CONT		7
#define HOST_PTRACE_GETREGS		12	/* @data: struct guest_regs */
#define HOST_PTRACE_SETREGS		13
#define HOST_PTRACE_SYSEMU		31
#define HOST_PTRACE_SYSEMU_STEP		32
#define HOST_PTRACE_GETSIGINFO		0x4202
#define HOST_PTRACE_GETREGSET		0x4204	/* @addr: note type, @data: struct iovec */
#define HOST_PTRACE_SETREGSET		0x4205
#define HOST_PTRACE_SEIZE		0x4206	/* @data: options */
#define HOST_PTRACE_INTERRUPT		0x4207
#define HOST_PTRACE_PEEKSIGINFO		0x4209	/* @addr: args, @data: siginfo_t; how many */

#define HOST_PTRACE_O_SYSGOOD		0x000001
#define HOST_PTRACE_O_SECCOMP		0x000080
#define HOST_PTRACE_O_EXITKILL		0x100000

#define HOST_PTRACE_EVENT_SECCOMP	7	/* status >> 16 of a stop */
#define HOST_PTRACE_EVENT_STOP		128

#define HOST_WAIT_ALL			0x40000000	/* host_wait(): __WALL */
#define HOST_WAIT_NOHANG		0x00000001	/* 0 if there is nothing to tell */

long host_ptrace(long request, int pid, unsigned long addr, unsigned long data);
int host_wait(int pid, int *status, int options);	/* wait4(2), may block */
/* no SIGCHLD for tracees that stop: they are waited for. Once for the process */
int host_wait_init(void);

/* ---- host processes for guest code (host/spawn.c) ------------------------ */

/**
 * host_image - an executable that exists in memory only
 * @name:	shown in the host's /proc/PID/exe
 * @elf:	its contents, @size bytes
 *
 * Close-on-exec, and never one of the descriptors 0 to 2. Return: descriptor;
 * -EACCES where the host forbids such files (vm.memfd_noexec); or -errno.
 */
int host_image(const char *name, const void *elf, size_t size);

/**
 * host_spawn - a host process that executes an image
 * @image:	of host_image()
 * @keep:	descriptor that it has as number 0; it has no other
 *
 * It has every signal blocked and dies with the calling host thread, whatever
 * that dies of. It inherits the caller's CPUs, cannot gain privileges, and does
 * not dump core. No signal is sent when it ends: wait for it with HOST_WAIT_ALL.
 * The calling host thread sleeps until the image runs, some 50 us. Return: its
 * pid or -errno.
 */
int host_spawn(int image, int keep);

/**
 * host_run - start a program of the host that lives a life of its own
 * @path:	the executable
 * @argv:	its arguments
 * @envp:	its environment
 * @fd:		what it has as descriptors 0 to 2; it has no others
 *
 * It has a session of its own, no signal blocked and the CPUs that this program
 * was started on. It is nobody's child: nothing need wait for it, and it does not
 * end with this program unless it watches one of its descriptors. The calling
 * host thread sleeps until the program runs, some 100 us. Return: 0, or -errno,
 * for instance -ENOENT.
 */
int host_run(const char *path, char *const argv[], char *const envp[], const int fd[3]);

/* ---- time (host/timer.c) ------------------------------------------------ */

/*
 * Find the clock in the host's vDSO. Called once, early, with the vector that
 * the host left behind envp; before it, and where it finds nothing, the
 * functions below make system calls.
 */
void host_vdso_init(const unsigned long *auxv);

u64 host_monotonic_ns(void);		/* CLOCK_MONOTONIC through the host's vDSO */
u64 host_realtime_ns(void);		/* CLOCK_REALTIME, since the epoch */
u64 host_boottime_ns(void);		/* CLOCK_BOOTTIME: it runs while the host sleeps, too */

/**
 * host_tsc_distrust - why the CPU's time stamp counter is no clock (host/tsc.c)
 *
 * Return: NULL if it is one: constant, equal on all CPUs, and allowed to be read;
 * else the reason.
 */
const char *host_tsc_distrust(void);

/* a one-shot timer that signals the calling host thread; id or -errno */
int host_timer_create(void);
/* arm for @deadline (CLOCK_MONOTONIC, ns); 0 disarms */
int host_timer_set(int id, u64 deadline);
int host_timer_delete(int id);

/*
 * An alarm on CLOCK_REALTIME: readable, for host_event_add(), when it is due; read
 * its 8 bytes then. Non-blocking, close-on-exec.
 */
int host_alarm_create(void);
/* set it to @at, ns since the epoch, also if the clock is set meanwhile; 0 disarms */
int host_alarm_set(int fd, u64 at);

/*
 * Readable, for host_event_add(), when CLOCK_REALTIME was set or the host has slept;
 * until host_clock_watch_clear(). Non-blocking, close-on-exec.
 */
int host_clock_watch(void);
void host_clock_watch_clear(int fd);

/* ---- signals (host/signal.c) -------------------------------------------- */

/* the real-time signals that the port uses between its own threads */
#define HOST_SIG_KICK	36	/* look at the pending interrupts */
#define HOST_SIG_TIMER	37	/* the virtual CPU's clock event is due */

/**
 * host_signal_init - install the handlers and this thread's alternate stack
 * @stack: lowest address of the alternate stack, @size bytes
 *
 * Called once on each virtual CPU's host thread before it enables interrupts.
 */
int host_signal_init(void *stack, size_t size);
/**
 * host_signal_traps - another handler for all exceptions, and for SIGSYS
 * @fn: called on the alternate stack, with no signal blocked by it: others, and
 *	the same again, may interrupt it. Returning lets the thread go on with
 *	@sc; it may also leave for good, having restored what it needs of @sc
 *
 * For the whole program and what it forks. 0 or -errno.
 */
int host_signal_traps(void (*fn)(int sig, const struct siginfo *info, struct sigcontext_64 *sc));
/* the calling thread's alternate stack; not while it is in use. 0 or -errno */
int host_signal_stack(void *stack, size_t size);
/* the whole program ignores @sig, and what it executes as well */
int host_signal_ignore(int sig);

/* blocks (true) or unblocks HOST_SIG_KICK and _TIMER for the calling thread */
void host_signal_block(bool block);

/* signal @sig's bit in a host signal mask */
#define HOST_SIGMASK(sig)	(1ULL << ((sig) - 1))

/**
 * host_signal_hold - keep process-directed signals for host_signal_wait() (host/sigwait.c)
 * @mask: HOST_SIGMASK() of each: SIGINT, SIGTERM, SIGWINCH, SIGHUP, SIGCHLD ...
 *
 * Blocks them in the calling thread. Call it before other host threads are
 * made, which then inherit the block: a thread that does not block a signal
 * would steal it. Exec'd children inherit it as well.
 */
void host_signal_hold(u64 mask);
/**
 * host_signal_wait - take one of those signals
 * @timeout_ns: at most that long; negative: for ever
 *
 * Return: its number, -EAGAIN when the time is up, -EINTR.
 */
int host_signal_wait(u64 mask, s64 timeout_ns);

/* ---- the host itself (host/identity.c) ---------------------------------- */

/* one line as "uname -a" prints it, cut to @len bytes with NUL; 0 or -errno */
int host_uname(char *buf, size_t len);

/* version of the host's kernel: HOST_RELEASE(6, 12) for 6.12.y; 0 if it does not tell */
#define HOST_RELEASE(major, minor)	((major) << 8 | (minor))
int host_release(void);

/* -errno in words, for one line to the user: "no such file" (host/error.c) */
const char *host_error_text(int err);

/* bytes of memory that the host has, 0 if it does not tell */
u64 host_memory_bytes(void);

/* ---- events (host/event.c) ---------------------------------------------- */

#define HOST_EVENT_IN	0x001	/* as POLLIN */
#define HOST_EVENT_OUT	0x004	/* as POLLOUT */

/*
 * One event thread owns an epoll set. When a registered descriptor becomes
 * ready it calls host_upcall_irq(line) once and leaves the descriptor disarmed
 * until host_event_arm() is called again (EPOLLONESHOT). Hang-up and error are
 * reported like readiness. Regular files are always ready and are refused with
 * -EPERM. After host_event_del() returns, one upcall for the line that was
 * already under way may still come in.
 */
int host_event_init(void);
/* stops the thread and closes the set; nothing may be registering meanwhile. May block */
void host_event_exit(void);
int host_event_add(int fd, int events, unsigned int line);	/* armed */
int host_event_arm(int fd, int events, unsigned int line);
int host_event_del(int fd);

/* ---- asynchronous file I/O (host/aio.c, aio_uring.c, aio_threads.c) ------ */

/**
 * enum host_aio_kind - who does the work
 * @HOST_AIO_BEST:	io_uring where the host allows it, else threads
 * @HOST_AIO_URING:	io_uring; host_aio_create() fails where it is missing
 *			(-ENOSYS), forbidden (-EPERM) or too old (-EOPNOTSUPP)
 * @HOST_AIO_THREADS:	a few host threads that make blocking calls
 */
enum host_aio_kind {
	HOST_AIO_BEST,
	HOST_AIO_URING,
	HOST_AIO_THREADS,
};

/**
 * enum host_aio_op - what to do
 * @HOST_AIO_READ:	read into the vectors from @pos
 * @HOST_AIO_WRITE:	write the vectors to @pos
 * @HOST_AIO_SYNC:	fdatasync: what was written *and reaped* before the
 *			submission is on stable storage when this completes
 * @HOST_AIO_PUNCH:	give [pos, pos + len) back to the file system; it then
 *			reads as zeros. The size of the file stays as it is
 * @HOST_AIO_ZERO:	make [pos, pos + len) read as zeros and keep it
 *			allocated. The size of the file stays as it is
 * @HOST_AIO_CALL:	call @call with @arg on a host thread that may block and
 *			that the kernel knows nothing of; its result is the
 *			operation's. Threads only
 */
enum host_aio_op {
	HOST_AIO_READ,
	HOST_AIO_WRITE,
	HOST_AIO_SYNC,
	HOST_AIO_PUNCH,
	HOST_AIO_ZERO,
	HOST_AIO_CALL,
};

/**
 * struct host_aio_req - one operation
 * @op:		what to do
 * @fd:		the file; must stay open until the operation is reaped
 * @iov:	READ, WRITE: the vectors. The array and the memory that it names
 *		belong to the operation until it is reaped
 * @n:		number of vectors, 1 to 1024
 * @pos:	byte offset in the file
 * @len:	PUNCH, ZERO: bytes
 * @now:	READ, WRITE, io_uring: -EAGAIN rather than waiting; it is over when
 *		host_aio_flush() returns. -EOPNOTSUPP where the host cannot promise
 * @call, @arg:	CALL: the function; not -EINTR, which calls it again
 * @cookie:	handed back by host_aio_reap()
 */
struct host_aio_req {
	enum host_aio_op op;
	int fd;
	const struct iovec *iov;
	unsigned int n;
	u64 pos;
	u64 len;
	u64 now;
	s64 (*call)(void *arg);
	void *arg;
	u64 cookie;
};

struct host_aio;

/**
 * host_aio_create - a queue of file operations
 * @depth:	operations that may be in flight (submitted, not reaped), 1 to
 *		4096; rounded up to a power of two
 * @kind:	who does the work
 * @aio:	where the queue is returned
 *
 * Operations are in no order among themselves. submit and flush are serialised
 * by the caller, so are reaps; a reap may run beside a submit. All but create
 * and destroy are fit for hard interrupts and never wait for I/O.
 *
 * The queue's own memory comes from the host as a shared mapping, so a host
 * process that is forked off later, with the same descriptors, can use it too.
 *
 * Return: 0 or -errno.
 */
int host_aio_create(unsigned int depth, enum host_aio_kind kind, struct host_aio **aio);

/* frees the queue; -EBUSY, and nothing done, while operations are in flight. May block */
int host_aio_destroy(struct host_aio *aio);

/* "io_uring" or "threads", for the log */
const char *host_aio_name(const struct host_aio *aio);

/*
 * A descriptor for host_event_add(HOST_EVENT_IN): readable when there is
 * something to reap. Its handler reaps until 0 and then calls host_event_arm().
 * It belongs to the queue and is never read by anybody else.
 */
int host_aio_fd(const struct host_aio *aio);

/*
 * Queue one operation; it may start at once, and will after host_aio_flush().
 * 0; -EAGAIN: depth operations are in flight, reap first; -EINVAL.
 */
int host_aio_submit(struct host_aio *aio, const struct host_aio_req *req);

/*
 * Start everything that was submitted, with one host call or none. On -errno
 * (-EAGAIN, -ENOMEM: the host is short of memory) the rest stays queued: flush
 * again later. It pays to reap right after it: what the host's page cache holds
 * is often complete already, long before the event thread has said so.
 */
int host_aio_flush(struct host_aio *aio);

/*
 * Take one completion: 1 and its cookie and result, or 0 when there is none.
 * *res is the number of bytes transferred, which may be short, and 0 at the end
 * of the file; 0 for the other operations; or -errno. -ECANCELED means that
 * nothing was done because the submitting host thread died: submit again.
 */
int host_aio_reap(struct host_aio *aio, u64 *cookie, s64 *res);

/*
 * host_aio_reap() in two parts: take one completion and leave the descriptor as
 * it is; and make the descriptor unreadable until something else completes.
 * Whoever waits for the descriptor answers first and takes then.
 */
int host_aio_take(struct host_aio *aio, u64 *cookie, s64 *res);
void host_aio_answer(struct host_aio *aio);

/*
 * While @quiet, what completes need not make the descriptor readable. The
 * caller is about to flush and take, and takes once more after it has ended.
 * Serialised with submit and flush.
 */
void host_aio_quiet(struct host_aio *aio, bool quiet);

/* ---- terminal (host/tty.c) ---------------------------------------------- */

/*
 * Raw mode; the first call keeps the old settings for host_tty_restore(). Up to
 * 96 terminals; -ENOSPC beyond, with the terminal left alone.
 */
int host_tty_raw(int fd);
/* raw mode without a way back, for terminals that end with this program */
int host_tty_raw_forever(int fd);
/* false: it is this program's controlling terminal, and now another job's */
bool host_tty_foreground(int fd);
/*
 * Restores every terminal made raw; async-signal-safe; called on every way out.
 * Does nothing the second time. host_tty_raw() may follow it (stop and continue).
 * A forked helper must not call it: the terminals are its parent's.
 */
void host_tty_restore(void);
/* restores @fd alone and forgets its settings; call it before closing @fd */
void host_tty_release(int fd);
bool host_isatty(int fd);
int host_tty_winsize(int fd, unsigned short *rows, unsigned short *cols);

/* ---- pseudo terminals (host/pty.c) --------------------------------------- */

/*
 * A new one, /dev/pts/@number, raw; returns its master, non-blocking, or -errno.
 * While nobody has the other side open, reads of the master fail with -EIO.
 */
int host_pty_open(unsigned int *number);
/* nobody has the other side open, and whoever had has left nothing to read */
bool host_pty_deserted(int master);
/* nobody gets what the last user of the other side left unread; raw again */
void host_pty_forget(int master);
/*
 * A descriptor that becomes readable when somebody opens one of the files that
 * were added to it. Read it empty before looking who came.
 */
int host_opening_watch(void);
int host_opening_watch_add(int watch, const char *path);

/* ---- upcalls: what host/ expects of the kernel -------------------------- */

/**
 * host_upcall_irq - an interrupt line was raised
 * @line: interrupt number, 0 <= line < NR_IRQS
 *
 * Called on any host thread and in signal handlers: sets the pending bit and
 * kicks the virtual CPU; touches nothing else of the kernel.
 */
void host_upcall_irq(unsigned int line);

/**
 * host_upcall_trap - a signal interrupted a virtual CPU's host thread
 * @sig:	host signal number
 * @code:	its si_code
 * @addr:	its si_addr (faults)
 * @sc:		the interrupted registers, may be changed
 *
 * Runs in the signal handler, on the alternate stack. Diverts the interrupted
 * kernel code into the interrupt or exception entry by changing @sc (design 1.7).
 */
void host_upcall_trap(int sig, int code, unsigned long addr, struct sigcontext_64 *sc);

/* a line of text from the host layer, without newline; kernel log or stderr */
void host_upcall_log(const char *text);

/* the host layer cannot go on; @text says why */
__noreturn void host_upcall_panic(const char *text);

#endif /* __ASM_USERMODE_HOST_H */
