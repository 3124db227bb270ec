/* SPDX-License-Identifier: ISC */
/*
 * A domain's ring. The guest can write all of it at any time; nothing here is
 * believed for longer than one copy, and what makes no sense ends the service
 * until the guest asks to reconnect.
 */

#include <errno.h>
#include <stdlib.h>
#include <base/compiler.h>
#include <ring/xenstore.h>
#include <xen/errno.h>
#include "internal.h"

struct store_ring {
    struct store_end end; /* the connection's owner                       */
    struct store *s;
    struct loop *loop;
    volatile struct xenstore_domain_interface *ring;
    struct xs_conn *conn;
    void *owner;
    struct loop_work again; /* the rest of many requests                  */
    bool again_posted;
    bool moved;   /* indices, since the guest was told                   */
    bool broken;  /* not served; ring->error says why                   */
    bool by_conn; /* and it is the connection's error                    */
    bool told_lost;
    bool dead; /* freed when (again) has run                          */
};

static void set_broken(struct store_ring *r, uint32_t error, const char *text)
{
    r->broken = true;
    r->moved = true;
    r->ring->error = error;
    r->s->events->complain(r->owner, text);
}

static void bad_indices(struct store_ring *r)
{
    set_broken(r, XENSTORE_ERROR_RINGIDX,
               "xenstore: the guest's ring indices make no sense; its "
               "connection is closed");
}

/* The connection has got into a state in which nothing is read from it, or has
 * left that again (INTRODUCE after RELEASE). */
static void check_conn(struct store_ring *r)
{
    int error = xs_conn_error(r->conn);

    if (r->broken && !(r->by_conn && !error))
        return;
    if (r->broken)
        r->ring->error = XENSTORE_ERROR_NONE;
    r->broken = false;
    r->by_conn = error != 0;
    switch (error) {
    case 0:
        break;
    case -XEN_E2BIG:
        set_broken(r, XENSTORE_ERROR_PROTO,
                   "xenstore: the guest sent a message longer than the "
                   "protocol allows; its connection is closed");
        break;
    case -XEN_EIO:
        set_broken(r, XENSTORE_ERROR_COMM,
                   "xenstore: the domain was released by a client");
        break;
    default:
        set_broken(r, XENSTORE_ERROR_COMM,
                   "xenstore: out of memory; the guest's connection is closed");
    }
    if (xs_conn_lost(r->conn) && !r->told_lost) {
        r->told_lost = true;
        r->s->events->complain(r->owner,
                               "xenstore: the guest does not read its watch "
                               "events; some were dropped");
    }
}

static void give_output(struct store_ring *r)
{
    const void *bytes;
    size_t len;
    int n;

    while (!r->broken && (len = xs_conn_output(r->conn, &bytes))) {
        n = xs_ring_write_rsp(r->ring, bytes, len);
        if (n < 0)
            bad_indices(r);
        if (n <= 0)
            break;
        xs_conn_sent(r->conn, (size_t)n);
        r->moved = true;
    }
}

/* One header or (the next part of) a payload. False when there was nothing, or
 * nothing more is wanted. */
static bool take_input(struct store_ring *r)
{
    char buf[XENSTORE_RING_SIZE];
    size_t want = MIN(xs_conn_want(r->conn), sizeof(buf));
    int n;

    if (r->broken || !want)
        return false;
    n = xs_ring_read_req(r->ring, buf, want);
    if (n < 0)
        bad_indices(r);
    if (n <= 0)
        return false;
    r->moved = true;
    xs_conn_input(r->conn, buf, (size_t)n);
    return true;
}

static void tell_guest(struct store_ring *r)
{
    if (!r->moved)
        return;
    r->moved = false;
    r->s->events->notify(r->owner);
}

static void flush_ring(struct store_end *e)
{
    struct store_ring *r = CONTAINER_OF(e, struct store_ring, end);

    give_output(r);
    check_conn(r);
    tell_guest(r);
}

/* The guest wants to begin anew: both sides forget everything. It does not
 * touch the ring until it sees CONNECTED. */
static void reconnect(struct store_ring *r)
{
    volatile struct xenstore_domain_interface *ring = r->ring;

    xs_conn_reset(r->conn);
    ring->req_cons = ring->req_prod = 0;
    ring->rsp_cons = ring->rsp_prod = 0;
    ring->error = XENSTORE_ERROR_NONE;
    r->broken = r->by_conn = r->told_lost = false;
    __atomic_store_n(&ring->connection, XENSTORE_CONNECTED, __ATOMIC_RELEASE);
    r->moved = true;
}

static void post_again(struct store_ring *r)
{
    if (r->again_posted)
        return;
    r->again_posted = true;
    loop_post(r->loop, &r->again);
}

void store_ring_event(struct store_ring *r)
{
    unsigned budget = 2 * STORE_BATCH; /* a header and a payload each */
    bool more = true;

    if (__atomic_load_n(&r->ring->connection, __ATOMIC_ACQUIRE) ==
        XENSTORE_RECONNECT)
        reconnect(r);
    check_conn(r);
    give_output(r);
    while (more && budget--) {
        more = take_input(r);
        /* Its output may be full: room comes from what leaves. */
        if (!xs_conn_want(r->conn))
            give_output(r);
    }
    if (more)
        post_again(r);
    give_output(r);
    check_conn(r);
    tell_guest(r);
    store_flush(r->s);
}

void store_ring_drain(struct store_ring *r)
{
    /* More than a ring full of the shortest requests. */
    size_t budget = 4ul * XENSTORE_RING_SIZE / sizeof(struct xsd_sockmsg);

    while (budget-- && take_input(r))
        give_output(r);
    store_flush(r->s);
}

static void run_again(struct loop_work *w)
{
    struct store_ring *r = CONTAINER_OF(w, struct store_ring, again);
    const struct store_events *ev = r->s->events;
    void *ctx = r->s->lock_ctx;

    ev->lock(ctx);
    r->again_posted = false;
    if (r->dead)
        free(r);
    else
        store_ring_event(r);
    ev->unlock(ctx);
}

int store_ring_create(struct store *s, const struct store_ring_params *p,
                      struct store_ring **out)
{
    struct store_ring *r = calloc(1, sizeof(*r));

    if (!r)
        return -ENOMEM;
    r->s = s;
    r->end.flush = flush_ring;
    r->loop = p->loop;
    r->ring = p->ring;
    r->owner = p->owner;
    r->again.run = run_again;
    if (xs_conn_create(s->tree, p->domid, &r->end, &r->conn)) {
        free(r);
        return -ENOMEM;
    }
    r->ring->server_features =
        XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR;
    xs_domain_introduce(s->tree, p->domid);
    *out = r;
    return 0;
}

void store_ring_destroy(struct store_ring *r)
{
    if (!r)
        return;
    xs_conn_destroy(r->conn);
    r->conn = NULL;
    r->dead = true;
    if (!r->again_posted)
        free(r);
}
