// SPDX-License-Identifier: GPL-2.0
/*
 * tsc.c - the time stamp counter as clocksource, steered by the host's clock.
 *
 * Guest programs cannot read the host's clock, but its CPU's counter. So time is
 * a line over that counter, in nanoseconds of the host's CLOCK_MONOTONIC. The
 * host adjusts the pace of its clock (NTP), and counters are never exactly as
 * fast as was measured: so the line is compared with the host's clock every few
 * seconds and bent at the point where it then is. It is continuous and never
 * falls; kernel and vDSO read the same one.
 *
 * Where the two disagree by more than a bend can mend, the counter did something
 * that the host hides from its own clock: the line steps forward to the host's
 * clock, but never back. It stays ahead then (@lead).
 *
 * Owns the line. It is written under timekeeper_lock, by the update of the
 * vDSO's data, and read in any context.
 */
#include <linux/clocksource.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/seqlock.h>
#include <asm/boot.h>
#include <asm/host.h>
#include <asm/tsc.h>

#define TRIES		4
#define CLOSE_COUNTS	4000	/* two readings of the counter around one of the clock */

#define FIRST_WAIT	(8 * NSEC_PER_MSEC)
#define LONGEST_WAIT	(2 * NSEC_PER_SEC)
#define STEP_BEYOND	NSEC_PER_MSEC

/* a thousandth: what clocks are adjusted by is less, what goes wrong is more */
#define PACE_RANGE(pace)	((pace) >> 10)

/* both clocks at one moment */
struct moment {
	u64 tsc;
	u64 ns;
};

static struct tsc_line lines[2];	/* readers use one while the other is written */
static seqcount_latch_t lines_latch = SEQCNT_LATCH_ZERO(lines_latch);
static bool usable __ro_after_init;

static struct moment last;	/* when the line was bent */
static u64 pace;		/* of the host's clock, as struct tsc_line's mult */
static u64 wait;		/* ns until the next time */
static s64 lead;		/* of the line before the host's clock, ns */

/* ---- reading ---- */

static u64 notrace tsc_ns(void)
{
	unsigned int seq;
	u64 ns;

	do {
		seq = raw_read_seqcount_latch(&lines_latch);
		ns = tsc_line_ns(&lines[seq & 1], tsc_read());
	} while (raw_read_seqcount_latch_retry(&lines_latch, seq));
	return ns;
}

u64 notrace clock_ns(void)
{
	return usable ? tsc_ns() : host_monotonic_ns();
}

static u64 tsc_clock_read(struct clocksource *cs)
{
	return tsc_ns();
}

static struct clocksource tsc_clock = {
	.name		 = "tsc",
	.rating		 = 450,
	.read		 = tsc_clock_read,
	.mask		 = CLOCKSOURCE_MASK(64),
	.flags		 = CLOCK_SOURCE_IS_CONTINUOUS | CLOCK_SOURCE_VALID_FOR_HRES,
	.vdso_clock_mode = VDSO_CLOCKMODE_TSC,
};

/* ---- bending ---- */

/* false: the host was busy with other things all the time */
static bool observe(struct moment *m)
{
	u64 best = CLOSE_COUNTS, before, after, ns;
	bool seen = false;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = tsc_read();
		ns = host_monotonic_ns();
		after = tsc_read();
		if (after - before < best) {
			best = after - before;
			*m = (struct moment) { .tsc = before + best / 2, .ns = ns };
			seen = true;
		}
	}
	return seen;
}

/* the pace of the host's clock from @from to @to; 0: there is none */
static u64 pace_between(const struct moment *from, const struct moment *to)
{
	u64 counts = to->tsc - from->tsc, ns = to->ns - from->ns;

	if ((s64)counts <= 0 || counts >> TSC_LINE_SHIFT || ns >> TSC_LINE_SHIFT)
		return 0;
	/* less than 256 ns a count, and more than nothing */
	if (ns / counts >> (64 - TSC_LINE_SHIFT))
		return 0;
	return mul_u64_u64_div_u64(ns, BIT_ULL(TSC_LINE_SHIFT), counts);
}

static void line_set(u64 tsc, u64 ns, u64 mult)
{
	const struct tsc_line line = { .tsc = tsc, .ns = ns, .mult = mult };

	raw_write_seqcount_latch(&lines_latch);
	lines[0] = line;
	raw_write_seqcount_latch(&lines_latch);
	lines[1] = line;
}

/* how much faster than the host's clock, to meet it when it is looked at next */
static s64 correction(s64 late)
{
	s64 most = PACE_RANGE(pace);
	s64 more = div64_s64(late * (s64)(pace >> 20), (s64)wait) << 20;

	return clamp(more, -most, most);
}

static void follow(const struct moment *now)
{
	u64 is = tsc_line_ns(&lines[0], now->tsc);
	s64 late = now->ns + lead - is;
	u64 measured = pace_between(&last, now);

	if (abs_diff(measured, pace) < PACE_RANGE(pace))
		pace = measured;
	if (late > (s64)STEP_BEYOND) {
		is += late;
		late = 0;
	} else if (late < -(s64)STEP_BEYOND) {
		lead -= late;
		late = 0;
	}
	last = *now;
	wait = min(wait * 2, LONGEST_WAIT);
	line_set(now->tsc, is, pace + correction(late));
}

const struct tsc_line *tsc_bend(void)
{
	struct moment now;

	if (usable && host_monotonic_ns() - last.ns >= wait && observe(&now))
		follow(&now);
	return &lines[0];
}

/* ---- start ---- */

/* a few milliseconds of boot, at least, lie between the two observations */
static struct moment first;
static const char *distrust;

void __init tsc_observe_boot(void)
{
	distrust = host_tsc_distrust();
	if (!distrust && !observe(&first))
		distrust = "the host is too busy";
}

void __init tsc_init(void)
{
	if (!distrust && !observe(&last))
		distrust = "the host is too busy";
	if (!distrust) {
		pace = pace_between(&first, &last);
		if (!pace)
			distrust = "it does not count";
	}
	if (distrust) {
		pr_info("tsc: not a clock, programs ask the kernel for the time: %s\n",
			distrust);
		return;
	}
	wait = FIRST_WAIT;
	line_set(last.tsc, last.ns, pace);
	usable = true;
	clocksource_register_hz(&tsc_clock, NSEC_PER_SEC);
}
