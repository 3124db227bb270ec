/* SPDX-License-Identifier: ISC */
/* Drivers, and which devices there are for them; contract in
 * minios/frontend.h. */
#include "xenbus/frontend_priv.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/arch.h>
#include <minios/memory.h>
#include <minios/thread.h>
#include <xen/errno.h>

/* A driver that was registered: its folder's watch, and its devices. */
struct registered {
    const struct frontend_driver *driver;
    struct registered *next;
    struct frontend *devices;
    bool listed; /* the folder has been looked at                          */
    char path[DEVICE_PATH_MAX];
    struct xenbus_watch watch;
};

static struct registered *drivers;
static struct wait_queue changed = WAIT_QUEUE_INIT;

void frontend_changed(void)
{
    wait_wake_all(&changed);
}

/* --- which devices there are ------------------------------------------------------- */

static struct frontend *find(const struct registered *r, unsigned index)
{
    struct frontend *f;

    for (f = r->devices; f && f->index != index; f = f->next)
        ;
    return f;
}

static void add(struct registered *r, unsigned index)
{
    struct frontend *f = frontend_create(r->driver, index);
    bool enabled;

    if (!f)
        return;
    f->present = true;
    enabled = arch_events_disable();
    f->next = r->devices;
    r->devices = f;
    if (enabled)
        arch_events_enable();
}

static void drop(struct registered *r, struct frontend *f)
{
    bool enabled = arch_events_disable();
    struct frontend **p;

    for (p = &r->devices; *p != f; p = &(*p)->next)
        ;
    *p = f->next;
    frontend_changed();
    if (enabled)
        arch_events_enable();
    frontend_destroy(f);
}

static void drop_absent(struct registered *r)
{
    struct frontend *f, *next;

    for (f = r->devices; f; f = next) {
        next = f->next;
        if (!f->present)
            drop(r, f);
    }
}

static void note_present(struct registered *r, const char *name)
{
    unsigned index;
    struct frontend *f;

    if (xbf_index(name, &index) < 0)
        return; /* no device's folder */
    f = find(r, index);
    if (f)
        f->present = true;
    else
        add(r, index);
}

static void note_listed(struct registered *r)
{
    bool enabled = arch_events_disable();

    r->listed = true;
    frontend_changed();
    if (enabled)
        arch_events_enable();
}

static void look_through(struct registered *r)
{
    char **names = NULL;
    struct frontend *f;
    size_t n = 0, i;
    int rc = xenbus_directory(XBT_NIL, r->path, &names, &n);

    if (rc < 0 && rc != -XEN_ENOENT)
        return; /* what is there stays; the next event looks again */
    for (f = r->devices; f; f = f->next)
        f->present = false;
    for (i = 0; i < n; i++)
        note_present(r, names[i]);
    kfree(names);
    drop_absent(r);
    note_listed(r);
}

/* "<index>/backend" was written: the toolstack may have moved the device to
 * another backend. */
static void look_at_backend(struct registered *r, const char *rest)
{
    char name[12];
    size_t len = (size_t)(strchr(rest, '/') - rest);
    struct frontend *f;
    unsigned index;

    if (len >= sizeof(name) || strcmp(rest + len, "/backend") != 0)
        return;
    memcpy(name, rest, len);
    name[len] = '\0';
    if (xbf_index(name, &index) < 0)
        return;
    f = find(r, index);
    if (f && frontend_moved(f))
        drop(r, f);
    if (!find(r, index))
        add(r, index);
    frontend_changed();
}

/* Most of what changes below the folder are the devices' own nodes. */
static void on_change(struct xenbus_watch *w, const char *path)
{
    struct registered *r = CONTAINER_OF(w, struct registered, watch);
    size_t len = strlen(r->path);
    const char *rest = path + len;

    if (strncmp(path, r->path, len) != 0 || *rest != '/' ||
        !strchr(rest + 1, '/'))
        look_through(r);
    else
        look_at_backend(r, rest + 1);
}

int frontend_register(const struct frontend_driver *driver)
{
    struct registered *r;
    bool enabled;
    int rc;

    if (strlen(driver->type) >= TYPE_MAX)
        return -XEN_EINVAL;
    r = kzalloc(sizeof(*r));
    if (!r)
        return -XEN_ENOMEM;
    r->driver = driver;
    fmt_snprintf(r->path, sizeof(r->path), "device/%s", driver->type);
    r->watch.path = r->path;
    r->watch.fn = on_change;
    enabled = arch_events_disable();
    r->next = drivers;
    drivers = r;
    if (enabled)
        arch_events_enable();
    rc = xenbus_watch_async(&r->watch);
    if (rc < 0)
        note_listed(r); /* there are none, and never will be */
    return rc;
}

/* --- waiting for one ---------------------------------------------------------------- */

struct wanted {
    const char *type;
    unsigned index;
    int rc;
};

/* Whether (w->rc) is known. */
static bool is_decided(void *arg)
{
    struct wanted *w = arg;
    const struct registered *r = drivers;
    const struct frontend *f;

    while (r && strcmp(r->driver->type, w->type) != 0)
        r = r->next;
    f = r ? find(r, w->index) : NULL;
    if (f) {
        w->rc = f->state == XBF_CONNECTED ? 0 : f->error;
        return f->state == XBF_CONNECTED || f->state == XBF_FAILED;
    }
    w->rc = -XEN_ENOENT;
    return !r || r->listed;
}

int frontend_wait_connected(const char *type, unsigned index,
                            uint64_t deadline_ns)
{
    struct wanted w = {type, index, 0};

    if (!wait_until(&changed, is_decided, &w, deadline_ns))
        return -XEN_ETIMEDOUT;
    return w.rc;
}
