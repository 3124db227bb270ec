/* SPDX-License-Identifier: ISC */
/* The main tree: nodes, their contents, and whose they are. */
#include "internal.h"

struct value *value_new(const struct xs_store *s, const void *bytes, size_t len,
                        bool *failed)
{
    struct value *v;

    if (!len)
        return NULL;
    v = s->ops->alloc(sizeof(*v) + len);
    if (!v) {
        *failed = true;
        return NULL;
    }
    v->refs = 1;
    v->len = (uint32_t)len;
    memcpy(v->bytes, bytes, len);
    return v;
}

struct value *value_common(struct xs_store *s, const void *bytes, size_t len,
                           bool *failed)
{
    const unsigned char *b = bytes;
    struct value **at, *v;
    uint32_t hash = (uint32_t)len;
    size_t i;

    for (i = 0; i < MIN(len, 16u); i++)
        hash = hash * 31 + b[i];
    at = &s->common[(hash ^ hash >> 6 ^ hash >> 12) & (NR_COMMON - 1)];
    if (*at && (*at)->len == len && !memcmp((*at)->bytes, bytes, len))
        return value_get(*at);
    v = value_new(s, bytes, len, failed);
    if (v) {
        value_put(s, *at);
        *at = value_get(v);
    }
    return v;
}

struct value *value_get(struct value *v)
{
    if (v)
        v->refs++;
    return v;
}

void value_put(const struct xs_store *s, struct value *v)
{
    if (v && !--v->refs)
        s->ops->free(v);
}

struct perms *perms_new(const struct xs_store *s, const struct xs_perm *p,
                        unsigned nr)
{
    struct perms *q = s->ops->alloc(sizeof(*q) + nr * sizeof(*p));

    if (!q)
        return NULL;
    q->refs = 1;
    q->nr = nr;
    q->gen = s->gen;
    memcpy(q->p, p, nr * sizeof(*p));
    return q;
}

struct perms *perms_get(struct perms *p)
{
    p->refs++;
    return p;
}

void perms_put(const struct xs_store *s, struct perms *p)
{
    if (p && !--p->refs)
        s->ops->free(p);
}

struct node *node_child(const struct xs_store *s, const struct node *n,
                        const char *name, size_t len)
{
    struct dir *d = dir_find(s, &n->dir, name, len);

    return d ? node_of(d) : NULL;
}

struct node *node_find(const struct xs_store *s, const char *path)
{
    struct node *n = s->root;
    struct part p;

    while (n && path_next(&path, &p))
        n = node_child(s, n, p.name, p.len);
    return n;
}

struct node *node_alloc(const struct xs_store *s, const char *name, size_t len)
{
    return dir_alloc(s, sizeof(struct node), name, len);
}

void node_free(const struct xs_store *s, struct node *n)
{
    dir_fini(s, &n->dir);
    perms_put(s, n->perms);
    value_put(s, n->value);
    s->ops->free(n);
}

size_t node_bytes(const struct node *n)
{
    return sizeof(*n) + n->dir.len + 1 + value_len(n->value);
}

/* Enters the node in its owner's books. The owner is known: whoever made the
 * permissions saw to that (dom_make()). */
static void own(struct xs_store *s, struct node *n)
{
    struct xs_dom *d = dom_find(s, n->perms->p[0].domid);

    d->nodes++;
    d->memory += node_bytes(n);
    if (dom_privileged(d))
        return;
    n->own_next = d->owned;
    n->own_prev = &d->owned;
    if (n->own_next)
        n->own_next->own_prev = &n->own_next;
    d->owned = n;
}

static void disown(struct xs_store *s, struct node *n)
{
    struct xs_dom *d = dom_find(s, n->perms->p[0].domid);

    d->nodes--;
    d->memory -= node_bytes(n);
    if (dom_privileged(d))
        return;
    *n->own_prev = n->own_next;
    if (n->own_next)
        n->own_next->own_prev = n->own_prev;
}

void node_link(struct xs_store *s, struct node *parent, struct node *n,
               struct perms *perms, struct value *value)
{
    n->perms = perms;
    n->value = value;
    n->gen = ++s->gen;
    own(s, n);
    if (!parent)
        return;
    dir_add(s, &parent->dir, &n->dir);
    parent->gen = ++s->gen;
}

void node_set(struct xs_store *s, struct node *n, struct perms *perms,
              struct value *value)
{
    struct perms *old_perms = n->perms;
    struct value *old_value = n->value;

    disown(s, n);
    n->perms = perms;
    n->value = value;
    n->gen = ++s->gen;
    own(s, n);
    perms_put(s, old_perms);
    value_put(s, old_value);
}

/* Without recursion: a path has up to 1,500 components. */
void node_remove(struct xs_store *s, struct node *n)
{
    struct dir *top = &n->dir, *d = top, *parent = top->parent;

    if (parent)
        node_of(parent)->gen = ++s->gen;
    while (d) {
        struct dir *up;

        while (d->first)
            d = d->first;
        up = d == top ? NULL : d->parent;
        if (d->parent)
            dir_del(s, d);
        disown(s, node_of(d));
        node_free(s, node_of(d));
        d = up;
    }
}
