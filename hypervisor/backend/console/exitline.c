/* SPDX-License-Identifier: ISC */
/* Finds "exit: N" as the last complete line of a stream of output. */

#include <limits.h>
#include <string.h>
#include "exitline.h"

#define PREFIX     "exit: "
#define PREFIX_LEN (sizeof(PREFIX) - 1)

/* The whole of (line) must be the prefix and a decimal int. */
static bool parse(const char *line, size_t len, int *code)
{
    int64_t value = 0;
    bool negative;
    size_t i = PREFIX_LEN;

    if (len <= PREFIX_LEN || memcmp(line, PREFIX, PREFIX_LEN) != 0)
        return false;
    negative = line[i] == '-';
    if (negative)
        i++;
    if (i == len)
        return false;
    for (; i < len; i++) {
        if (line[i] < '0' || line[i] > '9')
            return false;
        value = value * 10 + (line[i] - '0');
        if (value > (int64_t)INT_MAX + 1)
            return false;
    }
    if (negative)
        value = -value;
    if (value > INT_MAX)
        return false;
    *code = (int)value;
    return true;
}

static void end_line(struct exitline *x)
{
    size_t len = x->len;

    if (len && x->line[len - 1] == '\r')
        len--;
    x->have_code = !x->too_long && parse(x->line, len, &x->code);
    x->len = 0;
    x->too_long = false;
}

void exitline_feed(struct exitline *x, const char *bytes, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (bytes[i] == '\n')
            end_line(x);
        else if (x->len < sizeof(x->line))
            x->line[x->len++] = bytes[i];
        else
            x->too_long = true;
    }
}
