/* SPDX-License-Identifier: ISC */
/*
 * Restarts that are under way. From the end of a domain to the moment its heir
 * runs, the core may know neither the name nor the old id: this list does.
 *
 *   dom_ended()                dom_gone()                    create_done()
 *   ---------> old dom, DYING ----------> heir, TEMPLATE or -------------> off
 *                    |                    SPAWNING  |
 *                    +--- restart_cancel(), or a failure ---> off
 *
 * An entry reserves its name and its uuid. The list is empty nearly always.
 */

#include <string.h>
#include <host/clock.h>
#include <host/fd.h>
#include "conn.h"

/* A domain that powers off or reboots so soon after its start counts as one
 * that restarts all the time, from the QUICK_MAXth time in a row on. */
#define QUICK_NS  1000000000u
#define QUICK_MAX 10
#define DELAY_NS  100000000u

void restart_add(struct dom *d)
{
    d->next_restart = d->dm->restarts;
    d->dm->restarts = d;
}

void restart_remove(struct dom *d)
{
    struct dom **p = &d->dm->restarts;

    while (*p && *p != d)
        p = &(*p)->next_restart;
    if (*p)
        *p = d->next_restart;
}

struct dom *restart_by_name(struct daemon *dm, const char *name)
{
    struct dom *d = dm->restarts;

    while (d && strcmp(d->name, name) != 0)
        d = d->next_restart;
    return d;
}

struct dom *restart_by_id(struct daemon *dm, int64_t domid)
{
    struct dom *d = dm->restarts;

    while (d && (!d->heir_of || d->heir_of->domid != domid))
        d = d->next_restart;
    return d;
}

struct dom *restart_next(struct daemon *dm, uint64_t from)
{
    struct dom *d, *best = NULL;

    for (d = dm->restarts; d; d = d->next_restart)
        if (!d->hvd && d->heir_of->domid >= from &&
            !hv_domain_by_id(dm->hv, d->heir_of->domid) &&
            (!best || d->heir_of->domid < best->heir_of->domid))
            best = d;
    return best;
}

bool restart_has_uuid(struct daemon *dm, const uint8_t uuid[16])
{
    const struct dom *d = dm->restarts;

    while (d && memcmp(d->uuid, uuid, sizeof(d->uuid)) != 0)
        d = d->next_restart;
    return d != NULL;
}

void restart_cancel(struct dom *d)
{
    if (!d->heir_of && d->restart) {
        d->restart = false;
        d->action = ctl_action_name(CTL_DESTROY);
        restart_remove(d);
    } else if (d->state == DOM_TEMPLATE) {
        d->cancelled = true;
        restart_hurry(d);
    }
}

void restart_hurry(struct dom *d)
{
    if (d->delay.fd >= 0 && timer_arm(d->delay.fd, 1)) {
        /* Then it goes when its time has come. */
    }
}

static void delay_over(struct loop_source *s, unsigned what)
{
    struct dom *d = CONTAINER_OF(s, struct dom, delay);
    struct daemon *dm = d->dm;

    (void)what;
    daemon_lock(dm);
    loop_del(d->w->loop, &d->delay);
    fd_close(&d->delay.fd);
    daemon_unlock(dm);
    /* Takes the lock itself; nobody else frees an heir that has yet to go. */
    d->go.run(&d->go);
}

/* True when the heir will go by its timer. */
static bool delayed(struct dom *d)
{
    d->delay.ready = delay_over;
    d->delay.fd = timer_open();
    if (d->delay.fd < 0) {
        d->delay.fd = -1;
        return false;
    }
    if (timer_arm(d->delay.fd, DELAY_NS) ||
        loop_add(d->w->loop, &d->delay, LOOP_READ)) {
        fd_close(&d->delay.fd);
        return false;
    }
    return true;
}

void restart_go(struct dom *d, const struct dom *old)
{
    if (clock_mono_ns() - old->started_ns < QUICK_NS)
        d->quick = MIN(old->quick + 1, QUICK_MAX + 1u);
    if (d->quick == QUICK_MAX && old->quick < QUICK_MAX)
        log_line(d->dm,
                 "%s: ended less than a second after its start %d times in a "
                 "row: from now on it restarts with a delay of 0.1 s",
                 d->name, QUICK_MAX);
    /* Posted at least, so that a domain that reboots all the time leaves the
     * loop to others in between. Without a descriptor for the timer it has to
     * do without the delay. */
    if (d->quick < QUICK_MAX || !delayed(d))
        loop_post(d->w->loop, &d->go);
}
