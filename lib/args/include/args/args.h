/* SPDX-License-Identifier: ISC */
/*
 * A command line, split into arguments as a shell would: blanks (space, tab,
 * newline) separate; 'single quotes' keep everything; "double quotes" keep
 * everything but a backslash before " and \; elsewhere a backslash keeps the
 * next character. Quoted and unquoted pieces side by side are one argument.
 * No variables, no globbing.
 */
#ifndef ARGS_ARGS_H
#define ARGS_ARGS_H

#include <stddef.h>
#include <base/compiler.h>

/* Errors, negative. */
#define ARGS_E_QUOTE     (-1) /* a quote is not closed                     */
#define ARGS_E_BACKSLASH (-2) /* a backslash ends the line                 */
#define ARGS_E_TOO_MANY  (-3) /* more than (max) arguments                 */

/* Most arguments a line of (len) bytes can have. */
#define ARGS_MAX(len) ((len) / 2 + 1)

/*
 * Splits (line) in place and stores pointers into it in argv[0 .. n). Returns
 * n, or an ARGS_E_* with (line) partly rewritten.
 */
int __must_check args_split(char *line, char **argv, size_t max);

/* One clause for an ARGS_E_*; never NULL. */
const char *args_strerror(int error);

#endif /* ARGS_ARGS_H */
