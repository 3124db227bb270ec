/* SPDX-License-Identifier: ISC */
/*
 * Transactions: a sparse tree of the nodes one has touched, over the main one.
 * Touching a node notes its generation and takes references to its contents;
 * commit.c compares and writes back.
 */
#include "internal.h"

struct txn *txn_find(const struct xs_conn *c, uint32_t id)
{
    struct txn *t;

    for (t = c->txns; t; t = t->next)
        if (t->id == id)
            return t;
    return NULL;
}

int txn_start(struct xs_conn *c, uint32_t *id)
{
    struct xs_store *s = c->s;
    struct txn *t;
    int rc;

    if (!dom_privileged(c->dom) && c->dom->txns >= XS_QUOTA_TXNS)
        return -XEN_ENOSPC;
    rc = dom_charge(c->dom, sizeof(*t) + sizeof(struct xnode) + 1);
    if (rc)
        return rc;
    t = s->ops->alloc(sizeof(*t));
    if (t)
        t->root = dir_alloc(s, sizeof(struct xnode), "", 0);
    if (!t || !t->root) {
        if (t)
            s->ops->free(t);
        dom_release_bytes(c->dom, sizeof(*t) + sizeof(struct xnode) + 1);
        return -XEN_ENOMEM;
    }
    t->charged = sizeof(*t) + sizeof(struct xnode) + 1;
    t->conn = c;
    t->fire_end = &t->fire;
    /* Never 0, which means none, and not one that is in use. */
    do {
        c->last_txn++;
    } while (!c->last_txn || txn_find(c, c->last_txn));
    *id = t->id = c->last_txn;
    t->next = c->txns;
    c->txns = t;
    c->dom->txns++;
    return 0;
}

static void free_xnode(const struct xs_store *s, struct xnode *x)
{
    perms_put(s, x->perms);
    perms_put(s, x->base_perms);
    value_put(s, x->value);
    if (x->fresh)
        node_free(s, x->fresh);
    dir_fini(s, &x->dir);
    s->ops->free(x);
}

void txn_abort(struct txn *t)
{
    struct xs_conn *c = t->conn;
    struct txn **p = &c->txns;
    struct dir *d = &t->root->dir;

    while (*p != t)
        p = &(*p)->next;
    *p = t->next;
    c->dom->txns--;
    dom_release_bytes(c->dom, t->charged);
    while (d) {
        struct dir *up;

        while (d->first)
            d = d->first;
        up = d->parent;
        if (up)
            dir_del(c->s, d);
        free_xnode(c->s, xnode_of(d));
        d = up;
    }
    c->s->ops->free(t);
}

/* The xnode (name) below (parent), touched or not; NULL and (*rc). */
static struct xnode *make_xnode(struct txn *t, struct xnode *parent,
                                const char *name, size_t len, int *rc)
{
    struct xs_store *s = t->conn->s;
    struct dir *d = dir_find(s, &parent->dir, name, len);
    size_t bytes = sizeof(struct xnode) + len + 1;

    if (d)
        return xnode_of(d);
    *rc = dom_charge(t->conn->dom, bytes);
    if (*rc)
        return NULL;
    d = dir_alloc(s, sizeof(struct xnode), name, len);
    if (!d) {
        dom_release_bytes(t->conn->dom, bytes);
        *rc = -XEN_ENOMEM;
        return NULL;
    }
    t->charged += bytes;
    dir_add(s, &parent->dir, d);
    return xnode_of(d);
}

int txn_set_value(struct txn *t, struct xnode *x, struct value *value)
{
    uint32_t old = value_len(x->value), new = value_len(value);
    struct xs_dom *d = t->conn->dom;
    int rc = new > old ? dom_charge(d, new - old) : 0;

    if (rc)
        return rc;
    if (new < old)
        dom_release_bytes(d, old - new);
    t->charged = t->charged - old + new;
    value_put(t->conn->s, x->value);
    x->value = value_get(value);
    return 0;
}

int txn_touch_node(struct txn *t, struct xnode *x, struct node *n)
{
    int rc;

    if (x->touched)
        return 0;
    if (t->touched >= XS_QUOTA_TXN_NODES && !dom_privileged(t->conn->dom))
        return -XEN_ENOSPC;
    rc = n ? txn_set_value(t, x, n->value) : 0;
    if (rc)
        return rc;
    t->touched++;
    x->touched = true;
    if (!n)
        return 0;
    x->exists = true;
    x->base = n->gen;
    x->perms = perms_get(n->perms);
    x->base_perms = perms_get(n->perms);
    return 0;
}

struct xnode *txn_touch_child(struct txn *t, struct xnode *parent,
                              const char *name, size_t len, struct node *n,
                              int *rc)
{
    struct xnode *x = make_xnode(t, parent, name, len, rc);

    if (!x)
        return NULL;
    *rc = txn_touch_node(t, x, n);
    return *rc ? NULL : x;
}

struct xnode *txn_touch(struct txn *t, const char *path, int *rc)
{
    const struct xs_store *s = t->conn->s;
    struct node *n = s->root;
    struct xnode *x = t->root;
    struct part p;

    while (path_next(&path, &p)) {
        n = n ? node_child(s, n, p.name, p.len) : NULL;
        x = make_xnode(t, x, p.name, p.len, rc);
        if (!x)
            return NULL;
    }
    *rc = txn_touch_node(t, x, n);
    return *rc ? NULL : x;
}

void txn_will_fire(struct txn *t, struct xnode *x, bool exact)
{
    if (x->fire) {
        x->fire_exact = x->fire_exact && exact;
        return;
    }
    x->fire = true;
    x->fire_exact = exact;
    *t->fire_end = x;
    t->fire_end = &x->fire_next;
}

void txn_set_exists(struct txn *t, struct xnode *x, bool exists)
{
    if (x->exists != exists && x->perms->p[0].domid == t->conn->dom->id)
        t->own_nodes += exists ? 1 : -1;
    x->exists = exists;
    x->modified = true;
    t->changes++;
}
