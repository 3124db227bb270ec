/* SPDX-License-Identifier: ISC */
/* What can be configured of a domain: the fields that `create' and
 * `config-update' share. */

#include <inttypes.h>
#include <string.h>
#include "values.h"

/* The largest memory= that makes sense to ask for: 64 GiB (PV_MAX_PAGES). */
#define MEMORY_MAX_KB (64u << 20)
#define PAGE_KB       4
/* What the core can do: the store and the console take the first two ports. */
#define EVENT_CHANNELS_MAX  131071
#define GRANT_FRAMES_MAX    256
#define MAPTRACK_FRAMES_MAX 1024

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

/* An array of CPU numbers, at least one. */
static int value_cpus(const json_t *obj, struct ctl_config *c,
                      struct ctl_error *e)
{
    const json_t *list = json_object_get(obj, "cpus"), *v;
    size_t i;

    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return ctl_refuse(e, CTL_INVALID,
                          "\"cpus\" must be an array of CPU numbers");
    c->have_cpus = true;
    json_array_foreach(list, i, v)
    {
        json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;

        if (n < 0 || n >= CTL_CPUS_MAX)
            return ctl_refuse(e, CTL_INVALID,
                              "\"cpus\": each must be a number from 0 to %u",
                              CTL_CPUS_MAX - 1);
        c->cpus[n / 64] |= 1ull << (n % 64);
    }
    return 0;
}

static int value_limit(const json_t *obj, const char *key, int64_t min,
                       int64_t max, uint32_t *out, struct ctl_error *e)
{
    int64_t n = 0;
    int rc = value_int(obj, key, false, min, max, &n, e);

    if (!rc)
        *out = (uint32_t)n;
    return rc;
}

/* Placement and limits. */
static int value_resources(const json_t *obj, struct ctl_config *c,
                           struct ctl_error *e)
{
    uint32_t weight = 0;
    int rc;

    if ((rc = value_limit(obj, "cpu_weight", 1, 65535, &weight, e)) ||
        (rc = value_limit(obj, "max_event_channels", 2, EVENT_CHANNELS_MAX,
                          &c->max_event_channels, e)) ||
        (rc = value_limit(obj, "max_grant_frames", 1, GRANT_FRAMES_MAX,
                          &c->max_grant_frames, e)) ||
        (rc = value_limit(obj, "max_maptrack_frames", 1, MAPTRACK_FRAMES_MAX,
                          &c->max_maptrack_frames, e)) ||
        (rc = value_cpus(obj, c, e)))
        return rc;
    c->cpu_weight = weight;
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
        (rc = value_action(obj, "on_soft_reset", &c->on_soft_reset, e)) ||
        (rc = value_resources(obj, c, e)))
        return rc;
    return 0;
}
