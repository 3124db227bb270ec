/* SPDX-License-Identifier: ISC */
/* Error names, lists of strings and numbers as messages carry them. */
#include <xenstore/wire.h>
#include <base/string.h>
#include <xen/errno.h>

static const struct {
    int number;
    const char *name;
} errors[] = {
#define NAME(e)                                                                \
    {                                                                          \
        XEN_##e, #e                                                            \
    }
    NAME(EINVAL), NAME(EACCES), NAME(EEXIST), NAME(EISDIR), NAME(ENOENT),
    NAME(ENOMEM), NAME(ENOSPC), NAME(EIO),    NAME(ENOSYS), NAME(EROFS),
    NAME(EBUSY),  NAME(EAGAIN), NAME(E2BIG),  NAME(EPERM),  NAME(ENOTEMPTY),
    NAME(EISCONN)
#undef NAME
};

const char *xs_error_name(int error)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(errors); i++)
        if (errors[i].number == -error)
            return errors[i].name;
    return "EIO";
}

int xs_error_number(const char *name, size_t len)
{
    unsigned i;

    if (len && name[len - 1] == '\0')
        len--;
    for (i = 0; i < ARRAY_SIZE(errors); i++)
        if (strlen(errors[i].name) == len && !memcmp(errors[i].name, name, len))
            return -errors[i].number;
    return -XEN_EIO;
}

int xs_strings(const char *payload, size_t len, const char **s, unsigned max)
{
    const char *end = payload + len;
    unsigned n = 0;

    if (len && payload[len - 1] != '\0')
        return -XEN_EINVAL;
    while (payload < end) {
        if (n == max)
            return -XEN_E2BIG;
        s[n++] = payload;
        payload += strlen(payload) + 1;
    }
    return (int)n;
}

int xs_number(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    if (!*s)
        return -XEN_EINVAL;
    for (; *s; s++) {
        unsigned digit = (unsigned char)*s - (unsigned)'0';

        if (digit > 9 || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, digit, &v) || v > max)
            return -XEN_EINVAL;
    }
    *out = v;
    return 0;
}

size_t xs_print_number(uint64_t v, char buf[XS_NUMBER_MAX])
{
    char digits[XS_NUMBER_MAX];
    size_t n = 0, i;

    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    for (i = 0; i < n; i++)
        buf[i] = digits[n - 1 - i];
    buf[n] = '\0';
    return n;
}
