/* SPDX-License-Identifier: ISC */
/* Answers and events, as they come out of the ring; contract in
 * xenbus/client.h. */
#include "client.h"

#include <base/string.h>
#include <ring/xenstore.h>
#include <xen/errno.h>

/* Takes the request that an answer is for out of the list of those sent.
 * Answers come in order but for what xenstore delays. */
static struct xenbus_request *take_sent(struct xbc *c, uint32_t id)
{
    struct xenbus_request *before = NULL, *r = c->sent;

    while (r && r->id != id) {
        before = r;
        r = r->next;
    }
    if (!r)
        return NULL;
    if (before)
        before->next = r->next;
    else
        c->sent = r->next;
    if (c->sent_last == r)
        c->sent_last = before;
    r->next = NULL;
    return r;
}

/* Answered by "OK", which says nothing. */
static bool only_acknowledged(uint32_t type)
{
    switch (type) {
    case XS_WRITE:
    case XS_MKDIR:
    case XS_RM:
    case XS_SET_PERMS:
    case XS_WATCH:
    case XS_UNWATCH:
    case XS_TRANSACTION_END:
    case XS_RESET_WATCHES:
        return true;
    default:
        return false;
    }
}

/* A place for the event that comes. */
static void place_event(struct xbc *c)
{
    struct xbc_event *e;

    if (c->head.len <= XBC_SMALL) {
        c->body = c->small;
        return;
    }
    e = c->ops->alloc(sizeof(*e) + c->head.len + 1);
    c->block = e;
    c->body = e ? e->path : NULL;
}

/* A place for the answer to (r). */
static void place_answer(struct xbc *c, const struct xenbus_request *r)
{
    if (c->head.type == XS_ERROR || only_acknowledged(r->type))
        c->body = c->small;
    else if (r->room && c->head.len < r->room_len)
        c->body = r->room;
    else
        c->body = c->block = c->ops->alloc(c->head.len + 1);
}

/* The header is complete: decides where the payload goes. False: it cannot
 * be. */
static bool begin_body(struct xbc *c)
{
    const struct xsd_sockmsg *h = &c->head;

    c->body = NULL;
    c->block = NULL;
    c->body_got = 0;
    if (!xs_head_ok(h))
        return false;
    if (h->type == XS_WATCH_EVENT) {
        place_event(c);
        return true;
    }
    c->answered = take_sent(c, h->req_id);
    if (!c->answered)
        return false;
    place_answer(c, c->answered);
    return h->type == XS_ERROR || h->type == c->answered->type;
}

/* Room for the next bytes of the payload; what has no place goes to (waste). */
static char *body_room(struct xbc *c, char *waste, size_t waste_size,
                       size_t *room)
{
    size_t left = c->head.len - c->body_got;

    if (c->body && c->body != c->small) {
        *room = left;
        return c->body + c->body_got;
    }
    if (c->body && c->body_got < XBC_SMALL) {
        *room = MIN(left, XBC_SMALL - c->body_got);
        return c->small + c->body_got;
    }
    *room = MIN(left, waste_size);
    return waste;
}

static void end_answer(struct xbc *c)
{
    struct xenbus_request *r = c->answered;
    int rc = 0;

    if (c->head.type == XS_ERROR) {
        rc = xs_error_number(c->small, MIN(c->head.len, XBC_SMALL));
    } else if (!c->body) {
        rc = -XEN_ENOMEM;
    } else if (c->body != c->small) {
        c->body[c->head.len] = '\0';
        r->reply = c->body;
        r->reply_len = c->head.len;
    }
    c->answered = NULL;
    c->block = NULL;
    xbc_finish(c, r, rc);
}

/* The message is complete. False: it cannot be. */
static bool end_message(struct xbc *c)
{
    struct xbc_event *e = c->block;

    c->head_got = 0;
    if (c->head.type != XS_WATCH_EVENT) {
        end_answer(c);
        return true;
    }
    c->block = NULL;
    if (c->body)
        return !xbc_event_received(c, e, c->body, c->head.len);
    xbc_event_lost(c);
    return true;
}

/* Reads (len) bytes or less: their number; less than 0 ends the connection. */
static int take(struct xbc *c, char *buf, size_t len)
{
    int n = xs_ring_read_rsp(c->ring, buf, len);

    if (n > 0)
        c->taken += (uint32_t)n;
    return n;
}

/* One step. Returns the number of bytes it took, less than 0 when what came
 * cannot be. (*ended): a message is complete. */
static int step(struct xbc *c, bool *ended)
{
    char waste[64];
    size_t room;
    char *to;
    int n = 0;

    if (c->head_got < sizeof(c->head)) {
        n = take(c, (char *)&c->head + c->head_got,
                 sizeof(c->head) - c->head_got);
        if (n <= 0)
            return n;
        c->head_got += (size_t)n;
        if (c->head_got < sizeof(c->head))
            return n;
        if (!begin_body(c))
            return -XEN_EIO;
    } else {
        to = body_room(c, waste, sizeof(waste), &room);
        n = take(c, to, room);
        if (n <= 0)
            return n;
        c->body_got += (size_t)n;
    }
    if (c->body_got == c->head.len) {
        *ended = true;
        if (!end_message(c))
            return -XEN_EIO;
    }
    return n;
}

bool xbc_pull(struct xbc *c)
{
    size_t total = 0;
    bool ended = false;

    c->more = false;
    while (!c->dead) {
        int n = step(c, &ended);

        /* It says itself that it is broken; what it sent before that counts. */
        if (n == 0 && xbc_ring_error(c))
            n = -XEN_EIO;
        if (n < 0) {
            xbc_die(c);
            ended = true;
        }
        if (n <= 0)
            break;
        total += (size_t)n;
        if (total >= XBC_PULL_MAX) {
            c->more = true;
            break;
        }
    }
    return ended;
}
