/* SPDX-License-Identifier: ISC */
/*
 * Clocks and timers. Tickless: nothing runs unless a timer is due. A timer never
 * fires early.
 */
#ifndef MINIOS_TIME_H
#define MINIOS_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <base/pheap.h>

/* Nanoseconds since the host's boot (Xen's system time), on Arm since the
 * domain's; monotonic. Any context. */
uint64_t time_monotonic_ns(void);
/* Nanoseconds since 1970-01-01 UTC, as Xen has it. Any context. */
uint64_t time_wall_ns(void);

/* The cycle counter, and a difference of it in picoseconds (0: rate unknown).
 * On x86 it is the TSC, the same one the host sees. Any context. */
uint64_t time_cycles(void);
uint64_t time_cycles_to_ps(uint64_t cycles);

/*
 * A one-shot timer, owned by whoever has it in an object of theirs; zeroed
 * memory plus (fn) is a timer that is not armed. (fn) runs in the event
 * handler, with events disabled; it may arm the timer again, and free the
 * object the timer is in.
 */
struct timer {
    void (*fn)(struct timer *t);
    struct pheap_node node; /* its key is the deadline, in system time     */
    bool armed;
};

/*
 * Fires once system time (deadline_ns) has come, at once if it has; arms anew
 * what is armed. Any context. The vCPU's timer is set only when nothing earlier is
 * armed there (arch.h).
 */
void timer_start(struct timer *t, uint64_t deadline_ns);
/* Returns whether it was armed: then fn is not called any more. Any context. */
bool timer_cancel(struct timer *t);

#endif /* MINIOS_TIME_H */
