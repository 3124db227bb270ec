/* SPDX-License-Identifier: ISC */
/* Domains as the store knows them: rights, accounts, birth and death. */
#include "internal.h"

struct xs_dom *dom_find(const struct xs_store *s, unsigned id)
{
    return id < DOMID_FIRST_RESERVED ? s->dom[id] : NULL;
}

struct xs_dom *dom_make(struct xs_store *s, unsigned id)
{
    struct xs_dom *d = dom_find(s, id);

    if (d || id >= DOMID_FIRST_RESERVED)
        return d;
    d = s->ops->alloc(sizeof(*d));
    if (!d)
        return NULL;
    d->id = (domid_t)id;
    s->dom[id] = d;
    return d;
}

struct perms *dom_access(struct xs_store *s, struct xs_dom *d, enum xs_access a)
{
    const struct xs_perm read[] = {{.domid = 0},
                                   {.domid = d->id, .bits = XS_PERM_READ}};
    const struct xs_perm own = {.domid = d->id};

    if (d->access[a])
        return d->access[a];
    if (a == XS_ACCESS_OWN)
        d->access[a] = perms_new(s, &own, 1);
    else
        d->access[a] = perms_new(s, read, a == XS_ACCESS_READ ? 2 : 1);
    return d->access[a];
}

static void drop_access(const struct xs_store *s, struct xs_dom *d)
{
    unsigned i;

    for (i = 0; i < NR_ACCESSES; i++) {
        perms_put(s, d->access[i]);
        d->access[i] = NULL;
    }
}

void dom_drop(const struct xs_store *s, struct xs_dom *d)
{
    drop_access(s, d);
    s->ops->free(d);
}

int dom_charge(struct xs_dom *d, size_t bytes)
{
    if (!dom_privileged(d) && d->memory + bytes > XS_QUOTA_MEMORY)
        return -XEN_ENOMEM;
    d->memory += bytes;
    return 0;
}

bool perm_is_current(const struct xs_store *s, const struct perms *p,
                     unsigned i)
{
    const struct xs_dom *d = dom_find(s, p->p[i].domid);

    /* An owner's nodes go with it, so that entry is always right. */
    return i == 0 || (d && d->alive && d->born <= p->gen);
}

/* Rights of the one domain (id). */
static unsigned rights_of(const struct xs_store *s, unsigned id,
                          const struct perms *p)
{
    unsigned i;

    if (p->p[0].domid == id)
        return XS_PERM_READ | XS_PERM_WRITE | PERM_OWNER;
    for (i = 1; i < p->nr; i++)
        if (p->p[i].domid == id && perm_is_current(s, p, i))
            return p->p[i].bits;
    return p->p[0].bits;
}

unsigned dom_rights(const struct xs_store *s, const struct xs_dom *d,
                    const struct perms *p)
{
    if (dom_privileged(d))
        return XS_PERM_READ | XS_PERM_WRITE | PERM_OWNER;
    /* SET_TARGET: (d) stands in for the target. */
    if (d->has_target && p->p[0].domid == d->target) {
        const struct xs_dom *target = dom_find(s, d->target);

        if (target && target->alive && target->born == d->target_born)
            return XS_PERM_READ | XS_PERM_WRITE | PERM_OWNER;
    }
    return rights_of(s, d->id, p);
}

/* Every node (d) owns, with what is below. */
static void remove_owned(struct xs_store *s, struct xs_dom *d)
{
    while (d->owned) {
        struct node *n = d->owned;
        struct change ch = {.perms = n->perms};

        /* The root is always domain 0's. */
        ch.also = node_of(n->dir.parent)->perms;
        dir_path(&n->dir, s->path);
        ch.path = s->path;
        watch_fire(s, &ch);
        watch_fire_below(s, n);
        node_remove(s, n);
    }
}

int xs_domain_add(struct xs_store *s, domid_t domid)
{
    struct xs_dom *d = dom_make(s, domid);

    if (!d)
        return -XEN_ENOMEM;
    if (d->alive)
        return -XEN_EEXIST;
    /* Nodes that were given to the number before there was a domain. */
    remove_owned(s, d);
    drop_access(s, d); /* they named the earlier one */
    d->born = ++s->gen;
    d->alive = true;
    return 0;
}

void xs_domain_introduce(struct xs_store *s, domid_t domid)
{
    struct xs_dom *d = dom_find(s, domid);

    if (!d || !d->alive || d->introduced)
        return;
    d->introduced = true;
    watch_fire_special(s, SPECIAL_INTRODUCE);
}

void xs_domain_shutdown(struct xs_store *s, domid_t domid)
{
    struct xs_dom *d = dom_find(s, domid);

    if (!d || !d->introduced || d->shut)
        return;
    d->shut = true;
    watch_fire_special(s, SPECIAL_RELEASE);
}

void xs_domain_remove(struct xs_store *s, domid_t domid)
{
    struct xs_dom *d = dom_find(s, domid);
    bool told;

    if (!d || domid == 0)
        return;
    told = d->introduced;
    if (d->has_target)
        s->targets--;
    d->alive = false;
    remove_owned(s, d);
    s->dom[domid] = NULL;
    dom_drop(s, d);
    if (told)
        watch_fire_special(s, SPECIAL_RELEASE);
}

void xs_domain_usage(const struct xs_store *s, domid_t domid,
                     struct xs_usage *u)
{
    const struct xs_dom *d = dom_find(s, domid);

    memset(u, 0, sizeof(*u));
    if (!d)
        return;
    u->nodes = d->nodes;
    u->watches = d->watches;
    u->transactions = d->txns;
    u->memory = d->memory;
}
