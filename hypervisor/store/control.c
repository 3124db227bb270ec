/* SPDX-License-Identifier: ISC */
/* What privileged clients may ask about domains, and the CONTROL request. */
#include "internal.h"

/* The numbers that the payload begins with, up to (n). */
static int numbers(const struct request *r, unsigned n, uint64_t *out)
{
    const char *s[4];
    unsigned i;

    if (xs_strings(r->in, r->len, s, ARRAY_SIZE(s)) < (int)n)
        return -XEN_EINVAL;
    for (i = 0; i < n; i++)
        if (xs_number(s[i], UINT64_MAX, &out[i]))
            return -XEN_EINVAL;
    return out[0] < DOMID_FIRST_RESERVED ? 0 : -XEN_EINVAL;
}

static struct xs_dom *living(const struct xs_store *s, uint64_t id)
{
    struct xs_dom *d =
        id < DOMID_FIRST_RESERVED ? dom_find(s, (unsigned)id) : NULL;

    return d && d->alive ? d : NULL;
}

static int ack(struct request *r)
{
    request_answer(r, "OK", 3);
    return 0;
}

/* <domid> <gfn> <port>. The hypervisor introduces its domains itself; this
 * takes back a RELEASE. */
int xs_req_introduce(struct request *r)
{
    uint64_t v[3];
    struct xs_dom *d;
    int rc = numbers(r, 3, v);

    if (rc)
        return rc;
    d = living(r->c->s, v[0]);
    if (!d)
        return -XEN_ENOENT;
    if (!d->introduced && d->conn) {
        d->conn->error = 0;
        xs_conn_reset(d->conn);
        xs_domain_introduce(r->c->s, d->id);
    }
    return ack(r);
}

int xs_req_release(struct request *r)
{
    uint64_t v[1];
    struct xs_dom *d;
    int rc = numbers(r, 1, v);

    if (rc)
        return rc;
    if (!v[0])
        return -XEN_EINVAL;
    d = living(r->c->s, v[0]);
    if (!d || !d->introduced)
        return -XEN_ENOENT;
    d->introduced = false;
    if (d->conn) {
        xs_conn_reset(d->conn);
        d->conn->error = -XEN_EIO;
    }
    watch_fire_special(r->c->s, SPECIAL_RELEASE);
    return ack(r);
}

int xs_req_resume(struct request *r)
{
    uint64_t v[1];
    struct xs_dom *d;
    int rc = numbers(r, 1, v);

    if (rc)
        return rc;
    d = living(r->c->s, v[0]);
    if (!v[0] || !d || !d->introduced)
        return v[0] ? -XEN_ENOENT : -XEN_EINVAL;
    d->shut = false;
    return ack(r);
}

int xs_req_set_target(struct request *r)
{
    struct xs_dom *d, *target;
    uint64_t v[2];
    int rc = numbers(r, 2, v);

    if (rc)
        return rc;
    d = living(r->c->s, v[0]);
    target = living(r->c->s, v[1]);
    if (!d || !target)
        return -XEN_ENOENT;
    /* Nobody stands in for domain 0. */
    if (!v[0] || !v[1])
        return -XEN_EINVAL;
    if (!d->has_target)
        r->c->s->targets++;
    d->has_target = true;
    d->target = target->id;
    d->target_born = target->born;
    return ack(r);
}

/* --- CONTROL -----------------------------------------------------------------------*/

static void line(struct request *r, const char *name, uint64_t v)
{
    char number[XS_NUMBER_MAX];

    request_answer(r, name, strlen(name));
    request_answer(r, ": ", 2);
    request_answer(r, number, xs_print_number(v, number));
    request_answer(r, "\n", 1);
}

static void show_quotas(struct request *r)
{
    line(r, "nodes", XS_QUOTA_NODES);
    line(r, "watches", XS_QUOTA_WATCHES);
    line(r, "transactions", XS_QUOTA_TXNS);
    line(r, "outstanding", XS_QUOTA_OUTSTANDING);
    line(r, "transaction-nodes", XS_QUOTA_TXN_NODES);
    line(r, "memory", XS_QUOTA_MEMORY);
    line(r, "node-size", XS_QUOTA_NODE_BYTES);
    line(r, "permissions", XS_QUOTA_PERMS);
    line(r, "path-max", XENSTORE_REL_PATH_MAX);
}

static int show_usage(struct request *r, const char *domid)
{
    struct xs_usage u;
    uint64_t id;

    if (xs_number(domid, DOMID_FIRST_RESERVED - 1, &id))
        return -XEN_EINVAL;
    if (!living(r->c->s, id))
        return -XEN_ENOENT;
    xs_domain_usage(r->c->s, (domid_t)id, &u);
    line(r, "nodes", u.nodes);
    line(r, "watches", u.watches);
    line(r, "transactions", u.transactions);
    line(r, "memory", u.memory);
    return 0;
}

int xs_req_control(struct request *r)
{
    static const char help[] = "commands: help, quota [domid]\n";
    const char *s[2];
    int n = xs_strings(r->in, r->len, s, 2);

    if (n < 1)
        return -XEN_EINVAL;
    if (!strcmp(s[0], "help")) {
        request_answer(r, help, sizeof(help) - 1);
    } else if (!strcmp(s[0], "quota")) {
        int rc = n > 1 ? show_usage(r, s[1]) : 0;

        if (rc)
            return rc;
        if (n == 1)
            show_quotas(r);
    } else {
        return -XEN_EINVAL;
    }
    request_answer(r, "", 1);
    return 0;
}
