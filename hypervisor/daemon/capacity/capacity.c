/* SPDX-License-Identifier: ISC */
/* How many more guests the host's limits leave room for. */
#include <daemon/capacity.h>

uint64_t capacity_guests(const struct capacity_limit *l)
{
    if (l->value == CAPACITY_UNLIMITED || !l->per_guest)
        return CAPACITY_UNLIMITED;
    if (l->used >= l->value || l->value - l->used <= l->reserve)
        return 0;
    return (l->value - l->used - l->reserve) / l->per_guest;
}

const struct capacity_limit *capacity_first(const struct capacity_limit *list,
                                            size_t nr)
{
    const struct capacity_limit *first = NULL;
    uint64_t least = CAPACITY_UNLIMITED;

    for (size_t i = 0; i < nr; i++) {
        uint64_t n = capacity_guests(&list[i]);

        if (n < least) {
            least = n;
            first = &list[i];
        }
    }
    return first;
}
