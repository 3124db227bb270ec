/* SPDX-License-Identifier: ISC */
/* Mutexes, condition variables, semaphores. */
#include "threads_test.h"

#include <base/compiler.h>
#include <minios/time.h>

#define THREADS 8
#define TURNS   2000

static struct mutex lock = MUTEX_INIT;
static long shared;

/* An increment that others can come into, were it not for the lock. */
static void *add(void *arg)
{
    int i;

    (void)arg;
    for (i = 0; i < TURNS; i++) {
        long before;

        mutex_lock(&lock);
        before = *(volatile long *)&shared;
        if (i % 16 == 0)
            thread_yield();
        *(volatile long *)&shared = before + 1;
        mutex_unlock(&lock);
    }
    return NULL;
}

static char order[3];
static unsigned ordered;

static void *note(void *arg)
{
    (void)arg;
    mutex_lock(&lock);
    order[ordered++] = *thread_name(thread_self());
    mutex_unlock(&lock);
    return NULL;
}

static void *lock_until(void *arg)
{
    uint64_t deadline = *(const uint64_t *)arg;
    bool got = mutex_lock_until(&lock, deadline);

    if (got)
        mutex_unlock(&lock);
    return (void *)(uintptr_t)(got                              ? 1
                               : time_monotonic_ns() < deadline ? 2
                                                                : 0);
}

void test_mutex(void)
{
    struct thread *threads[THREADS];
    struct thread *a, *b, *c;
    uint64_t deadline;
    int i;

    for (i = 0; i < THREADS; i++)
        threads[i] = start("adder", add, NULL);
    for (i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    check_is(shared, (long)THREADS * TURNS, "a contended mutex excludes");

    mutex_lock(&lock);
    a = start("a", note, NULL);
    thread_yield();
    b = start("b", note, NULL);
    thread_yield();
    c = start("c", note, NULL);
    thread_yield();
    mutex_unlock(&lock);
    check(!mutex_trylock(&lock), "it is handed over when unlocked");
    thread_join(c);
    thread_join(b);
    thread_join(a);
    check(order[0] == 'a' && order[1] == 'b' && order[2] == 'c',
          "first come, first served");
    check(mutex_trylock(&lock), "a free one can be tried");

    deadline = time_monotonic_ns() + 2 * MS;
    check_is((long)thread_join(start("timed", lock_until, &deadline)), 0,
             "locking until a time gives up, not early");
    deadline = 0;
    check_is((long)thread_join(start("past", lock_until, &deadline)), 0,
             "a time in the past: at once");
    deadline = WAIT_FOREVER;
    a = start("patient", lock_until, &deadline);
    thread_yield();
    mutex_unlock(&lock);
    check_is((long)thread_join(a), 1, "and gets it when it is unlocked");
}

static struct condvar changed = CONDVAR_INIT;
static int stage;

static void *wait_for_stage(void *arg)
{
    int want = *(const int *)arg;

    mutex_lock(&lock);
    while (stage < want)
        (void)condvar_wait(&changed, &lock, WAIT_FOREVER); /* always true */
    mutex_unlock(&lock);
    return NULL;
}

static void *signal_once(void *arg)
{
    (void)arg;
    mutex_lock(&lock);
    stage = 9;
    condvar_signal(&changed);
    mutex_unlock(&lock);
    return NULL;
}

void test_condvar(void)
{
    static const int wants[3] = {1, 2, 2};
    struct thread *t[3];
    uint64_t deadline;
    int i;

    for (i = 0; i < 3; i++)
        t[i] = start("waiter", wait_for_stage, (void *)(uintptr_t)&wants[i]);
    thread_yield();
    mutex_lock(&lock);
    stage = 1;
    condvar_signal(&changed);
    mutex_unlock(&lock);
    thread_join(t[0]);
    check(true, "a signal wakes the first waiter");
    mutex_lock(&lock);
    stage = 2;
    condvar_broadcast(&changed);
    mutex_unlock(&lock);
    thread_join(t[1]);
    thread_join(t[2]);
    check(true, "a broadcast wakes all");

    mutex_lock(&lock);
    deadline = time_monotonic_ns() + 2 * MS;
    check(!condvar_wait(&changed, &lock, deadline),
          "without a signal: time out");
    check(time_monotonic_ns() >= deadline, "not early");
    check(!mutex_trylock(&lock), "the mutex is locked again");
    stage = 0;
    t[0] = start("signaller", signal_once, NULL);
    check(condvar_wait(&changed, &lock, WAIT_FOREVER) && stage == 9,
          "the mutex is unlocked while waiting");
    mutex_unlock(&lock);
    thread_join(t[0]);
}

static struct semaphore items = SEMAPHORE_INIT(0), room = SEMAPHORE_INIT(4);
static int ring[4];

static void *produce(void *arg)
{
    int i;

    (void)arg;
    for (i = 1; i <= TURNS; i++) {
        (void)semaphore_down(&room, WAIT_FOREVER); /* always true */
        ring[i % 4] = i;
        semaphore_up(&items);
    }
    return NULL;
}

static void up_later(struct timer *t)
{
    (void)t;
    semaphore_up(&items);
}

void test_semaphore(void)
{
    struct timer timer = {.fn = up_later};
    struct thread *t = start("producer", produce, NULL);
    int i, wrong = 0;

    for (i = 1; i <= TURNS; i++) {
        wrong += !semaphore_down(&items, WAIT_FOREVER);
        wrong += ring[i % 4] != i;
        semaphore_up(&room);
    }
    thread_join(t);
    check_is(wrong, 0, "producer and consumer over two semaphores");
    check(!semaphore_down(&items, time_monotonic_ns() + MS),
          "an empty one times out");
    timer_start(&timer, time_monotonic_ns() + MS);
    check(semaphore_down(&items, WAIT_FOREVER), "one raised by a handler");
}
