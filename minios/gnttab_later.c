/* SPDX-License-Identifier: ISC */
/*
 * Grants that end as soon as the other side lets go (minios/gnttab.h). Nothing
 * tells when that is: a thread looks from time to time, ever less often, and
 * lives only as long as there is something to wait for.
 */
#include <minios/gnttab.h>

#include <minios/memory.h>
#include <minios/thread.h>
#include <xen/errno.h>

#define FIRST_DELAY_NS 1000000ull    /* 1 ms, doubled each time            */
#define MAX_DELAY_NS   1000000000ull /* to 1 s                             */

struct ending {
    struct ending *next;
    grant_ref_t ref;
    void (*done)(void *arg);
    void *arg;
};

/* Guarded by preemption; the thread runs as long as the list has anything. */
static struct ending *endings;
static bool thread_runs;

/* Takes the first one that has ended off the list, NULL: none has. */
static struct ending *take_ended(void)
{
    struct ending **link = &endings, *e;

    preempt_disable();
    while ((e = *link) && !gnttab_end_access(e->ref))
        link = &e->next;
    if (e)
        *link = e->next;
    preempt_enable();
    return e;
}

/* Whether the thread has anything left to wait for; if not it is as good as
 * gone. */
static bool more(void)
{
    bool any;

    preempt_disable();
    any = endings != NULL;
    thread_runs = any;
    preempt_enable();
    return any;
}

static void *run(void *arg)
{
    uint64_t delay = FIRST_DELAY_NS;

    while (more()) {
        struct ending *e = take_ended();

        if (!e) {
            thread_sleep_ns(delay);
            delay = delay < MAX_DELAY_NS / 2 ? 2 * delay : MAX_DELAY_NS;
            continue;
        }
        delay = FIRST_DELAY_NS;
        if (e->done)
            e->done(e->arg);
        kfree(e);
    }
    return arg;
}

/* The caller is not preempted. */
static int start_thread(void)
{
    const struct thread_attr attr = {.detached = true};
    struct thread *t;
    int rc;

    if (thread_runs)
        return 0;
    rc = thread_create(&t, "gnttab", run, NULL, &attr);
    thread_runs = rc == 0;
    return rc;
}

int gnttab_end_access_later(grant_ref_t ref, void (*done)(void *arg), void *arg)
{
    struct ending *e = kmalloc(sizeof(*e));
    int rc;

    if (!e)
        return -XEN_ENOMEM;
    *e = (struct ending){.ref = ref, .done = done, .arg = arg};
    preempt_disable();
    rc = start_thread();
    if (rc == 0) {
        e->next = endings;
        endings = e;
    }
    preempt_enable();
    if (rc < 0)
        kfree(e);
    return rc;
}
