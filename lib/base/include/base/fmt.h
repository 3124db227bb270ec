/* SPDX-License-Identifier: ISC */
/*
 * printf formatting for code without a libc.
 * Conversions: %d %i %u %x %X %c %s %p %%, flags 0 - + space #, width and
 * precision (also *), lengths hh h l ll z t j. No floating point, no %n.
 */
#ifndef BASE_FMT_H
#define BASE_FMT_H

#include <stdarg.h>
#include <stddef.h>
#include <base/compiler.h>

/* Called with each run of output, in order. */
typedef void fmt_sink(void *arg, const char *bytes, size_t len);

/* Returns the number of bytes given to (sink). */
size_t fmt_vprint(fmt_sink *sink, void *arg, const char *format, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* As C's snprintf: writes at most size - 1 bytes and a NUL (if size > 0),
 * returns the length the whole text has. */
size_t fmt_vsnprintf(char *buf, size_t size, const char *format, va_list ap)
    __attribute__((format(printf, 3, 0)));
size_t fmt_snprintf(char *buf, size_t size, const char *format, ...)
    __printf(3, 4);

#endif /* BASE_FMT_H */
