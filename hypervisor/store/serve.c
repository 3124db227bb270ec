/* SPDX-License-Identifier: ISC */
/* Requests by number: who may ask, what it is called with, how it is answered. */
#include "internal.h"

void request_answer(struct request *r, const void *bytes, size_t len)
{
    memcpy(r->out + r->out_len, bytes, len);
    r->out_len += len;
}

int request_path(const struct request *r, char path[XENSTORE_ABS_PATH_MAX + 1])
{
    const char *s;
    size_t prefix;

    if (xs_strings(r->in, r->len, &s, 1) != 1)
        return -XEN_EINVAL;
    return xs_path_absolute(s, r->c->dom->id, path, &prefix);
}

static int ack(struct request *r, int rc)
{
    if (!rc)
        request_answer(r, "OK", 3);
    return rc;
}

static int xs_req_write(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    const char *end = r->len ? memchr(r->in, '\0', r->len) : NULL;
    size_t prefix, used;
    int rc;

    if (!end)
        return -XEN_EINVAL;
    used = (size_t)(end - r->in) + 1;
    rc = xs_path_absolute(r->in, r->c->dom->id, path, &prefix);
    if (!rc)
        rc = modify_write(r->c, r->t, path, end + 1, r->len - used);
    return ack(r, rc);
}

static int xs_req_mkdir(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    int rc = request_path(r, path);

    return ack(r, rc ? rc : modify_mkdir(r->c, r->t, path));
}

static int xs_req_rm(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    int rc = request_path(r, path);

    return ack(r, rc ? rc : modify_rm(r->c, r->t, path));
}

static int set_special_perms(struct request *r, int which,
                             const struct xs_perm *p, unsigned nr)
{
    struct xs_store *s = r->c->s;
    struct perms *perms;

    if (!dom_privileged(r->c->dom))
        return -XEN_EACCES;
    perms = perms_new(s, p, nr);
    if (!perms)
        return -XEN_ENOMEM;
    perms_put(s, s->special_perms[which]);
    s->special_perms[which] = perms;
    return 0;
}

/* As many as fit in a message: "n0" and a NUL are the shortest. */
#define MAX_PERMS 256

static int xs_req_set_perms(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct xs_perm p[MAX_PERMS];
    const char *s[MAX_PERMS + 1];
    int i, n, rc, special;
    size_t prefix;

    n = xs_strings(r->in, r->len, s, MAX_PERMS + 1);
    if (n < 2)
        return n == -XEN_E2BIG ? -XEN_ENOSPC : -XEN_EINVAL;
    for (i = 1; i < n; i++)
        if (xs_perm_parse(s[i], &p[i - 1]))
            return -XEN_EINVAL;
    if ((unsigned)n - 1 > XS_QUOTA_PERMS && !dom_privileged(r->c->dom))
        return -XEN_ENOSPC;
    special = special_find(s[0]);
    if (special >= 0)
        return ack(r, set_special_perms(r, special, p, (unsigned)n - 1));
    rc = xs_path_absolute(s[0], r->c->dom->id, path, &prefix);
    if (!rc)
        rc = modify_perms(r->c, r->t, path, p, (unsigned)n - 1);
    return ack(r, rc);
}

/* Two strings; clients may send more behind them. */
static int watch_args(const struct request *r, const char *s[2])
{
    const char *more[4];
    int n = xs_strings(r->in, r->len, more, 4);

    if (n < 2)
        return -XEN_EINVAL;
    s[0] = more[0];
    s[1] = more[1];
    return 0;
}

static int xs_req_watch(struct request *r)
{
    const char *s[2];
    int rc = watch_args(r, s);

    if (!rc)
        rc = watch_add(r->c, s[0], s[1]);
    r->first_event = !rc;
    return ack(r, rc);
}

static int xs_req_unwatch(struct request *r)
{
    const char *s[2];
    int rc = watch_args(r, s);

    return ack(r, rc ? rc : watch_del(r->c, s[0], s[1]));
}

static int xs_req_reset_watches(struct request *r)
{
    watch_del_all(r->c);
    while (r->c->txns)
        txn_abort(r->c->txns);
    return ack(r, 0);
}

static int xs_req_transaction_start(struct request *r)
{
    char number[XS_NUMBER_MAX];
    uint32_t id;
    int rc;

    if (r->t)
        return -XEN_EBUSY;
    rc = txn_start(r->c, &id);
    if (!rc)
        request_answer(r, number, xs_print_number(id, number) + 1);
    return rc;
}

static int xs_req_transaction_end(struct request *r)
{
    const char *s;

    if (xs_strings(r->in, r->len, &s, 1) != 1 ||
        (strcmp(s, "T") != 0 && strcmp(s, "F") != 0))
        return -XEN_EINVAL;
    if (!r->t)
        return -XEN_ENOENT;
    if (*s == 'T')
        return ack(r, txn_commit(r->t));
    txn_abort(r->t);
    return ack(r, 0);
}

static const struct {
    request_fn *fn;
    bool privileged;
} requests[XS_TYPE_COUNT] = {
    [XS_CONTROL] = {xs_req_control, true},
    [XS_DIRECTORY] = {xs_req_directory, false},
    [XS_READ] = {xs_req_read, false},
    [XS_GET_PERMS] = {xs_req_get_perms, false},
    [XS_WATCH] = {xs_req_watch, false},
    [XS_UNWATCH] = {xs_req_unwatch, false},
    [XS_TRANSACTION_START] = {xs_req_transaction_start, false},
    [XS_TRANSACTION_END] = {xs_req_transaction_end, false},
    [XS_INTRODUCE] = {xs_req_introduce, true},
    [XS_RELEASE] = {xs_req_release, true},
    [XS_GET_DOMAIN_PATH] = {xs_req_get_domain_path, false},
    [XS_WRITE] = {xs_req_write, false},
    [XS_MKDIR] = {xs_req_mkdir, false},
    [XS_RM] = {xs_req_rm, false},
    [XS_SET_PERMS] = {xs_req_set_perms, false},
    [XS_IS_DOMAIN_INTRODUCED] = {xs_req_is_introduced, false},
    [XS_RESUME] = {xs_req_resume, true},
    [XS_SET_TARGET] = {xs_req_set_target, true},
    [XS_RESET_WATCHES] = {xs_req_reset_watches, false},
    [XS_DIRECTORY_PART] = {xs_req_directory_part, false},
};

static int dispatch(struct request *r)
{
    const struct xsd_sockmsg *h = &r->c->head;

    if (h->type >= XS_TYPE_COUNT || !requests[h->type].fn)
        return -XEN_ENOSYS;
    if (h->tx_id) {
        r->t = txn_find(r->c, h->tx_id);
        if (!r->t)
            return -XEN_ENOENT;
    }
    if (requests[h->type].privileged && !dom_privileged(r->c->dom))
        return -XEN_EACCES;
    return requests[h->type].fn(r);
}

void xs_conn_serve(struct xs_conn *c)
{
    struct request r = {
        .c = c,
        .in = c->payload ? c->payload : "",
        .len = c->head.len,
        .out = c->s->out,
    };
    struct xsd_sockmsg h = c->head;
    int rc = dispatch(&r);

    if (rc) {
        const char *name = xs_error_name(rc);

        h.type = XS_ERROR;
        r.out_len = 0;
        request_answer(&r, name, strlen(name) + 1);
    }
    h.len = (uint32_t)r.out_len;
    xs_conn_queue(c, &h, r.out, NULL);
    if (r.first_event)
        watch_fire_first(c);
}
