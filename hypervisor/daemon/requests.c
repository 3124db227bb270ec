/* SPDX-License-Identifier: ISC */
/* From a checked request to the code that serves it. */

#include <stdlib.h>
#include <string.h>
#include "conn.h"

typedef void serve_fn(struct conn *c, const struct ctl_request *r);

/* create and config-update are missing: they take descriptors. */
static serve_fn *const serve[CTL_NR_OPS] = {
    [CTL_OP_HELLO] = req_hello,       [CTL_OP_DESTROY] = req_destroy,
    [CTL_OP_PAUSE] = req_pause,       [CTL_OP_UNPAUSE] = req_unpause,
    [CTL_OP_LIST] = req_list,         [CTL_OP_CONSOLE] = req_console,
    [CTL_OP_WAIT] = req_wait,         [CTL_OP_RENAME] = req_rename,
    [CTL_OP_SHUTDOWN] = req_shutdown, [CTL_OP_SYSRQ] = req_sysrq,
    [CTL_OP_TRIGGER] = req_trigger,   [CTL_OP_DUMP_CORE] = req_dump_core,
    [CTL_OP_INFO] = req_info,         [CTL_OP_DMESG] = req_dmesg,
    [CTL_OP_STOP] = req_stop,
};

void request_serve(struct conn *c, struct ctl_request *r, uint64_t now_ns,
                   uint64_t tsc)
{
    int fds[2] = {-1, -1};

    if (r->op == CTL_OP_DUMP_CORE)
        conn_take_fds(c, &r->fd, 1);
    if (r->op != CTL_OP_CREATE && r->op != CTL_OP_CONFIG_UPDATE) {
        serve[r->op](c, r);
        return;
    }
    conn_take_fds(c, fds, MIN(r->nr_fds, 2u));
    if (r->op == CTL_OP_CREATE)
        create_request(c, r, fds, now_ns, tsc);
    else
        update_request(c, r, fds);
}

struct dom *request_domain(struct conn *c, const struct ctl_request *r)
{
    struct daemon *dm = c->w->dm;
    const struct ctl_target *t = &r->target;
    struct hv_domain *hvd;
    struct dom *d;

    if (t->domid == 0 || (t->domid < 0 && !strcmp(t->name, "Domain-0"))) {
        answer_error(c, r->id, CTL_DENIED,
                     "Domain-0 is this host: %s is not for it",
                     ctl_op_name(r->op));
        return NULL;
    }
    if (t->domid > 0)
        hvd = hv_domain_by_id(dm->hv, (domid_t)t->domid);
    else
        hvd = hv_domain_by_name(dm->hv, t->name);
    if (hvd)
        return hv_domain_owner(hvd);
    d = t->domid > 0 ? NULL : restart_by_name(dm, t->name);
    if (d)
        return d;
    if (t->domid > 0 && restart_by_id(dm, t->domid))
        answer_error(c, r->id, CTL_GONE,
                     "domain %d has ended and is being restarted",
                     (int)t->domid);
    else if (t->domid > 0 && r->op == CTL_OP_CONSOLE &&
             ended_find(dm, t->domid))
        answer_error(c, r->id, CTL_GONE, "domain %d has ended", (int)t->domid);
    else if (t->domid > 0)
        answer_error(c, r->id, CTL_NOT_FOUND, "there is no domain with id %d",
                     (int)t->domid);
    else
        answer_error(c, r->id, CTL_NOT_FOUND, "there is no domain named \"%s\"",
                     t->name);
    return NULL;
}

bool request_refused_ended(struct conn *c, const struct ctl_request *r,
                           const struct dom *d)
{
    if (d->hvd && !d->ended && d->state != DOM_DYING)
        return false;
    answer_error(c, r->id, CTL_GONE,
                 d->hvd ? "domain %s has ended"
                        : "domain %s is being restarted",
                 d->name);
    return true;
}

/* A request on its way to another worker. */
struct handed {
    struct loop_work work;
    struct conn *conn;
    struct ctl_request r;
};

static void serve_handed(struct loop_work *w)
{
    struct handed *h = CONTAINER_OF(w, struct handed, work);
    struct conn *c = h->conn;
    struct daemon *dm = c->w->dm;

    daemon_lock(dm);
    serve[h->r.op](c, &h->r);
    conn_put(c);
    daemon_unlock(dm);
    free(h);
}

bool request_handed_over(struct conn *c, const struct ctl_request *r,
                         const struct dom *d)
{
    struct handed *h;

    if (d->w == worker_self())
        return false;
    h = malloc(sizeof(*h));
    if (!h) {
        answer_error(c, r->id, CTL_NO_MEMORY, "the daemon is out of memory");
        return true;
    }
    h->work.run = serve_handed;
    h->conn = c;
    h->r = *r;
    /* By id from here on: the name may change hands meanwhile. */
    h->r.target.domid = hv_domain_id(d->hvd);
    conn_get(c);
    loop_post(d->w->loop, &h->work);
    return true;
}
