/* SPDX-License-Identifier: ISC */
/* Domains as JSON, in the shape of libxl_domain_config. */
#include <xl/format.h>

#include <stdlib.h>

/* c_info: what the domain is. (uuid) NULL: not known yet. */
static json_t *create_info(const char *type, const char *name, const char *uuid)
{
    return json_pack("{s:s, s:s, s:s*}", "type", type, "name", name, "uuid",
                     uuid);
}

/* b_info: what it is built from; NULLs are left out. */
static json_t *build_info(unsigned vcpus, uint64_t maxmem_kb,
                          uint64_t memory_kb, const char *kernel,
                          const struct xl_domain *d)
{
    return json_pack("{s:i, s:[i], s:I, s:I, s:s*, s:s*, s:s*}", "max_vcpus",
                     (int)vcpus, "avail_vcpus", 0, "max_memkb",
                     (json_int_t)maxmem_kb, "target_memkb",
                     (json_int_t)memory_kb, "kernel", kernel, "ramdisk",
                     d ? d->ramdisk : NULL, "cmdline", d ? d->cmdline : NULL);
}

/* libxl spells its enumerations with underscores. */
static json_t *action(enum xl_action a)
{
    char text[32];

    snprintf(text, sizeof(text), "%s", xl_action_name(a));
    for (char *c = text; *c; c++)
        *c = *c == '-' ? '_' : *c;
    return json_string(text);
}

json_t *format_config(const struct xl_domain *d)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "c_info",
        create_info(xl_type_name(d->type), d->name, d->uuid), "b_info",
        build_info(d->vcpus, d->maxmem_kb, d->memory_kb, d->kernel, d),
        "on_poweroff", action(d->on_poweroff), "on_reboot",
        action(d->on_reboot), "on_watchdog", action(d->on_watchdog), "on_crash",
        action(d->on_crash), "on_soft_reset", action(d->on_soft_reset));
}

json_t *format_domain(const struct midge_domain *d)
{
    const char *reason = d->shutdown_reason[0] ? d->shutdown_reason : NULL;

    return json_pack(
        "{s:i, s:{s:o, s:o}, s:{s:s, s:I, s:s?, s:i}}", "domid", (int)d->domid,
        "config", "c_info", create_info(d->type, d->name, d->uuid), "b_info",
        build_info(d->vcpus, d->maxmem_kb, d->memory_kb, d->kernel, NULL),
        "midge", "state", d->state, "cpu_ns", (json_int_t)d->cpu_ns,
        "shutdown_reason", reason, "pid", d->pid);
}

bool format_json(FILE *stream, const json_t *obj)
{
    char *text = obj ? json_dumps(obj, JSON_INDENT(4)) : NULL;

    if (!text)
        return false;
    fprintf(stream, "%s\n", text);
    free(text);
    return true;
}
