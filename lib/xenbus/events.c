/* SPDX-License-Identifier: ISC */
/* Watches and the events that wait for them; contract in xenbus/client.h. */
#include "client.h"

#include <base/string.h>
#include <xen/errno.h>

void xbc_watch_add(struct xbc *c, struct xenbus_watch *w)
{
    w->ready = w->overflow = false;
    w->count = 0;
    w->first = w->last = NULL;
    w->next_ready = NULL;
    w->token = ++c->last_token;
    w->next = c->watches;
    c->watches = w;
}

int xbc_watch_body(const struct xenbus_watch *w, char *buf, size_t room)
{
    char token[XS_NUMBER_MAX];
    size_t path_len = strlen(w->path) + 1;
    size_t token_len = xs_print_number(w->token, token) + 1;

    if (path_len > XENSTORE_PAYLOAD_MAX || path_len + token_len > room)
        return -XEN_E2BIG;
    memcpy(buf, w->path, path_len);
    memcpy(buf + path_len, token, token_len);
    return (int)(path_len + token_len);
}

static void drop_events(struct xbc *c, struct xenbus_watch *w)
{
    while (w->first) {
        struct xbc_event *e = w->first;

        w->first = e->next;
        c->ops->free(e);
    }
    w->last = NULL;
    w->count = 0;
}

static void drop_ready(struct xbc *c, struct xenbus_watch *w)
{
    struct xenbus_watch *before = NULL, *i;

    for (i = c->ready; i && i != w; i = i->next_ready)
        before = i;
    if (!i)
        return;
    if (before)
        before->next_ready = w->next_ready;
    else
        c->ready = w->next_ready;
    if (c->ready_last == w)
        c->ready_last = before;
    w->ready = false;
}

void xbc_watch_remove(struct xbc *c, struct xenbus_watch *w)
{
    struct xenbus_watch **p;

    for (p = &c->watches; *p && *p != w; p = &(*p)->next)
        ;
    if (*p)
        *p = w->next;
    drop_ready(c, w);
    drop_events(c, w);
}

static void make_ready(struct xbc *c, struct xenbus_watch *w)
{
    if (w->ready)
        return;
    w->ready = true;
    w->next_ready = NULL;
    if (c->ready_last)
        c->ready_last->next_ready = w;
    else
        c->ready = w;
    c->ready_last = w;
}

/* There is something at or below (w)'s path. */
static void overflow(struct xbc *c, struct xenbus_watch *w)
{
    if (w->in_handler) {
        c->ops->event(w);
        return;
    }
    drop_events(c, w);
    w->overflow = true;
    make_ready(c, w);
}

void xbc_watch_poke(struct xbc *c, struct xenbus_watch *w)
{
    overflow(c, w);
}

void xbc_event_lost(struct xbc *c)
{
    struct xenbus_watch *w;

    for (w = c->watches; w; w = w->next)
        overflow(c, w);
}

/* Whether an event for (path) waits already, or one that covers it. */
static bool waits(const struct xenbus_watch *w, const char *path)
{
    const struct xbc_event *e;

    if (w->overflow)
        return true;
    for (e = w->first; e; e = e->next)
        if (strcmp(e->path, path) == 0)
            return true;
    return false;
}

static void queue(struct xbc *c, struct xenbus_watch *w, struct xbc_event *e)
{
    e->next = NULL;
    if (w->last)
        w->last->next = e;
    else
        w->first = e;
    w->last = e;
    w->count++;
    make_ready(c, w);
}

/* An event for (w) that does not wait yet; takes (*e), if it is one. */
static void add(struct xbc *c, struct xenbus_watch *w, struct xbc_event **e,
                const char *path)
{
    size_t len = strlen(path) + 1;

    if (w->in_handler || w->count == XBC_EVENTS_MAX) {
        overflow(c, w);
        return;
    }
    if (!*e) {
        *e = c->ops->alloc(sizeof(**e) + len);
        if (!*e) {
            overflow(c, w);
            return;
        }
        memcpy((*e)->path, path, len);
    }
    queue(c, w, *e);
    *e = NULL;
}

/* The watch that (token) names; NULL: none of ours. */
static struct xenbus_watch *find(const struct xbc *c, const char *token)
{
    struct xenbus_watch *w;
    uint64_t number;

    if (xs_number(token, UINT32_MAX, &number))
        return NULL;
    for (w = c->watches; w && w->token != number; w = w->next)
        ;
    return w;
}

int xbc_event_received(struct xbc *c, struct xbc_event *e, const char *body,
                       size_t len)
{
    const char *s[3]; /* path, token, and what later protocols may add */
    bool good = xs_strings(body, len, s, ARRAY_SIZE(s)) >= 2;
    struct xenbus_watch *w = good ? find(c, s[1]) : NULL;

    /* One that was removed in the meantime, or that another kernel in this
     * domain made before us, is no harm. */
    if (w && !waits(w, s[0]))
        add(c, w, &e, s[0]);
    c->ops->free(e);
    return good ? 0 : -XEN_EINVAL;
}

struct xenbus_watch *xbc_next_event(struct xbc *c, struct xbc_event **event)
{
    struct xenbus_watch *w = c->ready;

    *event = NULL;
    if (!w)
        return NULL;
    drop_ready(c, w);
    if (w->overflow) {
        w->overflow = false;
        return w;
    }
    *event = w->first;
    w->first = w->first->next;
    if (!w->first)
        w->last = NULL;
    w->count--;
    if (w->first)
        make_ready(c, w); /* behind the others */
    return w;
}
