/* SPDX-License-Identifier: ISC */
/* Typed look-ups of a request's fields. */

#include <inttypes.h>
#include <string.h>
#include "values.h"

int value_string(const json_t *obj, const char *key, bool required, char *out,
                 size_t size, struct ctl_error *e)
{
    const json_t *v = json_object_get(obj, key);
    size_t len;

    if (!v) {
        if (!required)
            return 0;
        return ctl_refuse(e, CTL_INVALID, "field \"%s\" is missing", key);
    }
    if (!json_is_string(v))
        return ctl_refuse(e, CTL_INVALID, "\"%s\" must be a string", key);
    len = json_string_length(v);
    if (len >= size)
        return ctl_refuse(e, CTL_INVALID,
                          "\"%s\" is %zu bytes long; at most %zu are possible",
                          key, len, size - 1);
    memcpy(out, json_string_value(v), len + 1);
    return 0;
}

int value_bool(const json_t *obj, const char *key, bool *out,
               struct ctl_error *e)
{
    const json_t *v = json_object_get(obj, key);

    if (!v)
        return 0;
    if (!json_is_boolean(v))
        return ctl_refuse(e, CTL_INVALID, "\"%s\" must be true or false", key);
    *out = json_is_true(v);
    return 0;
}

int value_int(const json_t *obj, const char *key, bool required, int64_t min,
              int64_t max, int64_t *out, struct ctl_error *e)
{
    const json_t *v = json_object_get(obj, key);
    int64_t n;

    if (!v) {
        if (!required)
            return 0;
        return ctl_refuse(e, CTL_INVALID, "field \"%s\" is missing", key);
    }
    if (!json_is_integer(v))
        return ctl_refuse(e, CTL_INVALID, "\"%s\" must be an integer", key);
    n = json_integer_value(v);
    if (n < min || n > max)
        return ctl_refuse(e, CTL_INVALID,
                          "\"%s\" is %" PRId64 "; it must lie between %" PRId64
                          " and %" PRId64,
                          key, n, min, max);
    *out = n;
    return 0;
}

int value_target(const json_t *obj, bool required, struct ctl_target *t,
                 struct ctl_error *e)
{
    const json_t *v = json_object_get(obj, "domain");

    t->domid = -1;
    if (!v || json_is_null(v)) {
        if (!required)
            return 0;
        return ctl_refuse(e, CTL_INVALID, "field \"domain\" is missing");
    }
    t->given = true;
    if (json_is_integer(v))
        return value_int(obj, "domain", true, 0, UINT16_MAX, &t->domid, e);
    if (json_is_string(v))
        return value_string(obj, "domain", true, t->name, sizeof(t->name), e);
    return ctl_refuse(e, CTL_INVALID,
                      "\"domain\" must be a domid or a domain's name");
}

int value_name(const json_t *obj, const char *key, const char *const *names,
               unsigned n, unsigned *out, struct ctl_error *e)
{
    char text[32] = "";
    int rc = value_string(obj, key, true, text, sizeof(text), e);

    if (rc)
        return rc;
    for (*out = 0; *out < n; (*out)++)
        if (!strcmp(text, names[*out]))
            return 0;
    return ctl_refuse(e, CTL_INVALID, "%s \"%s\" is not known", key, text);
}
