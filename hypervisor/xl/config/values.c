/* SPDX-License-Identifier: ISC */
/* Single settings: type, range and form. */
#include "values.h"

#include <stdarg.h>
#include <base/fmt.h>
#include <base/string.h>
#include <xen/errno.h>

/* How much of a value is quoted in a message. */
#define QUOTE 40

static void report(struct reader *r, bool error, const struct xlcfg_pos *pos,
                   const char *format, va_list ap)
    __attribute__((format(printf, 4, 0)));

static void report(struct reader *r, bool error, const struct xlcfg_pos *pos,
                   const char *format, va_list ap)
{
    struct xlcfg_message m = {.pos = {.source = NULL}};

    if (pos)
        m.pos = *pos;
    fmt_vsnprintf(m.text, sizeof(m.text), format, ap);
    for (char *c = m.text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?'; /* values are quoted; keep it one harmless line */
    }
    r->report->message(r->report->arg, error, &m);
    r->failed = r->failed || error;
}

void report_error(struct reader *r, const struct xlcfg_pos *pos,
                  const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    report(r, true, pos, format, ap);
    va_end(ap);
}

void report_warning(struct reader *r, const struct xlcfg_pos *pos,
                    const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    report(r, false, pos, format, ap);
    va_end(ap);
}

const struct xlcfg_pos *value_pos(struct reader *r, const char *key)
{
    return &xlcfg_find(r->cfg, key)->value->pos;
}

const char *get_string(struct reader *r, const char *key)
{
    const struct xlcfg_setting *s = xlcfg_find(r->cfg, key);

    if (!s)
        return NULL;
    if (s->value->type == XLCFG_LIST) {
        report_error(r, &s->value->pos, "%s: expected a string, found a list",
                     key);
        return NULL;
    }
    return s->value->text;
}

bool get_number(struct reader *r, const char *key, int64_t min, int64_t max,
                int64_t *out)
{
    const struct xlcfg_setting *s = xlcfg_find(r->cfg, key);
    int64_t n = 0;
    int rc;

    if (!s)
        return false;
    if (s->value->type == XLCFG_LIST) {
        report_error(r, &s->value->pos, "%s: expected a number, found a list",
                     key);
        return false;
    }
    rc = xlcfg_number(s->value, &n);
    if (rc == -XEN_EINVAL) {
        report_error(r, &s->value->pos,
                     "%s=\"%.*s\": expected a number (decimal, 0x hexadecimal "
                     "or 0 octal)",
                     key, QUOTE, s->value->text);
        return false;
    }
    if (rc || n < min || n > max) {
        report_error(r, &s->value->pos,
                     "%s=%.*s: must lie between %lld and %lld", key, QUOTE,
                     s->value->text, (long long)min, (long long)max);
        return false;
    }
    *out = n;
    return true;
}

const char *name_problem(const char *name)
{
    static const char others[] = "_.:+-";
    size_t len = strlen(name);
    bool digits = true;

    if (len == 0)
        return "must not be empty";
    if (len >= XL_NAME_MAX)
        return "is longer than 63 bytes";
    if (name[0] == '-')
        return "must not start with '-'";
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "is reserved";
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool digit = c >= '0' && c <= '9';

        digits = digits && digit;
        if (!digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !strchr(others, c))
            return "may only have letters, digits and _ . : + -";
    }
    return digits ? "must not be a number (it would be taken for a domid)"
                  : NULL;
}

bool is_uuid(const char *text)
{
    size_t i;

    for (i = 0; text[i]; i++) {
        char c = text[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
                   (c >= 'A' && c <= 'F');
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (i >= 36 || (dash ? c != '-' : !hex))
            return false;
    }
    return i == 36;
}
