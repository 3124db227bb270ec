/* SPDX-License-Identifier: ISC */
/*
 * Domains of whose memory a page is gone: host/guard.h has put zeroes of ours in
 * its place, so that whoever touched it could go on, and the domain's process is
 * killed. Noticed on the main loop, done on the worker that owns the domain.
 */

#include <host/fd.h>
#include <host/guard.h>
#include "daemon.h"

static void note(struct dom *d)
{
    if (d->memory_lost)
        return;
    d->memory_lost = true;
    dom_log(d, "a page of its memory is gone (is the host out of memory?): "
               "its process is killed");
    if (!d->w->lost_posted)
        loop_post(d->w->loop, &d->w->lost);
    d->w->lost_posted = true;
}

static void guard_ready(struct loop_source *s, unsigned what)
{
    struct daemon *dm = CONTAINER_OF(s, struct daemon, guard);
    struct hv_domain *hvd;
    void *page;

    (void)what;
    (void)fd_drain(s->fd, sizeof(uint64_t));
    daemon_lock(dm);
    while ((page = guard_next()))
        for (hvd = hv_domain_next(dm->hv, NULL); hvd;
             hvd = hv_domain_next(dm->hv, hvd)) {
            struct dom *d = hv_domain_owner(hvd);

            if (dm->engine->vm_has_page(d->vm, page))
                note(d);
        }
    daemon_unlock(dm);
}

void lost_run(struct loop_work *work)
{
    struct worker *w = CONTAINER_OF(work, struct worker, lost);
    struct daemon *dm = w->dm;
    struct hv_domain *hvd;

    daemon_lock(dm);
    w->lost_posted = false;
    for (hvd = hv_domain_next(dm->hv, NULL); hvd;
         hvd = hv_domain_next(dm->hv, hvd)) {
        struct dom *d = hv_domain_owner(hvd);

        if (d->w == w && d->memory_lost)
            dm->engine->vm_kill(d->vm); /* again is harmless */
    }
    daemon_unlock(dm);
}

int lost_start(struct daemon *dm)
{
    dm->guard.ready = guard_ready;
    dm->guard.fd = guard_init();
    if (dm->guard.fd < 0)
        return dm->guard.fd;
    return loop_add(dm->main_loop, &dm->guard, LOOP_READ);
}

void lost_stop(struct daemon *dm)
{
    loop_del(dm->main_loop, &dm->guard); /* the descriptor is host/guard.c's */
}
