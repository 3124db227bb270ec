/* SPDX-License-Identifier: ISC */
/* The doorbell: takes events sent and a request from the portal, has the core
 * serve them, answers. */

#include <stdlib.h>
#include <string.h>
#include <portal/portal.h>
#include "daemon.h"

/* A crash report is taken before the core hears of the crash: the domain's end
 * is what makes it public. */
static void take_crash(struct dom *d, const struct portal_request *req)
{
    if (req->nr != PORTAL_CALL_CRASH || req->len < sizeof(*d->crash) ||
        d->crash)
        return;
    d->crash = malloc(sizeof(*d->crash));
    if (d->crash)
        memcpy(d->crash, req->buf, sizeof(*d->crash));
}

/*
 * (in_call) saves a signal for each event that a call raises for its own
 * caller (the console's answer to output, a port bound to oneself): the monitor
 * looks for pending events after every call, on its way back into the guest.
 * That holds for hypercalls and for the timer's handler; its fault handlers
 * make one call only, PORTAL_CALL_UNSHARE, which may bring sends along that the
 * guest is answered by an event. The lock is held throughout, so nobody else's
 * event is taken for the call's own.
 */
void dom_serve_doorbell(struct dom *d)
{
    struct portal_request req;
    int r = portal_take_request(d->win.portal, &d->last_seq, &req);
    /* After the request: all that was sent before it is there by then. */
    uint64_t sends = portal_take_sends(d->win.portal);

    if (r == 0 && !sends)
        return;
    d->in_call = r != 0 && req.nr != PORTAL_CALL_UNSHARE;
    hv_evtchn_sends(d->hvd, sends);
    if (r > 0) {
        take_crash(d, &req);
        hv_hypercall(d->hvd, &req);
    }
    if (d->console_rang) {
        d->console_rang = false;
        console_event(d->console);
    }
    if (d->store_rang) {
        d->store_rang = false;
        store_ring_event(d->store);
    }
    d->in_call = false;
    /* A vCPU that has shut down gets no answer: it waits, with its memory as it
     * was, until it is killed. */
    if (d->shutdown_noted) {
        d->shutdown_noted = false;
        dom_ended(d);
        return;
    }
    if (r == 0)
        return;
    portal_put_response(d->win.portal, d->last_seq, &req);
    d->dm->engine->vm_answer(d->vm);
}

void dom_take_sends(struct dom *d)
{
    if (d->state == DOM_ALIVE)
        hv_evtchn_sends(d->hvd, portal_take_sends(d->win.portal));
}
