/* SPDX-License-Identifier: ISC */
/*
 * Prints a line a second: "tick 1", "tick 2", ...
 *
 *   ticker [COUNT [PERIOD_MS]]   COUNT lines (0, or no count: for ever), one
 *                                every PERIOD_MS milliseconds
 *
 * The times are counted from the first line on, so that nothing adds up: a tick
 * that is late does not make the next one late.
 */
#include <minios/app.h>
#include <minios/stdio.h>
#include <minios/thread.h>
#include <minios/time.h>

const char app_name[] = "ticker";

#define NS_PER_MS  1000000ull
#define MAX_NUMBER 1000000000ull

/* A decimal number of at most MAX_NUMBER; false if (text) is none. */
static bool parse_number(const char *text, uint64_t *number)
{
    uint64_t n = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        n = n * 10 + (uint64_t)(*text - '0');
        if (n > MAX_NUMBER)
            return false;
    }
    *number = n;
    return true;
}

int main(int argc, char **argv)
{
    uint64_t count = 0, period_ms = 1000, tick, start;

    if (argc > 3 || (argc > 1 && !parse_number(argv[1], &count)) ||
        (argc > 2 && !parse_number(argv[2], &period_ms)) || period_ms == 0) {
        printf(
            "usage: ticker [COUNT [PERIOD_MS]]; numbers up to %llu, COUNT 0: "
            "for ever\n",
            MAX_NUMBER);
        return 2;
    }
    start = time_monotonic_ns();
    for (tick = 1; count == 0 || tick <= count; tick++) {
        thread_sleep_until_ns(start + tick * period_ms * NS_PER_MS);
        printf("tick %lu\n", tick);
    }
    return 0;
}
