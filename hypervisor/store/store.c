/* SPDX-License-Identifier: ISC */
/* The store as a whole: making it, ending it, and the hypervisor's own access. */
#include "internal.h"

static const char *const first_nodes[] = {
    "/local/domain/0",
    "/tool/xenstored",
    "/vm",
    "/libxl",
};

static int make_root(struct xs_store *s)
{
    const struct xs_perm p = {.domid = 0};
    struct perms *perms = perms_new(s, &p, 1);
    int i;

    s->root = node_alloc(s, "", 0);
    s->spots = dir_alloc(s, sizeof(struct spot), "", 0);
    if (!perms || !s->root || !s->spots) {
        perms_put(s, perms);
        if (s->root)
            node_free(s, s->root);
        s->root = NULL;
        return -XEN_ENOMEM;
    }
    node_link(s, NULL, s->root, perms, NULL);
    for (i = 0; i < NR_SPECIALS; i++)
        s->special_perms[i] = perms_get(perms);
    return 0;
}

static int fill(struct xs_store *s)
{
    struct xs_dom *d = dom_make(s, 0);
    unsigned i;
    int rc = -XEN_ENOMEM;

    if (d) {
        d->alive = d->introduced = true;
        rc = make_root(s);
    }
    if (!rc)
        rc = xs_conn_create(s, 0, NULL, &s->self);
    for (i = 0; i < ARRAY_SIZE(first_nodes) && !rc; i++)
        rc = modify_mkdir(s->self, NULL, first_nodes[i]);
    return rc;
}

struct xs_store *xs_store_create(const struct xs_ops *ops)
{
    struct xs_store *s = ops->alloc(sizeof(*s));

    if (!s)
        return NULL;
    s->ops = ops;
    s->ready_end = &s->ready;
    s->dom = ops->alloc(DOMID_FIRST_RESERVED * sizeof(struct xs_dom *));
    if (!s->dom || fill(s)) {
        xs_store_destroy(s);
        return NULL;
    }
    return s;
}

void xs_store_destroy(struct xs_store *s)
{
    unsigned i;

    if (s->self)
        xs_conn_destroy(s->self);
    if (s->root)
        node_remove(s, s->root);
    if (s->spots) {
        dir_fini(s, &s->spots->dir);
        s->ops->free(s->spots);
    }
    for (i = 0; i < NR_SPECIALS; i++)
        perms_put(s, s->special_perms[i]);
    for (i = 0; i < NR_COMMON; i++)
        value_put(s, s->common[i]);
    for (i = 0; s->dom && i < DOMID_FIRST_RESERVED; i++)
        if (s->dom[i])
            dom_drop(s, s->dom[i]);
    if (s->dom)
        s->ops->free(s->dom);
    s->ops->free(s);
}

int xs_write(struct xs_store *s, const char *path, const void *value,
             size_t len)
{
    if (!xs_path_ok(path) || len > XENSTORE_PAYLOAD_MAX)
        return -XEN_EINVAL;
    return modify_write(s->self, NULL, path, value, len);
}

int xs_rm(struct xs_store *s, const char *path)
{
    return xs_path_ok(path) ? modify_rm(s->self, NULL, path) : -XEN_EINVAL;
}

long xs_read(const struct xs_store *s, const char *path, void *buf, size_t size)
{
    const struct node *n = xs_path_ok(path) ? node_find(s, path) : NULL;

    if (!n)
        return -XEN_ENOENT;
    if (n->value)
        memcpy(buf, n->value->bytes, MIN(size, n->value->len));
    return value_len(n->value);
}

/* --- many nodes at once -------------------------------------------------------------*/

struct build {
    struct node *base;
    bool fresh; /* the base was missing: so is everything below             */
    bool tell;  /* somebody may watch                                        */
    /* Where the last leaf was put, as the next one is often its neighbour. */
    struct node *parent;
    const char *dir; /* its path from the base, (dir_len) bytes              */
    size_t dir_len;
};

/* The node above (path), which ends in (*leaf); NULL when it is missing. */
static struct node *find_parent(const struct xs_store *s, struct build *b,
                                const char *path, struct part *leaf)
{
    struct node *up;
    const char *rest = path, *last = path, *c;
    struct part p;

    for (c = path; *c; c++)
        if (*c == '/')
            last = c;
    leaf->name = *last == '/' ? last + 1 : last;
    leaf->len = (size_t)(c - leaf->name);
    if (b->parent && b->dir_len == (size_t)(last - path) &&
        !memcmp(b->dir, path, b->dir_len))
        return b->parent;
    for (up = b->base; rest < last && path_next(&rest, &p) && up;)
        up = node_child(s, up, p.name, p.len);
    b->parent = up;
    b->dir = path;
    b->dir_len = (size_t)(last - path);
    return up;
}

static int build_leaf(struct xs_store *s, struct build *b,
                      const struct xs_leaf *leaf, struct perms *perms)
{
    struct change ch = {.perms = perms};
    size_t len = strlen(leaf->value);
    struct node *up, *n = NULL;
    bool failed = false;
    struct value *value;
    struct part p;

    up = find_parent(s, b, leaf->path, &p);
    if (!up || !p.len || len > XENSTORE_PAYLOAD_MAX)
        return -XEN_EINVAL;
    if (!b->fresh)
        n = node_child(s, up, p.name, p.len);
    value = value_common(s, leaf->value, len, &failed);
    if (failed)
        return -XEN_ENOMEM;
    if (n) {
        node_set(s, n, perms_get(perms), value);
    } else {
        n = node_alloc(s, p.name, p.len);
        if (!n) {
            value_put(s, value);
            return -XEN_ENOMEM;
        }
        node_link(s, up, n, perms_get(perms), value);
        ch.also = up->perms;
    }
    if (b->tell) {
        dir_path(&n->dir, s->path);
        ch.path = s->path;
        watch_fire(s, &ch);
    }
    return 0;
}

/* The base: made, and given its access when it was missing. */
static int build_base(struct xs_store *s, struct build *b, const char *base,
                      struct perms *perms)
{
    int rc;

    b->base = node_find(s, base);
    b->fresh = !b->base;
    if (!b->fresh)
        return 0;
    rc = modify_mkdir(s->self, NULL, base);
    if (rc)
        return rc;
    b->base = node_find(s, base);
    node_set(s, b->base, perms_get(perms), NULL);
    return 0;
}

int xs_build(struct xs_store *s, const char *base, domid_t domid,
             const struct xs_leaf *leaves, unsigned n)
{
    struct build b = {.tell = watch_any(s, base)};
    struct xs_dom *d;
    unsigned i;
    int rc = 0;

    if (!xs_path_ok(base))
        return -XEN_EINVAL;
    d = dom_make(s, domid);
    for (i = 0; i < n && !rc; i++) {
        struct perms *perms = d ? dom_access(s, d, leaves[i].access) : NULL;

        if (!perms)
            return -XEN_ENOMEM;
        if (i == 0)
            rc = build_base(s, &b, base, perms);
        if (!rc)
            rc = build_leaf(s, &b, &leaves[i], perms);
    }
    return rc;
}
