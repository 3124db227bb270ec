/* SPDX-License-Identifier: ISC */
/* cpus=: "all", "0-3,^1", or a list with one such text per vCPU. */
#include "values.h"

#include <base/string.h>

/* A decimal number of at most four digits at (*at); -1: none is there. */
static int take_number(const char **at)
{
    int n = 0, digits = 0;

    for (; **at >= '0' && **at <= '9' && digits < 5; (*at)++, digits++)
        n = n * 10 + (**at - '0');
    return digits && digits < 5 ? n : -1;
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* "N", "N-M" or "all" at (*at). */
static bool take_range(const char **at, int *first, int *last)
{
    if (strncmp(*at, "all", 3) == 0) {
        *at += 3;
        *first = 0;
        *last = XL_CPUS_MAX - 1;
        return true;
    }
    *first = *last = take_number(at);
    *at = skip_blanks(*at);
    if (*first >= 0 && **at == '-') {
        *at = skip_blanks(*at + 1);
        *last = take_number(at);
    }
    return *first >= 0 && *last >= *first && *last < XL_CPUS_MAX;
}

/* True when (text) was understood; (cpus) is what it says, perhaps nothing. */
static bool parse(const char *text, uint64_t cpus[XL_CPUS_MAX / 64])
{
    const char *at = skip_blanks(text);

    for (;;) {
        bool without = *at == '^';
        int first, last;

        at = skip_blanks(without ? at + 1 : at);
        if (!take_range(&at, &first, &last))
            return false;
        for (int i = first; i <= last; i++) {
            uint64_t bit = 1ull << (i % 64);

            if (without)
                cpus[i / 64] &= ~bit;
            else
                cpus[i / 64] |= bit;
        }
        at = skip_blanks(at);
        if (!*at)
            return true;
        if (*at++ != ',')
            return false;
        at = skip_blanks(at);
    }
}

/* There is one vCPU: of a list only the first element can count. */
static const struct xlcfg_value *text_of(struct reader *r,
                                         const struct xlcfg_value *v)
{
    if (v->type != XLCFG_LIST)
        return v;
    if (v->nr != 1 || v->first->type == XLCFG_LIST) {
        report_error(
            r, &v->pos,
            "cpus: a list must have one text for each vCPU, which is 1");
        return NULL;
    }
    return v->first;
}

void read_cpus(struct reader *r, struct xl_domain *d)
{
    const struct xlcfg_setting *s = xlcfg_find(r->cfg, "cpus");
    const struct xlcfg_value *v = s ? text_of(r, s->value) : NULL;
    uint64_t any = 0, all = UINT64_MAX;

    if (!v)
        return;
    if (strncmp(v->text, "node", 4) == 0 || strncmp(v->text, "^node", 5) == 0) {
        report_error(r, &v->pos,
                     "cpus=\"%.40s\": nodes are not implemented yet; use CPU "
                     "numbers",
                     v->text);
        return;
    }
    if (!parse(v->text, d->cpus)) {
        report_error(
            r, &v->pos,
            "cpus=\"%.40s\": expected \"all\", or CPU numbers below %d "
            "and ranges, such as \"0-3,^1\"",
            v->text, XL_CPUS_MAX);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(d->cpus); i++) {
        any |= d->cpus[i];
        all &= d->cpus[i];
    }
    if (!any)
        report_error(r, &v->pos, "cpus=\"%.40s\": no CPU is left", v->text);
    d->have_cpus = all != UINT64_MAX;
}
