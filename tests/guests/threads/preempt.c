/* SPDX-License-Identifier: ISC */
/* Threads that never give way of their own will. */
#include "threads_test.h"

#include <base/compiler.h>
#include <minios/memory.h>
#include <minios/time.h>

#define SPINNERS 5

static volatile bool stop;
static volatile uint64_t turns[SPINNERS];

static void *spin(void *arg)
{
    volatile uint64_t *mine = arg;

    while (!stop)
        (*mine)++;
    return NULL;
}

static bool all_have_run(void)
{
    int i;

    for (i = 0; i < SPINNERS; i++)
        if (turns[i] == 0)
            return false;
    return true;
}

static void test_spinners(void)
{
    struct thread *t[SPINNERS];
    uint64_t before;
    int i;

    for (i = 0; i < SPINNERS; i++)
        t[i] = start("spinner", spin, (void *)(uintptr_t)&turns[i]);
    before = thread_switches();
    while (!all_have_run())
        ; /* spins as well: only preemption ends this */
    check(thread_switches() - before >= SPINNERS,
          "five spinning threads and a spinning main all run");
    thread_sleep_ns(1);
    check(true, "who sleeps wakes while they spin");
    stop = true;
    for (i = 0; i < SPINNERS; i++)
        thread_join(t[i]);
}

/* The one that is to have its turn only when preemption is enabled again. */
static void *set_flag(void *arg)
{
    *(volatile bool *)arg = true;
    return NULL;
}

/* A clock of slices: as it starts again only when it has fired, the slice timer
 * has fired as often, whatever time the hypervisor gives us. */
static volatile unsigned slices;

static void on_slice(struct timer *t)
{
    slices++;
    timer_start(t, time_monotonic_ns() + THREAD_SLICE_NS);
}

/* With preemption disabled and somebody ready: returns when a switch is due. */
static void use_up_slice(void)
{
    struct timer timer = {.fn = on_slice};

    slices = 0;
    timer_start(&timer, time_monotonic_ns() + THREAD_SLICE_NS);
    while (slices < 3)
        ;
    timer_cancel(&timer);
}

/* What is found is told later: telling may block. And whoever is switched to
 * may be preempted before it has done anything, when the hypervisor lets us
 * wait just then: so switches are counted. */
static void test_disabled(void)
{
    bool ran = false, early, late;
    struct thread *t;
    uint64_t switches;

    preempt_disable();
    preempt_disable();
    t = start("flag", set_flag, &ran);
    switches = thread_switches();
    use_up_slice();
    preempt_enable();
    early = *(volatile bool *)&ran || thread_switches() != switches;
    preempt_enable();
    late = thread_switches() == switches;
    check(!early, "no switch while preemption is disabled");
    check(!late, "the last enable makes the switch that is due");
    thread_join(t);
    check(*(volatile bool *)&ran, "to the one that was ready");
}

/* A slice after it was started: how many switches there were by then. */
static volatile bool slice_passed;
static uint64_t switches_by_then;

static void on_whole_slice(struct timer *t)
{
    (void)t;
    switches_by_then = thread_switches();
    slice_passed = true;
}

static void *spin_a_slice(void *arg)
{
    while (!slice_passed)
        ;
    return arg;
}

/* How many switches there were before a thread's slice was over, whose turn came
 * only with half of the slice timer's time left. */
static uint64_t switches_in_late_slice(void)
{
    struct timer timer = {.fn = on_whole_slice};
    struct thread *t;
    uint64_t before, half;

    slice_passed = false;
    preempt_disable();
    t = start("late", spin_a_slice, NULL);
    use_up_slice();
    half = time_monotonic_ns() + THREAD_SLICE_NS / 2;
    while (time_monotonic_ns() < half)
        ;
    before = thread_switches();
    timer_start(&timer, time_monotonic_ns() + THREAD_SLICE_NS);
    preempt_enable();
    thread_join(t);
    return switches_by_then - before;
}

/* Often, as a hypervisor that lets us wait may hide that a slice was cut. */
static void test_late_switch(void)
{
    int i, cut = 0;

    for (i = 0; i < 8; i++)
        cut += switches_in_late_slice() != 1;
    check_is(cut, 0, "whoever had to wait for that has a whole slice");
}

/* Allocates and frees while others do; what it wrote must be there. */
static void *churn(void *arg)
{
    uint64_t wrong = 0;
    unsigned i;

    for (i = 0; i < 20000 || thread_switches() < *(const uint64_t *)arg; i++) {
        uint64_t *p = kmalloc(8 + i % 5000);
        void *page = i % 16 == 0 ? page_alloc(i % 3) : NULL;

        if (!p) {
            wrong++;
            continue;
        }
        *(volatile uint64_t *)p = i ^ (uint64_t)(uintptr_t)p;
        if (page)
            page_free(page, i % 3);
        wrong += *(volatile uint64_t *)p != (i ^ (uint64_t)(uintptr_t)p);
        kfree(p);
    }
    return (void *)wrong;
}

static void test_allocators(void)
{
    uint64_t until = thread_switches() + 12;
    struct thread *a = start("churn", churn, &until);
    struct thread *b = start("churn", churn, &until);
    struct thread *c = start("churn", churn, &until);
    uintptr_t wrong = (uintptr_t)thread_join(a);

    wrong += (uintptr_t)thread_join(b) + (uintptr_t)thread_join(c);
    check_is((long)wrong, 0, "allocators survive being preempted");
}

void test_preemption(void)
{
    test_spinners();
    test_disabled();
    test_late_switch();
    test_allocators();
}
