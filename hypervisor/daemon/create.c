/* SPDX-License-Identifier: ISC */
/* Create requests and restarts: what is checked before a domain is made, and
 * what is said afterwards. make.c makes it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/sysinfo.h>
#include "conn.h"
#include "templates.h"

void dom_free(struct dom *d)
{
    struct daemon *dm = d->dm;

    template_leave(d);
    free(d->kernel);
    free(d->cmdline);
    free(d->crash);
    free(d->refusal);
    free(d->heir_of);
    restart_remove(d);
    hold_release(d);
    dump_cancel(d);
    if (d->next_config)
        dom_free(d->next_config);
    if (d->w)
        d->w->nr_domains--;
    free(d);
    dm->nr_doms--;
    stop_check(dm);
}

struct dom *dom_new(struct daemon *dm, struct worker *w, const char *kernel,
                    const char *cmdline)
{
    struct dom *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->dm = dm;
    d->w = w;
    d->kernel = strdup(kernel);
    d->cmdline = strdup(cmdline);
    d->go.run = make_run_go;
    d->delay.fd = -1;
    d->new_domid = -1;
    if (!d->kernel || !d->cmdline) {
        free(d->kernel);
        free(d->cmdline);
        free(d);
        return NULL;
    }
    w->nr_domains++;
    dm->nr_doms++;
    return d;
}

static bool uuid_is_used(struct daemon *dm, const uint8_t uuid[16])
{
    struct hv_domain *hvd = NULL;

    while ((hvd = hv_domain_next(dm->hv, hvd))) {
        const struct dom *d = hv_domain_owner(hvd);

        /* Not hv_domain_uuid(): a domain set aside has got another. */
        if (hv_domain_state(hvd) != HV_DOM_DYING && !memcmp(d->uuid, uuid, 16))
            return true;
    }
    return restart_has_uuid(dm, uuid);
}

/* Names and uuids of living domains, and of those on their way back. */
int create_check_taken(struct daemon *dm, const char *name, const uint8_t *uuid,
                       struct ctl_error *e)
{
    char text[CTL_UUID_TEXT];

    if (hv_domain_by_name(dm->hv, name))
        return ctl_refuse(e, CTL_EXISTS, "a domain named \"%s\" exists already",
                          name);
    if (restart_by_name(dm, name))
        return ctl_refuse(e, CTL_EXISTS,
                          "a domain named \"%s\" exists already; it is being "
                          "restarted",
                          name);
    if (!uuid || !uuid_is_used(dm, uuid))
        return 0;
    ctl_uuid_text(uuid, text);
    return ctl_refuse(e, CTL_EXISTS,
                      "a domain with uuid=\"%s\" exists already; leave uuid= "
                      "out to get a new one",
                      text);
}

int create_check_image(const struct daemon *dm, const struct ctl_create *r,
                       const int fds[2], struct ctl_error *e)
{
    if (fds[0] < 0)
        return ctl_refuse(e, CTL_INVALID,
                          "no descriptor for the kernel came along");
    if (r->ramdisk && fds[1] < 0)
        return ctl_refuse(e, CTL_INVALID,
                          "no descriptor for the ramdisk came along");
    /* maxmem is what it can use, whatever it says to have (ARCHITECTURE.md). */
    if (dm->host_kib && r->config.maxmem_kb > dm->host_kib)
        return ctl_refuse(
            e, CTL_NO_MEMORY,
            "%s: %llu KiB is more than this machine has "
            "(%llu KiB)",
            r->config.memory_kb > dm->host_kib ? "memory" : "maxmem",
            (unsigned long long)MAX(r->config.memory_kb, r->config.maxmem_kb),
            (unsigned long long)dm->host_kib);
    return 0;
}

/* Refuses what is known to fail before any work is done. */
static int check_request(struct daemon *dm, const struct ctl_create *r,
                         const int fds[2], struct ctl_error *e)
{
    const char *why = hv_name_check(r->name);
    int rc;

    if (dm->stopping)
        return ctl_refuse(e, CTL_BUSY, "the daemon is stopping");
    if (why)
        return ctl_refuse(e, CTL_INVALID, "name=\"%s\": %s", r->name, why);
    rc = create_check_taken(dm, r->name, r->have_uuid ? r->uuid : NULL, e);
    if (rc)
        return rc;
    return create_check_image(dm, r, fds, e);
}

/* A uuid for a domain that was given none: RFC 4122, version 4 (random). */
void create_uuid(uint8_t uuid[16])
{
    sysinfo_random(uuid, 16);
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static void fill(struct dom *d, const struct ctl_create *r, uint64_t now_ns,
                 uint64_t tsc)
{
    snprintf(d->name, sizeof(d->name), "%s", r->name);
    d->given_uuid = r->have_uuid;
    if (r->have_uuid)
        memcpy(d->uuid, r->uuid, sizeof(d->uuid));
    else
        create_uuid(d->uuid);
    d->config = r->config;
    d->start_paused = r->paused;
    d->created_ns = now_ns;
    d->tsc = tsc;
}

void create_request(struct conn *c, const struct ctl_request *r, int fds[2],
                    uint64_t now_ns, uint64_t tsc)
{
    struct daemon *dm = c->w->dm;
    struct dom *d = NULL;
    struct ctl_error e;
    int rc;

    rc = check_request(dm, &r->create, fds, &e);
    if (rc)
        goto refused;
    d = dom_new(dm,
                place_worker(worker_choose(worker_self()), &r->create.config),
                r->create.kernel, r->create.cmdline);
    if (d)
        d->create_reply = reply_new(c, r->id);
    if (!d || !d->create_reply ||
        (r->create.hold && r->create.paused && hold_begin(c, d))) {
        (void)ctl_refuse(&e, CTL_NO_MEMORY, /* fills (e) */
                         "the daemon is out of memory");
        goto refused;
    }
    fill(d, &r->create, now_ns, tsc);
    dom_mark(d, MARK_PARSED);
    rc = template_find(d, fds, &e);
    if (rc < 0)
        create_fail(d, &e);
    else if (rc > 0)
        create_template_ready(d, 0, NULL);
    return;
refused:
    fd_close(&fds[0]);
    fd_close(&fds[1]);
    if (!d || !d->create_reply)
        answer_error(c, r->id, e.name, "%s", e.text);
    else
        reply_error(d->create_reply, &e);
    if (d)
        dom_free(d);
}

void create_tell_heir(struct dom *d, int domid)
{
    struct hv_domain *old;
    struct ended *e;

    if (!d->heir_of)
        return;
    restart_remove(d);
    d->heir_of->new_domid = domid;
    if (domid < 0)
        d->heir_of->action = ctl_action_name(CTL_DESTROY);
    e = ended_find(d->dm, d->heir_of->domid);
    if (e) {
        e->new_domid = domid;
        e->action = d->heir_of->action;
    }
    /* Set aside by rename-restart, it is still there and may tell itself. */
    old = hv_domain_by_id(d->dm->hv, d->heir_of->domid);
    if (old)
        ((struct dom *)hv_domain_owner(old))->new_domid = domid;
    replies_ended(&d->heir_replies, d->heir_of);
    free(d->heir_of);
    d->heir_of = NULL;
}

void create_fail(struct dom *d, const struct ctl_error *e)
{
    make_undo(d);
    if (d->cancelled)
        log_line(d->dm, "%s: destroyed", d->name);
    else if (d->heir_of)
        log_line(d->dm, "%s: cannot be restarted: %s", d->name, e->text);
    create_tell_heir(d, -1);
    reply_error(d->create_reply, e);
    replies_ok(&d->destroy_replies);
    replies_gone(&d->pause_replies, d->name);
    replies_gone(&d->unpause_replies, d->name);
    replies_gone(&d->wait_replies, d->name);
    dom_free(d);
}

void create_template_ready(struct dom *d, int rc, const struct ctl_error *e)
{
    if (d->is_update)
        update_ready(d, rc, e);
    else if (rc)
        create_fail(d, e);
    else if (d->w == worker_self())
        make_go(d);
    else
        loop_post(d->w->loop, &d->go);
}

void create_again(struct dom *old, const struct ended *record,
                  const uint8_t uuid[16])
{
    struct dom *d = old->next_config;
    bool updated = d != NULL;

    old->next_config = NULL;
    if (!d)
        d = dom_new(old->dm, old->w, old->kernel, old->cmdline);
    if (d)
        d->heir_of = malloc(sizeof(*d->heir_of));
    if (!d || !d->heir_of) {
        log_line(old->dm, "%s: cannot be restarted: out of memory", old->name);
        if (d)
            dom_free(d);
        return;
    }
    *d->heir_of = *record;
    memcpy(d->name, record->name, sizeof(d->name));
    memcpy(d->uuid, uuid, sizeof(d->uuid));
    if (!updated)
        d->config = old->config;
    d->created_ns = clock_mono_ns();
    d->tsc = clock_tsc();
    d->heir_replies = old->wait_replies;
    old->wait_replies = NULL;
    if (!updated)
        template_share(d, old);
    restart_add(d);
    restart_go(d, old);
}

static json_t *marks_of(const struct dom *d)
{
    static const char *const names[NR_MARKS] = {
        [MARK_PARSED] = "parsed", [MARK_TEMPLATE] = "template",
        [MARK_MEMORY] = "memory", [MARK_DOMAIN] = "domain",
        [MARK_SENT] = "sent",     [MARK_FORKED] = "forked",
        [MARK_GATE] = "gate",
    };
    json_t *obj = json_object();
    unsigned i;

    for (i = 0; i < NR_MARKS; i++)
        if (d->mark[i])
            json_object_set_new(obj, names[i],
                                json_integer((json_int_t)d->mark[i]));
    return obj;
}

void create_done(struct dom *d)
{
    struct reply *r = d->create_reply;
    domid_t domid = hv_domain_id(d->hvd);
    json_t *obj;

    d->create_reply = NULL;
    if (r) {
        obj = ctl_answer_ok(r->id);
        json_object_set_new(obj, "domid", json_integer(domid));
        json_object_set_new(obj, "created_ns",
                            json_integer((json_int_t)d->created_ns));
        json_object_set_new(obj, "tsc", json_integer((json_int_t)d->tsc));
        json_object_set_new(obj, "marks", marks_of(d));
        reply_send(r, obj);
    }
    create_tell_heir(d, domid);
}
