/* SPDX-License-Identifier: ISC */
/* What the files of this guest share. */
#ifndef THREADS_TEST_H
#define THREADS_TEST_H

#include <guest/tap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <minios/thread.h>

#define MS 1000000ull

/* thread_create() with all defaults; a failure ends the guest. */
struct thread *start(const char *name, void *(*fn)(void *arg), void *arg);

void test_lifetimes(void); /* lifetimes.c */
void test_mutex(void);     /* locks.c     */
void test_condvar(void);
void test_semaphore(void);
void test_sleep(void); /* times.c     */
void test_timers(void);
void test_events(void);
void test_preemption(void); /* preempt.c   */
void test_registers(void);  /* registers.c */

/* crashes.c: does not return. False: no such way. */
bool crash(const char *how);

/* vectors.S */

/* What a thread has in its registers: all of ymm0 to ymm15 (or the low halves),
 * seven of the x87 stack, and what controls both. */
struct pattern {
    uint8_t vectors[16][32];
    uint64_t x87[7]; /* doubles, by their bits                            */
    uint32_t mxcsr;
    uint16_t fcw, zero;
};
/* Loads (want), counts (turns) up until (stop) is not 0, and stores what is in
 * the registers then in (got). */
void hold_registers(const struct pattern *want, struct pattern *got,
                    volatile int *stop, bool avx, volatile uint64_t *turns);

#endif /* THREADS_TEST_H */
