/* SPDX-License-Identifier: ISC */
/*
 * The tty of a domain that is gone, with output that its reader has not read
 * yet. Closing the master would throw that away, and the kernel tells nobody
 * when a pty has been read: a timer looks, less and less often.
 */

#include <string.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/service.h>
#include "tty.h"

#define FIRST_LOOK_NS 1000000u   /* 1 ms                                   */
#define LAST_LOOK_NS  250000000u /* 250 ms                                 */

static bool all_read(struct console_tty *t)
{
    bool ours = t->slave < 0, unread;

    if (t->rest.sent < t->rest.end)
        return false;
    if (tty_hold(t))
        return true;
    unread = fd_readable(t->slave);
    /* Closing the only slave makes the loop report the hang-up. */
    if (ours)
        fd_close(&t->slave);
    return !unread;
}

/* Looks; returns true when the tty is CLOSED, and perhaps freed. */
static bool look(struct console_tty *t)
{
    tty_flush(t, &t->rest);
    if (all_read(t) || timer_arm(t->timer.fd, t->interval_ns)) {
        tty_close(t);
        return true;
    }
    t->interval_ns = MIN(t->interval_ns * 2, LAST_LOOK_NS);
    tty_watch(t, &t->rest);
    return false;
}

static void timer_ready(struct loop_source *s, unsigned what)
{
    struct console_tty *t = CONTAINER_OF(s, struct console_tty, timer);
    const struct console_events *ev = t->events;
    void *ctx = t->lock_ctx;

    (void)what;
    if (ev->lock)
        ev->lock(ctx);
    if (s->fd >= 0) {
        timer_ack(s->fd);
        look(t);
    }
    if (ev->unlock)
        ev->unlock(ctx);
}

void tty_linger(struct console_tty *t, struct backlog *b)
{
    t->console = NULL;
    t->in_len = 0;
    t->rest = *b;
    memset(b, 0, sizeof(*b));
    t->timer.ready = timer_ready;
    t->interval_ns = FIRST_LOOK_NS;
    t->timer.fd = timer_open();
    if (t->timer.fd >= 0 && loop_add(t->loop, &t->timer, LOOP_READ))
        fd_close(&t->timer.fd);
    /* Without a timer (no descriptors left) the unread rest is lost. */
    if (t->timer.fd < 0)
        tty_close(t);
    else
        look(t);
}
