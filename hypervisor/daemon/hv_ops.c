/* SPDX-License-Identifier: ISC */
/* What the core asks of the world. Called with the lock held. */

#include <stdlib.h>
#include <errno.h>
#include <xen/errno.h>
#include <host/clock.h>
#include <portal/portal.h>
#include "daemon.h"

static void *op_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

static void op_kick(struct hv_domain *hvd, unsigned vcpu)
{
    struct dom *d = hv_domain_owner(hvd);

    (void)vcpu; /* there is one */
    if (d->vm && !d->proc_gone)
        d->dm->engine->vm_kick(d->vm, d->in_call);
}

/* Atomic, because the guest may scribble there at the same time; that harms
 * nobody else. Only the first vCPU has a portal, and there is no other. */
static void op_port_changed(struct hv_domain *hvd, evtchn_port_t port,
                            enum hv_port_use use)
{
    const struct dom *d = hv_domain_owner(hvd);
    volatile struct portal_events *ev = &d->win.portal->events;
    uint64_t bit = port < PORTAL_EVENT_PORTS ? 1ull << port : 0;

    if (use == HV_PORT_USE_REMOTE)
        __atomic_fetch_or(&ev->remote, bit, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&ev->remote, ~bit, __ATOMIC_RELAXED);
    if (use == HV_PORT_USE_IPI)
        __atomic_fetch_or(&ev->ipi, bit, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&ev->ipi, ~bit, __ATOMIC_RELAXED);
    if (use == HV_PORT_USE_TIMER)
        ev->timer_port = port;
    else if (ev->timer_port == port)
        ev->timer_port = 0;
}

static void op_console_write(struct hv_domain *hvd, const char *bytes,
                             size_t len)
{
    const struct dom *d = hv_domain_owner(hvd);

    if (d->console)
        console_text(d->console, bytes, len);
}

/* Acted upon when the call into the core that caused it has returned. */
static void op_shutdown(struct hv_domain *hvd, unsigned reason)
{
    struct dom *d = hv_domain_owner(hvd);

    (void)reason; /* the core remembers it */
    d->shutdown_noted = true;
}

static void op_release_frames(struct hv_domain *hvd, uint32_t mfn, uint32_t nr)
{
    const struct dom *d = hv_domain_owner(hvd);

    d->dm->engine->vm_release_frames(d->vm, mfn, nr);
}

static int op_unshare_frame(struct hv_domain *hvd, uint32_t mfn)
{
    const struct dom *d = hv_domain_owner(hvd);

    switch (d->dm->engine->vm_unshare_frame(d->vm, mfn)) {
    case 0:
        return 0;
    case -EINVAL:
        return -XEN_EINVAL;
    default:
        return -XEN_ENOMEM;
    }
}

static void *op_map_frame(struct hv_domain *hvd, uint32_t mfn, bool writable)
{
    const struct dom *d = hv_domain_owner(hvd);

    return d->dm->engine->vm_map_frame(d->vm, mfn, writable);
}

static void op_unmap_frame(struct hv_domain *hvd, uint32_t mfn, void *page)
{
    const struct dom *d = hv_domain_owner(hvd);

    d->dm->engine->vm_unmap_frame(d->vm, mfn, page);
}

/* dom_gone() waits for this. */
static void op_grants_unmapped(struct hv_domain *hvd)
{
    struct dom *d = hv_domain_owner(hvd);

    if (d->gone_waits)
        loop_post(d->w->loop, &d->gone);
}

const struct hv_ops daemon_hv_ops = {
    .alloc = op_alloc,
    .free = free,
    .kick = op_kick,
    .port_changed = op_port_changed,
    .console_write = op_console_write,
    .shutdown = op_shutdown,
    .release_frames = op_release_frames,
    .unshare_frame = op_unshare_frame,
    .map_frame = op_map_frame,
    .unmap_frame = op_unmap_frame,
    .grants_unmapped = op_grants_unmapped,
    .now_ns = clock_mono_ns,
};
