/* SPDX-License-Identifier: ISC */
/* Counts on the command lines of the benchmarks. */
#include <bench/count.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

bool count_read(const char *program, const char *text, unsigned long *out)
{
    char *end;

    errno = 0;
    *out = strtoul(text, &end, 10);
    if (errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' &&
        *out <= COUNT_MAX)
        return true;
    fprintf(stderr, "%s: '%s' is no number up to %d\n", program, text,
            COUNT_MAX);
    return false;
}
