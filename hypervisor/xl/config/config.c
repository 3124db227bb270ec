/* SPDX-License-Identifier: ISC */
/* From settings to the description of a domain. */
#include "values.h"

#include <base/fmt.h>
#include <base/string.h>
#include <xen/errno.h>

static const char *const action_names[] = {
    [XL_DESTROY] = "destroy",
    [XL_RESTART] = "restart",
    [XL_RENAME_RESTART] = "rename-restart",
    [XL_PRESERVE] = "preserve",
    [XL_COREDUMP_DESTROY] = "coredump-destroy",
    [XL_COREDUMP_RESTART] = "coredump-restart",
};
#define ACTIONS                                                                \
    "destroy, restart, rename-restart, preserve, coredump-destroy or "         \
    "coredump-restart"

const char *xl_type_name(enum xl_type t)
{
    return t == XL_TYPE_PVH ? "pvh" : "pv";
}

const char *xl_action_name(enum xl_action a)
{
    return action_names[a];
}

/* Every key must be known, and implemented. */
static void check_keys(struct reader *r)
{
    for (struct xlcfg_setting *s = r->cfg->first; s; s = s->next) {
        switch (xl_key_state(s->key)) {
        case XL_KEY_UNKNOWN:
            report_warning(r, &s->pos, "unknown key '%.40s' is ignored",
                           s->key);
            break;
        case XL_KEY_LATER_LIST:
            if (s->value->type == XLCFG_LIST && s->value->nr == 0)
                break;
            /* fall through */
        case XL_KEY_LATER:
            report_error(r, &s->pos, "key '%s' is not implemented yet", s->key);
            break;
        case XL_KEY_DONE:
            break;
        }
    }
}

static void read_name(struct reader *r, struct xl_domain *d)
{
    const char *problem;

    d->name = get_string(r, "name");
    if (!d->name) {
        if (!xlcfg_find(r->cfg, "name"))
            report_error(r, NULL, "the configuration has no name=");
        return;
    }
    problem = name_problem(d->name);
    if (problem)
        report_error(r, value_pos(r, "name"), "name=\"%.70s\": the name %s",
                     d->name, problem);
}

/* builder= is how old configurations chose the type. */
static void read_builder(struct reader *r)
{
    const char *builder = get_string(r, "builder");

    if (!builder)
        return;
    if (strcmp(builder, "generic") != 0 && strcmp(builder, "linux") != 0) {
        report_error(r, value_pos(r, "builder"),
                     "builder=\"%.40s\": only \"generic\" is implemented; use "
                     "type=\"pv\" instead",
                     builder);
        return;
    }
    report_warning(r, value_pos(r, "builder"),
                   "builder= is deprecated, use type=\"pv\"");
}

static void read_type(struct reader *r, struct xl_domain *d)
{
    const char *type = get_string(r, "type");

    read_builder(r);
    d->type = XL_TYPE_PV;
    if (!type)
        return;
    d->type_pos = *value_pos(r, "type");
    if (strcmp(type, "pv") == 0)
        return;
    if (strcmp(type, "pvh") == 0)
        d->type = XL_TYPE_PVH;
    else if (strcmp(type, "hvm") == 0)
        report_error(r, &d->type_pos, "type=\"hvm\" is not implemented yet");
    else
        report_error(r, &d->type_pos,
                     "type=\"%.40s\": expected \"pv\" or \"pvh\"", type);
}

/* root=DEVICE and extra=TEXT, as xl puts them together. */
static const char *join_root_extra(struct reader *r, const char *root,
                                   const char *extra)
{
    size_t size;
    char *text;

    if (!root)
        return extra ? extra : "";
    size = strlen("root= ") + strlen(root) + (extra ? strlen(extra) : 0) + 1;
    text = xlcfg_alloc(r->cfg, size);
    if (!text) {
        report_error(r, NULL, "the configuration is too large");
        return "";
    }
    fmt_snprintf(text, size, "root=%s%s%s", root, extra ? " " : "",
                 extra ? extra : "");
    return text;
}

static void read_cmdline(struct reader *r, struct xl_domain *d)
{
    const char *cmdline = get_string(r, "cmdline");
    const char *extra = get_string(r, "extra");
    const char *root = get_string(r, "root");
    const char *key = cmdline ? "cmdline" : extra ? "extra" : "root";

    /* Empty ones, as templates have them, lose nothing. */
    if (cmdline && ((extra && extra[0]) || (root && root[0])))
        report_warning(r, value_pos(r, extra && extra[0] ? "extra" : "root"),
                       "root= and extra= are ignored because of cmdline=");
    d->cmdline = cmdline ? cmdline : join_root_extra(r, root, extra);
    if (strlen(d->cmdline) >= XL_CMDLINE_MAX)
        report_error(r, value_pos(r, key),
                     "the command line has %zu bytes; a guest takes at most %d",
                     strlen(d->cmdline), XL_CMDLINE_MAX - 1);
}

static void read_kernel(struct reader *r, struct xl_domain *d)
{
    d->kernel = get_string(r, "kernel");
    d->ramdisk = get_string(r, "ramdisk");
    if (d->kernel && !d->kernel[0])
        report_error(r, value_pos(r, "kernel"), "kernel=\"\": no file name");
    if (d->ramdisk && !d->ramdisk[0])
        d->ramdisk = NULL; /* as xl: an empty name is no ramdisk */
    if (!xlcfg_find(r->cfg, "kernel"))
        report_error(r, NULL, "the configuration has no kernel=");
}

static void read_memory(struct reader *r, struct xl_domain *d)
{
    int64_t memory = XL_MEMORY_DEFAULT_MB, maxmem = 0;
    bool have_max;

    get_number(r, "memory", 1, XL_MEMORY_MAX_MB, &memory);
    have_max = get_number(r, "maxmem", 1, XL_MEMORY_MAX_MB, &maxmem);
    /* maxmem= alone also sets memory, as in xl. */
    if (have_max && !xlcfg_find(r->cfg, "memory"))
        memory = maxmem;
    if (!have_max)
        maxmem = memory;
    if (maxmem < memory)
        report_error(r, value_pos(r, "maxmem"),
                     "maxmem=%lld is less than memory=%lld", (long long)maxmem,
                     (long long)memory);
    d->memory_kb = (uint64_t)memory * 1024;
    d->maxmem_kb = (uint64_t)maxmem * 1024;
}

static void read_vcpus(struct reader *r, struct xl_domain *d)
{
    static const char *const keys[] = {"vcpus", "maxvcpus"};

    d->vcpus = 1;
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        int64_t n = 1;

        if (get_number(r, keys[i], 1, INT32_MAX, &n) && n != 1)
            report_error(r, value_pos(r, keys[i]),
                         "%s=%lld: more than one vCPU is not implemented yet",
                         keys[i], (long long)n);
    }
}

static void read_action(struct reader *r, const char *key, enum xl_action *out)
{
    const char *text = get_string(r, key);

    if (!text)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(action_names); i++) {
        if (strcmp(text, action_names[i]) == 0) {
            *out = (enum xl_action)i;
            return;
        }
    }
    if (strcmp(text, "soft-reset") == 0)
        report_error(
            r, value_pos(r, key),
            "%s=\"soft-reset\": only an HVM domain can do that; use " ACTIONS,
            key);
    else
        report_error(r, value_pos(r, key), "%s=\"%.40s\": expected " ACTIONS,
                     key, text);
}

static void read_limit(struct reader *r, const char *key, int64_t min,
                       int64_t max, unsigned *out)
{
    int64_t n = 0;

    if (get_number(r, key, min, max, &n))
        *out = (unsigned)n;
}

static void read_resources(struct reader *r, struct xl_domain *d)
{
    int64_t nomigrate;

    read_cpus(r, d);
    read_limit(r, "cpu_weight", 1, 65535, &d->cpu_weight);
    /* The store and the console have the first two. */
    read_limit(r, "max_event_channels", 2, XL_EVENT_CHANNELS_MAX,
               &d->max_event_channels);
    read_limit(r, "max_grant_frames", 1, XL_GRANT_FRAMES_MAX,
               &d->max_grant_frames);
    read_limit(r, "max_maptrack_frames", 1, XL_MAPTRACK_FRAMES_MAX,
               &d->max_maptrack_frames);
    /* Nothing migrates yet: whatever it says holds. */
    (void)get_number(r, "nomigrate", 0, 1, &nomigrate);
}

static void read_uuid(struct reader *r, struct xl_domain *d)
{
    d->uuid = get_string(r, "uuid");
    if (d->uuid && !is_uuid(d->uuid))
        report_error(r, value_pos(r, "uuid"),
                     "uuid=\"%.40s\": expected the form "
                     "01234567-89ab-cdef-0123-456789abcdef",
                     d->uuid);
}

int xl_config_read(struct xlcfg *cfg, const struct xl_report *report,
                   struct xl_domain *out)
{
    struct reader r = {.cfg = cfg, .report = report};

    memset(out, 0, sizeof(*out));
    /* Defaults of xl.cfg(5). */
    out->on_poweroff = XL_DESTROY;
    out->on_reboot = XL_RESTART;
    out->on_crash = XL_DESTROY;
    out->on_watchdog = XL_DESTROY;
    out->on_soft_reset = XL_DESTROY; /* Xen's default needs HVM              */

    check_keys(&r);
    read_name(&r, out);
    read_type(&r, out);
    read_kernel(&r, out);
    read_cmdline(&r, out);
    read_memory(&r, out);
    read_vcpus(&r, out);
    read_action(&r, "on_poweroff", &out->on_poweroff);
    read_action(&r, "on_reboot", &out->on_reboot);
    read_action(&r, "on_crash", &out->on_crash);
    read_action(&r, "on_watchdog", &out->on_watchdog);
    read_action(&r, "on_soft_reset", &out->on_soft_reset);
    read_resources(&r, out);
    read_uuid(&r, out);
    return r.failed ? -XEN_EINVAL : 0;
}
