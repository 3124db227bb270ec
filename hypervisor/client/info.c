/* SPDX-License-Identifier: ISC */
/* Questions about the hypervisor itself. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_engines(const json_t *rows, struct midge_info *out)
{
    size_t nr = json_array_size(rows);

    out->engines = calloc(nr + 1, sizeof(*out->engines));
    if (!out->engines)
        return -1;
    out->nr_engines = nr;
    for (size_t i = 0; i < nr; i++) {
        const json_t *row = json_array_get(rows, i);
        struct midge_engine *e = &out->engines[i];

        get_text(row, "name", e->name, sizeof(e->name));
        get_text(row, "type", e->type, sizeof(e->type));
        e->usable = json_is_true(json_object_get(row, "usable"));
        get_text(row, "why", e->why, sizeof(e->why));
    }
    return 0;
}

static int read_limits(const json_t *rows, struct midge_info *out)
{
    size_t nr = json_array_size(rows);

    out->limits = calloc(nr + 1, sizeof(*out->limits));
    if (!out->limits)
        return -1;
    out->nr_limits = nr;
    for (size_t i = 0; i < nr; i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *value = json_object_get(row, "value");
        struct midge_limit *l = &out->limits[i];

        get_text(row, "what", l->what, sizeof(l->what));
        get_text(row, "value", l->value, sizeof(l->value));
        if (json_is_integer(value))
            snprintf(l->value, sizeof(l->value), "%lld",
                     (long long)json_integer_value(value));
        get_text(row, "needed_for", l->needed_for, sizeof(l->needed_for));
        get_text(row, "raise", l->raise, sizeof(l->raise));
    }
    return 0;
}

int midge_info(struct midge *m, struct midge_info *out, struct midge_error *err)
{
    const json_t *more;
    json_t *answer;
    int rc = 0;

    memset(out, 0, sizeof(*out));
    if (call(m, "info", json_object(), NULL, 0, &answer, err) < 0)
        return -1;
    get_text(answer, "release", out->release, sizeof(out->release));
    out->pid = get_int(answer, "pid");
    get_text(answer, "run_dir", out->run_dir, sizeof(out->run_dir));
    get_text(answer, "sandbox", out->sandbox, sizeof(out->sandbox));
    more = json_object_get(answer, "more_guests");
    out->more_guests = get_u64(more, "guests");
    get_text(more, "limit", out->first_limit, sizeof(out->first_limit));
    get_text(more, "raise", out->first_raise, sizeof(out->first_raise));
    out->domains = get_unsigned(answer, "domains");
    out->workers = get_unsigned(answer, "workers");
    out->cpus = get_unsigned(answer, "cpus");
    out->memory_kb = get_u64(answer, "memory");
    out->free_memory_kb = get_u64(answer, "free_memory");
    if (read_engines(json_object_get(answer, "engines"), out) < 0 ||
        read_limits(json_object_get(answer, "limits"), out) < 0)
        rc = fail(err, MIDGE_E_NO_MEMORY, "out of memory");
    json_decref(answer);
    return rc;
}

void midge_info_free(struct midge_info *info)
{
    free(info->engines);
    free(info->limits);
    memset(info, 0, sizeof(*info));
}

/* Adds (part) to (*text), which has (*len) bytes. */
static int append(char **text, size_t *len, const char *part)
{
    size_t more = strlen(part);
    char *bigger = realloc(*text, *len + more + 1);

    if (!bigger)
        return -1;
    memcpy(bigger + *len, part, more + 1);
    *text = bigger;
    *len += more;
    return 0;
}

int midge_dmesg(struct midge *m, bool clear, char **text,
                struct midge_error *err)
{
    json_int_t from = 0, next;
    char *all = NULL;
    size_t len = 0;
    json_t *answer;
    int rc;

    do {
        json_t *args = json_pack("{s:b, s:I}", "clear", clear, "from", from);
        const char *part;

        rc = call(m, "dmesg", args, NULL, 0, &answer, err);
        if (rc < 0)
            break;
        part = json_string_value(json_object_get(answer, "text"));
        next = json_integer_value(json_object_get(answer, "next"));
        if (append(&all, &len, part ? part : "") < 0)
            rc = fail(err, MIDGE_E_NO_MEMORY, "out of memory");
        else if (next != 0 && next <= from)
            rc = fail(err, MIDGE_E_PROTOCOL,
                      "midge-hv gives its messages in a circle");
        json_decref(answer);
        from = next;
    } while (rc == 0 && next != 0);
    if (rc < 0)
        free(all);
    else
        *text = all;
    return rc;
}

int midge_stop(struct midge *m, struct midge_error *err)
{
    return call(m, "stop", json_object(), NULL, 0, NULL, err);
}
