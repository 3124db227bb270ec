/* SPDX-License-Identifier: ISC */
/* Which paths may name a node, and what a relative one means. */
#include <xenstore/wire.h>
#include <base/string.h>
#include <xen/errno.h>

#define HOMES     "/local/domain/"
#define HOMES_LEN (sizeof(HOMES) - 1)

size_t xs_home(unsigned domid, char home[XS_HOME_MAX])
{
    char number[XS_NUMBER_MAX];
    size_t n = xs_print_number(domid, number);

    memcpy(home, HOMES, HOMES_LEN);
    memcpy(home + HOMES_LEN, number, n + 1);
    return HOMES_LEN + n;
}

static bool char_ok(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/' ||
           c == '@';
}

/* The length of "/local/domain/N/" at the start of (path), 0 if there is no
 * such thing. */
static size_t home_len(const char *path)
{
    size_t n = HOMES_LEN;

    if (strncmp(path, HOMES, HOMES_LEN) != 0)
        return 0;
    while (path[n] >= '0' && path[n] <= '9' && n < HOMES_LEN + 5)
        n++;
    return n > HOMES_LEN && path[n] == '/' ? n + 1 : 0;
}

bool xs_path_ok(const char *path)
{
    size_t len = strnlen(path, XENSTORE_ABS_PATH_MAX + 1), i;

    if (path[0] != '/' || len > XENSTORE_ABS_PATH_MAX ||
        len > home_len(path) + XENSTORE_REL_PATH_MAX)
        return false;
    if (len > 1 && path[len - 1] == '/')
        return false;
    for (i = 0; i < len; i++)
        if (!char_ok(path[i]) || (path[i] == '/' && path[i + 1] == '/'))
            return false;
    return true;
}

int xs_path_absolute(const char *path, unsigned domid,
                     char out[XENSTORE_ABS_PATH_MAX + 1], size_t *prefix)
{
    size_t len = strnlen(path, XENSTORE_ABS_PATH_MAX + 1), n = 0;
    char home[XS_HOME_MAX];

    if (!len || len > XENSTORE_ABS_PATH_MAX)
        return -XEN_EINVAL;
    /* "@introduceDomain" and the like are no nodes. */
    if (path[0] == '@')
        return -XEN_EINVAL;
    if (path[0] != '/') {
        if (len > XENSTORE_REL_PATH_MAX)
            return -XEN_EINVAL;
        n = xs_home(domid, home);
        memcpy(out, home, n);
        out[n++] = '/';
    }
    memcpy(out + n, path, len + 1);
    *prefix = n;
    return xs_path_ok(out) ? 0 : -XEN_EINVAL;
}
