/* SPDX-License-Identifier: ISC */
/* The last bytes of a console's output. */

#include <stdlib.h>
#include <string.h>
#include <base/compiler.h>
#include "backlog.h"

void backlog_fini(struct backlog *b)
{
    free(b->bytes);
    memset(b, 0, sizeof(*b));
}

/* Makes (b) hold (want) bytes if memory and BACKLOG_MAX allow. */
static void grow(struct backlog *b, size_t want)
{
    uint32_t size = b->size ? b->size : BACKLOG_FIRST;
    char *bytes;
    uint64_t p;

    while (size < want && size < BACKLOG_MAX)
        size *= 2;
    if (size == b->size)
        return;
    bytes = malloc(size);
    if (!bytes)
        return;
    for (p = b->first; b->size && p < b->end; p++)
        bytes[p % size] = b->bytes[p % b->size];
    free(b->bytes);
    b->bytes = bytes;
    b->size = size;
}

static void drop_oldest(struct backlog *b, uint64_t first)
{
    b->first = first;
    if (b->sent < first) {
        b->lost += first - b->sent;
        b->sent = first;
    }
}

void backlog_add(struct backlog *b, const char *bytes, size_t len)
{
    if (b->end - b->first + len > b->size)
        grow(b, (size_t)(b->end - b->first) + len);
    if (len > b->size) {
        size_t skip = len - b->size;

        drop_oldest(b, b->end);
        b->lost += skip;
        bytes += skip;
        len = b->size;
    }
    if (b->end - b->first + len > b->size)
        drop_oldest(b, b->end + len - b->size);
    for (size_t i = 0; i < len; i++)
        b->bytes[(b->end + i) % b->size] = bytes[i];
    b->end += len;
}

size_t backlog_room(const struct backlog *b)
{
    return (size_t)(BACKLOG_MAX - (b->end - b->sent));
}

void backlog_rewind(struct backlog *b)
{
    b->sent = b->first;
    b->lost = 0;
}

size_t backlog_peek(const struct backlog *b, const char **bytes)
{
    size_t off, len = (size_t)(b->end - b->sent);

    if (!len)
        return 0;
    off = (size_t)(b->sent % b->size);
    *bytes = b->bytes + off;
    return MIN(len, b->size - off);
}

void backlog_consume(struct backlog *b, size_t len)
{
    b->sent += len;
}
