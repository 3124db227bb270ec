/* SPDX-License-Identifier: ISC */
/* The lines of xl info. */
#include <xl/format.h>

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

struct out {
    FILE *stream;
    const char *only; /* NULL: everything */
    bool found;
};

/* One line, when it is wanted. Xen's keys are padded to 22 columns. */
static void line(struct out *o, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void line(struct out *o, const char *key, const char *format, ...)
{
    va_list ap;

    if (o->only && strcmp(o->only, key) != 0)
        return;
    o->found = true;
    if (!o->only)
        fprintf(o->stream, "%-22s : ", key);
    va_start(ap, format);
    vfprintf(o->stream, format, ap);
    va_end(ap);
    fputc('\n', o->stream);
}

/* "open files" as part of a key: "open_files". */
static void make_key(char *key, size_t size, const char *prefix,
                     const char *name)
{
    snprintf(key, size, "%s%s", prefix, name);
    for (char *c = key; *c; c++) {
        if (*c == ' ' || *c == '-')
            *c = '_';
    }
}

static void engines(struct out *o, const struct midge_info *info)
{
    char key[64];

    for (size_t i = 0; i < info->nr_engines; i++) {
        const struct midge_engine *e = &info->engines[i];

        make_key(key, sizeof(key), "midge_engine_", e->name);
        if (e->usable)
            line(o, key, "usable, type=\"%s\"", e->type);
        else
            line(o, key, "not usable: %s", e->why);
    }
}

static void limits(struct out *o, const struct midge_info *info)
{
    char key[96];

    for (size_t i = 0; i < info->nr_limits; i++) {
        const struct midge_limit *l = &info->limits[i];

        make_key(key, sizeof(key), "midge_limit_", l->what);
        line(o, key, "%s (%s%s%s)", l->value[0] ? l->value : "none",
             l->needed_for, l->raise[0] ? "; to change: " : "", l->raise);
    }
}

bool format_info(FILE *stream, const struct midge_info *info,
                 const struct utsname *host, const char *only)
{
    struct out o = {.stream = stream, .only = only};

    line(&o, "host", "%s", host->nodename);
    line(&o, "release", "%s", host->release);
    line(&o, "version", "%s", host->version);
    line(&o, "machine", "%s", host->machine);
    line(&o, "nr_cpus", "%u", info->cpus);
    line(&o, "total_memory", "%" PRIu64, info->memory_kb / 1024);
    line(&o, "free_memory", "%" PRIu64, info->free_memory_kb / 1024);
    line(&o, "xen_pagesize", "4096");
    line(&o, "midge_release", "%s", info->release);
    line(&o, "midge_pid", "%d", info->pid);
    line(&o, "midge_run_dir", "%s", info->run_dir);
    line(&o, "midge_sandbox", "%s", info->sandbox);
    line(&o, "midge_domains", "%u", info->domains);
    line(&o, "midge_workers", "%u", info->workers);
    line(&o, "midge_more_guests",
         "%" PRIu64 " (first limit: %s; to change: %s)", info->more_guests,
         info->first_limit, info->first_raise);
    engines(&o, info);
    limits(&o, info);
    return o.found;
}
