/* SPDX-License-Identifier: ISC */
/* Mutexes, condition variables, semaphores; contract in minios/thread.h. */
#include "thread_priv.h"

#include <minios/arch.h>
#include <minios/panic.h>

/* --- mutexes ------------------------------------------------------------------- */

/* A mutex that somebody waits for is never free: unlocking hands it to the first
 * of them. So nobody can come in between, and first come is first served. */
static bool take(void *arg)
{
    struct mutex *m = arg;

    if (!m->owner)
        m->owner = thread_self();
    return m->owner == thread_self();
}

bool mutex_trylock(struct mutex *m)
{
    bool good;

    preempt_disable(); /* handlers do not use mutexes */
    good = !m->owner;
    if (good)
        m->owner = thread_self();
    preempt_enable();
    return good;
}

static bool lock_until(struct mutex *m, uint64_t deadline_ns)
{
    if (mutex_trylock(m)) /* mostly */
        return true;
    if (m->owner == thread_self())
        panic("a thread locks a mutex it has locked");
    return wait_until(&m->waiters, take, m, deadline_ns);
}

void mutex_lock(struct mutex *m)
{
    (void)lock_until(m, WAIT_FOREVER); /* always true */
}

bool mutex_lock_until(struct mutex *m, uint64_t deadline_ns)
{
    return lock_until(m, deadline_ns);
}

static void hand_over(struct mutex *m)
{
    bool enabled = arch_events_disable();

    m->owner = wait_queue_first(&m->waiters);
    wait_wake(&m->waiters, 1);
    if (enabled)
        arch_events_enable();
}

void mutex_unlock(struct mutex *m)
{
    if (m->owner != thread_self())
        panic("a thread unlocks a mutex it has not locked");
    preempt_disable();
    /* A waiter whose time is up may leave the queue meanwhile, by a handler. */
    if (m->waiters.first)
        hand_over(m);
    else
        m->owner = NULL;
    preempt_enable();
}

/* --- condition variables --------------------------------------------------------- */

struct condvar_waiter {
    const struct condvar *condvar;
    uint32_t generation; /* when the wait began                             */
};

static bool signalled(void *arg)
{
    const struct condvar_waiter *w = arg;

    return w->condvar->generation != w->generation;
}

bool condvar_wait(struct condvar *c, struct mutex *m, uint64_t deadline_ns)
{
    /* Read with (m) held: a signal after the unlock changes it. */
    struct condvar_waiter w = {c, c->generation};
    bool good;

    mutex_unlock(m);
    good = wait_until(&c->waiters, signalled, &w, deadline_ns);
    mutex_lock(m);
    return good;
}

static void wake(struct condvar *c, unsigned n)
{
    bool enabled = arch_events_disable();

    c->generation++;
    wait_wake(&c->waiters, n);
    if (enabled)
        arch_events_enable();
}

void condvar_signal(struct condvar *c)
{
    wake(c, 1);
}

void condvar_broadcast(struct condvar *c)
{
    wake(c, UINT32_MAX);
}

/* --- semaphores -------------------------------------------------------------------- */

static bool take_one(void *arg)
{
    struct semaphore *s = arg;

    if (s->count == 0)
        return false;
    s->count--;
    return true;
}

bool semaphore_down(struct semaphore *s, uint64_t deadline_ns)
{
    return wait_until(&s->waiters, take_one, s, deadline_ns);
}

void semaphore_up(struct semaphore *s)
{
    bool enabled = arch_events_disable();

    s->count++;
    wait_wake(&s->waiters, 1);
    if (enabled)
        arch_events_enable();
}
