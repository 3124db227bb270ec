/* SPDX-License-Identifier: ISC */
/*
 * config-update: what the next incarnation of a domain shall be like. It is
 * prepared as the structure that create_again() will take, with its template,
 * so that a bad image is refused now and not at the reboot; so is a place that
 * cannot be had.
 */

#include <string.h>
#include <host/fd.h>
#include "conn.h"
#include "templates.h"

/* Names and uuids are not changed this way. */
static int check_identity(const struct dom *d, const struct ctl_create *r,
                          struct ctl_error *e)
{
    if (strcmp(r->name, d->name) != 0)
        return ctl_refuse(
            e, CTL_INVALID,
            "name=\"%s\", but the domain is called \"%s\"; see xl "
            "rename",
            r->name, d->name);
    if (r->have_uuid && memcmp(r->uuid, d->uuid, sizeof(d->uuid)) != 0)
        return ctl_refuse(e, CTL_INVALID,
                          "uuid= is not the domain's, which cannot be changed");
    return 0;
}

static void close_both(int fds[2])
{
    fd_close(&fds[0]);
    fd_close(&fds[1]);
}

static void prepare(struct conn *c, const struct ctl_request *r, struct dom *d,
                    int fds[2])
{
    struct dom *next =
        dom_new(d->dm, d->w, r->create.kernel, r->create.cmdline);
    struct ctl_error e;
    int rc;

    if (next)
        next->create_reply = reply_new(c, r->id);
    else
        answer_error(c, r->id, CTL_NO_MEMORY, "the daemon is out of memory");
    if (!next || !next->create_reply) {
        close_both(fds);
        if (next)
            dom_free(next);
        return;
    }
    memcpy(next->name, d->name, sizeof(next->name));
    memcpy(next->uuid, d->uuid, sizeof(next->uuid));
    next->config = r->create.config;
    next->is_update = true;
    next->meant = hv_domain_id(d->hvd);
    rc = template_find(next, fds, &e);
    if (rc)
        update_ready(next, rc < 0 ? rc : 0, &e);
}

void update_request(struct conn *c, const struct ctl_request *r, int fds[2])
{
    struct dom *d = request_domain(c, r);
    struct ctl_error e;

    if (!d || request_refused_ended(c, r, d)) {
        close_both(fds);
        return;
    }
    if (check_identity(d, &r->create, &e) ||
        create_check_image(d->dm, &r->create, fds, &e) ||
        place_check(&r->create.config, &e)) {
        answer_error(c, r->id, e.name, "%s", e.text);
        close_both(fds);
        return;
    }
    prepare(c, r, d, fds);
}

void update_ready(struct dom *d, int rc, const struct ctl_error *e)
{
    struct hv_domain *hvd = hv_domain_by_id(d->dm->hv, d->meant);
    struct dom *old = hvd ? hv_domain_owner(hvd) : NULL;
    struct reply *r = d->create_reply;

    d->create_reply = NULL;
    d->is_update = false;
    /* The number may be somebody else's by now, the uuid is not. */
    if (!rc && (!old || old->ended || old->state == DOM_DYING ||
                memcmp(old->uuid, d->uuid, sizeof(d->uuid)) != 0)) {
        reply_refuse(r, CTL_GONE, "domain %s has ended meanwhile", d->name);
        dom_free(d);
        return;
    }
    if (rc) {
        reply_error(r, e);
        dom_free(d);
        return;
    }
    if (old->next_config)
        dom_free(old->next_config);
    old->next_config = d;
    dom_log(old, "configuration updated, for its next restart");
    reply_ok(r);
}
