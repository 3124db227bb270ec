/* SPDX-License-Identifier: ISC */
/* Opening of the files that a configuration names. */
#ifndef XL_LOAD_FILE_H
#define XL_LOAD_FILE_H

#include <stddef.h>

/* Opens a regular file for reading. A descriptor, or -1 and (*why) a clause
 * (borrowed, valid until the next call in this thread). Never blocks on a
 * FIFO. */
int file_open(const char *name, const char **why);

/* The whole of a file of at most (max) bytes, or of a device such as /dev/null.
 * Caller frees. NULL and (*why) as above. */
char *file_read(const char *name, size_t max, size_t *len, const char **why);

#endif /* XL_LOAD_FILE_H */
