/* SPDX-License-Identifier: ISC */
/* Connections: bytes to requests, and the queue of what is to be sent. */
#include "internal.h"

int xs_conn_create(struct xs_store *s, domid_t domid, void *owner,
                   struct xs_conn **out)
{
    struct xs_dom *d = dom_find(s, domid);
    struct xs_conn *c;

    if (!d || !d->alive)
        return -XEN_ENOENT;
    if (d->conn)
        return -XEN_EEXIST;
    c = s->ops->alloc(sizeof(*c));
    if (!c)
        return -XEN_ENOMEM;
    c->s = s;
    c->dom = d;
    c->owner = owner;
    c->out_end = &c->out;
    /* Domain 0 has many: its programs. */
    if (!dom_privileged(d))
        d->conn = c;
    *out = c;
    return 0;
}

void *xs_conn_owner(const struct xs_conn *c)
{
    return c->owner;
}

int xs_conn_error(const struct xs_conn *c)
{
    return c->error;
}

unsigned xs_conn_lost(const struct xs_conn *c)
{
    return c->lost;
}

/* --- output ---------------------------------------------------------------------*/

static void drop_first(struct xs_conn *c)
{
    struct message *m = c->out;

    c->out = m->next;
    if (!c->out)
        c->out_end = &c->out;
    c->out_off = 0;
    c->out_bytes -= m->len;
    if (m->is_reply)
        c->replies--;
    if (m->of)
        m->of->latest = NULL;
    dom_release_bytes(c->dom, sizeof(*m) + m->len);
    c->s->ops->free(m);
}

static void make_ready(struct xs_conn *c)
{
    struct xs_store *s = c->s;

    if (c->ready)
        return;
    c->ready = true;
    c->ready_next = NULL;
    *s->ready_end = c;
    s->ready_end = &c->ready_next;
}

static void leave_ready(struct xs_conn *c)
{
    struct xs_store *s = c->s;
    struct xs_conn **p = &s->ready;

    if (!c->ready)
        return;
    while (*p != c)
        p = &(*p)->ready_next;
    *p = c->ready_next;
    if (!*p)
        s->ready_end = p;
    c->ready = false;
}

struct xs_conn *xs_next_ready(struct xs_store *s)
{
    struct xs_conn *c = s->ready;

    if (c)
        leave_ready(c);
    return c;
}

/* The quota for what is not read is the domain's memory: replies are bounded
 * by XS_QUOTA_OUTSTANDING and always get through, events are dropped. */
static bool admit(struct xs_conn *c, size_t bytes, bool is_event)
{
    if (dom_privileged(c->dom)) {
        if (c->out_bytes > XS_CLIENT_BACKLOG)
            c->error = -XEN_ENOSPC;
        c->dom->memory += bytes;
        return !c->error;
    }
    if (!is_event) {
        c->dom->memory += bytes;
        return true;
    }
    if (!c->error && !dom_charge(c->dom, bytes))
        return true;
    c->lost++;
    return false;
}

void xs_conn_queue(struct xs_conn *c, const struct xsd_sockmsg *h,
                   const void *payload, struct watch *of)
{
    size_t len = sizeof(*h) + h->len;
    struct message *m;

    /* The store's own requests get no answer. */
    if (c == c->s->self)
        return;
    if (!admit(c, sizeof(*m) + len, of != NULL)) {
        if (dom_privileged(c->dom))
            dom_release_bytes(c->dom, sizeof(*m) + len);
        return;
    }
    m = c->s->ops->alloc(sizeof(*m) + len);
    if (!m) {
        dom_release_bytes(c->dom, sizeof(*m) + len);
        c->error = -XEN_ENOMEM;
        return;
    }
    m->len = (uint32_t)len;
    m->is_reply = !of;
    memcpy(m->bytes, h, sizeof(*h));
    memcpy(m->bytes + sizeof(*h), payload, h->len);
    if (of) {
        if (of->latest)
            of->latest->of = NULL;
        of->latest = m;
        m->of = of;
    } else {
        c->replies++;
    }
    *c->out_end = m;
    c->out_end = &m->next;
    c->out_bytes += len;
    make_ready(c);
}

size_t xs_conn_output(const struct xs_conn *c, const void **bytes)
{
    if (!c->out)
        return 0;
    *bytes = c->out->bytes + c->out_off;
    return c->out->len - c->out_off;
}

void xs_conn_sent(struct xs_conn *c, size_t len)
{
    struct message *m = c->out;

    c->out_off += len;
    /* What has begun to leave is not the latest news any more. */
    if (m->of) {
        m->of->latest = NULL;
        m->of = NULL;
    }
    if (c->out_off >= m->len)
        drop_first(c);
}

/* --- input ----------------------------------------------------------------------*/

size_t xs_conn_want(const struct xs_conn *c)
{
    if (c->error || c->replies >= XS_QUOTA_OUTSTANDING)
        return 0;
    if (c->have < sizeof(c->head))
        return sizeof(c->head) - c->have;
    return sizeof(c->head) + c->head.len - c->have;
}

static void drop_input(struct xs_conn *c)
{
    if (c->payload)
        c->s->ops->free(c->payload);
    c->payload = NULL;
    c->have = 0;
}

/* The header is there: room for the rest. */
static void begin_payload(struct xs_conn *c)
{
    if (!xs_head_ok(&c->head)) {
        c->error = -XEN_E2BIG;
        return;
    }
    if (!c->head.len)
        return;
    c->payload = c->s->ops->alloc(c->head.len);
    if (!c->payload)
        c->error = -XEN_ENOMEM;
}

void xs_conn_input(struct xs_conn *c, const void *bytes, size_t len)
{
    const char *from = bytes;

    if (c->have < sizeof(c->head)) {
        memcpy((char *)&c->head + c->have, from, len);
        c->have += len;
        if (c->have < sizeof(c->head))
            return;
        begin_payload(c);
    } else {
        memcpy(c->payload + (c->have - sizeof(c->head)), from, len);
        c->have += len;
    }
    if (c->error || c->have < sizeof(c->head) + c->head.len)
        return;
    xs_conn_serve(c);
    drop_input(c);
}

void xs_conn_reset(struct xs_conn *c)
{
    drop_input(c);
    while (c->txns)
        txn_abort(c->txns);
    watch_del_all(c);
    while (c->out)
        drop_first(c);
    /* Who was released stays so until he is introduced again. */
    if (c->error != -XEN_EIO)
        c->error = 0;
    c->lost = 0;
}

void xs_conn_destroy(struct xs_conn *c)
{
    xs_conn_reset(c);
    leave_ready(c);
    if (c->dom->conn == c)
        c->dom->conn = NULL;
    c->s->ops->free(c);
}
