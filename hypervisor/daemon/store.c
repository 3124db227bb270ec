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

#define VM_PATH_MAX 48 /* "/vm/", a uuid, NUL */

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
    int fd;

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
    return fd < 0 ? fd : store_listen(dm->store, dm->main_loop, fd, dm->uid);
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

static void vm_path(const uint8_t u[16], char path[VM_PATH_MAX])
{
    (void)snprintf(path, VM_PATH_MAX, /* fits */
                   "/vm/%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                   "%02x%02x%02x%02x%02x%02x",
                   u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9],
                   u[10], u[11], u[12], u[13], u[14], u[15]);
}

struct numbers {
    char domid[XS_NUMBER_MAX], target[XS_NUMBER_MAX], max[XS_NUMBER_MAX];
    char store_port[XS_NUMBER_MAX], store_ref[XS_NUMBER_MAX];
    char cons_port[XS_NUMBER_MAX], cons_ref[XS_NUMBER_MAX];
    char vm[VM_PATH_MAX];
};

static void fill_numbers(const struct dom *d, struct numbers *n)
{
    (void)xs_print_number(hv_domain_id(d->hvd), n->domid);
    (void)xs_print_number(d->config.memory_kb, n->target);
    (void)xs_print_number(d->config.maxmem_kb, n->max);
    (void)xs_print_number((unsigned)d->store_port, n->store_port);
    (void)xs_print_number(d->win.store_mfn, n->store_ref);
    (void)xs_print_number((unsigned)d->console_port, n->cons_port);
    (void)xs_print_number(d->win.console_mfn, n->cons_ref);
    vm_path(d->uuid, n->vm);
}

static int add_home(struct dom *d, const char *home, const struct numbers *n)
{
    const struct xs_leaf leaves[] = {
        {"vm", n->vm, XS_ACCESS_READ},
        {"name", d->name, XS_ACCESS_READ},
        {"cpu", "", XS_ACCESS_READ},
        {"cpu/0", "", XS_ACCESS_READ},
        {"cpu/0/availability", "online", XS_ACCESS_READ},
        {"memory", "", XS_ACCESS_READ},
        {"memory/static-max", n->max, XS_ACCESS_READ},
        {"memory/target", n->target, XS_ACCESS_READ},
        {"device", "", XS_ACCESS_READ},
        {"control", "", XS_ACCESS_READ},
        {"control/shutdown", "", XS_ACCESS_OWN},
        {"control/feature-poweroff", "", XS_ACCESS_OWN},
        {"control/feature-reboot", "", XS_ACCESS_OWN},
        {"control/feature-suspend", "", XS_ACCESS_OWN},
        {"control/sysrq", "", XS_ACCESS_OWN},
        {"control/platform-feature-xs_reset_watches", "1", XS_ACCESS_READ},
        {"data", "", XS_ACCESS_OWN},
        {"drivers", "", XS_ACCESS_OWN},
        {"feature", "", XS_ACCESS_OWN},
        {"attr", "", XS_ACCESS_OWN},
        {"error", "", XS_ACCESS_OWN},
        {"domid", n->domid, XS_ACCESS_READ},
        {"store", "", XS_ACCESS_READ},
        {"store/port", n->store_port, XS_ACCESS_READ},
        {"store/ring-ref", n->store_ref, XS_ACCESS_READ},
        {"console", "", XS_ACCESS_READ},
        {"console/limit", "1048576", XS_ACCESS_READ},
        {"console/type", "xenconsoled", XS_ACCESS_READ},
        {"console/output", "pty", XS_ACCESS_READ},
        {"console/tty", "", XS_ACCESS_NONE},
        {"console/port", n->cons_port, XS_ACCESS_READ},
        {"console/ring-ref", n->cons_ref, XS_ACCESS_READ},
    };

    return xs_build(store_tree(d->dm->store), home, hv_domain_id(d->hvd),
                    leaves, ARRAY_SIZE(leaves));
}

static int add_vm(struct dom *d, const struct numbers *n)
{
    char start[XS_NUMBER_MAX];
    const struct xs_leaf leaves[] = {
        {"name", d->name, XS_ACCESS_READ},
        {"uuid", n->vm + strlen("/vm/"), XS_ACCESS_READ},
        {"start_time", start, XS_ACCESS_READ},
    };

    (void)xs_print_number(clock_wall_ns() / 1000000000u, start);
    return xs_build(store_tree(d->dm->store), n->vm, hv_domain_id(d->hvd),
                    leaves, ARRAY_SIZE(leaves));
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
    char home[XS_HOME_MAX];
    struct numbers n;

    (void)xs_home(p.domid, home);
    fill_numbers(d, &n);
    if (xs_domain_add(store_tree(s), p.domid) || add_vm(d, &n) ||
        add_home(d, home, &n) || store_ring_create(s, &p, &d->store))
        return -ENOMEM;
    store_flush(s);
    return 0;
}

void dom_store_remove(struct dom *d)
{
    struct xs_store *tree = store_tree(d->dm->store);
    char home[XS_HOME_MAX], vm[VM_PATH_MAX];

    if (!d->hvd)
        return;
    store_ring_destroy(d->store);
    d->store = NULL;
    (void)xs_home(hv_domain_id(d->hvd), home);
    vm_path(d->uuid, vm);
    /* Removal needs no memory, and what is missing is as good as removed. */
    (void)xs_rm(tree, home);
    (void)xs_rm(tree, vm);
    xs_domain_remove(tree, hv_domain_id(d->hvd));
    store_flush(d->dm->store);
}

/* --- while it lives ------------------------------------------------------------------*/

/* (name) below d's home. Out of memory, the node keeps its old value. */
static int set_node(struct dom *d, const char *base, const char *name,
                    const char *value)
{
    char path[VM_PATH_MAX + 32];
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
    char home[XS_HOME_MAX], vm[VM_PATH_MAX];

    (void)xs_home(hv_domain_id(d->hvd), home);
    vm_path(d->uuid, vm);
    (void)set_node(d, home, "name", d->name); /* has been logged */
    (void)set_node(d, vm, "name", d->name);
}

void dom_store_new_uuid(struct dom *d, const uint8_t old[16])
{
    struct xs_store *tree = store_tree(d->dm->store);
    char home[XS_HOME_MAX], vm[VM_PATH_MAX];
    struct numbers n;

    vm_path(old, vm);
    (void)xs_rm(tree, vm); /* the next incarnation makes it anew */
    (void)xs_home(hv_domain_id(d->hvd), home);
    fill_numbers(d, &n);
    if (add_vm(d, &n))
        dom_log(d, "%s could not be written", n.vm);
    (void)set_node(d, home, "vm", n.vm); /* has been logged */
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
