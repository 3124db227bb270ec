/* SPDX-License-Identifier: ISC */
/* Requests: queued, sent, done; how the connection ends. Contract in
 * xenbus/client.h. */
#include "client.h"

#include <base/string.h>
#include <ring/xenstore.h>
#include <xen/errno.h>

/* After so many received bytes the other end is told that there is room. */
#define TELL_AFTER (XENSTORE_RING_SIZE / 2)

void xbc_init(struct xbc *c, volatile struct xenstore_domain_interface *ring,
              const struct xbc_ops *ops)
{
    memset(c, 0, sizeof(*c));
    c->ring = ring;
    c->ops = ops;
}

void xbc_finish(struct xbc *c, struct xenbus_request *r, int rc)
{
    r->next = NULL;
    r->rc = rc;
    r->done = true;
    c->ops->done(r);
}

static void finish_all(struct xbc *c, struct xenbus_request *r)
{
    while (r) {
        struct xenbus_request *next = r->next;

        xbc_finish(c, r, -XEN_EIO);
        r = next;
    }
}

void xbc_die(struct xbc *c)
{
    struct xenbus_request *answered = c->answered, *sent = c->sent;
    struct xenbus_request *unsent = c->unsent;

    if (c->dead)
        return;
    c->dead = true;
    c->ops->free(c->block);
    c->body = NULL;
    c->block = NULL;
    /* Whoever is told may submit again; that finds no lists any more. */
    c->answered = NULL;
    c->sent = c->sent_last = c->unsent = c->unsent_last = NULL;
    finish_all(c, answered);
    finish_all(c, sent);
    finish_all(c, unsent);
}

static void append(struct xenbus_request **first, struct xenbus_request **last,
                   struct xenbus_request *r)
{
    r->next = NULL;
    if (*first)
        (*last)->next = r;
    else
        *first = r;
    *last = r;
}

int xbc_submit(struct xbc *c, struct xenbus_request *r)
{
    if (r->body_len > XENSTORE_PAYLOAD_MAX)
        return -XEN_E2BIG;
    r->rc = 0;
    r->reply = NULL;
    r->reply_len = 0;
    r->done = false;
    if (c->dead) {
        xbc_finish(c, r, -XEN_EIO);
        return 0;
    }
    /* Zero is what events come with. */
    if (++c->last_id == 0)
        c->last_id = 1;
    r->id = c->last_id;
    append(&c->unsent, &c->unsent_last, r);
    return 0;
}

/* Sends from (bytes) what was not sent yet of the part of the message that is
 * [from, from + len). True when all of it has been. */
static bool send_part(struct xbc *c, const void *bytes, size_t from, size_t len)
{
    size_t done = c->sent_bytes - from;
    int n;

    if (done >= len)
        return true;
    n = xs_ring_write_req(c->ring, (const char *)bytes + done, len - done);
    if (n < 0) {
        xbc_die(c);
        return false;
    }
    c->sent_bytes += (size_t)n;
    c->told_nothing |= n > 0;
    return done + (size_t)n == len;
}

void xbc_push(struct xbc *c)
{
    struct xenbus_request *r;

    while (!c->dead && (r = c->unsent)) {
        const struct xsd_sockmsg h = {
            .type = r->type,
            .req_id = r->id,
            .tx_id = r->transaction,
            .len = (uint32_t)r->body_len,
        };

        if (!send_part(c, &h, 0, sizeof(h)) ||
            !send_part(c, r->body, sizeof(h), r->body_len))
            return;
        c->unsent = r->next;
        c->sent_bytes = 0;
        append(&c->sent, &c->sent_last, r);
    }
}

bool xbc_take_notify(struct xbc *c)
{
    bool due = c->told_nothing || c->taken >= TELL_AFTER;

    if (due) {
        c->told_nothing = false;
        c->taken = 0;
    }
    return due;
}

bool xbc_ring_error(const struct xbc *c)
{
    return (c->ring->server_features & XENSTORE_SERVER_FEATURE_ERROR) &&
           c->ring->error != XENSTORE_ERROR_NONE;
}
