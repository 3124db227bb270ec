/* SPDX-License-Identifier: ISC */
/* Clocks. Any context. */
#ifndef MINIOS_TIME_H
#define MINIOS_TIME_H

#include <stdint.h>

/* Nanoseconds since the host's boot (Xen's system time), monotonic. */
uint64_t time_monotonic_ns(void);

/* The cycle counter, and a difference of it in picoseconds (0: rate unknown).
 * On x86 it is the TSC, the same one the host sees. */
uint64_t time_cycles(void);
uint64_t time_cycles_to_ps(uint64_t cycles);

#endif /* MINIOS_TIME_H */
