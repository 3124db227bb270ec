/* SPDX-License-Identifier: ISC */
/* Reading of single values. */
#include <xlcfg/xlcfg.h>

#include <base/arith.h>
#include <xen/errno.h>

const char *xlcfg_type_name(enum xlcfg_type t)
{
    switch (t) {
    case XLCFG_STRING:
        return "a string";
    case XLCFG_NUMBER:
        return "a number";
    case XLCFG_LIST:
        return "a list";
    }
    return "a value";
}

/* The digit (c) stands for, or 16. */
static unsigned digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

int xlcfg_number(const struct xlcfg_value *v, int64_t *out)
{
    const char *s = v->text;
    bool minus, fits = true;
    unsigned base = 10;
    uint64_t n = 0;

    if (v->type == XLCFG_LIST)
        return -XEN_EINVAL;
    minus = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    if (s[0] == '0' && s[1] == 'x') {
        base = 16;
        s += 2;
    } else if (s[0] == '0' && s[1] != '\0') {
        base = 8;
        s++;
    }
    if (*s == '\0')
        return -XEN_EINVAL;
    for (; *s; s++) {
        if (digit(*s) >= base)
            return -XEN_EINVAL;
        fits = fits && mul_u64(n, base, &n) && add_u64(n, digit(*s), &n);
    }
    if (!fits || n > (uint64_t)INT64_MAX)
        return -XEN_ERANGE;
    *out = minus ? -(int64_t)n : (int64_t)n;
    return 0;
}
