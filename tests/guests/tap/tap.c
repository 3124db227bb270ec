/* SPDX-License-Identifier: ISC */
/* TAP; contract in guest/tap.h. */
#include <guest/tap.h>

#include <minios/stdio.h>

static int count, failed;

void check(bool good, const char *what)
{
    count++;
    failed += !good;
    printf("%sok %d - %s\n", good ? "" : "not ", count, what);
}

void check_is(long got, long want, const char *what)
{
    check(got == want, what);
    if (got != want)
        printf("#   got %ld, want %ld\n", got, want);
}

int check_done(void)
{
    printf("1..%d\n", count);
    return failed ? 1 : 0;
}
