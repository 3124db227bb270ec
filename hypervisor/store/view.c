/* SPDX-License-Identifier: ISC */
/* Nodes as one request sees them: the main tree, or a transaction over it. */
#include "internal.h"

static void look_main(const struct xs_store *s, const char *path,
                      struct view *v)
{
    struct node *n = s->root;
    const char *rest = path;
    struct part p;

    v->exists = v->parent_exists = true;
    v->rest = path;
    v->last = n;
    while (path_next(&rest, &p)) {
        v->parent_exists = v->exists;
        if (!v->exists)
            continue;
        n = node_child(s, v->last, p.name, p.len);
        v->exists = n != NULL;
        if (n) {
            v->last = n;
            v->rest = rest;
        }
    }
    v->perms = v->last->perms;
    if (!v->exists)
        return;
    v->node = v->last;
    v->value = v->node->value;
    v->gen = v->node->gen;
}

/* Permissions and existence along the way; the node itself is touched. */
static int look_txn(struct xs_conn *c, struct txn *t, const char *path,
                    struct view *v)
{
    const struct xs_store *s = c->s;
    struct node *n = s->root;
    struct xnode *x = t->root;
    const char *rest = path;
    bool exists = true;
    struct part p;
    int rc = 0;

    /* Makes all the xnodes, so the walk finds them. */
    v->x = txn_touch(t, path, &rc);
    if (rc)
        return rc;
    v->parent_exists = true;
    for (;;) {
        exists = exists && (x->touched ? x->exists : n != NULL);
        if (exists) {
            v->perms = x->touched ? x->perms : n->perms;
            v->rest = rest;
        }
        if (!path_next(&rest, &p))
            break;
        v->parent_exists = exists;
        n = n ? node_child(s, n, p.name, p.len) : NULL;
        x = xnode_of(dir_find(s, &x->dir, p.name, p.len));
    }
    v->node = n;
    v->exists = exists;
    v->value = exists ? x->value : NULL;
    v->gen = x->base + t->changes;
    return 0;
}

int view_look(struct xs_conn *c, struct txn *t, const char *path,
              struct view *v)
{
    memset(v, 0, sizeof(*v));
    if (t)
        return look_txn(c, t, path, v);
    look_main(c->s, path, v);
    return 0;
}

int view_get(struct xs_conn *c, struct txn *t, const char *path, unsigned need,
             struct view *v)
{
    int rc = view_look(c, t, path, v);

    if (rc)
        return rc;
    /* Who may not look at the ancestor does not learn what is missing. */
    if ((dom_rights(c->s, c->dom, v->perms) & need) != need)
        return -XEN_EACCES;
    return v->exists ? 0 : -XEN_ENOENT;
}

void view_children(const struct xs_store *s, const struct view *v,
                   view_child_fn *fn, void *arg)
{
    const struct dir *d, *e;

    for (d = v->node ? v->node->dir.first : NULL; d; d = d->next) {
        e = v->x ? dir_find(s, &v->x->dir, dir_name(d), d->len) : NULL;
        if (e && ((const struct xnode *)(const void *)e)->touched)
            continue; /* below, if it exists */
        if (!fn(arg, dir_name(d), d->len))
            return;
    }
    for (d = v->x ? v->x->dir.first : NULL; d; d = d->next) {
        const struct xnode *x = (const struct xnode *)(const void *)d;

        if (x->touched && x->exists && !fn(arg, dir_name(d), d->len))
            return;
    }
}
