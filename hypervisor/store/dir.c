/* SPDX-License-Identifier: ISC */
/* Named children of a node: a list, and a hash table once there are many. */
#include "internal.h"

#define FEW 8u /* so many are looked through one by one */

/* Linear probing: a child is in the first free place from that of its hash on,
 * so between the two there is no gap. At most two thirds are taken. */
struct dir_table {
    uint32_t size; /* a power of two */
    struct dir *slot[];
};

/* Eight bytes at a time; the seed is what guests do not know. */
static uint32_t hash_of(const struct xs_store *s, const char *name, size_t len)
{
    uint64_t h = s->ops->seed ^ len, word;

    for (; len >= sizeof(word); len -= sizeof(word), name += sizeof(word)) {
        memcpy(&word, name, sizeof(word));
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    for (word = 0; len; len--)
        word = word << 8 | (unsigned char)name[len - 1];
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

void *dir_alloc(const struct xs_store *s, size_t size, const char *name,
                size_t len)
{
    struct dir *d = s->ops->alloc(size + len + 1);

    if (!d)
        return NULL;
    d->name_off = (uint16_t)size;
    d->len = (uint16_t)len;
    d->hash = hash_of(s, name, len);
    memcpy((char *)d + size, name, len);
    return d;
}

struct dir *dir_find(const struct xs_store *s, const struct dir *parent,
                     const char *name, size_t len)
{
    const struct dir_table *t = parent->table;
    uint32_t hash, i;
    struct dir *d;

    if (!parent->nr)
        return NULL;
    hash = hash_of(s, name, len);
    if (t) {
        for (i = hash & (t->size - 1); (d = t->slot[i]);
             i = (i + 1) & (t->size - 1))
            if (d->hash == hash && d->len == len &&
                !memcmp(dir_name(d), name, len))
                return d;
        return NULL;
    }
    for (d = parent->first; d; d = d->next)
        if (d->hash == hash && d->len == len && !memcmp(dir_name(d), name, len))
            return d;
    return NULL;
}

static void hash_in(struct dir_table *t, struct dir *d)
{
    uint32_t i = d->hash & (t->size - 1);

    while (t->slot[i])
        i = (i + 1) & (t->size - 1);
    t->slot[i] = d;
}

static void hash_out(struct dir_table *t, const struct dir *d)
{
    uint32_t mask = t->size - 1, gap = d->hash & mask, i;

    while (t->slot[gap] != d)
        gap = (gap + 1) & mask;
    /* What follows and may not lie behind the gap moves into it. */
    for (i = (gap + 1) & mask; t->slot[i]; i = (i + 1) & mask) {
        uint32_t home = t->slot[i]->hash & mask;

        if (((i - home) & mask) < ((i - gap) & mask))
            continue;
        t->slot[gap] = t->slot[i];
        gap = i;
    }
    t->slot[gap] = NULL;
}

/* A table with room for as many again; without memory there is none. */
static void grow(const struct xs_store *s, struct dir *parent)
{
    uint32_t size = 4 * FEW;
    struct dir *d;

    dir_fini(s, parent);
    while (size < 2 * parent->nr)
        size *= 2;
    parent->table =
        s->ops->alloc(sizeof(struct dir_table) + size * sizeof(struct dir *));
    if (!parent->table)
        return;
    parent->table->size = size;
    for (d = parent->first; d; d = d->next)
        hash_in(parent->table, d);
}

void dir_add(const struct xs_store *s, struct dir *parent, struct dir *child)
{
    child->parent = parent;
    child->next = NULL;
    if (parent->first) {
        child->prev = parent->first->prev;
        child->prev->next = child;
        parent->first->prev = child;
    } else {
        child->prev = child;
        parent->first = child;
    }
    parent->nr++;
    parent->names += child->len + 1u;
    if (parent->nr > (parent->table ? parent->table->size / 3 * 2 : FEW))
        grow(s, parent);
    else if (parent->table)
        hash_in(parent->table, child);
}

void dir_fini(const struct xs_store *s, struct dir *d)
{
    if (d->table)
        s->ops->free(d->table);
    d->table = NULL;
}

void dir_del(const struct xs_store *s, struct dir *child)
{
    struct dir *parent = child->parent;

    if (parent->table)
        hash_out(parent->table, child);
    if (child->next)
        child->next->prev = child->prev;
    else
        parent->first->prev = child->prev;
    if (parent->first == child)
        parent->first = child->next;
    else
        child->prev->next = child->next;
    parent->nr--;
    parent->names -= child->len + 1u;
    if (!parent->nr)
        dir_fini(s, parent);
}

struct dir *dir_next(const struct dir *top, struct dir *d, bool into)
{
    if (into && d->first)
        return d->first;
    while (d != top && !d->next)
        d = d->parent;
    return d == top ? NULL : d->next;
}

size_t dir_path(const struct dir *d, char path[XENSTORE_ABS_PATH_MAX + 1])
{
    const struct dir *e;
    size_t len = 0, at;

    for (e = d; e->parent; e = e->parent)
        len += e->len + 1u;
    if (!len) {
        memcpy(path, "/", 2);
        return 1;
    }
    path[len] = '\0';
    for (at = len, e = d; e->parent; e = e->parent) {
        at -= e->len;
        memcpy(path + at, dir_name(e), e->len);
        path[--at] = '/';
    }
    return len;
}

bool path_next(const char **rest, struct part *p)
{
    const char *s = *rest;

    if (*s == '/')
        s++;
    if (!*s)
        return false;
    p->name = s;
    while (*s && *s != '/')
        s++;
    p->len = (size_t)(s - p->name);
    *rest = s;
    return true;
}
