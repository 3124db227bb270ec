/* SPDX-License-Identifier: ISC */
/* Texts, messages and images. */
#include <xl/load.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "file.h"

#define COMMAND_LINE "<command line>"

/* Where messages go, and what to name when they belong to no place. */
struct sink {
    FILE *stream;
    const char *file;
};

static void print_message(const struct sink *s, const char *kind,
                          const struct xlcfg_message *m)
{
    if (m->pos.source)
        fprintf(s->stream, "%s:%u:%u: %s%s\n", m->pos.source, m->pos.line,
                m->pos.column, kind, m->text);
    else
        fprintf(s->stream, "%s: %s%s\n", s->file, kind, m->text);
}

static void on_syntax_warning(void *arg, const struct xlcfg_message *m)
{
    print_message(arg, "warning: ", m);
}

static void on_message(void *arg, bool error, const struct xlcfg_message *m)
{
    print_message(arg, error ? "" : "warning: ", m);
}

/* All arguments as one text, one line each. Caller frees. */
static char *join(char *const *vars, size_t nr_vars)
{
    size_t len = 1;
    char *text, *at;

    for (size_t i = 0; i < nr_vars; i++)
        len += strlen(vars[i]) + 1;
    text = malloc(len);
    if (!text)
        return NULL;
    at = text;
    for (size_t i = 0; i < nr_vars; i++)
        at += sprintf(at, "%s\n", vars[i]);
    *at = '\0';
    return text;
}

static int parse(struct xl_loaded *l, struct sink *s, const char *file_text,
                 size_t file_len, const char *vars_text)
{
    size_t vars_len = strlen(vars_text);
    size_t size = XLCFG_ARENA_SIZE(file_len + vars_len);

    l->arena = malloc(size);
    if (!l->arena) {
        fprintf(s->stream, "%s: out of memory\n", s->file);
        return -1;
    }
    xlcfg_init(&l->cfg, l->arena, size);
    l->cfg.warn = on_syntax_warning;
    l->cfg.warn_arg = s;
    if (xlcfg_parse(&l->cfg, s->file, file_text, file_len) ||
        xlcfg_parse(&l->cfg, COMMAND_LINE, vars_text, vars_len)) {
        print_message(s, "", &l->cfg.error);
        return -1;
    }
    return 0;
}

int xl_load(struct xl_loaded *l, const char *file, char *const *vars,
            size_t nr_vars, FILE *messages)
{
    struct sink s = {.stream = messages, .file = file};
    const struct xl_report report = {.message = on_message, .arg = &s};
    char *text, *vars_text = NULL;
    const char *why = "";
    size_t len = 0;
    int rc = -1;

    memset(l, 0, sizeof(*l));
    l->kernel_fd = l->ramdisk_fd = -1;
    text = file_read(file, XL_CONFIG_MAX, &len, &why);
    if (!text) {
        fprintf(messages, "%s: cannot read the configuration: %s\n", file, why);
        goto out;
    }
    vars_text = join(vars, nr_vars);
    if (!vars_text) {
        fprintf(messages, "%s: out of memory\n", file);
        goto out;
    }
    if (parse(l, &s, text, len, vars_text) < 0)
        goto out;
    rc = xl_config_read(&l->cfg, &report, &l->domain) ? -1 : 0;
    l->cfg.warn = NULL; /* (s) is gone from here on */
out:
    free(vars_text);
    free(text);
    return rc;
}

static int open_named(struct xl_loaded *l, const char *key, const char *name,
                      FILE *messages)
{
    const struct xlcfg_pos *pos = &xlcfg_find(&l->cfg, key)->value->pos;
    const char *why;
    int fd = file_open(name, &why);

    if (fd < 0)
        fprintf(messages, "%s:%u:%u: %s=\"%s\": %s\n", pos->source, pos->line,
                pos->column, key, name, why);
    return fd;
}

int xl_load_images(struct xl_loaded *l, FILE *messages)
{
    l->kernel_fd = open_named(l, "kernel", l->domain.kernel, messages);
    if (l->kernel_fd < 0)
        return -1;
    if (!l->domain.ramdisk)
        return 0;
    l->ramdisk_fd = open_named(l, "ramdisk", l->domain.ramdisk, messages);
    return l->ramdisk_fd < 0 ? -1 : 0;
}

void xl_load_request(const struct xl_loaded *l, struct midge_create *out)
{
    const struct xl_domain *d = &l->domain;

    memset(out, 0, sizeof(*out));
    out->name = d->name;
    out->uuid = d->uuid;
    out->type = xl_type_name(d->type);
    out->kernel = d->kernel;
    out->kernel_fd = l->kernel_fd;
    out->ramdisk_fd = l->ramdisk_fd;
    out->cmdline = d->cmdline;
    out->memory_kb = d->memory_kb;
    out->maxmem_kb = d->maxmem_kb;
    out->vcpus = d->vcpus;
    out->on_poweroff = xl_action_name(d->on_poweroff);
    out->on_reboot = xl_action_name(d->on_reboot);
    out->on_crash = xl_action_name(d->on_crash);
    out->on_watchdog = xl_action_name(d->on_watchdog);
    out->on_soft_reset = xl_action_name(d->on_soft_reset);
    out->cpus = d->have_cpus ? d->cpus : NULL;
    out->cpu_weight = d->cpu_weight;
    out->max_event_channels = d->max_event_channels;
    out->max_grant_frames = d->max_grant_frames;
    out->max_maptrack_frames = d->max_maptrack_frames;
}

void xl_unload(struct xl_loaded *l)
{
    if (l->kernel_fd >= 0)
        (void)close(l->kernel_fd);
    if (l->ramdisk_fd >= 0)
        (void)close(l->ramdisk_fd);
    free(l->arena);
    memset(l, 0, sizeof(*l));
    l->kernel_fd = l->ramdisk_fd = -1;
}
