/* SPDX-License-Identifier: ISC */
/* The answer to `list', written as text: as objects, a thousand rows took four
 * times as long. */

#include <errno.h>
#include <stdarg.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <daemon/proto.h>

/* A row without its kernel is shorter, whatever is in it; so is the end. */
#define ROW_MAX 512u
#define END_MAX 64u

/* Appends; there is room. */
static void put(struct ctl_list *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct ctl_list *l, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(l->message + l->len, CTL_HEADER + CTL_MSG_MAX - l->len,
                  format, ap);
    va_end(ap);
    l->len += (size_t)n;
}

int ctl_list_begin(struct ctl_list *l, int64_t id)
{
    l->message = malloc(CTL_HEADER + CTL_MSG_MAX);
    l->len = CTL_HEADER;
    l->nr = 0;
    if (!l->message)
        return -ENOMEM;
    put(l, "{\"id\":%" PRId64 ",\"ok\":true,\"domains\":[", id);
    return 0;
}

/* As JSON, to be freed; NULL without one, when it is no UTF-8, or without
 * memory: it is left out then. */
static char *kernel_text(const char *kernel)
{
    json_t *string = kernel ? json_string(kernel) : NULL;
    char *text = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

    json_decref(string);
    return text;
}

int ctl_list_add(struct ctl_list *l, const struct ctl_row *r)
{
    char *kernel = kernel_text(r->kernel);
    size_t room = CTL_HEADER + CTL_MSG_MAX - l->len;
    const char *reason = r->shutdown_reason;

    if (room < ROW_MAX + END_MAX + (kernel ? strlen(kernel) : 0)) {
        free(kernel);
        return -ENOSPC;
    }
    /* None of these texts has a character that JSON would want escaped. */
    put(l,
        "%s{\"domid\":%u,\"name\":\"%s\",\"uuid\":\"%s\",\"type\":\"pv\","
        "\"memory_kb\":%" PRIu64 ",\"maxmem_kb\":%" PRIu64
        ",\"vcpus\":%u,\"state\":\"%s\",\"cpu_ns\":%" PRIu64
        ",\"uptime_ns\":%" PRIu64 ",\"shutdown_reason\":%s%s%s,\"pid\":%d",
        l->nr++ ? "," : "", r->domid, r->name, r->uuid, r->memory_kb,
        r->maxmem_kb, r->vcpus, r->state, r->cpu_ns, r->uptime_ns,
        reason ? "\"" : "", reason ? reason : "null", reason ? "\"" : "",
        r->pid);
    if (kernel)
        put(l, ",\"kernel\":%s", kernel);
    put(l, "}");
    free(kernel);
    return 0;
}

char *ctl_list_end(struct ctl_list *l, int64_t next, size_t *size)
{
    char *message = l->message, *smaller;

    if (next >= 0)
        put(l, "],\"next\":%" PRId64 "}", next);
    else
        put(l, "],\"next\":null}");
    ctl_frame_header((uint8_t *)message, l->len - CTL_HEADER);
    *size = l->len;
    smaller = realloc(message, l->len);
    return smaller ? smaller : message;
}

void ctl_list_drop(struct ctl_list *l)
{
    free(l->message);
}
