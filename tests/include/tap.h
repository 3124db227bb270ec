/* SPDX-License-Identifier: ISC */
/*
 * The smallest useful TAP producer (https://testanything.org): one header, no
 * library. A test program is a main() that calls ok() and friends and ends
 * with return tap_done().
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Weak: a test program of several files has one pair of counters. */
int tap_count __attribute__((weak));
int tap_failed __attribute__((weak));

#define ok(cond, ...) tap_ok(!!(cond), #cond, __FILE__, __LINE__, __VA_ARGS__)

/* Both integers are shown when they differ. */
#define is_int(got, want, ...)                                                 \
    tap_is_int((long long)(got), (long long)(want), #got " == " #want,         \
               __FILE__, __LINE__, __VA_ARGS__)

#define is_str(got, want, ...)                                                 \
    tap_is_str((got), (want), #got " is " #want, __FILE__, __LINE__,           \
               __VA_ARGS__)

static inline int tap_vok(int good, const char *cond, const char *file,
                          int line, const char *format, va_list ap)
{
    tap_count++;
    printf("%sok %d - ", good ? "" : "not ", tap_count);
    vprintf(format, ap);
    printf("\n");
    if (!good) {
        tap_failed++;
        printf("#   failed: %s at %s:%d\n", cond, file, line);
    }
    fflush(stdout);
    return good;
}

__attribute__((format(printf, 5, 6))) static inline int
tap_ok(int good, const char *cond, const char *file, int line,
       const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    tap_vok(good, cond, file, line, format, ap);
    va_end(ap);
    return good;
}

__attribute__((format(printf, 6, 7))) static inline int
tap_is_int(long long got, long long want, const char *cond, const char *file,
           int line, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    tap_vok(got == want, cond, file, line, format, ap);
    va_end(ap);
    if (got != want)
        printf("#   got %lld (0x%llx), want %lld (0x%llx)\n", got, got, want,
               want);
    return got == want;
}

__attribute__((format(printf, 6, 7))) static inline int
tap_is_str(const char *got, const char *want, const char *cond,
           const char *file, int line, const char *format, ...)
{
    int good = got && want && !strcmp(got, want);
    va_list ap;

    va_start(ap, format);
    tap_vok(good, cond, file, line, format, ap);
    va_end(ap);
    if (!good)
        printf("#   got \"%s\", want \"%s\"\n", got ? got : "(null)",
               want ? want : "(null)");
    return good;
}

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}

#endif /* TAP_H */
