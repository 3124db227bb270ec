/* SPDX-License-Identifier: ISC */
/* Watches, and the thread that tells of their events; contract in
 * minios/xenbus.h. The thread is made when it is first needed. */
#include "xenbus/internal.h"

#include <base/string.h>
#include <minios/arch.h>
#include <minios/memory.h>
#include <minios/thread.h>
#include <xen/errno.h>

/* A token's number, and the NULs of path and token. */
#define TOKEN_ROOM 12u

static struct thread *thread;
/* The watch whose fn the thread is calling. */
static struct xenbus_watch *telling;
static struct wait_queue thread_queue = WAIT_QUEUE_INIT;
static struct wait_queue told_queue = WAIT_QUEUE_INIT;

static bool has_to_do(void *arg)
{
    (void)arg;
    return xenbus_client.ready || xenbus_client.more;
}

static void tell_next(void)
{
    bool enabled = arch_events_disable();
    struct xenbus_watch *w;
    struct xbc_event *e;

    xenbus_pump();
    w = xbc_next_event(&xenbus_client, &e);
    telling = w;
    if (enabled)
        arch_events_enable();
    if (!w)
        return;
    w->fn(w, e ? e->path : w->path);
    kfree(e);
    enabled = arch_events_disable();
    telling = NULL;
    wait_wake_all(&told_queue);
    if (enabled)
        arch_events_enable();
}

static void *run(void *arg)
{
    for (;;) {
        (void)wait_until(&thread_queue, has_to_do, NULL, WAIT_FOREVER);
        tell_next();
    }
    return arg;
}

int xenbus_wake_thread(void)
{
    const struct thread_attr attr = {.detached = true};

    if (!thread)
        return thread_create(&thread, "xenbus", run, NULL, &attr);
    wait_wake_all(&thread_queue);
    return 0;
}

/* A request for (w) with its body behind it. NULL: no memory. */
static struct xenbus_request *make_request(const struct xenbus_watch *w,
                                           uint32_t type)
{
    size_t room = strlen(w->path) + TOKEN_ROOM;
    struct xenbus_request *r = kzalloc(sizeof(*r) + room);
    int len;

    if (!r)
        return NULL;
    r->type = type;
    r->body = r + 1;
    len = xbc_watch_body(w, (char *)(r + 1), room);
    /* A path that is too long is refused by whoever sends it. */
    r->body_len = len < 0 ? XENSTORE_PAYLOAD_MAX + 1 : (size_t)len;
    return r;
}

static void add(struct xenbus_watch *w)
{
    bool enabled = arch_events_disable();

    xbc_watch_add(&xenbus_client, w);
    w->armed = true;
    if (enabled)
        arch_events_enable();
}

static void remove(struct xenbus_watch *w)
{
    bool enabled = arch_events_disable();

    xbc_watch_remove(&xenbus_client, w);
    w->armed = false;
    if (enabled)
        arch_events_enable();
}

/* Makes sure that events can be told later, when memory may be short. */
static int need_thread(const struct xenbus_watch *w)
{
    bool enabled;
    int rc;

    if (w->in_handler)
        return 0;
    enabled = arch_events_disable();
    rc = xenbus_wake_thread();
    if (enabled)
        arch_events_enable();
    return rc;
}

int xenbus_watch(struct xenbus_watch *w)
{
    struct xenbus_request *r;
    int rc = need_thread(w);

    if (rc < 0)
        return rc;
    add(w);
    r = make_request(w, XS_WATCH);
    rc = r ? xenbus_ask(r) : -XEN_ENOMEM;
    kfree(r);
    if (rc < 0)
        remove(w);
    return rc;
}

static void free_request(struct xenbus_request *r)
{
    kfree(r);
}

int xenbus_watch_async(struct xenbus_watch *w)
{
    struct xenbus_request *r;
    int rc = need_thread(w);

    if (rc < 0)
        return rc;
    add(w);
    r = make_request(w, XS_WATCH);
    rc = -XEN_ENOMEM;
    if (r) {
        r->on_done = free_request;
        rc = xenbus_submit(&r, 1);
        if (rc == -XEN_E2BIG)
            kfree(r); /* not taken */
    }
    if (rc < 0)
        remove(w);
    return rc;
}

static bool not_telling(void *arg)
{
    return telling != arg;
}

void xenbus_unwatch(struct xenbus_watch *w)
{
    struct xenbus_request *r;

    if (!w->armed)
        return;
    r = make_request(w, XS_UNWATCH);
    remove(w);
    /* Without it xenstore goes on telling us, and nobody listens. */
    if (r)
        (void)xenbus_ask(r);
    kfree(r);
    if (thread_self() != thread)
        (void)wait_until(&told_queue, not_telling, w, WAIT_FOREVER);
}
