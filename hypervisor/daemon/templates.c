/* SPDX-License-Identifier: ISC */
/*
 * The cache of templates.
 *
 *   template_find() --> BUILDING --built, rc = 0--> READY --evicted--> freed
 *                          |
 *                          +--failed--> freed, all waiting creates refused
 *
 * A template has one user per domain, and while BUILDING the list of domains
 * that wait for it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <host/fd.h>
#include <host/file.h>
#include "templates.h"

#define BUCKETS     256
#define KEEP_UNUSED 16

struct key {
    struct file_info kernel, ramdisk;
    uint32_t nr_pages, max_pages;
};

struct tmpl {
    struct tmpl *next; /* of the same bucket                               */
    struct key key;
    struct engine_template *t; /* NULL while BUILDING                      */
    unsigned users;
    uint64_t used; /* templates.clock when the last user left              */

    /* BUILDING only. */
    struct daemon *dm;
    struct dom *waiting;
    int fds[2];
    char *kernel_name;
    struct helper_job job;
    struct engine_template *built; /* what the helper thread made          */
    int rc;
    struct engine_error err;
};

struct templates {
    struct tmpl *bucket[BUCKETS];
    unsigned unused;
    uint64_t clock;
};

struct templates *templates_create(void)
{
    return calloc(1, sizeof(struct templates));
}

enum ctl_error_name error_name(int err, enum ctl_error_name otherwise)
{
    switch (err) {
    case -ENOMEM:
    case -ENOBUFS:
        return CTL_NO_MEMORY;
    case -EMFILE:
    case -ENFILE:
    case -EAGAIN:
    case -ENOSPC:
        return CTL_LIMIT;
    default:
        return otherwise;
    }
}

const char *error_advice(int err)
{
    switch (err) {
    case -EMFILE:
    case -ENFILE:
        return "; raise the limit on open files (see \"xl info\")";
    case -EAGAIN:
        return "; raise the limit on processes (see \"xl info\")";
    case -ENOMEM:
    case -ENOBUFS:
        return "; free memory";
    case -EPIPE:
    case -ECONNRESET:
        return "; the process that starts others (midge-starter) is gone: "
               "restart midge-hv";
    case -ENOSPC: /* of epoll_ctl() */
        return "; raise the sysctl fs.epoll.max_user_watches";
    default:
        return "";
    }
}

static bool same_file(const struct file_info *a, const struct file_info *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->ctime_ns == b->ctime_ns;
}

static bool same_key(const struct key *a, const struct key *b)
{
    return same_file(&a->kernel, &b->kernel) &&
           same_file(&a->ramdisk, &b->ramdisk) && a->nr_pages == b->nr_pages &&
           a->max_pages == b->max_pages;
}

static struct tmpl **bucket_of(struct daemon *dm, const struct key *k)
{
    uint64_t h = k->kernel.ino * 31 + k->ramdisk.ino * 7 +
                 k->nr_pages * 131ull + k->max_pages;

    return &dm->templates->bucket[h % BUCKETS];
}

/* Takes (t) out of its bucket and frees it. */
static void drop(struct daemon *dm, struct tmpl *t)
{
    struct tmpl **p = bucket_of(dm, &t->key);

    while (*p != t)
        p = &(*p)->next;
    *p = t->next;
    if (t->t)
        dm->engine->template_put(t->t);
    fd_close(&t->fds[0]);
    fd_close(&t->fds[1]);
    free(t->kernel_name);
    free(t);
}

static void evict_one(struct daemon *dm)
{
    struct tmpl *t, *oldest = NULL;
    unsigned i;

    for (i = 0; i < BUCKETS; i++)
        for (t = dm->templates->bucket[i]; t; t = t->next)
            if (t->t && !t->users && (!oldest || t->used < oldest->used))
                oldest = t;
    if (!oldest)
        return;
    dm->templates->unused--;
    drop(dm, oldest);
}

bool templates_make_room(struct daemon *dm, int rc)
{
    if ((rc != -EMFILE && rc != -ENFILE && rc != -ENOMEM) ||
        !dm->templates->unused)
        return false;
    while (dm->templates->unused)
        evict_one(dm);
    return true;
}

void templates_destroy(struct daemon *dm)
{
    if (!dm->templates)
        return;
    while (dm->templates->unused)
        evict_one(dm);
    free(dm->templates);
    dm->templates = NULL;
}

static void use(struct dom *d, struct tmpl *t)
{
    if (!t->users++ && t->t)
        d->dm->templates->unused--;
    d->tmpl = t;
}

void template_share(struct dom *d, const struct dom *from)
{
    use(d, from->tmpl);
}

void template_leave(struct dom *d)
{
    struct daemon *dm = d->dm;
    struct tmpl *t = d->tmpl;

    d->tmpl = NULL;
    if (!t || --t->users || !t->t)
        return;
    t->used = ++dm->templates->clock;
    if (++dm->templates->unused > KEEP_UNUSED)
        evict_one(dm);
}

struct engine_template *template_of(const struct dom *d)
{
    return d->tmpl->t;
}

/* Whether the files are still what the key says: they may have been written
 * while they were being read. */
static bool files_changed(const struct tmpl *t)
{
    struct file_info now;

    if (file_stat_fd(t->fds[0], &now) || !same_file(&now, &t->key.kernel))
        return true;
    return t->fds[1] >= 0 &&
           (file_stat_fd(t->fds[1], &now) || !same_file(&now, &t->key.ramdisk));
}

/* On the helper thread, without the lock: the entry is ours until built(). */
static void build(struct helper_job *j)
{
    struct tmpl *t = CONTAINER_OF(j, struct tmpl, job);
    const struct engine_ops *engine = t->dm->engine;
    const struct engine_template_params p = {
        .kernel_fd = t->fds[0],
        .ramdisk_fd = t->fds[1],
        .kernel_name = t->kernel_name,
        .nr_pages = t->key.nr_pages,
        .max_pages = t->key.max_pages,
    };
    struct engine_template *out = NULL;

    t->rc = engine->template_build(&p, &out, &t->err);
    if (!t->rc && files_changed(t)) {
        engine->template_put(out);
        out = NULL;
        t->rc = -EBUSY;
        snprintf(t->err.text, sizeof(t->err.text),
                 "%.150s (or its ramdisk) was written to while it was read; "
                 "try again",
                 t->kernel_name);
    }
    /* Becomes t->t, which others look at, under the lock. */
    t->built = out;
}

/* Back on the worker that asked first. */
static void built(struct helper_job *j)
{
    struct tmpl *t = CONTAINER_OF(j, struct tmpl, job);
    struct daemon *dm = t->dm;
    struct dom *d, *next;
    struct ctl_error e;
    int rc = t->rc;

    daemon_lock(dm);
    if (rc && templates_make_room(dm, rc)) {
        helper_run(dm->helper, j); /* once more */
        daemon_unlock(dm);
        return;
    }
    d = t->waiting;
    t->waiting = NULL;
    if (rc) {
        (void)ctl_refuse(&e, error_name(rc, CTL_IMAGE), "%s", t->err.text);
        log_line(dm, "create: %s", t->err.text);
        drop(dm, t);
    } else {
        t->t = t->built;
        fd_close(&t->fds[0]);
        fd_close(&t->fds[1]);
    }
    for (; d; d = next) {
        next = d->next_waiting;
        if (rc)
            d->tmpl = NULL;
        create_template_ready(d, rc, &e);
    }
    daemon_unlock(dm);
}

static int start_build(struct dom *d, const struct key *key, int fds[2],
                       struct ctl_error *e)
{
    struct daemon *dm = d->dm;
    struct tmpl *t = calloc(1, sizeof(*t)), **bucket = bucket_of(dm, key);

    if (t)
        t->kernel_name = strdup(d->kernel);
    if (!t || !t->kernel_name) {
        free(t);
        return ctl_refuse(e, CTL_NO_MEMORY, "the daemon is out of memory");
    }
    t->dm = dm;
    t->key = *key;
    t->fds[0] = fds[0];
    t->fds[1] = fds[1];
    fds[0] = fds[1] = -1;
    t->job.work = build;
    t->job.done = built;
    t->job.loop = worker_self()->loop;
    t->next = *bucket;
    *bucket = t;
    use(d, t);
    t->waiting = d;
    helper_run(dm->helper, &t->job);
    return 0;
}

static int file_key(int fd, const char *what, struct file_info *info,
                    struct ctl_error *e)
{
    int rc = file_stat_fd(fd, info);

    if (rc)
        return ctl_refuse(e, CTL_INVALID, "%s: %s", what, strerror(-rc));
    if (!info->regular)
        return ctl_refuse(e, CTL_IMAGE, "%s is %s, not a regular file", what,
                          info->directory ? "a directory" : "something else");
    return 0;
}

static int make_key(const struct dom *d, const int fds[2], struct key *key,
                    struct ctl_error *e)
{
    int rc;

    memset(key, 0, sizeof(*key));
    key->nr_pages = (uint32_t)(d->config.memory_kb / 4);
    key->max_pages = (uint32_t)(d->config.maxmem_kb / 4);
    rc = file_key(fds[0], d->kernel, &key->kernel, e);
    if (!rc && fds[1] >= 0)
        rc = file_key(fds[1], "the ramdisk", &key->ramdisk, e);
    return rc;
}

int template_find(struct dom *d, int fds[2], struct ctl_error *e)
{
    struct tmpl *t;
    struct key key;
    int rc;

    rc = make_key(d, fds, &key, e);
    if (rc)
        goto out;
    for (t = *bucket_of(d->dm, &key); t; t = t->next)
        if (same_key(&t->key, &key))
            break;
    if (!t) {
        rc = start_build(d, &key, fds, e);
        goto out;
    }
    use(d, t);
    rc = t->t != NULL;
    if (!rc) {
        d->next_waiting = t->waiting;
        t->waiting = d;
    }
out:
    fd_close(&fds[0]);
    fd_close(&fds[1]);
    return rc;
}
