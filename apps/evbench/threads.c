/* SPDX-License-Identifier: ISC */
/* Threads, mutexes, timers. */
#include "evbench.h"

#include <minios/stdio.h>
#include <minios/thread.h>
#include <minios/time.h>

#define ROUNDS  200u
#define BATCH   1000u
#define CREATES 2000u

static volatile bool stop;

static void *yielder(void *arg)
{
    (void)arg;
    while (!stop)
        thread_yield();
    return NULL;
}

/* Two threads that yield to each other. */
static int switches(void)
{
    struct samples *s = samples_begin();
    struct thread *t;
    unsigned i, k;
    int rc;

    stop = false;
    rc = thread_create(&t, "yielder", yielder, NULL, NULL);
    if (rc < 0)
        return failed("thread_create", rc);
    for (i = 0; i < ROUNDS; i++) {
        uint64_t before = thread_switches(), start = time_cycles(), ns;

        for (k = 0; k < BATCH; k++)
            thread_yield();
        ns = cycles_to_ns((time_cycles() - start) * 10);
        samples_add(s, ns / (thread_switches() - before));
    }
    stop = true;
    (void)thread_join(t);
    samples_print_tenths(s, "thread switch");
    return 0;
}

static int mutexes(void)
{
    struct samples *s = samples_begin();
    struct mutex m = MUTEX_INIT;
    unsigned i, k;

    for (i = 0; i < ROUNDS; i++) {
        uint64_t start = time_cycles();

        for (k = 0; k < BATCH; k++) {
            mutex_lock(&m);
            mutex_unlock(&m);
        }
        samples_add(s, cycles_to_ns((time_cycles() - start) * 10) / BATCH);
    }
    samples_print_tenths(s, "mutex lock and unlock");
    return 0;
}

static void *nothing(void *arg)
{
    return arg;
}

static int creations(void)
{
    struct samples *s = samples_begin();
    unsigned i;

    for (i = 0; i < CREATES; i++) {
        uint64_t start = time_cycles();
        struct thread *t;
        int rc = thread_create(&t, "short", nothing, NULL, NULL);

        if (rc < 0)
            return failed("thread_create", rc);
        (void)thread_join(t);
        samples_add(s, cycles_to_ns(time_cycles() - start));
    }
    samples_print(s, "thread create, run, join");
    return 0;
}

static void never(struct timer *t)
{
    (void)t;
}

static int timers(void)
{
    struct timer t = {.fn = never};
    struct samples *s = samples_begin();
    unsigned i;

    for (i = 0; i < SAMPLES_MAX; i++) {
        uint64_t due = time_monotonic_ns() + 1000000000ull;
        uint64_t start = time_cycles();

        timer_start(&t, due);
        (void)timer_cancel(&t);
        samples_add(s, cycles_to_ns(time_cycles() - start));
    }
    samples_print(s, "timer start and cancel");
    return 0;
}

int bench_threads(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return switches() | mutexes() | creations() | timers();
}
