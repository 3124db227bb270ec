/* SPDX-License-Identifier: ISC */
/*
 * The C string functions that pure code may use, by their standard names and
 * with their standard meaning (C11 7.24). On Linux libc supplies them; in
 * images and in the monitor lib/freestanding does.
 */
#ifndef BASE_STRING_H
#define BASE_STRING_H

#include <stddef.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

#endif /* BASE_STRING_H */
