/* SPDX-License-Identifier: ISC */
/* Requests that act on one domain. */

#include <string.h>
#include <xen/errno.h>
#include "conn.h"

/* The heir that a destroy of the domain it follows is meant for, too. */
static struct dom *heir_meant(struct daemon *dm, const struct ctl_target *t)
{
    if (t->domid <= 0 || hv_domain_by_id(dm->hv, (domid_t)t->domid))
        return NULL;
    return restart_by_id(dm, t->domid);
}

void req_destroy(struct conn *c, const struct ctl_request *r)
{
    struct dom *d = heir_meant(c->w->dm, &r->target);
    struct reply *reply;

    if (!d)
        d = request_domain(c, r);
    if (!d || (d->hvd && request_handed_over(c, r, d)))
        return;
    reply = reply_new(c, r->id);
    if (!reply)
        return;
    replies_add(&d->destroy_replies, reply);
    restart_cancel(d);
    if (d->hvd)
        dom_kill(d, "destroyed");
}

void req_pause(struct conn *c, const struct ctl_request *r)
{
    struct dom *d = request_domain(c, r);
    struct reply *reply;

    if (!d || request_refused_ended(c, r, d) || request_handed_over(c, r, d))
        return;
    reply = reply_new(c, r->id);
    if (reply)
        dom_pause(d, reply);
}

void req_unpause(struct conn *c, const struct ctl_request *r)
{
    struct dom *d = request_domain(c, r);
    struct reply *reply;

    if (!d || request_refused_ended(c, r, d) || request_handed_over(c, r, d))
        return;
    reply = reply_new(c, r->id);
    if (reply)
        dom_unpause(d, reply);
}

void req_console(struct conn *c, const struct ctl_request *r)
{
    struct dom *d = request_domain(c, r);
    struct console_tty *tty;
    json_t *obj;
    int rc;

    if (!d || (d->state != DOM_ENDED && request_refused_ended(c, r, d)) ||
        request_handed_over(c, r, d))
        return;
    rc = console_attach(d->console, r->write, &tty);
    if (rc) {
        answer_error(c, r->id, CTL_LIMIT,
                     "cannot open a terminal for the console of %s: %s",
                     d->name, strerror(-rc));
        return;
    }
    /* The connection may have closed while the request was handed over. */
    if (c->closed || conn_keep_tty(c, tty)) {
        console_tty_put(tty);
        answer_error(c, r->id, CTL_NO_MEMORY, "the daemon is out of memory");
        return;
    }
    dom_store_tty(d, console_tty_path(tty));
    obj = ctl_answer_ok(r->id);
    json_object_set_new(obj, "tty", json_string(console_tty_path(tty)));
    conn_send(c, obj);
}

void req_wait(struct conn *c, const struct ctl_request *r)
{
    struct daemon *dm = c->w->dm;
    struct dom *d = NULL;
    const struct ended *e;
    struct reply *reply;

    /* Also when the old one is still there, set aside. */
    if (r->target.domid > 0)
        d = restart_by_id(dm, r->target.domid);
    if (d) {
        /* Answered when the heir runs, or never will. */
        reply = reply_new(c, r->id);
        if (reply)
            replies_add(&d->heir_replies, reply);
        return;
    }
    if (r->target.domid > 0 &&
        !hv_domain_by_id(dm->hv, (domid_t)r->target.domid)) {
        e = ended_find(dm, r->target.domid);
        reply = e ? reply_new(c, r->id) : NULL;
        if (reply) {
            replies_ended(&reply, e);
            return;
        }
        if (e)
            return;
    }
    d = request_domain(c, r);
    if (!d)
        return;
    reply = reply_new(c, r->id);
    if (!reply)
        return;
    replies_add(&d->wait_replies, reply);
    if (d->state == DOM_ENDED && !d->act_later)
        dom_tell_waiters(d);
}

void req_rename(struct conn *c, const struct ctl_request *r)
{
    struct dom *d = request_domain(c, r);
    int rc;

    /* One that has ended and stays can be renamed, too. */
    if (!d || (d->state != DOM_ENDED && request_refused_ended(c, r, d)) ||
        request_handed_over(c, r, d))
        return;
    rc = dom_rename(d, r->name);
    if (rc == -XEN_EEXIST) {
        answer_error(c, r->id, CTL_EXISTS,
                     "a domain named \"%s\" exists already", r->name);
        return;
    }
    if (rc == -XEN_EINVAL) {
        answer_error(c, r->id, CTL_INVALID, "name \"%s\": %s", r->name,
                     hv_name_check(r->name) ? hv_name_check(r->name)
                                            : "not possible");
        return;
    }
    if (rc) {
        answer_error(c, r->id, CTL_NO_MEMORY, "the daemon is out of memory");
        return;
    }
    answer_ok(c, r->id);
}
