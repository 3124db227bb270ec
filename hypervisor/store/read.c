/* SPDX-License-Identifier: ISC */
/* Requests that only look: contents, children, permissions. */
#include "internal.h"

int xs_req_read(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct view v;
    int rc = request_path(r, path);

    if (!rc)
        rc = view_get(r->c, r->t, path, XS_PERM_READ, &v);
    if (!rc && v.value)
        request_answer(r, v.value->bytes, v.value->len);
    return rc;
}

struct listing {
    struct request *r;
    bool full;
};

static bool list_child(void *arg, const char *name, size_t len)
{
    struct listing *l = arg;
    struct request *r = l->r;

    if (len + 1 > XENSTORE_PAYLOAD_MAX - r->out_len) {
        l->full = true;
        return false;
    }
    request_answer(r, name, len + 1);
    return true;
}

int xs_req_directory(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct listing l = {.r = r};
    struct view v;
    int rc = request_path(r, path);

    if (!rc)
        rc = view_get(r->c, r->t, path, XS_PERM_READ, &v);
    if (rc)
        return rc;
    view_children(r->c->s, &v, list_child, &l);
    return l.full ? -XEN_E2BIG : 0;
}

/* --- DIRECTORY_PART -------------------------------------------------------------*/

struct part_listing {
    struct request *r;
    uint64_t off; /* of the child that comes, in the whole list            */
    uint64_t from;
    bool full;
};

/* Names from offset (from) on, as long as one more byte would fit: the last
 * part ends with an empty name. An offset within a name means the next one. */
static bool list_part(void *arg, const char *name, size_t len)
{
    struct part_listing *l = arg;
    struct request *r = l->r;

    if (l->off >= l->from) {
        if (len + 2 > XENSTORE_PAYLOAD_MAX - r->out_len) {
            l->full = true;
            return false;
        }
        request_answer(r, name, len + 1);
    }
    l->off += len + 1;
    return true;
}

/* The main tree's lists can be long: where one part ended the next goes on. As
 * no two changes have one generation, the same one means the same list. */
static void list_main(struct part_listing *l, const struct view *v)
{
    struct xs_conn *c = l->r->c;
    const struct dir *d = v->node->dir.first;

    if (c->part_gen == v->gen && c->part_off == l->from) {
        d = c->part;
        l->off = l->from;
    }
    for (; d; d = d->next)
        if (!list_part(l, dir_name(d), d->len))
            break;
    c->part_gen = v->gen;
    c->part_off = l->off;
    c->part = d;
}

int xs_req_directory_part(struct request *r)
{
    struct part_listing l = {.r = r};
    char path[XENSTORE_ABS_PATH_MAX + 1], gen[XS_NUMBER_MAX];
    const char *s[2];
    size_t prefix;
    struct view v;
    int rc;

    if (xs_strings(r->in, r->len, s, 2) != 2 ||
        xs_number(s[1], UINT32_MAX, &l.from))
        return -XEN_EINVAL;
    rc = xs_path_absolute(s[0], r->c->dom->id, path, &prefix);
    if (!rc)
        rc = view_get(r->c, r->t, path, XS_PERM_READ, &v);
    if (rc)
        return rc;
    request_answer(r, gen, xs_print_number(v.gen, gen) + 1);
    if (r->t)
        view_children(r->c->s, &v, list_part, &l);
    else
        list_main(&l, &v);
    if (!l.full)
        request_answer(r, "", 1);
    return 0;
}

/* --- permissions -------------------------------------------------------------------*/

int xs_req_get_perms(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1], text[XS_PERM_TEXT];
    const struct xs_store *s = r->c->s;
    const char *name;
    const struct perms *p;
    struct view v;
    unsigned i;
    int rc = 0, special = -1;

    if (xs_strings(r->in, r->len, &name, 1) == 1)
        special = special_find(name);
    if (special >= 0) {
        p = s->special_perms[special];
        if (!(dom_rights(s, r->c->dom, p) & XS_PERM_READ))
            return -XEN_EACCES;
    } else {
        rc = request_path(r, path);
        if (!rc)
            rc = view_get(r->c, r->t, path, XS_PERM_READ, &v);
        if (rc)
            return rc;
        p = v.perms;
    }
    for (i = 0; i < p->nr; i++) {
        const struct xs_dom *d = dom_find(s, p->p[i].domid);

        /* Not the one whose number another domain has now. */
        if (i && d && d->alive && !perm_is_current(s, p, i))
            continue;
        request_answer(r, text, xs_perm_print(&p->p[i], text) + 1);
    }
    return rc;
}

/* --- domains -------------------------------------------------------------------------*/

static int domid_of(const struct request *r, uint64_t *id)
{
    const char *s;

    if (xs_strings(r->in, r->len, &s, 1) != 1)
        return -XEN_EINVAL;
    return xs_number(s, DOMID_FIRST_RESERVED - 1, id);
}

int xs_req_get_domain_path(struct request *r)
{
    char home[XS_HOME_MAX];
    uint64_t id;
    int rc = domid_of(r, &id);

    if (!rc)
        request_answer(r, home, xs_home((unsigned)id, home) + 1);
    return rc;
}

int xs_req_is_introduced(struct request *r)
{
    const struct xs_dom *d;
    uint64_t id;
    int rc = domid_of(r, &id);

    if (rc)
        return rc;
    d = dom_find(r->c->s, (unsigned)id);
    request_answer(r, d && d->introduced ? "T" : "F", 2);
    return 0;
}
