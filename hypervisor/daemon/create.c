/* SPDX-License-Identifier: ISC */
/* From a create request (or a restart) to a domain whose vCPU exists. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/errno.h>
#include <host/clock.h>
#include <host/fd.h>
#include <host/sysinfo.h>
#include "conn.h"
#include "templates.h"

static void run_go(struct loop_work *w);
static void console_notify(void *owner);
static void console_complain(void *owner, const char *text);
static void console_lock(void *ctx);
static void console_unlock(void *ctx);

static const struct console_events console_events = {
    .notify = console_notify,
    .complain = console_complain,
    .lock = console_lock,
    .unlock = console_unlock,
};

static void console_notify(void *owner)
{
    struct dom *d = owner;

    hv_evtchn_notify(d->hvd, (evtchn_port_t)d->console_port);
}

static void console_complain(void *owner, const char *text)
{
    dom_log(owner, "%s", text);
}

static void console_lock(void *ctx)
{
    daemon_lock(ctx);
}

static void console_unlock(void *ctx)
{
    daemon_unlock(ctx);
}

/* The guest rang its console port. */
static void console_rang(struct hv_domain *hvd, evtchn_port_t port, void *arg)
{
    struct dom *d = arg;

    (void)hvd;
    (void)port;
    d->console_rang = true;
}

void dom_free(struct dom *d)
{
    struct daemon *dm = d->dm;

    template_leave(d);
    free(d->kernel);
    free(d->cmdline);
    free(d->crash);
    free(d->heir_of);
    restart_remove(d);
    hold_release(d);
    if (d->w)
        d->w->nr_domains--;
    free(d);
    dm->nr_doms--;
    stop_check(dm);
}

static struct dom *dom_new(struct daemon *dm, struct worker *w,
                           const char *kernel, const char *cmdline)
{
    struct dom *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->dm = dm;
    d->w = w;
    d->kernel = strdup(kernel);
    d->cmdline = strdup(cmdline);
    d->go.run = run_go;
    d->delay.fd = -1;
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

    while ((hvd = hv_domain_next(dm->hv, hvd)))
        if (hv_domain_state(hvd) != HV_DOM_DYING &&
            !memcmp(hv_domain_uuid(hvd), uuid, 16))
            return true;
    return restart_has_uuid(dm, uuid);
}

/* Names and uuids of living domains, and of those on their way back. */
static int check_taken(struct daemon *dm, const char *name, const uint8_t *uuid,
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
    rc = check_taken(dm, r->name, r->have_uuid ? r->uuid : NULL, e);
    if (rc)
        return rc;
    if (fds[0] < 0)
        return ctl_refuse(e, CTL_INVALID,
                          "no descriptor for the kernel came along");
    if (r->ramdisk && fds[1] < 0)
        return ctl_refuse(e, CTL_INVALID,
                          "no descriptor for the ramdisk came along");
    if (dm->host_kib && r->memory_kb > dm->host_kib)
        return ctl_refuse(e, CTL_NO_MEMORY,
                          "memory: %llu KiB is more than this machine has "
                          "(%llu KiB)",
                          (unsigned long long)r->memory_kb,
                          (unsigned long long)dm->host_kib);
    return 0;
}

/* A uuid for a domain that was given none: RFC 4122, version 4 (random). */
static void make_uuid(uint8_t uuid[16])
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
        make_uuid(d->uuid);
    d->memory_kb = r->memory_kb;
    d->maxmem_kb = r->maxmem_kb;
    d->on_poweroff = r->on_poweroff;
    d->on_reboot = r->on_reboot;
    d->on_crash = r->on_crash;
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
    d = dom_new(dm, worker_choose(worker_self()), r->create.kernel,
                r->create.cmdline);
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

/* Frees what create_go() has made so far. */
static void undo(struct dom *d)
{
    if (d->console)
        console_destroy(d->console);
    d->console = NULL;
    dom_store_remove(d);
    if (d->hvd) {
        hv_domain_kill(d->hvd);
        hv_domain_destroy(d->hvd);
    }
    d->hvd = NULL;
    if (d->vm)
        d->dm->engine->vm_destroy(d->vm);
    d->vm = NULL;
}

void create_tell_heir(struct dom *d, int domid)
{
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
    replies_ended(&d->heir_replies, d->heir_of);
    free(d->heir_of);
    d->heir_of = NULL;
}

void create_fail(struct dom *d, const struct ctl_error *e)
{
    undo(d);
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

static int make_vm(struct dom *d, struct ctl_error *e)
{
    const struct engine_vm_params p = {
        .tmpl = template_of(d),
        .loop = d->w->loop,
        .events = &dom_events,
        .owner = d,
        .cpu = d->w->cpu,
    };
    struct engine_error err = {""};
    int rc;

    rc = d->dm->engine->vm_create(&p, &d->vm, &d->win, &err);
    if (rc)
        return ctl_refuse(e, error_name(rc, CTL_INTERNAL), "%s",
                          err.text[0] ? err.text : strerror(-rc));
    return 0;
}

static int make_hv_domain(struct dom *d, struct ctl_error *e)
{
    struct hv_domain_config cfg = {
        .name = d->name,
        .nr_pages = (uint32_t)(d->memory_kb / 4),
        .max_pages = (uint32_t)(d->maxmem_kb / 4),
        .nr_vcpus = 1,
        .shared_info = d->win.shared_info,
        .owner = d,
    };
    int rc;

    /* Once more: others may have come first while the template was made. */
    if (!d->heir_of) {
        rc = check_taken(d->dm, d->name, d->given_uuid ? d->uuid : NULL, e);
        if (rc)
            return rc;
    }
    memcpy(cfg.uuid, d->uuid, sizeof(cfg.uuid));
    rc = hv_domain_create(d->dm->hv, &cfg, &d->hvd);
    switch (rc) {
    case 0:
        return 0;
    case -XEN_EEXIST:
        return ctl_refuse(e, CTL_EXISTS, "a domain named \"%s\" exists already",
                          d->name);
    case -XEN_ENOSPC:
        return ctl_refuse(e, CTL_LIMIT, "no domain id is free");
    case -XEN_ENOMEM:
        return ctl_refuse(e, CTL_NO_MEMORY, "the daemon is out of memory");
    default:
        return ctl_refuse(e, CTL_INVALID,
                          "domain \"%s\" was refused (error %d)", d->name, -rc);
    }
}

/* Store first, then console: Xen's builder hands out 1 and 2. */
static int make_backends(struct dom *d, struct ctl_error *e)
{
    const struct console_params p = {
        .logs = d->dm->logs,
        .loop = d->w->loop,
        .ring = d->win.console,
        .name = d->name,
        .append = d->heir_of != NULL,
        .events = &console_events,
        .owner = d,
        .lock_ctx = d->dm,
    };

    d->store_port = hv_evtchn_bind_backend(d->hvd, dom_store_rang, d);
    d->console_port = hv_evtchn_bind_backend(d->hvd, console_rang, d);
    if (d->store_port < 0 || d->console_port < 0 ||
        console_create(&p, &d->console) || dom_store_add(d))
        return ctl_refuse(e, CTL_NO_MEMORY, "the daemon is out of memory");
    return 0;
}

static int spawn(struct dom *d, struct ctl_error *e)
{
    struct engine_error err = {""};
    int rc;

    d->state = DOM_SPAWNING;
    rc = d->dm->engine->vm_spawn(d->vm, hv_domain_id(d->hvd), d->cmdline,
                                 (unsigned)d->store_port,
                                 (unsigned)d->console_port, &err);
    if (rc == -E2BIG)
        return ctl_refuse(e, CTL_INVALID, "the command line is too long: %s",
                          err.text[0] ? err.text : "see cmdline=");
    if (rc)
        return ctl_refuse(e, error_name(rc, CTL_INTERNAL), "%s",
                          err.text[0] ? err.text : strerror(-rc));
    return 0;
}

/* Makes the domain; on d->w's thread, template there. */
static void create_go(struct dom *d)
{
    struct ctl_error e;
    int rc;

    dom_mark(d, MARK_TEMPLATE);
    if (d->dm->stopping)
        rc = ctl_refuse(&e, CTL_BUSY, "the daemon is stopping");
    else if (d->cancelled)
        rc = ctl_refuse(&e, CTL_GONE,
                        "domain %s was destroyed while it was being created",
                        d->name);
    else
        rc = make_vm(d, &e);
    dom_mark(d, MARK_MEMORY);
    if (!rc)
        rc = make_hv_domain(d, &e);
    if (!rc)
        rc = make_backends(d, &e);
    dom_mark(d, MARK_DOMAIN);
    if (!rc)
        rc = spawn(d, &e);
    dom_mark(d, MARK_SENT);
    if (rc)
        create_fail(d, &e);
}

static void run_go(struct loop_work *w)
{
    struct dom *d = CONTAINER_OF(w, struct dom, go);
    struct daemon *dm = d->dm;

    daemon_lock(dm);
    create_go(d);
    daemon_unlock(dm);
}

void create_template_ready(struct dom *d, int rc, const struct ctl_error *e)
{
    if (rc)
        create_fail(d, e);
    else if (d->w == worker_self())
        create_go(d);
    else
        loop_post(d->w->loop, &d->go);
}

void create_again(struct dom *old, const struct ended *record)
{
    struct dom *d = dom_new(old->dm, old->w, old->kernel, old->cmdline);

    if (d)
        d->heir_of = malloc(sizeof(*d->heir_of));
    if (!d || !d->heir_of) {
        log_line(old->dm, "%s: cannot be restarted: out of memory", old->name);
        if (d)
            dom_free(d);
        return;
    }
    *d->heir_of = *record;
    memcpy(d->name, old->name, sizeof(d->name));
    memcpy(d->uuid, old->uuid, sizeof(d->uuid));
    d->memory_kb = old->memory_kb;
    d->maxmem_kb = old->maxmem_kb;
    d->on_poweroff = old->on_poweroff;
    d->on_reboot = old->on_reboot;
    d->on_crash = old->on_crash;
    d->created_ns = clock_mono_ns();
    d->tsc = clock_tsc();
    d->heir_replies = old->wait_replies;
    old->wait_replies = NULL;
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
