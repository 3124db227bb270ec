/* SPDX-License-Identifier: ISC */
/* Domains in xenstore: the nodes that libxl makes for a PV domain, with its
 * permissions, and the connection of their rings. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <host/clock.h>
#include <host/file.h>
#include <host/socket.h>
#include "conn.h"
#include "rundir.h"

/* --- the backend ------------------------------------------------------------------*/

static void ring_notify(void *owner)
{
    struct dom *d = owner;

    hv_evtchn_notify(d->hvd, (evtchn_port_t)d->store_port);
}

static void ring_complain(void *owner, const char *text)
{
    dom_log(owner, "%s", text);
}

static void store_lock(void *ctx)
{
    daemon_lock(ctx);
}

static void store_unlock(void *ctx)
{
    daemon_unlock(ctx);
}

static const struct store_events store_events = {
    .notify = ring_notify,
    .complain = ring_complain,
    .lock = store_lock,
    .unlock = store_unlock,
};

/* Served when the call that rang is done: hv_ops must not re-enter the core. */
void dom_store_rang(struct hv_domain *hvd, evtchn_port_t port, void *arg)
{
    struct dom *d = arg;

    (void)hvd;
    (void)port;
    d->store_rang = true;
}

static int listen_at(struct daemon *dm)
{
    char path[PATH_MAX];
    int rc = rundir_path(dm->run_dir, "xenstored", path);

    if (!rc)
        rc = file_private_dir(path);
    if (!rc)
        rc = rundir_path(dm->run_dir, "xenstored/socket", path);
    return rc ? rc : socket_listen(path);
}

/* What Xen's start-up scripts say of domain 0. */
static int describe_ourselves(struct daemon *dm)
{
    static const struct xs_leaf leaves[] = {
        {"name", "Domain-0", XS_ACCESS_NONE},
        {"domid", "0", XS_ACCESS_NONE},
    };

    return xs_build(store_tree(dm->store), "/local/domain/0", 0, leaves,
                    ARRAY_SIZE(leaves));
}

int dom_store_start(struct daemon *dm)
{
    int fd, rc;

    dm->store = store_create(&store_events, dm);
    if (!dm->store || describe_ourselves(dm)) {
        store_destroy(dm->store);
        dm->store = NULL;
        return -ENOMEM;
    }
    fd = listen_at(dm);
    /* A socket's name has 107 bytes at most; ours are the longer. */
    if (fd == -ENAMETOOLONG) {
        log_line(dm, "the run directory's name is too long for the socket "
                     "xenstored/socket: no clients of xenstore are served");
        return 0;
    }
    rc = fd < 0 ? fd : store_listen(dm->store, dm->main_loop, fd, dm->uid);
    if (rc)
        dom_store_stop(dm);
    return rc;
}

void dom_store_unlisten(struct daemon *dm)
{
    char path[PATH_MAX];

    if (!rundir_path(dm->run_dir, "xenstored/socket", path))
        (void)file_remove(path); /* what is left is replaced next time */
    if (!rundir_path(dm->run_dir, "xenstored", path))
        (void)file_remove_dir(path); /* not if somebody put a file there */
}

void dom_store_stop(struct daemon *dm)
{
    if (!dm->stopping)
        dom_store_unlisten(dm);
    store_destroy(dm->store);
    dm->store = NULL;
}

/* --- a domain's nodes ---------------------------------------------------------------*/

static void describe(const struct dom *d, struct store_domain *out)
{
    *out = (struct store_domain){
        .domid = hv_domain_id(d->hvd),
        .uuid = d->uuid,
        .name = d->name,
        .memory_kb = d->config.memory_kb,
        .maxmem_kb = d->config.maxmem_kb,
        .store_port = (unsigned)d->store_port,
        .console_port = (unsigned)d->console_port,
        .store_mfn = d->win.store_mfn,
        .console_mfn = d->win.console_mfn,
        .start_s = clock_wall_ns() / 1000000000u,
    };
}

int dom_store_add(struct dom *d)
{
    const struct store_ring_params p = {
        .domid = hv_domain_id(d->hvd),
        .loop = d->w->loop,
        .ring = d->win.store,
        .owner = d,
    };
    struct store *s = d->dm->store;
    struct store_domain about;

    describe(d, &about);
    if (store_domain_add(store_tree(s), &about) ||
        store_ring_create(s, &p, &d->store))
        return -ENOMEM;
    store_flush(s);
    return 0;
}

void dom_store_remove(struct dom *d)
{
    if (!d->hvd)
        return;
    store_ring_destroy(d->store);
    d->store = NULL;
    store_domain_remove(store_tree(d->dm->store), hv_domain_id(d->hvd),
                        d->uuid);
    store_flush(d->dm->store);
}

/* --- while it lives ------------------------------------------------------------------*/

/* (name) below d's home. Out of memory, the node keeps its old value. */
static int set_node(struct dom *d, const char *base, const char *name,
                    const char *value)
{
    char path[STORE_VM_MAX + 32];
    int rc;

    (void)snprintf(path, sizeof(path), "%s/%s", base, name); /* fits */
    rc = xs_write(store_tree(d->dm->store), path, value, strlen(value));
    if (rc)
        dom_log(d, "%s could not be written", path);
    store_flush(d->dm->store);
    return rc ? -ENOMEM : 0;
}

void dom_store_renamed(struct dom *d)
{
    char home[XS_HOME_MAX], vm[STORE_VM_MAX];

    (void)xs_home(hv_domain_id(d->hvd), home);
    store_vm_path(d->uuid, vm);
    (void)set_node(d, home, "name", d->name); /* has been logged */
    (void)set_node(d, vm, "name", d->name);
}

void dom_store_new_uuid(struct dom *d, const uint8_t old[16])
{
    struct xs_store *tree = store_tree(d->dm->store);
    char home[XS_HOME_MAX], vm[STORE_VM_MAX];
    struct store_domain about;

    store_vm_path(old, vm);
    (void)xs_rm(tree, vm); /* the next incarnation makes it anew */
    (void)xs_home(hv_domain_id(d->hvd), home);
    describe(d, &about);
    store_vm_path(d->uuid, vm);
    if (store_vm_add(tree, &about))
        dom_log(d, "%s could not be written", vm);
    (void)set_node(d, home, "vm", vm); /* has been logged */
}

int dom_store_control(struct dom *d, const char *name, const char *value)
{
    char home[XS_HOME_MAX], node[32];

    (void)xs_home(hv_domain_id(d->hvd), home);
    (void)snprintf(node, sizeof(node), "control/%s", name); /* fits */
    return set_node(d, home, node, value);
}

void dom_store_tty(struct dom *d, const char *path)
{
    char home[XS_HOME_MAX];

    (void)xs_home(hv_domain_id(d->hvd), home);
    (void)set_node(d, home, "console/tty", path); /* has been logged */
}

void dom_store_ended(struct dom *d)
{
    store_ring_drain(d->store);
    xs_domain_shutdown(store_tree(d->dm->store), hv_domain_id(d->hvd));
    store_flush(d->dm->store);
}

/* The guest's own word about itself: a whole decimal int, or nothing. */
bool dom_store_exit_code(struct dom *d, int *code)
{
    char home[XS_HOME_MAX], path[XS_HOME_MAX + 16], text[16], *end;
    long len, value;

    (void)xs_home(hv_domain_id(d->hvd), home);
    (void)snprintf(path, sizeof(path), "%s/data/exit-code", home); /* fits */
    len = xs_read(store_tree(d->dm->store), path, text, sizeof(text) - 1);
    if (len <= 0 || len >= (long)sizeof(text))
        return false;
    text[len] = '\0';
    if (strspn(text, "-0123456789") != (size_t)len)
        return false;
    value = strtol(text, &end, 10);
    if (*end || value < INT32_MIN || value > INT32_MAX)
        return false;
    *code = (int)value;
    return true;
}
