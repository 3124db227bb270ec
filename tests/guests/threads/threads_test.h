/* SPDX-License-Identifier: ISC */
/* What the files of this guest share. */
#ifndef THREADS_TEST_H
#define THREADS_TEST_H

#include <guest/tap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <minios/thread.h>

#include "pattern.h"

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

/* The architecture's part of registers.c: x86/ and arm/. */
#define NR_PATTERNS 3

/* One of NR_PATTERNS; what of the registers a pattern is, for a test's name. */
void make_pattern(struct pattern *p, unsigned seed);
const char *what_is_kept(void);
/* Loads (want), counts (turns) up until (stop) is not 0, and stores what is in
 * the registers then in (got). */
void hold_registers(const struct pattern *want, struct pattern *got,
                    volatile int *stop, volatile uint64_t *turns);
/* Adds some floating-point numbers. */
bool calculates_right(void);

/* Rounding and masks: as a thread begins, and two others. */
extern const struct control control_normal, control_up, control_zero;
struct control get_control(void);
void set_control(struct control c);
bool same_control(struct control a, struct control b); /* but for flags */

#endif /* THREADS_TEST_H */
