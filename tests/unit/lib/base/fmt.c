/* SPDX-License-Identifier: ISC */
/* fmt against the host's own printf, and at the edges where they differ. */
#include <base/fmt.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <tap.h>

static char ours[512], theirs[512];

/* Same format and arguments to both; compares text and length. */
#define same(...)                                                              \
    do {                                                                       \
        size_t n = fmt_snprintf(ours, sizeof(ours), __VA_ARGS__);              \
        int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                 \
        is_str(ours, theirs, "text as libc's: %s", theirs);                    \
        is_int(n, m, "length as libc's: %s", theirs);                          \
    } while (0)

/* Some formats here are wrong on purpose. */
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-overflow"

static void test_integers(void)
{
    same("plain text");
    same("%d %i %u", 0, -1, 7u);
    same("%d %d", INT_MIN, INT_MAX);
    same("%ld %lld %lu", LONG_MIN, LLONG_MAX, ULONG_MAX);
    same("%hhd %hd %hhu %hu", 300, 70000, 300, 70000);
    same("%x %X %#x %#X %#x", 0xbeefu, 0xbeefu, 0xbeefu, 0xbeefu, 0u);
    same("%zu %td %jd", (size_t)1 << 40, (ptrdiff_t)-5, (intmax_t)-6);
}

static void test_flags(void)
{
    same("[%5d][%-5d][%05d][%+d][% d][%+5d]", 42, 42, 42, 42, 42, 42);
    same("[%05d][%-05d][%+05d][% 05d]", -42, -42, 42, 42);
    same("[%.3d][%8.3d][%-8.3d][%08.3d][%.0d][%.0d]", 7, 7, 7, 7, 0, 1);
    same("[%#10x][%#010x][%-#10x][%#.6x]", 255u, 255u, 255u, 255u);
    same("[%*d][%-*d][%*d][%.*d]", 6, 1, 6, 2, -6, 3, 4, 5);
    same("[%.*d]", -1, 5);
    same("%016lx", 0xfeedfacecafebeefUL);
}

static void test_text(void)
{
    const char raw[3] = {'a', 'b', 'c'};

    same("%s|%10s|%-10s|%.2s|%10.2s", "abc", "abc", "abc", "abc", "abc");
    same("%.3s", raw);
    same("%c%c|%3c|%-3c|", 'x', 'y', 'z', 'w');
    same("100%%");
    same("%s", "");
    same("%p", (void *)0x1234);
    fmt_snprintf(ours, sizeof(ours), "%s %p", (char *)NULL, (void *)NULL);
    is_str(ours, "(null) 0x0", "null pointers are shown, not followed");
}

static void test_odd_formats(void)
{
    fmt_snprintf(ours, sizeof(ours), "a%qb", 1);
    is_str(ours, "a%qb", "unknown conversions are shown as written");
    fmt_snprintf(ours, sizeof(ours), "end%");
    is_str(ours, "end%", "a lone %% at the end");
    fmt_snprintf(ours, sizeof(ours), "end%-5l");
    is_str(ours, "end%-5l", "a cut conversion at the end");
    is_int(fmt_snprintf(NULL, 0, "%99999999999d", 1), 65535,
           "widths are bounded");
    is_int(fmt_snprintf(NULL, 0, "%.*d", INT_MAX, 1), 65535,
           "precisions are bounded");
    is_int(fmt_snprintf(NULL, 0, "%*d", INT_MIN, 1), 65535,
           "the most negative width is bounded");
}

static void test_buffer(void)
{
    memset(ours, 'x', sizeof(ours));
    is_int(fmt_snprintf(ours, 4, "%s", "abcdef"), 6, "whole length returned");
    is_str(ours, "abc", "text is cut");
    is_int(ours[4], 'x', "nothing written behind the buffer");
    ours[0] = 'x';
    is_int(fmt_snprintf(ours, 0, "abc"), 3, "size 0");
    is_int(ours[0], 'x', "size 0 writes nothing");
    is_int(fmt_snprintf(ours, 1, "abc"), 3, "size 1");
    is_str(ours, "", "size 1 holds only the NUL");
}

static void test_random(void)
{
    static const char *const flags[] = {"",  "-", "0",  "+",
                                        " ", "#", "-+", "0+"};
    static const char *const lens[] = {"hh", "h", "", "l", "ll"};
    int bad = 0;

    srand(1);
    for (int i = 0; i < 20000; i++) {
        char f[64];
        const char *len = lens[rand() % 5];
        uint64_t v = ((uint64_t)rand() << 33) ^ ((uint64_t)rand() << 11) ^
                     (uint64_t)rand();

        v >>= rand() % 64;
        snprintf(f, sizeof(f), "%%%s%d%s%s%c", flags[rand() % 8],
                 1 + rand() % 30, rand() % 2 ? ".7" : "", len,
                 "duxX"[rand() % 4]);
        if (strchr(f, '0') == f + 1 && strchr("duxX", f[1]))
            continue;
        fmt_snprintf(ours, sizeof(ours), f, v);
        snprintf(theirs, sizeof(theirs), f, v);
        if (strcmp(ours, theirs) != 0 && bad++ < 3)
            printf("# %s of %llx: '%s', libc '%s'\n", f, (unsigned long long)v,
                   ours, theirs);
    }
    is_int(bad, 0, "20000 random integer conversions as libc's");
}

int main(void)
{
    test_integers();
    test_flags();
    test_text();
    test_odd_formats();
    test_buffer();
    test_random();
    return tap_done();
}
