/* SPDX-License-Identifier: ISC */
/* Answers: from JSON objects to messages. */

#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <daemon/proto.h>

/* Whether an allocation for JSON has failed on this thread: what jansson makes of
 * that is an object without the member, or any of its syntax errors. */
static __thread bool starved;

static void *json_alloc(size_t bytes)
{
    void *p = malloc(bytes);

    starved = starved || !p;
    return p;
}

void ctl_init(void)
{
    json_set_alloc_funcs(json_alloc, free);
}

bool ctl_starved(void)
{
    bool was = starved;

    starved = false;
    return was;
}

static const char *const error_names[] = {
    [CTL_INVALID] = "invalid",     [CTL_EXISTS] = "exists",
    [CTL_NOT_FOUND] = "not-found", [CTL_NO_MEMORY] = "no-memory",
    [CTL_IMAGE] = "image",         [CTL_LIMIT] = "limit",
    [CTL_DENIED] = "denied",       [CTL_BUSY] = "busy",
    [CTL_GONE] = "gone",           [CTL_INTERNAL] = "internal",
};

const char *ctl_error_text(enum ctl_error_name e)
{
    if ((unsigned)e >= ARRAY_SIZE(error_names) || !error_names[e])
        return "internal";
    return error_names[e];
}

int ctl_refuse(struct ctl_error *e, enum ctl_error_name name,
               const char *format, ...)
{
    va_list ap;

    e->name = name;
    va_start(ap, format);
    vsnprintf(e->text, sizeof(e->text), format, ap);
    va_end(ap);
    return -EINVAL;
}

char *ctl_message(json_t *obj, size_t *size)
{
    size_t len;
    char *m = NULL;

    if (!obj)
        return NULL;
    /* Rather no answer than one with something missing. */
    if (ctl_starved())
        goto out;
    len = json_dumpb(obj, NULL, 0, JSON_COMPACT);
    if (!len || len > CTL_MSG_MAX)
        goto out;
    m = malloc(CTL_HEADER + len);
    if (!m)
        goto out;
    ctl_frame_header((uint8_t *)m, len);
    /* It needs memory each time. */
    if (json_dumpb(obj, m + CTL_HEADER, len, JSON_COMPACT) != len) {
        free(m);
        m = NULL;
        goto out;
    }
    *size = CTL_HEADER + len;
out:
    json_decref(obj);
    return m;
}

json_t *ctl_answer_ok(int64_t id)
{
    (void)ctl_starved(); /* of what has been before */
    return json_pack("{s:I, s:b}", "id", (json_int_t)id, "ok", 1);
}

/* Messages quote file names and the like, and must stay one line of UTF-8
 * whatever these contain: control characters, and with (all) everything that is
 * not plain ASCII, become question marks. */
static void make_plain(char *text, bool all)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < ' ' || c == 0x7f || (all && c > '~'))
            *text = '?';
    }
}

json_t *ctl_answer_error(int64_t id, const struct ctl_error *e)
{
    struct ctl_error copy = *e;
    json_t *text;

    (void)ctl_starved(); /* of what has been before */
    make_plain(copy.text, false);
    text = json_string(copy.text);
    if (!text) {
        make_plain(copy.text, true);
        text = json_string(copy.text);
    }
    /* json_pack takes (text), and fails on NULL. */
    return json_pack("{s:I, s:b, s:s, s:o}", "id", (json_int_t)id, "ok", 0,
                     "error", ctl_error_text(copy.name), "message", text);
}

/* Made beforehand: there is no memory to make them of. */
#define LAST_WORD(text)                                                        \
    {                                                                          \
        {sizeof(text) - 1}, text                                               \
    }

static const struct last_word {
    uint8_t header[CTL_HEADER];
    char text[128];
} last_words[] = {
    [CTL_LAST_MEMORY] = LAST_WORD("{\"id\":0,\"ok\":false,\"error\":"
                                  "\"no-memory\",\"message\":\"the daemon is "
                                  "out of memory\"}"),
    [CTL_LAST_DESCRIPTORS] = LAST_WORD(
        "{\"id\":0,\"ok\":false,\"error\":\"limit\",\"message\":"
        "\"the daemon has no descriptor left; raise the limit of open "
        "files (ulimit -n)\"}"),
    [CTL_LAST_EXCESS] = LAST_WORD("{\"id\":0,\"ok\":false,\"error\":"
                                  "\"invalid\",\"message\":\"more descriptors "
                                  "came than any request has\"}"),
};
_Static_assert(sizeof(((struct last_word *)0)->text) < 256, "one length byte");

const void *ctl_last_word(enum ctl_last_word why, size_t *size)
{
    *size = CTL_HEADER + last_words[why].header[0];
    return &last_words[why];
}
