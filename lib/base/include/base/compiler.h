/* SPDX-License-Identifier: ISC */
/* Attributes and small macros used everywhere. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>

#define __must_check        __attribute__((warn_unused_result))
#define __noreturn          __attribute__((noreturn))
#define __printf(f, a)      __attribute__((format(printf, f, a)))
#define __packed_aligned(n) __attribute__((packed, aligned(n)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member)                                        \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif /* BASE_COMPILER_H */
