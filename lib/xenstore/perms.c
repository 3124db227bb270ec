/* SPDX-License-Identifier: ISC */
/* Permissions as text: a letter and a domain's number. */
#include <xenstore/wire.h>
#include <base/string.h>
#include <xen/errno.h>

static const char letters[] = "nrwb"; /* by XS_PERM_* */

int xs_perm_parse(const char *s, struct xs_perm *p)
{
    const char *l = *s ? strchr(letters, *s) : NULL;
    uint64_t domid;

    /* DOMID_FIRST_RESERVED and above are no domains. */
    if (!l || xs_number(s + 1, DOMID_FIRST_RESERVED - 1, &domid))
        return -XEN_EINVAL;
    p->domid = (uint16_t)domid;
    p->bits = (uint8_t)(l - letters);
    return 0;
}

size_t xs_perm_print(const struct xs_perm *p, char buf[XS_PERM_TEXT])
{
    char number[XS_NUMBER_MAX];
    size_t n = xs_print_number(p->domid, number);

    buf[0] = letters[p->bits & (XS_PERM_READ | XS_PERM_WRITE)];
    memcpy(buf + 1, number, n + 1);
    return n + 1;
}
