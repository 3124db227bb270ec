/* SPDX-License-Identifier: ISC */
/*
 * Clocks: CLOCK_MONOTONIC, the TSC and how one becomes the other, wall clock,
 * and timers as descriptors. Any thread.
 */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdint.h>
#include <base/compiler.h>

/* CLOCK_MONOTONIC, ns. */
uint64_t clock_mono_ns(void);
/* Wall clock (UTC), ns since 1970. */
uint64_t clock_wall_ns(void);
/* The time stamp counter. */
uint64_t clock_tsc(void);

/* Takes the first sample for clock_tsc_params(): call early in main(). Done by
 * the first clock_tsc_params() otherwise. */
void clock_init(void);

/*
 * The pvclock formula (struct vcpu_time_info in <xen/xen.h>):
 *   ns = system_time + ((((tsc - tsc_timestamp) << shift) * mul) >> 32)
 * with a right shift by -shift when shift is negative; (system_time) is
 * CLOCK_MONOTONIC at (tsc_timestamp).
 */
struct clock_params {
    uint64_t tsc_timestamp, system_time_ns;
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
};
/*
 * Parameters as of now. The rate is measured from the first sample until now,
 * so it gets better with time (about 100 ns / elapsed); within 2 ms of the
 * first sample the call waits, spinning, until they have passed.
 */
void clock_tsc_params(struct clock_params *p);
/* TSC ticks per second, by the same measurement. */
uint64_t clock_tsc_hz(void);

/* A timer as a non-blocking descriptor, not armed; -errno. */
__must_check int timer_open(void);
/* Makes it readable once, (ns) from now; 0 disarms. 0 or -errno. */
int timer_arm(int fd, uint64_t ns);
/* Takes the expiry, so that it is no longer readable. */
void timer_ack(int fd);

#endif /* HOST_CLOCK_H */
