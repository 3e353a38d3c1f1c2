/* SPDX-License-Identifier: GPL-2.0 */
/* tests.h - the tests, and the guest programs of guest.S */
#ifndef __TESTS_HOST_TESTS_H
#define __TESTS_HOST_TESTS_H

#include "vm.h"

extern const char g_align[];
extern const char g_avx512[];
extern const char g_code32[];
extern const char g_code32_call[];
extern const char g_count[];
extern const char g_div0[];
extern const char g_div0_insn[];
extern const char g_fp[];
extern const char g_hlt[];
extern const char g_icebp[];
extern const char g_int3[];
extern const char g_int3_after[];
extern const char g_int80[];
extern const char g_jump[];
extern const char g_load[];
extern const char g_load_after[];
extern const char g_noncanonical[];
extern const char g_popf_tf[];
extern const char g_popf_tf_after[];
extern const char g_push[];
extern const char g_sse[];
extern const char g_steps[];
extern const char g_steps_call[];
extern const char g_steps_end[];
extern const char g_steps_load[];
extern const char g_store[];
extern const char g_syscall[];
extern const char g_sysenter[];
extern const char g_touch[];
extern const char g_ud2[];
extern const char g_vsyscall[];
extern const char g_vsyscall_after[];
extern const char g_x87[];

void test_choice(void);
void test_syscall(void);
void test_exceptions(void);
void test_steps(void);
void test_faults(void);
void test_page_end(void);
void test_orders(void);
void test_budget(void);
void test_limit(void);
void test_fp(void);
void test_interrupts(void);
void test_moments(void);
void test_lists(void);
void test_killed(void);
void test_scribbled(void);
void test_hostile(void);
void test_outside(void);
void test_process(void);
void test_many(void);
void test_forbidden(void);
void test_lacking(void);
void test_survivors(void);
void test_bench(void);

/* calls.c: fifteen registers that differ from each other and for each seed */
void fill(struct guest_regs *regs, unsigned long seed);
/* memory.c: run @program with @bx; a fault at @addr must come */
void expect_fault(struct thread *t, const void *program, unsigned long bx, unsigned long addr,
		  unsigned int error);
/* fp.c: run to the call after the next comparison; its page of data is a new one each time */
void fp_round(struct thread *t);
/* process.c: what survivors are made of; a program of its own */
int victim(int fd);
/* the host's list of this thread's children */
int list_children(int *pid, int max);

/* ---- an interrupt at a moment to come (storm.c) ---- */
void moments_start(void);
void moments_stop(void);
/* 1 or more */
void in_ns(long ns);

#endif
