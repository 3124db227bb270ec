/* SPDX-License-Identifier: ISC */
/* Sleeping, timers, the wall clock, events while all threads sleep. */
#include "threads_test.h"

#include <base/compiler.h>
#include <minios/arch.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/time.h>
#include <xen/event_channel.h>

#define SLEEPERS 20
#define TIMERS   200

static unsigned woken[SLEEPERS], nr_woken;
static uint64_t base_ns;
static bool early;

static uint64_t wake_time(uintptr_t i)
{
    return base_ns + (i * 7 % SLEEPERS) * MS;
}

static void *sleeper(void *arg)
{
    uintptr_t i = (uintptr_t)arg;

    thread_sleep_until_ns(wake_time(i));
    early = early || time_monotonic_ns() < wake_time(i);
    woken[nr_woken++] = (unsigned)i;
    return NULL;
}

/* Lets all of them sleep, the first until (lead_ns) from now. False when it was
 * later than that before all slept: they wake as they come, then. */
static bool sleep_all(uint64_t lead_ns)
{
    struct thread *t[SLEEPERS];
    bool in_time;
    uintptr_t i;

    nr_woken = 0;
    base_ns = time_monotonic_ns() + lead_ns;
    for (i = 0; i < SLEEPERS; i++)
        t[i] = start("sleeper", sleeper, (void *)i);
    thread_yield(); /* back when each has had its turn */
    in_time = time_monotonic_ns() < base_ns;
    for (i = 0; i < SLEEPERS; i++)
        thread_join(t[i]);
    return in_time;
}

void test_sleep(void)
{
    uint64_t before, lead_ns = 5 * MS;
    bool sorted = true;
    uintptr_t i;

    while (!sleep_all(lead_ns) && lead_ns < 10000 * MS)
        lead_ns *= 2;
    for (i = 1; i < SLEEPERS; i++)
        sorted = sorted && wake_time(woken[i - 1]) < wake_time(woken[i]);
    check(nr_woken == SLEEPERS && sorted, "20 threads wake in order");
    check(!early, "none of them early");

    for (i = 0, early = false; i < 200; i++) {
        before = time_monotonic_ns();
        thread_sleep_ns(i * 1000);
        early = early || time_monotonic_ns() - before < i * 1000;
    }
    check(!early, "200 short sleeps, none too short");
    thread_sleep_ns(0);
    thread_sleep_until_ns(1);
    check(true, "a sleep into the past returns");
}

struct one {
    struct timer timer;
    uint64_t deadline_ns;
};

static struct one timers[TIMERS];
static unsigned fired, fired_early, out_of_order;
static uint64_t last_deadline;

static void on_timer(struct timer *t)
{
    struct one *o = CONTAINER_OF(t, struct one, timer);

    fired++;
    fired_early += time_monotonic_ns() < o->deadline_ns;
    out_of_order += o->deadline_ns < last_deadline;
    last_deadline = o->deadline_ns;
}

static void start_one(unsigned i, uint64_t deadline_ns)
{
    timers[i].timer.fn = on_timer;
    timers[i].deadline_ns = deadline_ns;
    timer_start(&timers[i].timer, deadline_ns);
}

static bool fired_all(void *arg)
{
    return fired >= *(const unsigned *)arg;
}

static void again(struct timer *t)
{
    fired++;
    if (fired < 100)
        timer_start(t, 0);
}

void test_timers(void)
{
    struct timer re = {.fn = again};
    unsigned i, cancelled = 0, want;
    uint64_t now = time_monotonic_ns();
    bool enabled, twice;

    /* Without events: however long this takes, none fires meanwhile. */
    enabled = arch_events_disable();
    for (i = 0; i < TIMERS; i++)
        start_one(i, now + 5 * MS + i * 37 % TIMERS * 50000ull);
    for (i = 0; i < TIMERS; i += 4)
        cancelled += timer_cancel(&timers[i].timer);
    twice = timer_cancel(&timers[0].timer);
    for (i = 1; i < TIMERS; i += 4) /* arm anew, later and earlier */
        start_one(i, now + 5 * MS + (TIMERS - i) * 30000ull);
    if (enabled)
        arch_events_enable();
    check_is(cancelled, TIMERS / 4, "cancel a quarter of 200 timers");
    check(!twice, "once only");
    want = TIMERS - cancelled;
    event_wait(fired_all, &want);
    check_is(fired, want, "the others fire, once each");
    check_is(fired_early, 0, "none early");
    check_is(out_of_order, 0, "in order");

    fired = 0;
    want = 100;
    timer_start(&re, 0);
    event_wait(fired_all, &want);
    check_is(fired, 100, "a timer that arms itself for the past goes on");

    now = time_wall_ns();
    check(now > 1577836800ull * 1000000000 && time_wall_ns() >= now,
          "the wall clock shows a time after 2020, and goes on");
}

/* --- events ---------------------------------------------------------------- */

static volatile unsigned delivered;
static evtchn_port_t port_to_ring;

static void on_event(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    delivered++;
}

static bool some_delivered(void *arg)
{
    return delivered >= *(const unsigned *)arg;
}

static void *wait_for_event(void *arg)
{
    event_wait(some_delivered, arg);
    return NULL;
}

static void ring(struct timer *t)
{
    (void)t;
    (void)evtchn_notify(port_to_ring); /* if it fails, nobody wakes */
}

void test_events(void)
{
    static unsigned one = 1, two = 2;
    struct evtchn_bind_ipi bind = {.vcpu = 0};
    struct evtchn_close close;
    struct timer timer = {.fn = ring};
    struct thread *a, *b, *c;

    check_is(HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &bind), 0,
             "bind an IPI");
    port_to_ring = bind.port;
    check_is(evtchn_bind_handler(bind.port, on_event, NULL), 0, "handle it");
    a = start("a", wait_for_event, &one);
    b = start("b", wait_for_event, &one);
    c = start("c", wait_for_event, &two);
    timer_start(&timer, time_monotonic_ns() + 2 * MS);
    thread_join(a); /* now all block */
    thread_join(b);
    check_is(delivered, 1, "an event is delivered while all threads block");
    timer_start(&timer, time_monotonic_ns() + 2 * MS);
    thread_join(c);
    check_is(delivered, 2, "and another");
    evtchn_unbind_handler(bind.port);
    close.port = bind.port;
    check_is(HYPERVISOR_event_channel_op(EVTCHNOP_close, &close), 0,
             "close it");
}
