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

/* So many rows fit a message whatever is in them: a row is below 512 bytes. */
#define ROWS_MAX 120

#define STATE_LETTERS 6
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

struct row {
    unsigned domid, vcpus;
    const char *name;
    char uuid[CTL_UUID_TEXT], state[STATE_LETTERS + 1];
    uint64_t memory_kb, maxmem_kb, cpu_ns, uptime_ns;
    const char *shutdown_reason; /* NULL = none                            */
    int pid;
};

static json_t *row_json(const struct row *r)
{
    return json_pack(
        "{s:i, s:s, s:s, s:s, s:I, s:I, s:i, s:s, s:I, s:I, s:s?, s:i}",
        "domid", (int)r->domid, "name", r->name, "uuid", r->uuid, "type", "pv",
        "memory_kb", (json_int_t)r->memory_kb, "maxmem_kb",
        (json_int_t)r->maxmem_kb, "vcpus", (int)r->vcpus, "state", r->state,
        "cpu_ns", (json_int_t)r->cpu_ns, "uptime_ns", (json_int_t)r->uptime_ns,
        "shutdown_reason", r->shutdown_reason, "pid", r->pid);
}

static json_t *host_row(const struct daemon *dm)
{
    struct row r = {
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
    return row_json(&r);
}

/* Between two incarnations: the old one's id. */
static json_t *heir_row(const struct dom *d)
{
    struct row r = {
        .domid = d->heir_of->domid,
        .vcpus = 1,
        .name = d->name,
        .memory_kb = d->config.memory_kb,
        .maxmem_kb = d->config.maxmem_kb,
        .shutdown_reason = d->heir_of->reason,
    };

    ctl_uuid_text(d->uuid, r.uuid);
    set_state(r.state, DYING);
    return row_json(&r);
}

static json_t *dom_row(const struct dom *d)
{
    const struct engine_ops *engine = d->dm->engine;
    struct row r = {
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
    return row_json(&r);
}

/* A row is NULL when there is no memory. */
static int add(json_t *rows, json_t *row)
{
    return json_array_append_new(rows, row) ? -ENOMEM : 0;
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

/* 0, -ENOMEM, or -ENOENT when request_domain() has answered. */
static int list_one(struct conn *c, const struct ctl_request *r, json_t *rows)
{
    const struct ctl_target *t = &r->target;
    struct dom *d;
    json_t *row;

    if (t->domid == 0 || (t->domid < 0 && !strcmp(t->name, "Domain-0")))
        return add(rows, host_row(c->w->dm));
    d = request_domain(c, r);
    if (!d)
        return -ENOENT;
    row = d->hvd ? dom_row(d) : heir_row(d);
    /* Too long for a message of many rows; left out if it is no UTF-8. */
    (void)json_object_set_new(row, "kernel", json_string(d->kernel));
    return add(rows, row);
}

/* Appends rows from id (from) on; (*next) = the id to go on from, or null. 0 or
 * -ENOMEM. */
static int list_rows(struct daemon *dm, uint64_t from, json_t *rows,
                     json_t **next)
{
    struct hv_domain *hvd = first_from(dm, from);
    const struct dom *heir = restart_next(dm, from);
    int rc = from == 0 ? add(rows, host_row(dm)) : 0;

    while (!rc && (hvd || heir) && json_array_size(rows) < ROWS_MAX) {
        if (hvd && (!heir || hv_domain_id(hvd) < heir->heir_of->domid)) {
            rc = add(rows, dom_row(hv_domain_owner(hvd)));
            hvd = hv_domain_next(dm->hv, hvd);
        } else {
            rc = add(rows, heir_row(heir));
            heir = restart_next(dm, heir->heir_of->domid + 1u);
        }
    }
    if (hvd && heir)
        *next = json_integer(MIN(hv_domain_id(hvd), heir->heir_of->domid));
    else if (hvd || heir)
        *next = json_integer(hvd ? hv_domain_id(hvd) : heir->heir_of->domid);
    return rc;
}

void req_list(struct conn *c, const struct ctl_request *r)
{
    json_t *rows = json_array(), *next = NULL, *obj;
    int rc;

    if (r->target.given)
        rc = list_one(c, r, rows);
    else
        rc = list_rows(c->w->dm, r->from, rows, &next);
    if (rc) {
        json_decref(rows);
        json_decref(next);
        if (rc == -ENOMEM)
            answer_error(c, r->id, CTL_NO_MEMORY,
                         "the daemon is out of memory");
        return;
    }
    obj = ctl_answer_ok(r->id);
    json_object_set_new(obj, "domains", rows);
    json_object_set_new(obj, "next", next ? next : json_null());
    conn_send(c, obj);
}
