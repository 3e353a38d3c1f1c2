/* SPDX-License-Identifier: GPL-2.0 */
/* call_with.h - code that is called with known registers, and what it left in them. */
#ifndef TESTS_SYSCALLS_CALL_WITH_H
#define TESTS_SYSCALLS_CALL_WITH_H

struct state {
	unsigned long in[12], out[12];	/* rdi rsi rdx r8 r9 r10 rbx rbp r12 r13 r14 r15 */
	unsigned long rax, rcx, flags, r11, zone;
};

#define ZONE	0x5a5a5aUL	/* in the last eight bytes of the callee's red zone */

void call_with(struct state *state, void *code);

/* carry and direction are set around the call */
asm("	.text\n"
	"call_with:\n"
	"	push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
	"	push %rdi\n push %rsi\n"
	"	mov %rdi, %rax\n"
	"	mov (%rax), %rdi\n mov 8(%rax), %rsi\n mov 16(%rax), %rdx\n mov 24(%rax), %r8\n"
	"	mov 32(%rax), %r9\n mov 40(%rax), %r10\n mov 48(%rax), %rbx\n mov 56(%rax), %rbp\n"
	"	mov 64(%rax), %r12\n mov 72(%rax), %r13\n mov 80(%rax), %r14\n mov 88(%rax), %r15\n"
	"	movq $0x5a5a5a, -136(%rsp)\n"
	"	stc\n std\n"
	"	call *(%rsp)\n"
	"	pushfq\n cld\n push %rcx\n push %rax\n"
	"	mov 32(%rsp), %rcx\n"
	"	mov %rdi, 96(%rcx)\n mov %rsi, 104(%rcx)\n mov %rdx, 112(%rcx)\n mov %r8, 120(%rcx)\n"
	"	mov %r9, 128(%rcx)\n mov %r10, 136(%rcx)\n mov %rbx, 144(%rcx)\n mov %rbp, 152(%rcx)\n"
	"	mov %r12, 160(%rcx)\n mov %r13, 168(%rcx)\n mov %r14, 176(%rcx)\n mov %r15, 184(%rcx)\n"
	"	pop 192(%rcx)\n pop 200(%rcx)\n pop 208(%rcx)\n mov %r11, 216(%rcx)\n"
	"	mov -136(%rsp), %rax\n mov %rax, 224(%rcx)\n"
	"	add $16, %rsp\n"
	"	pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
	"	ret\n");

#endif
