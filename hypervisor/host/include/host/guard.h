/* SPDX-License-Identifier: ISC */
/*
 * Surviving SIGBUS. A page of a shared mapping whose memory is gone (a hole that
 * cannot be filled, a page that cannot be read back) kills whoever touches it.
 * In a range that is guarded the page is replaced instead, by zeroes of our own,
 * and its owner is told: what lies there has nothing to do with the file's page
 * any more. Every access is covered, wherever it is made, since nothing of it is
 * special. Outside of all ranges SIGBUS ends the program, as ever.
 */
#ifndef HOST_GUARD_H
#define HOST_GUARD_H

#include <stddef.h>
#include <base/compiler.h>

/* A range, in the memory of whoever adds it. */
struct guard {
    char *base;
    size_t bytes;
    struct guard *next, **prev; /* the list's own                          */
};

/* Handles SIGBUS in all threads from now on. A descriptor that is readable when a
 * page has been replaced (8 bytes, to be read before guard_next()), and stays
 * open for good; -errno on failure. To be called once. */
__must_check int guard_init(void);

/* Any thread. (base) and (bytes) are whole pages; ranges do not overlap. */
void guard_add(struct guard *g, void *base, size_t bytes);
/* Harmless for a zeroed one that was not added. */
void guard_remove(struct guard *g);

/* Takes the address of one replaced page, in no order; NULL: there is no more.
 * At most 64 wait to be taken, later ones are replaced untold. */
void *guard_next(void);

#endif /* HOST_GUARD_H */
