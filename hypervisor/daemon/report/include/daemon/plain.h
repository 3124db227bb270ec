/* SPDX-License-Identifier: ISC */
/*
 * Names, command lines and what guests say go into our logs, which are read on
 * terminals and by line: nothing in them may begin a line of its own or speak
 * to a terminal.
 */
#ifndef DAEMON_PLAIN_H
#define DAEMON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Copies (text) to out[0 .. size), size > 0, cut to fit; every byte that is not
 * printable ASCII becomes \xNN. */
void plain_text(char *out, size_t size, const char *text);

#endif /* DAEMON_PLAIN_H */
