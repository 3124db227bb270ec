/* SPDX-License-Identifier: ISC */
/* Threads from creation to end; contract in minios/thread.h. */
#include "thread_priv.h"

#include <base/string.h>
#include <minios/arch.h>
#include <minios/panic.h>

_Static_assert(THREAD_NAME_MAX == DEBUGINFO_THREAD_NAME_MAX, "names");

static void set_name(struct thread *t, const char *name)
{
    size_t len = strnlen(name, THREAD_NAME_MAX - 1);

    memcpy(t->name, name, len);
    t->name[len] = '\0';
}

/* --- the list of all threads, for debuggers. Events are disabled. --------------- */

static void list_add(struct thread *t)
{
    t->next = thread_list;
    t->link = &thread_list;
    if (t->next)
        t->next->link = &t->next;
    thread_list = t;
}

static void list_remove(struct thread *t)
{
    *t->link = t->next;
    if (t->next)
        t->next->link = t->link;
}

/* --- life --------------------------------------------------------------------------- */

/* The first function on a thread's stack. */
void thread_main(void)
{
    struct thread *t = thread_self();

    sched_begin();
    thread_exit(t->fn(t->arg));
}

int thread_create(struct thread **out, const char *name, void *(*fn)(void *arg),
                  void *arg, const struct thread_attr *attr)
{
    size_t bytes = attr ? attr->stack_bytes : 0;
    struct thread *t;
    bool enabled;
    int rc;

    rc = thread_stack_alloc(&t, bytes ? bytes : THREAD_STACK_DEFAULT);
    if (rc < 0)
        return rc;
    set_name(t, name);
    t->detached = attr && attr->detached;
    t->fn = fn;
    t->arg = arg;
    t->saved_sp = arch_thread_prepare((void *)t->stack_end);
    *out = t; /* before it can end */
    enabled = arch_events_disable();
    list_add(t);
    sched_ready(t);
    if (enabled)
        arch_events_enable();
    return 0;
}

void thread_free(struct thread *t)
{
    bool enabled = arch_events_disable();

    list_remove(t);
    if (enabled)
        arch_events_enable();
    if (t->guard) /* not the main thread */
        thread_stack_free(t);
}

void thread_exit(void *result)
{
    struct thread *t = thread_self();

    sched_check_may_block(arch_events_disable());
    t->result = result;
    t->ended = true;
    if (t->detached)
        this_sched()->ended = t;
    else
        wait_wake_all(&t->joiners);
    sched_block();
    BUG(); /* Nobody makes it ready again. */
}

static bool has_ended(void *arg)
{
    return ((const struct thread *)arg)->ended;
}

void *thread_join(struct thread *t)
{
    void *result;

    if (t == thread_self() || t->detached)
        panic("a thread joins %s", t->detached ? "a detached one" : "itself");
    (void)wait_until(&t->joiners, has_ended, t, WAIT_FOREVER);
    result = t->result;
    thread_free(t);
    return result;
}

void thread_detach(struct thread *t)
{
    bool enabled = arch_events_disable();
    bool ended = t->ended;

    t->detached = true;
    if (enabled)
        arch_events_enable();
    if (ended)
        thread_free(t);
}

/* --- what a thread has ---------------------------------------------------------------- */

const char *thread_name(const struct thread *t)
{
    return t->name;
}

void *thread_local_get(unsigned index)
{
    BUG_ON(index >= THREAD_LOCALS);
    return thread_self()->locals[index];
}

void thread_local_set(unsigned index, void *value)
{
    BUG_ON(index >= THREAD_LOCALS);
    thread_self()->locals[index] = value;
}

bool thread_is_main(void)
{
    return thread_self()->guard == 0;
}

void thread_stack(uintptr_t *start, uintptr_t *end)
{
    *start = thread_self()->stack_start;
    *end = thread_self()->stack_end;
}
