/* SPDX-License-Identifier: ISC */
/* What can be configured of a domain: the fields that `create' and
 * `config-update' share. */

#include <inttypes.h>
#include <string.h>
#include "values.h"

/* The largest memory= that makes sense to ask for: 64 GiB (PV_MAX_PAGES). */
#define MEMORY_MAX_KB (64u << 20)
#define PAGE_KB       4

static const char *const action_names[] = {
    [CTL_DESTROY] = "destroy",
    [CTL_RESTART] = "restart",
    [CTL_RENAME_RESTART] = "rename-restart",
    [CTL_PRESERVE] = "preserve",
    [CTL_COREDUMP_DESTROY] = "coredump-destroy",
    [CTL_COREDUMP_RESTART] = "coredump-restart",
};
#define ACTIONS                                                                \
    "destroy, restart, rename-restart, preserve, coredump-destroy or "         \
    "coredump-restart"

const char *ctl_action_name(enum ctl_action a)
{
    return (unsigned)a < ARRAY_SIZE(action_names) ? action_names[a] : "?";
}

static int value_action(const json_t *obj, const char *key,
                        enum ctl_action *out, struct ctl_error *e)
{
    char text[32] = "";
    unsigned i;
    int rc;

    rc = value_string(obj, key, false, text, sizeof(text), e);
    if (rc || !text[0])
        return rc;
    for (i = 0; i < ARRAY_SIZE(action_names); i++) {
        if (!strcmp(text, action_names[i])) {
            *out = (enum ctl_action)i;
            return 0;
        }
    }
    if (!strcmp(text, "soft-reset"))
        return ctl_refuse(e, CTL_INVALID,
                          "%s=\"soft-reset\": only an HVM domain can do that; "
                          "use " ACTIONS,
                          key);
    return ctl_refuse(e, CTL_INVALID, "%s=\"%s\" is no action; use " ACTIONS,
                      key, text);
}

static int value_memory(const json_t *obj, struct ctl_config *c,
                        struct ctl_error *e)
{
    int64_t memory = 0, maxmem;
    int rc;

    rc = value_int(obj, "memory_kb", true, PAGE_KB, MEMORY_MAX_KB, &memory, e);
    if (rc)
        return rc;
    maxmem = memory;
    rc = value_int(obj, "maxmem_kb", false, PAGE_KB, MEMORY_MAX_KB, &maxmem, e);
    if (rc)
        return rc;
    if (maxmem < memory)
        return ctl_refuse(e, CTL_INVALID,
                          "maxmem (%" PRId64
                          " KiB) is less than memory (%" PRId64 " KiB)",
                          maxmem, memory);
    c->memory_kb = (uint64_t)memory & ~(uint64_t)(PAGE_KB - 1);
    c->maxmem_kb = (uint64_t)maxmem & ~(uint64_t)(PAGE_KB - 1);
    return 0;
}

int value_config(const json_t *obj, struct ctl_config *c, struct ctl_error *e)
{
    int rc;

    /* xl.cfg(5)'s defaults. */
    c->on_poweroff = CTL_DESTROY;
    c->on_reboot = CTL_RESTART;
    c->on_crash = CTL_DESTROY;
    c->on_watchdog = CTL_DESTROY;
    c->on_soft_reset = CTL_DESTROY;
    if ((rc = value_memory(obj, c, e)) ||
        (rc = value_action(obj, "on_poweroff", &c->on_poweroff, e)) ||
        (rc = value_action(obj, "on_reboot", &c->on_reboot, e)) ||
        (rc = value_action(obj, "on_crash", &c->on_crash, e)) ||
        (rc = value_action(obj, "on_watchdog", &c->on_watchdog, e)) ||
        (rc = value_action(obj, "on_soft_reset", &c->on_soft_reset, e)))
        return rc;
    return 0;
}
