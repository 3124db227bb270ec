/* SPDX-License-Identifier: ISC */
/* Names of domains: the rule for them and the index over them. */
#include "internal.h"
#include <base/string.h>
#include <xen/errno.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_allowed(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != 0 && strchr("_.:+-", c));
}

const char *hv_name_check(const char *name)
{
    bool digits = true;
    size_t i, len;

    if (!name || !name[0])
        return "a domain name must not be empty";
    len = strnlen(name, HV_NAME_MAX);
    if (len >= HV_NAME_MAX)
        return "a domain name has at most 63 characters";
    for (i = 0; i < len; i++) {
        if (!is_allowed(name[i]))
            return "a domain name consists of letters, digits and _ . : + -";
        digits = digits && is_digit(name[i]);
    }
    if (name[0] == '-')
        return "a domain name must not begin with '-'";
    if (digits)
        return "a domain name must not be a number: it would look like a domid";
    if (!strcmp(name, ".") || !strcmp(name, ".."))
        return "a domain name must not be \".\" or \"..\"";
    if (!strcmp(name, "Domain-0"))
        return "\"Domain-0\" is the name of the host";
    return NULL;
}

/* FNV-1a. Names come from the host's user: no need to resist collisions. */
static uint32_t bucket_of(const char *name)
{
    uint32_t h = 2166136261u;

    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 16777619u;
    return (h ^ (h >> 16)) % HV_NAME_BUCKETS;
}

struct hv_domain *hv_domain_by_name(struct hv *hv, const char *name)
{
    struct hv_domain *d = hv->names[bucket_of(name)];

    while (d && strcmp(d->name, name) != 0)
        d = d->name_next;
    return d;
}

int hv_name_insert(struct hv_domain *d)
{
    struct hv_domain **head = &d->hv->names[bucket_of(d->name)];

    if (hv_domain_by_name(d->hv, d->name))
        return -XEN_EEXIST;
    d->name_next = *head;
    *head = d;
    return 0;
}

void hv_name_remove(struct hv_domain *d)
{
    struct hv_domain **p = &d->hv->names[bucket_of(d->name)];

    while (*p && *p != d)
        p = &(*p)->name_next;
    if (*p)
        *p = d->name_next;
    d->name_next = NULL;
}

int hv_domain_rename(struct hv_domain *d, const char *name)
{
    struct hv_domain *other;

    if (hv_name_check(name) || d->state == HV_DOM_DYING)
        return -XEN_EINVAL;
    other = hv_domain_by_name(d->hv, name);
    if (other == d)
        return 0;
    if (other)
        return -XEN_EEXIST;
    hv_name_remove(d);
    memcpy(d->name, name, strlen(name) + 1);
    return hv_name_insert(d);
}
