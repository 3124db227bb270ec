/* SPDX-License-Identifier: ISC */
/*
 * The last bytes of a console's output, and how far a reader has got in them.
 * Every byte has a position, counted from the first one written. Memory is
 * taken when it is needed, in powers of two: most guests say little.
 */
#ifndef CONSOLE_BACKLOG_H
#define CONSOLE_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

#define BACKLOG_FIRST 256u
#define BACKLOG_MAX   16384u

/* Invariants: first <= sent <= end; end - first <= size <= BACKLOG_MAX; the
 * byte at position p is bytes[p % size]. Without a reader (sent) follows
 * (first). Zero-initialised is ready. */
struct backlog {
    char *bytes;
    uint32_t size;
    uint64_t first, end;
    uint64_t sent; /* the reader has everything before it                  */
    uint64_t lost; /* bytes overwritten that the reader had not got        */
};

void backlog_fini(struct backlog *b);

/* Appends; the oldest bytes make room. What a reader had still to get and
 * what found no memory counts as lost. */
void backlog_add(struct backlog *b, const char *bytes, size_t len);
/* How much can be added before bytes are lost to the reader. */
size_t backlog_room(const struct backlog *b);
/* The reader starts over with everything that is kept. */
void backlog_rewind(struct backlog *b);
/* The next run of unsent bytes: its address and length, 0 = none. */
size_t backlog_peek(const struct backlog *b, const char **bytes);
void backlog_consume(struct backlog *b, size_t len);

#endif /* CONSOLE_BACKLOG_H */
