/* SPDX-License-Identifier: ISC */
/*
 * The end of a transaction. Everything that can fail is done first; then the
 * main tree takes the changes as one.
 */
#include "internal.h"

/* The main tree's node of x's place; x's parent has been looked up before. */
static struct node *look_up(const struct xs_store *s, struct xnode *x)
{
    const struct node *up;

    if (!x->dir.parent)
        return s->root;
    up = xnode_of(x->dir.parent)->now;
    return up ? node_child(s, up, dir_name(&x->dir), x->dir.len) : NULL;
}

/* Nobody has changed it since it was touched, and what it needs is there. */
static int prepare(struct xs_store *s, struct xnode *x)
{
    x->now = look_up(s, x);
    if (!x->touched)
        return 0;
    if ((x->now ? x->now->gen : 0) != x->base)
        return -XEN_EAGAIN;
    if (!x->modified || !x->exists)
        return 0;
    /* The owner may have gone meanwhile. */
    if (!dom_make(s, x->perms->p[0].domid))
        return -XEN_ENOMEM;
    if (!x->now) {
        x->fresh = node_alloc(s, dir_name(&x->dir), x->dir.len);
        if (!x->fresh)
            return -XEN_ENOMEM;
    }
    return 0;
}

static void apply(struct xs_store *s, struct xnode *x)
{
    x->now = look_up(s, x);
    if (!x->modified)
        return;
    if (x->exists && x->now) {
        if (x->now->perms != x->perms || x->now->value != x->value)
            node_set(s, x->now, perms_get(x->perms), value_get(x->value));
    } else if (x->exists) {
        x->now = x->fresh;
        x->fresh = NULL;
        node_link(s, xnode_of(x->dir.parent)->now, x->now, perms_get(x->perms),
                  value_get(x->value));
    } else if (x->now) {
        node_remove(s, x->now);
        x->now = NULL;
    }
}

static const struct perms *parent_perms(const struct xnode *x)
{
    const struct xnode *up;

    if (!x->dir.parent)
        return NULL;
    up = xnode_of(x->dir.parent);
    if (up->now)
        return up->now->perms;
    return up->base_perms;
}

static void fire(struct xs_store *s, const struct xnode *x)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct change ch = {.path = path, .exact = x->fire_exact};
    bool existed = x->base != 0;

    /* Made and removed again: nothing has happened. */
    if (!existed && !x->exists)
        return;
    ch.perms = x->exists ? x->perms : x->base_perms;
    if (existed != x->exists)
        ch.also = parent_perms(x);
    dir_path(&x->dir, path);
    watch_fire(s, &ch);
}

static int check_quota(const struct txn *t)
{
    const struct xs_dom *d = t->conn->dom;
    int64_t nodes = (int64_t)d->nodes + t->own_nodes;

    if (dom_privileged(d) || t->own_nodes <= 0)
        return 0;
    return nodes > XS_QUOTA_NODES ? -XEN_ENOSPC : 0;
}

int txn_commit(struct txn *t)
{
    struct xs_store *s = t->conn->s;
    struct dir *top = &t->root->dir, *d;
    struct xnode *x;
    int rc = check_quota(t);

    for (d = top; d && !rc; d = dir_next(top, d, true))
        rc = prepare(s, xnode_of(d));
    if (!rc) {
        for (d = top; d; d = dir_next(top, d, true))
            apply(s, xnode_of(d));
        for (x = t->fire; x; x = x->fire_next)
            fire(s, x);
    }
    txn_abort(t); /* frees it */
    return rc;
}
