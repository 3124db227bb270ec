/* SPDX-License-Identifier: ISC */
/*
 * Ends of lines: programs and files have "\n", a terminal in raw mode, and so
 * a console, wants "\r\n". Text comes in pieces, cut anywhere.
 */
#ifndef BASE_CRLF_H
#define BASE_CRLF_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialised is ready; of one stream, in one direction. */
struct crlf {
    bool cr; /* adding: the last byte was a "\r"; dropping: one is held back */
};

/*
 * Copies text to (out) with a "\r" before each "\n" that has none. Takes as
 * much of (*text, *len) as fits into (size) bytes, and moves both behind it; a
 * (size) of 2 is enough to go on. Returns the number of bytes in (out).
 */
size_t crlf_add(struct crlf *c, char *out, size_t size, const char **text,
                size_t *len);

/*
 * Copies text to (out), which has room for (len) + 1 bytes, without the "\r"s
 * right before a "\n"; several in a row elsewhere become one. A "\r" at the end
 * waits for what follows: whoever ends the stream looks at (c->cr). Returns the
 * number of bytes in (out).
 */
size_t crlf_drop(struct crlf *c, char *out, const char *text, size_t len);

#endif /* BASE_CRLF_H */
