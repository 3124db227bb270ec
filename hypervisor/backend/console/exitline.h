/* SPDX-License-Identifier: ISC */
/* Finds "exit: N" as the last complete line of a stream of output. */
#ifndef CONSOLE_EXITLINE_H
#define CONSOLE_EXITLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer lines are no exit lines; 20 bytes hold "exit: -2147483648". */
#define EXITLINE_MAX 20

struct exitline {
    char line[EXITLINE_MAX]; /* the line being written                     */
    uint8_t len;
    bool too_long;
    bool have_code; /* the last complete line was an exit line    */
    int code;
};

/* Zero-initialised is ready. */
void exitline_feed(struct exitline *x, const char *bytes, size_t len);

#endif /* CONSOLE_EXITLINE_H */
