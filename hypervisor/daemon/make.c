/* SPDX-License-Identifier: ISC */
/* Making a domain whose template is there: memory, core domain, backends, and
 * the request for its process. */

#include <errno.h>
#include <string.h>
#include <xen/errno.h>
#include "conn.h"
#include "templates.h"

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

void make_undo(struct dom *d)
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

static int make_vm(struct dom *d, struct ctl_error *e)
{
    const struct engine_vm_params p = {
        .tmpl = template_of(d),
        .loop = d->w->loop,
        .events = &dom_events,
        .owner = d,
        .cpu = d->config.have_cpus ? -1 : d->w->cpu,
    };
    struct engine_error err = {""};
    int rc;

    rc = d->dm->engine->vm_create(&p, &d->vm, &d->win, &err);
    if (rc && templates_make_room(d->dm, rc))
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
        .nr_pages = (uint32_t)(d->config.memory_kb / 4),
        .max_pages = (uint32_t)(d->config.maxmem_kb / 4),
        .nr_vcpus = 1,
        .max_event_channels = d->config.max_event_channels,
        .max_grant_frames = d->config.max_grant_frames,
        .shared_info = d->win.shared_info,
        .owner = d,
    };
    struct hv *hv = d->dm->hv;
    int rc;

    /* Once more: others may have come first while the template was made. */
    if (!d->heir_of) {
        rc = create_check_taken(d->dm, d->name, d->given_uuid ? d->uuid : NULL,
                                e);
        if (rc)
            return rc;
    }
    memcpy(cfg.uuid, d->uuid, sizeof(cfg.uuid));
    rc = hv_domain_create(hv, &cfg, &d->hvd);
    switch (rc) {
    case 0:
        return 0;
    case -XEN_EEXIST:
        return ctl_refuse(e, CTL_EXISTS, "a domain named \"%s\" exists already",
                          d->name);
    case -XEN_ENOSPC:
        return ctl_refuse(e, CTL_LIMIT,
                          "all %u domain ids (%u to %u) are taken; destroy a "
                          "domain, or start another midge-hv in a run "
                          "directory of its own (MIDGE_RUN)",
                          hv_last_id(hv) - hv_first_id(hv) + 1u,
                          hv_first_id(hv), hv_last_id(hv));
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

static int spawn_vm(struct dom *d, struct engine_error *err)
{
    return d->dm->engine->vm_spawn(d->vm, hv_domain_id(d->hvd), d->cmdline,
                                   (unsigned)d->store_port,
                                   (unsigned)d->console_port, err);
}

static int spawn(struct dom *d, struct ctl_error *e)
{
    struct engine_error err = {""};
    int rc;

    d->state = DOM_SPAWNING;
    rc = spawn_vm(d, &err);
    if (rc && templates_make_room(d->dm, rc))
        rc = spawn_vm(d, &err);
    if (rc == -E2BIG)
        return ctl_refuse(e, CTL_INVALID, "the command line is too long: %s",
                          err.text[0] ? err.text : "see cmdline=");
    if (rc)
        return ctl_refuse(e, error_name(rc, CTL_INTERNAL), "%s",
                          err.text[0] ? err.text : strerror(-rc));
    return 0;
}

void make_go(struct dom *d)
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

void make_again(struct dom *d)
{
    make_undo(d);
    d->state = DOM_TEMPLATE;
    make_go(d);
}

void make_run_go(struct loop_work *w)
{
    struct dom *d = CONTAINER_OF(w, struct dom, go);
    struct daemon *dm = d->dm;

    daemon_lock(dm);
    make_go(d);
    daemon_unlock(dm);
}
