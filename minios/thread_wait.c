/* SPDX-License-Identifier: ISC */
/* Wait queues, and sleeping; contract in minios/thread.h. */
#include "thread_priv.h"

#include <minios/arch.h>
#include <minios/evtchn.h>

/* One wait of one thread, on its stack. */
struct waiter {
    struct thread *thread;
    struct wait_queue *queue; /* NULL: woken, or out of time                */
    struct waiter *prev, *next;
    struct timer timer; /* used when the wait has a deadline           */
};

/* Those in event_wait(). */
static struct wait_queue event_queue = WAIT_QUEUE_INIT;

struct thread *wait_queue_first(const struct wait_queue *q)
{
    return q->first ? q->first->thread : NULL;
}

static void enqueue(struct wait_queue *q, struct waiter *w)
{
    w->queue = q;
    w->next = NULL;
    w->prev = q->last;
    if (q->last)
        q->last->next = w;
    else
        q->first = w;
    q->last = w;
}

/* Ends the wait. */
static void release(struct waiter *w)
{
    struct wait_queue *q = w->queue;

    if (w->prev)
        w->prev->next = w->next;
    else
        q->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        q->last = w->prev;
    w->queue = NULL;
    sched_ready(w->thread);
}

static void on_deadline(struct timer *t)
{
    struct waiter *w = CONTAINER_OF(t, struct waiter, timer);

    if (w->queue)
        release(w);
}

/* Sleeps until woken or (deadline_ns). Events are disabled. */
static void wait_once(struct wait_queue *q, uint64_t deadline_ns)
{
    struct waiter w;

    w.thread = thread_self();
    enqueue(q, &w);
    if (deadline_ns == WAIT_FOREVER) {
        sched_block();
        return;
    }
    w.timer = (struct timer){.fn = on_deadline};
    timer_start(&w.timer, deadline_ns);
    sched_block();
    timer_cancel(&w.timer);
}

bool wait_until(struct wait_queue *q, bool (*cond)(void *arg), void *arg,
                uint64_t deadline_ns)
{
    bool enabled = arch_events_disable();
    bool good;

    for (;;) {
        good = cond(arg);
        if (good)
            break;
        if (deadline_ns != WAIT_FOREVER && arch_system_time_ns() >= deadline_ns)
            break;
        sched_check_may_block(enabled);
        wait_once(q, deadline_ns);
    }
    if (enabled)
        arch_events_enable();
    return good;
}

void wait_wake(struct wait_queue *q, unsigned n)
{
    bool enabled = arch_events_disable();

    for (; n > 0 && q->first; n--)
        release(q->first);
    if (enabled)
        arch_events_enable();
}

void wait_wake_all(struct wait_queue *q)
{
    wait_wake(q, UINT32_MAX);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void thread_sleep_until_ns(uint64_t deadline_ns)
{
    struct wait_queue q = WAIT_QUEUE_INIT;

    (void)wait_until(&q, never, NULL, deadline_ns); /* always false */
}

void thread_sleep_ns(uint64_t ns)
{
    uint64_t now = arch_system_time_ns();

    thread_sleep_until_ns(ns < WAIT_FOREVER - now ? now + ns : WAIT_FOREVER);
}

void event_wait(bool (*cond)(void *arg), void *arg)
{
    (void)wait_until(&event_queue, cond, arg, WAIT_FOREVER); /* always true */
}

void thread_event_delivered(void)
{
    wait_wake_all(&event_queue);
}
