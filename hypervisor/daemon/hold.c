/* SPDX-License-Identifier: ISC */
/*
 * Domains created with `hold': destroyed when the connection that created them
 * ends before they were ever unpaused, so that a client which is killed between
 * the two leaves nothing behind.
 *
 * A hold belongs to its connection's list until that closes, then to the loop
 * of the domain's worker. It and its domain point at each other; the domain
 * lets go at its first unpause or its end. All under the lock.
 */

#include <stdlib.h>
#include "conn.h"

struct hold {
    struct hold *next;
    struct loop_work work;
    struct daemon *dm;
    struct dom *d; /* NULL = nothing to be done any more               */
};

static void run_hold(struct loop_work *w)
{
    struct hold *h = CONTAINER_OF(w, struct hold, work);
    struct daemon *dm = h->dm;
    struct dom *d;

    daemon_lock(dm);
    d = h->d;
    if (d) {
        hold_release(d);
        log_line(dm,
                 "%s: the client that created it has gone before it was "
                 "unpaused",
                 d->name);
        if (d->state == DOM_TEMPLATE)
            d->cancelled = true;
        else
            dom_kill(d, "destroyed");
    }
    daemon_unlock(dm);
    free(h);
}

int hold_begin(struct conn *c, struct dom *d)
{
    struct hold *h = calloc(1, sizeof(*h));

    if (!h)
        return -1;
    h->work.run = run_hold;
    h->dm = d->dm;
    h->d = d;
    d->hold = h;
    h->next = c->holds;
    c->holds = h;
    return 0;
}

void hold_release(struct dom *d)
{
    if (d->hold)
        d->hold->d = NULL;
    d->hold = NULL;
}

void hold_conn_closed(struct conn *c)
{
    struct hold *h;

    while ((h = c->holds)) {
        c->holds = h->next;
        if (h->d)
            loop_post(h->d->w->loop, &h->work);
        else
            free(h);
    }
}
