/* SPDX-License-Identifier: GPL-2.0 */
/*
 * chacha.S - ChaCha20 (RFC 8439, with a 64-bit counter and the nonce 0) for the
 * vDSO's getrandom(). Runs in guest programs.
 *
 * The state is a square of 32-bit words, a row in each register. A quarter round
 * on rows works on all four columns at once; with rows 1, 2 and 3 turned by
 * one, two and three words, on the diagonals.
 *
 * Neither the stack nor any memory but the output and the counter is written,
 * and no register is left that tells of key or output: a forked child or a
 * signal handler would see it.
 */
#include <linux/linkage.h>

/* rows of the block being made, and of the state that it starts from */
#define ROW0	%xmm0
#define ROW1	%xmm1
#define ROW2	%xmm2
#define ROW3	%xmm3
#define WORDS	%xmm4
#define KEY0	%xmm5
#define KEY1	%xmm6
#define COUNT	%xmm7
#define HELP	%xmm8
#define ONE	%xmm9

#define DST	%rdi
#define KEYS	%rsi
#define COUNTER	%rdx
#define BLOCKS	%rcx

/* which words a row takes from where, so that it turns by one, two or three */
#define TURN1	0x39
#define TURN2	0x4e
#define TURN3	0x93

.macro rotate row bits
	movdqa	\row, HELP
	pslld	$\bits, \row
	psrld	$(32 - \bits), HELP
	por	HELP, \row
.endm

/* by 16: the halves of each word change places */
.macro swap_halves row
	pshuflw	$0xb1, \row, \row
	pshufhw	$0xb1, \row, \row
.endm

.macro quarter_round
	paddd	ROW1, ROW0
	pxor	ROW0, ROW3
	swap_halves ROW3

	paddd	ROW3, ROW2
	pxor	ROW2, ROW1
	rotate	ROW1, 12

	paddd	ROW1, ROW0
	pxor	ROW0, ROW3
	rotate	ROW3, 8

	paddd	ROW3, ROW2
	pxor	ROW2, ROW1
	rotate	ROW1, 7
.endm

	.section .rodata.cst16, "aM", @progbits, 16
	.balign	16
words:	.ascii	"expand 32-byte k"

	.text

/*
 * void __arch_chacha20_blocks_nostack(u8 *dst, const u32 *key, u32 *counter,
 *				       size_t nblocks);
 * nblocks is at least 1
 */
SYM_FUNC_START(__arch_chacha20_blocks_nostack)
	.cfi_startproc
	movdqa	words(%rip), WORDS
	movdqu	0(KEYS), KEY0
	movdqu	16(KEYS), KEY1
	movq	(COUNTER), COUNT
	movl	$1, %eax
	movd	%eax, ONE

.Lblock:
	movdqa	WORDS, ROW0
	movdqa	KEY0, ROW1
	movdqa	KEY1, ROW2
	movdqa	COUNT, ROW3
	movl	$10, %eax

.Ltwo_rounds:
	quarter_round
	pshufd	$TURN1, ROW1, ROW1
	pshufd	$TURN2, ROW2, ROW2
	pshufd	$TURN3, ROW3, ROW3
	quarter_round
	pshufd	$TURN3, ROW1, ROW1
	pshufd	$TURN2, ROW2, ROW2
	pshufd	$TURN1, ROW3, ROW3
	decl	%eax
	jnz	.Ltwo_rounds

	paddd	WORDS, ROW0
	paddd	KEY0, ROW1
	paddd	KEY1, ROW2
	paddd	COUNT, ROW3
	movdqu	ROW0, 0(DST)
	movdqu	ROW1, 16(DST)
	movdqu	ROW2, 32(DST)
	movdqu	ROW3, 48(DST)
	addq	$64, DST
	paddq	ONE, COUNT
	decq	BLOCKS
	jnz	.Lblock

	movq	COUNT, (COUNTER)
	pxor	ROW0, ROW0
	pxor	ROW1, ROW1
	pxor	ROW2, ROW2
	pxor	ROW3, ROW3
	pxor	KEY0, KEY0
	pxor	KEY1, KEY1
	pxor	HELP, HELP
	ret
	.cfi_endproc
SYM_FUNC_END(__arch_chacha20_blocks_nostack)
