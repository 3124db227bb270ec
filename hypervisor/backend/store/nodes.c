/* SPDX-License-Identifier: ISC */
/* A domain's nodes: what libxl makes for a PV domain, with its permissions. */

#include <string.h>
#include <base/compiler.h>
#include <backend/store.h>

/* By hand, as printing took a fifth of what is done for a domain. */
void store_vm_path(const uint8_t uuid[16], char path[STORE_VM_MAX])
{
    static const char digits[] = "0123456789abcdef";
    char *p = path;
    unsigned i;

    memcpy(p, "/vm/", 4);
    p += 4;
    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digits[uuid[i] >> 4];
        *p++ = digits[uuid[i] & 15];
    }
    *p = '\0';
}

struct texts {
    char domid[XS_NUMBER_MAX], target[XS_NUMBER_MAX], max[XS_NUMBER_MAX];
    char store_port[XS_NUMBER_MAX], store_ref[XS_NUMBER_MAX];
    char cons_port[XS_NUMBER_MAX], cons_ref[XS_NUMBER_MAX];
    char home[XS_HOME_MAX], vm[STORE_VM_MAX];
};

static void fill(const struct store_domain *d, struct texts *t)
{
    (void)xs_print_number(d->domid, t->domid);
    (void)xs_print_number(d->memory_kb, t->target);
    (void)xs_print_number(d->maxmem_kb, t->max);
    (void)xs_print_number(d->store_port, t->store_port);
    (void)xs_print_number(d->store_mfn, t->store_ref);
    (void)xs_print_number(d->console_port, t->cons_port);
    (void)xs_print_number(d->console_mfn, t->cons_ref);
    (void)xs_home(d->domid, t->home);
    store_vm_path(d->uuid, t->vm);
}

static int add_home(struct xs_store *tree, const struct store_domain *d,
                    const struct texts *t)
{
    const struct xs_leaf leaves[] = {
        {"vm", t->vm, XS_ACCESS_READ},
        {"name", d->name, XS_ACCESS_READ},
        {"cpu", "", XS_ACCESS_READ},
        {"cpu/0", "", XS_ACCESS_READ},
        {"cpu/0/availability", "online", XS_ACCESS_READ},
        {"memory", "", XS_ACCESS_READ},
        {"memory/static-max", t->max, XS_ACCESS_READ},
        {"memory/target", t->target, XS_ACCESS_READ},
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
        {"domid", t->domid, XS_ACCESS_READ},
        {"store", "", XS_ACCESS_READ},
        {"store/port", t->store_port, XS_ACCESS_READ},
        {"store/ring-ref", t->store_ref, XS_ACCESS_READ},
        {"console", "", XS_ACCESS_READ},
        {"console/limit", "1048576", XS_ACCESS_READ},
        {"console/type", "xenconsoled", XS_ACCESS_READ},
        {"console/output", "pty", XS_ACCESS_READ},
        {"console/tty", "", XS_ACCESS_NONE},
        {"console/port", t->cons_port, XS_ACCESS_READ},
        {"console/ring-ref", t->cons_ref, XS_ACCESS_READ},
    };

    return xs_build(tree, t->home, d->domid, leaves, ARRAY_SIZE(leaves));
}

int store_vm_add(struct xs_store *tree, const struct store_domain *d)
{
    char vm[STORE_VM_MAX], start[XS_NUMBER_MAX];
    const struct xs_leaf leaves[] = {
        {"name", d->name, XS_ACCESS_READ},
        {"uuid", vm + strlen("/vm/"), XS_ACCESS_READ},
        {"start_time", start, XS_ACCESS_READ},
    };

    store_vm_path(d->uuid, vm);
    (void)xs_print_number(d->start_s, start);
    return xs_build(tree, vm, d->domid, leaves, ARRAY_SIZE(leaves));
}

int store_domain_add(struct xs_store *tree, const struct store_domain *d)
{
    struct texts t;
    int rc;

    fill(d, &t);
    rc = xs_domain_add(tree, d->domid);
    if (!rc)
        rc = store_vm_add(tree, d);
    return rc ? rc : add_home(tree, d, &t);
}

void store_domain_remove(struct xs_store *tree, domid_t domid,
                         const uint8_t uuid[16])
{
    char home[XS_HOME_MAX], vm[STORE_VM_MAX];

    (void)xs_home(domid, home);
    store_vm_path(uuid, vm);
    (void)xs_rm(tree, home);
    (void)xs_rm(tree, vm);
    xs_domain_remove(tree, domid);
}
