/* SPDX-License-Identifier: ISC */
/*
 * Clocks of the benchmarks. The time stamp counter is what a guest, the daemon
 * and a measuring program can all read; the monotonic clock gives its rate.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

/* Cycles of the time stamp counter per nanosecond. */
struct tsc_rate {
    double cycles_per_ns;
};

uint64_t tsc_now(void);
/* CLOCK_MONOTONIC. */
int64_t clock_ns(void);

/* Compares counter and clock for (ms) milliseconds. */
void tsc_calibrate(struct tsc_rate *rate, unsigned ms);

/* From (from) to (to); 0 when (to) is earlier: the counters of two CPUs may
 * differ by a few cycles. */
int64_t tsc_ns_between(uint64_t from, uint64_t to, const struct tsc_rate *rate);

#endif /* BENCH_CLOCK_H */
