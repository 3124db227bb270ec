/* SPDX-License-Identifier: ISC */
/* Answers to XS_DIRECTORY_PART: long lists of children, a part at a time. */
#ifndef XENBUS_DIRECTORY_H
#define XENBUS_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <base/compiler.h>

/* A decimal number of 64 bits and its NUL. */
#define XBC_GENERATION_MAX 21u

struct xbc_part {
    /* The list's generation, "" before the first part. */
    char generation[XBC_GENERATION_MAX];
    /* NUL-terminated names, (len) bytes within the answer. */
    const char *names;
    size_t len;
    bool end; /* they are the last                                         */
};

/* Takes an answer of (len) bytes with a NUL behind it. 0; -XEN_EAGAIN: the list
 * is not the one that the parts before were of; -XEN_EIO: it is no such answer. */
int __must_check xbc_part(struct xbc_part *p, const char *answer, size_t len);

#endif /* XENBUS_DIRECTORY_H */
