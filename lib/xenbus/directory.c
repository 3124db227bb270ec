/* SPDX-License-Identifier: ISC */
/* Long lists of children, a part at a time; contract in xenbus/directory.h. */
#include <xenbus/directory.h>

#include <base/string.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/errno.h>

/* An answer is the generation, then names; after the last name of the list
 * comes an empty one. */
int xbc_part(struct xbc_part *p, const char *answer, size_t len)
{
    size_t gen_len = strlen(answer) + 1;

    if (gen_len < 2 || gen_len > XBC_GENERATION_MAX || gen_len > len ||
        answer[len - 1] != '\0')
        return -XEN_EIO;
    if (p->generation[0] == '\0')
        memcpy(p->generation, answer, gen_len);
    else if (strcmp(p->generation, answer) != 0)
        return -XEN_EAGAIN;
    p->names = answer + gen_len;
    p->len = len - gen_len;
    /* Nothing at all: what we asked for lies behind the end. */
    p->end = p->len < 2 || p->names[p->len - 2] == '\0';
    if (p->end && p->len > 0)
        p->len--;
    return 0;
}
