/* SPDX-License-Identifier: ISC */
/*
 * Formatted output on the console. Conversions: base/fmt.h. Thread context.
 * It is text: "\n" reaches the console as "\r\n".
 */
#ifndef MINIOS_STDIO_H
#define MINIOS_STDIO_H

#include <stdarg.h>
#include <base/compiler.h>

/* Both return the length of the text. */
int printf(const char *format, ...) __printf(1, 2);
int vprintf(const char *format, va_list ap)
    __attribute__((format(printf, 1, 0)));
/* (text) and a newline; returns 0. */
int puts(const char *text);

#endif /* MINIOS_STDIO_H */
