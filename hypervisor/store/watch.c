/* SPDX-License-Identifier: ISC */
/*
 * Watches. They hang on a tree of watched paths, so that a change finds those
 * that care by walking its own path.
 */
#include "internal.h"

static const char *const specials[NR_SPECIALS] = {
    [SPECIAL_INTRODUCE] = "@introduceDomain",
    [SPECIAL_RELEASE] = "@releaseDomain",
};

int special_find(const char *path)
{
    int i;

    for (i = 0; i < NR_SPECIALS; i++)
        if (!strcmp(path, specials[i]))
            return i;
    return -1;
}

static struct spot *spot_of(struct dir *d)
{
    return (struct spot *)(void *)d;
}

/* --- telling ------------------------------------------------------------------*/

/* The same event again, while the first has not been read, says nothing new.
 * The path ends before the token. */
static bool said_already(const struct watch *w, const char *path, size_t len)
{
    const struct message *m = w->latest;

    return m && m->len == sizeof(struct xsd_sockmsg) + len &&
           !strcmp(m->bytes + sizeof(struct xsd_sockmsg), path);
}

static void tell(struct watch *w, const char *path)
{
    struct xsd_sockmsg h = {.type = XS_WATCH_EVENT};
    struct xs_conn *c = w->conn;
    size_t path_len = strlen(path) + 1, len = path_len + w->token_len + 1u;
    char *buf = c->s->event;

    if (said_already(w, path, len))
        return;
    /* Nothing longer may be sent. */
    if (len > XENSTORE_PAYLOAD_MAX) {
        c->lost++;
        return;
    }
    memcpy(buf, path, path_len);
    memcpy(buf + path_len, w->token, w->token_len + 1u);
    h.len = (uint32_t)len;
    xs_conn_queue(c, &h, buf, w);
}

/* A watch tells nobody more than he could find out by reading. */
static bool permitted(const struct watch *w, const struct change *ch)
{
    const struct xs_store *s = w->conn->s;
    const struct xs_dom *d = w->conn->dom;

    return dom_rights(s, d, ch->perms) & XS_PERM_READ ||
           (ch->also && dom_rights(s, d, ch->also) & XS_PERM_READ);
}

static void tell_all(const struct watch_list *list, const struct change *ch)
{
    struct watch *w;

    for (w = list->first; w; w = w->next)
        if (permitted(w, ch))
            tell(w, ch->path + w->cut);
}

static struct watchers *watchers_of(const struct watch *w)
{
    return w->spot ? &w->spot->watchers : &w->conn->s->special[w->special];
}

/* The watches of the domains that (p) names. One that is named twice is told
 * once: it has not read the first event when the second comes. */
static void tell_named(const struct xs_store *s, const struct watchers *at,
                       const struct perms *p, const struct change *ch)
{
    unsigned i;

    for (i = 0; p && i < p->nr; i++) {
        const struct xs_dom *d = dom_find(s, p->p[i].domid);
        struct watch *w = d && d->conn ? d->conn->watches : NULL;

        for (; w; w = w->conn_next)
            if (watchers_of(w) == at && permitted(w, ch))
                tell(w, ch->path + w->cut);
    }
}

/* Whether all guests might be told. A guest that stands in for another one is
 * not named where that one is. */
static bool open_to_all(const struct xs_store *s, const struct change *ch)
{
    return s->targets || ch->perms->p[0].bits & XS_PERM_READ ||
           (ch->also && ch->also->p[0].bits & XS_PERM_READ);
}

/* So many guests' watches are looked through without asking. */
#define FEW_WATCHES 16u

static void tell_watchers(const struct xs_store *s, const struct watchers *at,
                          const struct change *ch)
{
    tell_all(&at->clients, ch);
    if (at->nr_guests <= FEW_WATCHES || open_to_all(s, ch)) {
        tell_all(&at->guests, ch);
        return;
    }
    tell_named(s, at, ch->perms, ch);
    tell_named(s, at, ch->also, ch);
}

static bool watched(const struct dir *d)
{
    const struct watchers *at =
        &((const struct spot *)(const void *)d)->watchers;

    return at->clients.first || at->guests.first;
}

void watch_fire(struct xs_store *s, const struct change *ch)
{
    struct dir *d = &s->spots->dir;
    const char *rest = ch->path;
    struct part p;

    while (d) {
        bool more = path_next(&rest, &p);

        if (!more || !ch->exact)
            tell_watchers(s, &spot_of(d)->watchers, ch);
        d = more ? dir_find(s, d, p.name, p.len) : NULL;
    }
}

void watch_fire_special(struct xs_store *s, unsigned which)
{
    const struct change ch = {.path = specials[which],
                              .perms = s->special_perms[which]};

    tell_watchers(s, &s->special[which], &ch);
}

static struct dir *find_spot(const struct xs_store *s, const char *path)
{
    struct dir *d = &s->spots->dir;
    struct part p;

    while (d && path_next(&path, &p))
        d = dir_find(s, d, p.name, p.len);
    return d;
}

/* Walks the watched paths below that of (n), and (n)'s children along with
 * them: what is not watched costs nothing. */
void watch_fire_below(struct xs_store *s, struct node *n)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct change ch = {.path = path, .exact = true};
    struct dir *top, *d;

    dir_path(&n->dir, path);
    top = find_spot(s, path);
    if (!top)
        return;
    spot_of(top)->now = n;
    for (d = dir_next(top, top, true); d;
         d = dir_next(top, d, spot_of(d)->now != NULL)) {
        const struct node *parent = spot_of(d->parent)->now;

        spot_of(d)->now = node_child(s, parent, dir_name(d), d->len);
        if (!spot_of(d)->now || !watched(d))
            continue;
        ch.perms = spot_of(d)->now->perms;
        ch.also = parent->perms;
        dir_path(d, path);
        tell_watchers(s, &spot_of(d)->watchers, &ch);
    }
}

bool watch_any(const struct xs_store *s, const char *path)
{
    struct dir *d = &s->spots->dir;
    struct part p;

    while (d && !watched(d) && path_next(&path, &p))
        d = dir_find(s, d, p.name, p.len);
    /* A spot on this very path leads to a watch at it or below. */
    return d != NULL;
}

/* --- adding and removing ---------------------------------------------------------*/

/* Removes spots that lead to no watch. */
static void prune(struct xs_store *s, struct dir *d)
{
    while (d->parent && !d->nr && !watched(d)) {
        struct dir *up = d->parent;

        dir_del(s, d);
        dir_fini(s, d);
        s->ops->free(d);
        d = up;
    }
}

static struct spot *make_spot(struct xs_store *s, const char *path)
{
    struct dir *d = &s->spots->dir, *e;
    struct part p;

    while (path_next(&path, &p)) {
        e = dir_find(s, d, p.name, p.len);
        if (!e) {
            e = dir_alloc(s, sizeof(struct spot), p.name, p.len);
            if (!e) {
                prune(s, d);
                return NULL;
            }
            dir_add(s, d, e);
        }
        d = e;
    }
    return spot_of(d);
}

/* What a watch makes us remember at most: shared spots are charged to all who
 * share them, as the last of them keeps the spots. */
static size_t cost(const char *path, size_t token_len)
{
    size_t bytes = sizeof(struct watch) + token_len + 1;
    struct part p;

    while (path_next(&path, &p))
        bytes += sizeof(struct spot) + p.len + 1;
    return bytes;
}

/* Looks through a guest's own watches, which are few, or through those that
 * clients have on the path. */
static struct watch *find_watch(const struct xs_conn *c, const char *path,
                                int special, const char *token)
{
    struct dir *d = special < 0 ? find_spot(c->s, path) : NULL;
    bool client = dom_privileged(c->dom);
    const struct watchers *at;
    struct watch *w;

    if (special < 0 && !d)
        return NULL;
    at = d ? &spot_of(d)->watchers : &c->s->special[special];
    w = client ? at->clients.first : c->watches;
    while (w &&
           !(w->conn == c && watchers_of(w) == at && !strcmp(w->token, token)))
        w = client ? w->next : w->conn_next;
    return w;
}

static struct watch_list *list_of(const struct watch *w)
{
    struct watchers *at = watchers_of(w);

    return dom_privileged(w->conn->dom) ? &at->clients : &at->guests;
}

/* (path) as an absolute one, or a special one: (*special) >= 0. */
static int resolve(const struct xs_conn *c, const char *path, char *abs,
                   size_t *cut, int *special)
{
    *special = -1;
    if (path[0] != '@')
        return xs_path_absolute(path, c->dom->id, abs, cut);
    *special = special_find(path);
    *cut = 0;
    return *special < 0 ? -XEN_EINVAL : 0;
}

static void link_watch(struct watch *w)
{
    struct watch_list *list = list_of(w);
    struct xs_conn *c = w->conn;

    w->prev = list->last;
    if (list->last)
        list->last->next = w;
    else
        list->first = w;
    list->last = w;
    if (!dom_privileged(c->dom))
        watchers_of(w)->nr_guests++;
    w->conn_next = c->watches;
    w->conn_prev = &c->watches;
    if (w->conn_next)
        w->conn_next->conn_prev = &w->conn_next;
    c->watches = w;
}

int watch_add(struct xs_conn *c, const char *path, const char *token)
{
    size_t token_len = strlen(token), cut, charge;
    char abs[XENSTORE_ABS_PATH_MAX + 1];
    struct xs_store *s = c->s;
    struct watch *w = NULL;
    int special, rc;

    rc = resolve(c, path, abs, &cut, &special);
    if (rc)
        return rc;
    if (find_watch(c, abs, special, token))
        return -XEN_EEXIST;
    if (!dom_privileged(c->dom) && c->dom->watches >= XS_QUOTA_WATCHES)
        return -XEN_E2BIG;
    charge = cost(special < 0 ? abs : "", token_len);
    rc = dom_charge(c->dom, charge);
    if (rc)
        return rc;
    w = s->ops->alloc(sizeof(*w) + token_len + 1);
    if (w && special < 0)
        w->spot = make_spot(s, abs);
    if (!w || (special < 0 && !w->spot)) {
        if (w)
            s->ops->free(w);
        dom_release_bytes(c->dom, charge);
        return -XEN_ENOMEM;
    }
    w->conn = c;
    w->charged = charge;
    w->cut = (uint16_t)cut;
    w->special = special < 0 ? 0 : (unsigned)special;
    w->token_len = (uint16_t)token_len;
    memcpy(w->token, token, token_len);
    link_watch(w);
    c->dom->watches++;
    return 0;
}

static void remove_watch(struct watch *w)
{
    struct watch_list *list = list_of(w);
    struct xs_conn *c = w->conn;

    if (w->prev)
        w->prev->next = w->next;
    else
        list->first = w->next;
    if (w->next)
        w->next->prev = w->prev;
    else
        list->last = w->prev;
    if (!dom_privileged(c->dom))
        watchers_of(w)->nr_guests--;
    *w->conn_prev = w->conn_next;
    if (w->conn_next)
        w->conn_next->conn_prev = w->conn_prev;
    if (w->latest)
        w->latest->of = NULL;
    c->dom->watches--;
    dom_release_bytes(c->dom, w->charged);
    if (w->spot)
        prune(c->s, &w->spot->dir);
    c->s->ops->free(w);
}

int watch_del(struct xs_conn *c, const char *path, const char *token)
{
    char abs[XENSTORE_ABS_PATH_MAX + 1];
    struct watch *w;
    int special, rc;
    size_t cut;

    rc = resolve(c, path, abs, &cut, &special);
    if (rc)
        return rc;
    w = find_watch(c, abs, special, token);
    if (!w)
        return -XEN_ENOENT;
    remove_watch(w);
    return 0;
}

void watch_fire_first(struct xs_conn *c)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct watch *w = c->watches;

    if (!w->spot) {
        tell(w, specials[w->special]);
        return;
    }
    dir_path(&w->spot->dir, path);
    tell(w, path + w->cut);
}

void watch_del_all(struct xs_conn *c)
{
    while (c->watches)
        remove_watch(c->watches);
}
