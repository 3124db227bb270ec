/* SPDX-License-Identifier: ISC */
/*
 * Tries threads, their locks, timers and preemption, and prints TAP. The same
 * file is meant to print the same on every hypervisor.
 *
 *   (nothing)   all tests
 *   crash HOW   dies in a thread: stack, null, panic
 *   exit        ends while other threads run, block and write
 */
#include "threads_test.h"

#include <base/string.h>
#include <minios/app.h>
#include <minios/panic.h>
#include <minios/stdio.h>

const char app_name[] = "threads";

struct thread *start(const char *name, void *(*fn)(void *arg), void *arg)
{
    struct thread *t;
    int rc = thread_create(&t, name, fn, arg, NULL);

    if (rc < 0)
        panic("cannot create thread %s: error %d", name, rc);
    return t;
}

static void *write_for_ever(void *arg)
{
    (void)arg;
    for (;;) {
        printf("a line of thread %s\n", thread_name(thread_self()));
        thread_yield();
    }
    return NULL;
}

static void *spin_for_ever(void *arg)
{
    volatile uint64_t *turns = arg;

    for (;;)
        (*turns)++;
    return NULL;
}

static void *sleep_for_ever(void *arg)
{
    (void)arg;
    thread_sleep_until_ns(WAIT_FOREVER);
    return NULL;
}

static int exit_amid_others(void)
{
    static volatile uint64_t turns;

    start("one", write_for_ever, NULL);
    start("two", write_for_ever, NULL);
    start("sleeper", sleep_for_ever, NULL);
    start("spinner", spin_for_ever, (void *)(uintptr_t)&turns);
    while (turns == 0)
        thread_yield();
    return 7;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        return exit_amid_others();
    if (argc > 2 && strcmp(argv[1], "crash") == 0 && crash(argv[2]))
        return 1; /* it should not have come back */
    if (argc > 1) {
        printf("usage: threads [exit | crash stack|null|panic|block]\n");
        return 2;
    }
    test_lifetimes();
    test_mutex();
    test_condvar();
    test_semaphore();
    test_sleep();
    test_timers();
    test_events();
    test_preemption();
    test_registers();
    return check_done();
}
