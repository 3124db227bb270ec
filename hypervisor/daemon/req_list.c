/* SPDX-License-Identifier: ISC */
/* `list': what domains there are and what they do. */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <xen/sched.h>
#include <host/clock.h>
#include <host/process.h>
#include <host/sysinfo.h>
#include "conn.h"

#define STATE_LETTERS CTL_STATE_LETTERS
static const char state_letters[STATE_LETTERS + 1] = "rbpscd";
enum { RUNNING, BLOCKED, PAUSED, SHUTDOWN, CRASHED, DYING };

static void set_state(char text[STATE_LETTERS + 1], unsigned what)
{
    memset(text, '-', STATE_LETTERS);
    text[STATE_LETTERS] = '\0';
    text[what] = state_letters[what];
}

static void dom_state_text(const struct dom *d, char text[STATE_LETTERS + 1])
{
    memset(text, '-', STATE_LETTERS);
    text[STATE_LETTERS] = '\0';
    if (d->state == DOM_DYING) {
        set_state(text, DYING);
    } else if (d->ended) {
        /* Both, as Xen's xl prints them. */
        set_state(text, SHUTDOWN);
        if (hv_domain_shutdown_reason(d->hvd) == SHUTDOWN_crash)
            text[CRASHED] = state_letters[CRASHED];
    } else if (d->paused) {
        set_state(text, PAUSED);
    } else if (d->state == DOM_ALIVE) {
        set_state(text, d->win.portal->vcpu_state == PORTAL_VCPU_BLOCKED
                            ? BLOCKED
                            : RUNNING);
    }
}

static struct ctl_row host_row(const struct daemon *dm)
{
    struct ctl_row r = {
        .domid = 0,
        .vcpus = dm->nr_cpus,
        .name = "Domain-0",
        .memory_kb = dm->host_kib,
        .maxmem_kb = dm->host_kib,
        .cpu_ns = process_cpu_ns(process_self()),
        .uptime_ns = clock_mono_ns(), /* since it was booted               */
        .pid = process_self(),
    };
    static const uint8_t no_uuid[16];

    ctl_uuid_text(no_uuid, r.uuid);
    set_state(r.state, RUNNING);
    return r;
}

/* Between two incarnations: the old one's id. */
static struct ctl_row heir_row(const struct dom *d)
{
    struct ctl_row r = {
        .domid = d->heir_of->domid,
        .vcpus = 1,
        .name = d->name,
        .memory_kb = d->config.memory_kb,
        .maxmem_kb = d->config.maxmem_kb,
        .shutdown_reason = d->heir_of->reason,
    };

    ctl_uuid_text(d->uuid, r.uuid);
    set_state(r.state, DYING);
    return r;
}

static struct ctl_row dom_row(const struct dom *d)
{
    const struct engine_ops *engine = d->dm->engine;
    struct ctl_row r = {
        .domid = hv_domain_id(d->hvd),
        .vcpus = hv_domain_nr_vcpus(d->hvd),
        .name = d->name,
        .memory_kb = (uint64_t)hv_domain_nr_pages(d->hvd) * 4,
        .maxmem_kb = (uint64_t)hv_domain_max_pages(d->hvd) * 4,
        .cpu_ns = engine->vm_cpu_ns(d->vm),
        .uptime_ns = clock_mono_ns() - d->created_ns,
        .shutdown_reason = d->ended ? d->reason : NULL,
        .pid = engine->vm_pid(d->vm),
    };

    ctl_uuid_text(d->uuid, r.uuid);
    dom_state_text(d, r.state);
    return r;
}

/* The first domain with id >= (from), 0 not included. */
static struct hv_domain *first_from(struct daemon *dm, uint64_t from)
{
    struct hv_domain *hvd;

    if (from <= 1)
        return hv_domain_next(dm->hv, NULL);
    hvd = hv_domain_by_id(dm->hv, (domid_t)from);
    if (hvd)
        return hvd;
    for (hvd = hv_domain_next(dm->hv, NULL); hvd;
         hvd = hv_domain_next(dm->hv, hvd))
        if (hv_domain_id(hvd) >= from)
            break;
    return hvd;
}

/* False: request_domain() has answered. */
static bool one_row(struct conn *c, const struct ctl_request *r,
                    struct ctl_row *row)
{
    const struct ctl_target *t = &r->target;
    const struct dom *d;

    if (t->domid == 0 || (t->domid < 0 && !strcmp(t->name, "Domain-0"))) {
        *row = host_row(c->w->dm);
        return true;
    }
    d = request_domain(c, r);
    if (!d)
        return false;
    *row = d->hvd ? dom_row(d) : heir_row(d);
    row->kernel = d->kernel; /* not with many: it may be long */
    return true;
}

/* Adds rows from id (from) on; returns the id to go on from, or -1. */
static int64_t add_rows(struct daemon *dm, uint64_t from, struct ctl_list *l)
{
    struct hv_domain *hvd = first_from(dm, from);
    const struct dom *heir = restart_next(dm, from);
    struct ctl_row row = host_row(dm);
    int rc = from == 0 ? ctl_list_add(l, &row) : 0;

    while (!rc && (hvd || heir)) {
        if (hvd && (!heir || hv_domain_id(hvd) < heir->heir_of->domid)) {
            row = dom_row(hv_domain_owner(hvd));
            rc = ctl_list_add(l, &row);
            if (!rc)
                hvd = hv_domain_next(dm->hv, hvd);
        } else {
            row = heir_row(heir);
            rc = ctl_list_add(l, &row);
            if (!rc)
                heir = restart_next(dm, heir->heir_of->domid + 1u);
        }
    }
    if (hvd && heir)
        return MIN(hv_domain_id(hvd), heir->heir_of->domid);
    if (hvd || heir)
        return hvd ? hv_domain_id(hvd) : heir->heir_of->domid;
    return -1;
}

void req_list(struct conn *c, const struct ctl_request *r)
{
    struct ctl_list l;
    struct ctl_row row;
    int64_t next = -1;
    size_t len = 0;
    char *bytes;

    if (r->target.given && !one_row(c, r, &row))
        return;
    if (ctl_list_begin(&l, r->id)) {
        answer_error(c, r->id, CTL_NO_MEMORY, "the daemon is out of memory");
        return;
    }
    if (!r->target.given) {
        next = add_rows(c->w->dm, r->from, &l);
    } else if (ctl_list_add(&l, &row)) {
        ctl_list_drop(&l);
        answer_error(c, r->id, CTL_INTERNAL,
                     "the kernel's name is too long to be told");
        return;
    }
    bytes = ctl_list_end(&l, next, &len);
    conn_send_message(c, bytes, len);
}
