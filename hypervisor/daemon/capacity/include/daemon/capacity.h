/* SPDX-License-Identifier: ISC */
/* How many more guests the host's limits leave room for. Plain arithmetic. */
#ifndef DAEMON_CAPACITY_H
#define DAEMON_CAPACITY_H

#include <stddef.h>
#include <stdint.h>

#define CAPACITY_UNLIMITED UINT64_MAX

struct capacity_limit {
    const char *what;   /* "open files"                                     */
    uint64_t value;     /* CAPACITY_UNLIMITED = there is none                */
    uint64_t used;      /* of it, by anybody whom it counts                  */
    uint64_t reserve;   /* kept free for what is no guest                    */
    uint64_t per_guest; /* 0 = guests need none of it                       */
    const char *raise;  /* what lifts it                                     */
};

/* Guests that (l) has room for besides those that are there. */
uint64_t capacity_guests(const struct capacity_limit *l);

/* The limit that is reached first, of several alike the first in the list; NULL
 * when none limits guests. */
const struct capacity_limit *capacity_first(const struct capacity_limit *list,
                                            size_t nr);

#endif /* DAEMON_CAPACITY_H */
