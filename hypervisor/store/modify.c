/* SPDX-License-Identifier: ISC */
/* Requests that change the tree, at once or within a transaction. */
#include "internal.h"

int check_node_bytes(const struct xs_dom *d, size_t value, unsigned nr_perms,
                     size_t names)
{
    size_t bytes = value + nr_perms * sizeof(struct xs_perm) + names;

    return !dom_privileged(d) && bytes > XS_QUOTA_NODE_BYTES ? -XEN_ENOSPC : 0;
}

/* --- making nodes ------------------------------------------------------------*/

/*
 * What nodes that (d) makes below one with (from) get: the same, but they are
 * its own, unless it is privileged. Entries for domains that are gone are not
 * handed on. NULL = no memory.
 */
static struct perms *inherit(const struct xs_store *s, const struct xs_dom *d,
                             struct perms *from)
{
    bool same = dom_privileged(d) || from->p[0].domid == d->id;
    struct perms *p;
    unsigned i, nr = 0;

    for (i = 0; i < from->nr; i++)
        same = same && perm_is_current(s, from, i);
    if (same)
        return perms_get(from);
    p = perms_new(s, from->p, from->nr);
    if (!p)
        return NULL;
    for (i = 0; i < from->nr; i++)
        if (perm_is_current(s, from, i))
            p->p[nr++] = from->p[i];
    p->nr = nr;
    if (!dom_privileged(d))
        p->p[0].domid = d->id;
    return p;
}

/* The names of (v)'s children, as DIRECTORY would list them. */
static bool add_len(void *arg, const char *name, size_t len)
{
    (void)name;
    *(size_t *)arg += len + 1;
    return true;
}

/* What the deepest ancestor that exists, itself at (path, len), would grow
 * to by a child named (p). */
static int check_parent(struct xs_conn *c, struct txn *t, const char *path,
                        size_t len, const struct part *p)
{
    char up[XENSTORE_ABS_PATH_MAX + 1];
    size_t names = 0;
    struct view v;
    int rc;

    if (dom_privileged(c->dom))
        return 0;
    memcpy(up, path, len);
    memcpy(up + len, len ? "" : "/", len ? 1 : 2);
    rc = view_look(c, t, up, &v);
    if (rc)
        return rc;
    if (t)
        view_children(c->s, &v, add_len, &names);
    else
        names = v.node->dir.names;
    return check_node_bytes(c->dom, value_len(v.value), v.perms->nr,
                            names + p->len + 1);
}

/* Whether (v)'s missing nodes may be made. */
static int check_create(struct xs_conn *c, struct txn *t, const char *path,
                        const struct view *v, size_t value)
{
    const struct xs_dom *d = c->dom;
    const char *rest = v->rest;
    unsigned missing = 0;
    struct part p, first = {NULL, 0};
    int64_t nodes;
    int rc;

    while (path_next(&rest, &p)) {
        if (!missing++)
            first = p;
    }
    nodes = (int64_t)d->nodes + (t ? t->own_nodes : 0) + missing;
    if (!dom_privileged(d) && nodes > XS_QUOTA_NODES)
        return -XEN_ENOSPC;
    rc = check_node_bytes(d, value, v->perms->nr, 0);
    if (rc)
        return rc;
    return check_parent(c, t, path, (size_t)(v->rest - path), &first);
}

/* Takes (perms) and (value). */
static int create_main(struct xs_conn *c, const char *path,
                       const struct view *v, struct perms *perms,
                       struct value *value)
{
    struct node *up = v->last, *n, *top = NULL;
    struct change ch = {.path = path, .perms = perms};
    struct xs_store *s = c->s;
    const char *rest = v->rest;
    struct part p;

    while (path_next(&rest, &p)) {
        bool leaf = !*rest;

        n = node_alloc(s, p.name, p.len);
        if (!n) {
            if (top)
                node_remove(s, top);
            perms_put(s, perms);
            value_put(s, value);
            return -XEN_ENOMEM;
        }
        node_link(s, up, n, perms_get(perms), leaf ? value : NULL);
        ch.also = up->perms;
        if (!top)
            top = n;
        up = n;
    }
    watch_fire(s, &ch);
    perms_put(s, perms);
    return 0;
}

/* Touches every node that is to be made and the parent of the first. */
static int touch_missing(struct txn *t, const char *path)
{
    const struct xs_store *s = t->conn->s;
    struct xnode *x = t->root, *up;
    struct node *n = s->root, *n_up;
    struct part p;
    int rc = 0;

    while (path_next(&path, &p) && !rc) {
        n_up = n;
        up = x;
        n = n ? node_child(s, n, p.name, p.len) : NULL;
        x = xnode_of(dir_find(s, &x->dir, p.name, p.len));
        if (x->touched ? x->exists : n != NULL)
            continue;
        rc = txn_touch_node(t, up, n_up);
        if (!rc)
            rc = txn_touch_node(t, x, n);
    }
    return rc;
}

/* Takes (perms) and (value). */
static int create_txn(struct txn *t, const char *path, struct perms *perms,
                      struct value *value)
{
    const struct xs_store *s = t->conn->s;
    struct xnode *x = t->root;
    int rc = touch_missing(t, path);
    struct part p;

    while (!rc && path_next(&path, &p)) {
        x = xnode_of(dir_find(s, &x->dir, p.name, p.len));
        if (!x->touched || x->exists)
            continue;
        rc = txn_set_value(t, x, *path ? NULL : value);
        if (rc)
            break;
        perms_put(s, x->perms);
        x->perms = perms_get(perms);
        txn_set_exists(t, x, true);
    }
    if (!rc)
        txn_will_fire(t, x, false);
    perms_put(s, perms);
    value_put(s, value);
    return rc;
}

static int create(struct xs_conn *c, struct txn *t, const char *path,
                  const struct view *v, const void *bytes, size_t len)
{
    bool failed = false;
    struct value *value;
    struct perms *perms;
    int rc;

    rc = check_create(c, t, path, v, len);
    if (rc)
        return rc;
    value = value_new(c->s, bytes, len, &failed);
    perms = inherit(c->s, c->dom, v->perms);
    if (failed || !perms) {
        perms_put(c->s, perms);
        value_put(c->s, value);
        return -XEN_ENOMEM;
    }
    if (t)
        return create_txn(t, path, perms, value);
    return create_main(c, path, v, perms, value);
}

/* --- the requests ---------------------------------------------------------------*/

int modify_write(struct xs_conn *c, struct txn *t, const char *path,
                 const void *bytes, size_t len)
{
    struct change ch = {.path = path};
    struct xs_store *s = c->s;
    bool failed = false;
    struct value *value;
    struct view v;
    int rc;

    rc = view_get(c, t, path, XS_PERM_WRITE, &v);
    if (rc == -XEN_ENOENT)
        return create(c, t, path, &v, bytes, len);
    if (rc)
        return rc;
    rc = check_node_bytes(c->dom, len, v.perms->nr,
                          v.node ? v.node->dir.names : 0);
    if (rc)
        return rc;
    value = value_new(s, bytes, len, &failed);
    if (failed)
        return -XEN_ENOMEM;
    if (t) {
        rc = txn_set_value(t, v.x, value);
        value_put(s, value);
        if (rc)
            return rc;
        txn_set_exists(t, v.x, true);
        txn_will_fire(t, v.x, false);
        return 0;
    }
    if (!v.node) { /* never: without a transaction it was made above */
        value_put(s, value);
        return -XEN_ENOENT;
    }
    /* It exists: the deepest is the node itself. */
    node_set(s, v.last, perms_get(v.last->perms), value);
    ch.perms = v.last->perms;
    watch_fire(s, &ch);
    return 0;
}

int modify_mkdir(struct xs_conn *c, struct txn *t, const char *path)
{
    struct view v;
    int rc = view_get(c, t, path, XS_PERM_WRITE, &v);

    return rc == -XEN_ENOENT ? create(c, t, path, &v, NULL, 0) : rc;
}

static void rm_main(struct xs_store *s, const char *path, struct node *n)
{
    struct change ch = {
        .path = path, .perms = n->perms, .also = node_of(n->dir.parent)->perms};

    watch_fire(s, &ch);
    watch_fire_below(s, n);
    node_remove(s, n);
}

static void rm_xnode(struct txn *t, struct xnode *x, bool exact)
{
    if (x->exists) {
        txn_set_exists(t, x, false);
        txn_will_fire(t, x, exact);
    }
}

/*
 * Every node of the main tree below is touched, so that somebody else's change
 * to any of them is a conflict; xnode and node go down the tree together.
 */
static int rm_txn(struct txn *t, const struct view *v)
{
    struct dir *top = v->node ? &v->node->dir : NULL, *d;
    struct xnode *x = v->x;
    int rc = txn_touch_node(t, xnode_of(x->dir.parent),
                            v->node ? node_of(v->node->dir.parent) : NULL);

    for (d = top; d && !rc;) {
        struct dir *next = dir_next(top, d, true), *e;

        if (!next)
            break;
        /* From d's xnode to the one of next's parent. */
        for (e = d; e != next->parent; e = e->parent)
            x = xnode_of(x->dir.parent);
        x = txn_touch_child(t, x, dir_name(next), next->len, node_of(next),
                            &rc);
        d = next;
    }
    if (rc)
        return rc;
    rm_xnode(t, v->x, false);
    for (d = dir_next(&v->x->dir, &v->x->dir, true); d;
         d = dir_next(&v->x->dir, d, true))
        if (xnode_of(d)->touched)
            rm_xnode(t, xnode_of(d), true);
    return 0;
}

int modify_rm(struct xs_conn *c, struct txn *t, const char *path)
{
    struct view v;
    int rc;

    if (!path[1])
        return -XEN_EINVAL;
    rc = view_get(c, t, path, XS_PERM_WRITE, &v);
    /* Gone already is as good, if it could have been there. */
    if (rc == -XEN_ENOENT)
        return v.parent_exists ? 0 : rc;
    if (rc)
        return rc;
    if (t)
        return rm_txn(t, &v);
    rm_main(c->s, path, v.node);
    return 0;
}

int modify_perms(struct xs_conn *c, struct txn *t, const char *path,
                 const struct xs_perm *p, unsigned nr)
{
    struct change ch = {.path = path};
    struct perms *perms, *old;
    struct xs_store *s = c->s;
    struct view v;
    int rc;

    rc = view_get(c, t, path, PERM_OWNER, &v);
    if (rc)
        return rc;
    if (!dom_privileged(c->dom) && p[0].domid != v.perms->p[0].domid)
        return -XEN_EPERM;
    /* What a domain owns goes with it; the root stays. */
    if (!path[1] && p[0].domid != 0)
        return -XEN_EINVAL;
    rc = check_node_bytes(c->dom, value_len(v.value), nr,
                          v.node ? v.node->dir.names : 0);
    if (rc)
        return rc;
    perms = perms_new(s, p, nr);
    if (!perms || !dom_make(s, p[0].domid)) {
        perms_put(s, perms);
        return -XEN_ENOMEM;
    }
    if (t) {
        /* Off the books of the one owner, on those of the other. */
        txn_set_exists(t, v.x, false);
        perms_put(s, v.x->perms);
        v.x->perms = perms;
        txn_set_exists(t, v.x, true);
        txn_will_fire(t, v.x, false);
        return 0;
    }
    if (!v.node) { /* never: it was found above */
        perms_put(s, perms);
        return -XEN_ENOENT;
    }
    old = perms_get(v.last->perms);
    ch.perms = perms;
    ch.also = old;
    node_set(s, v.last, perms, value_get(v.last->value));
    watch_fire(s, &ch);
    perms_put(s, old);
    return 0;
}
