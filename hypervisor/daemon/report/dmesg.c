/* SPDX-License-Identifier: ISC */
/* The message ring behind `xl dmesg'. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <base/compiler.h>
#include <daemon/dmesg.h>

/* Invariant: [first, end) is whole lines, end - first <= size; the byte at
 * position p is bytes[p % size]. */
struct dmesg {
    uint64_t first, end;
    size_t size;
    char bytes[];
};

struct dmesg *dmesg_create(size_t bytes)
{
    struct dmesg *d = calloc(1, sizeof(*d) + bytes);

    if (d)
        d->size = bytes;
    return d;
}

void dmesg_destroy(struct dmesg *d)
{
    free(d);
}

static char at(const struct dmesg *d, uint64_t pos)
{
    return d->bytes[pos % d->size];
}

/* Position after the line that begins at (pos) < d->end. */
static uint64_t line_end(const struct dmesg *d, uint64_t pos)
{
    while (pos < d->end && at(d, pos) != '\n')
        pos++;
    return pos < d->end ? pos + 1 : d->end;
}

static void append(struct dmesg *d, const char *line, size_t len)
{
    size_t i;

    while (d->end - d->first + len > d->size)
        d->first = line_end(d, d->first);
    for (i = 0; i < len; i++)
        d->bytes[(d->end + i) % d->size] = line[i];
    d->end += len;
}

void dmesg_add(struct dmesg *d, uint64_t now_ns, const char *text)
{
    char line[DMESG_LINE_MAX];
    size_t len;
    int n;

    n = snprintf(line, sizeof(line) - 1,
                 "(midge) [%5" PRIu64 ".%06" PRIu64 "] %s",
                 now_ns / 1000000000u, now_ns / 1000u % 1000000u, text);
    if (n < 0)
        return;
    len = MIN((size_t)n, sizeof(line) - 2);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ' || (unsigned char)line[i] > '~')
            line[i] = '?';
    line[len++] = '\n';
    append(d, line, len);
}

size_t dmesg_read(const struct dmesg *d, uint64_t from, char *buf, size_t size,
                  uint64_t *next)
{
    uint64_t pos = d->first;
    size_t done = 0;

    while (pos < from && pos < d->end)
        pos = line_end(d, pos);
    while (pos < d->end) {
        uint64_t stop = line_end(d, pos);

        if (stop - pos >= size - done)
            break;
        while (pos < stop)
            buf[done++] = at(d, pos++);
    }
    buf[done] = '\0';
    *next = pos;
    return done;
}

uint64_t dmesg_end(const struct dmesg *d)
{
    return d->end;
}

void dmesg_clear(struct dmesg *d, uint64_t upto)
{
    while (d->first < upto && d->first < d->end)
        d->first = line_end(d, d->first);
}
